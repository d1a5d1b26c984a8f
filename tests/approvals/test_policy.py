"""Which plans need a second person, and which a reason."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from backoffice.models import Forecast, Outcome, Step, StepState
from backoffice.services import approvals

from .conftest import Plan


def codes(job: object) -> list[str]:
    return [cause.code for cause in approvals.needed(job)]  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _strict(settings: LazySettings) -> None:
    settings.APPROVAL_REQUIRED_ABOVE, settings.APPROVAL_SENSITIVE = 10, True


def test_a_large_plan_needs_somebody(plan: Plan) -> None:
    assert codes(plan(11)) == ["many"]
    assert codes(plan(10)) == []
    causes = approvals.needed(plan(11))
    assert [cause.text for cause in causes] == ["It changes 11 records; above 10 a second person has to agree"]


def test_numbers_are_grouped(plan: Plan) -> None:
    cause = approvals.Cause("many", rows=1102, limit=1000)
    assert cause.text == "It changes 1,102 records; above 1,000 a second person has to agree"


def test_only_what_would_be_written_counts(plan: Plan) -> None:
    job = plan(14)
    steps = list(Step.objects.filter(phase__job=job).order_by("number"))
    Step.objects.filter(pk__in=[step.pk for step in steps[:2]]).update(forecast=Forecast.ALREADY)
    Step.objects.filter(pk__in=[step.pk for step in steps[2:4]]).update(
        state=StepState.DONE, outcome=Outcome.EXCLUDED
    )
    assert approvals.rows_written(job) == 10
    assert codes(job) == []


def test_sensitive_fields_need_somebody(plan: Plan, settings: LazySettings) -> None:
    job = plan(2, changes={"dueDays": 9, "invoiceComment": "x", "currency": "/currencies/2"})
    assert codes(job) == ["sensitive"]
    assert approvals.needed(job)[0].text.endswith("Currency, Due days") or approvals.needed(job)[0].text.endswith(
        "Due days, Currency"
    )
    assert codes(plan(12, changes={"dueDays": 9})) == ["many", "sensitive"]
    settings.APPROVAL_SENSITIVE = False
    assert codes(job) == []


def test_a_single_record_never_needs_anybody(plan: Plan, settings: LazySettings) -> None:
    settings.APPROVAL_REQUIRED_ABOVE = 0
    assert codes(plan(1, changes={"dueDays": 9})) == []
    assert codes(plan(2)) == ["many"]
    job = plan(3, changes={"dueDays": 9})
    Step.objects.filter(phase__job=job, number__gt=1).update(forecast=Forecast.ALREADY)
    assert codes(job) == []


def test_never(plan: Plan, settings: LazySettings) -> None:
    settings.APPROVAL_REQUIRED_ABOVE, settings.APPROVAL_SENSITIVE = None, False
    assert codes(plan(60, changes={"dueDays": 9})) == []


def test_when_a_reason_is_asked_for(plan: Plan, settings: LazySettings) -> None:
    settings.REASON_REQUIRED_ABOVE = 5
    assert approvals.reason_required(plan(6))
    assert not approvals.reason_required(plan(5))
    settings.REASON_REQUIRED_ABOVE = None
    assert not approvals.reason_required(plan(60))
