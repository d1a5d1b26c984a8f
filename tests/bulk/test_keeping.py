"""Plans that wait: previewed by the worker, ended when nobody confirms them, and open to redaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from backoffice.models import Forecast, Job, JobState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, edits, jobs, privacy
from backoffice.services.bulk import FieldChange, How, Row, preparing
from backoffice.services.operations import StepPlan
from tests.bulk.cast import CLIENTS, by_key, chosen, forecasts, planned, put, run

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.fixture
def owner(sandbox: SandboxServer, person: Person) -> User:
    return person("steward")


def test_a_long_preview_is_the_workers(
    owner: User, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "AT_ONCE", 1)
    job = planned(owner, chosen(owner, "1", "2", "3"), put("dueDays", 21))
    assert job.previewed_at is None
    assert set(forecasts(job).values()) == {Forecast.NONE}
    call_command("worker", "--once")
    job.refresh_from_db()
    assert job.previewed_at is not None
    assert set(forecasts(job).values()) == {Forecast.CHANGE}


def test_a_preview_is_told_in_the_language_of_its_author(owner: User, sandbox: SandboxServer) -> None:
    owner.language = "da"
    owner.save()
    sandbox.patch_row("clients", 2, {"dueDays": None})
    job = planned(owner, chosen(owner, "2"), FieldChange("dueDays", How.ADD, 1))
    error = by_key(job)["2"].error
    assert error is not None
    assert error["violations"] == [["dueDays", "Der står intet tal at lægge til."]]


def test_what_nobody_confirms_ends(owner: User, sandbox: SandboxServer) -> None:
    fresh = planned(owner, chosen(owner, "1"), put("dueDays", 21))
    old = planned(owner, chosen(owner, "2"), put("dueDays", 21))
    plan = StepPlan(verb="update", entity="clients", key="3", base={"dueDays": 1}, changes={"dueDays": 2})
    orphan, _made = jobs.store(
        actor=owner, kind="edit", entity="clients", title="x", nonce="o", phases={"apply": [plan]}, request_id="t"
    )
    now = timezone.now()
    Job.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=8))
    Job.objects.filter(pk=orphan.pk).update(created_at=now - timedelta(hours=2))
    assert bulk.expire_due() == 2
    states = {job: Job.objects.get(pk=job.pk).state for job in (fresh, old, orphan)}
    assert states == {fresh: JobState.PLANNED, old: JobState.EXPIRED, orphan: JobState.EXPIRED}
    assert edits.find("o") == orphan


def test_a_person_is_redacted_in_what_a_plan_was_asked_for(owner: User, sandbox: SandboxServer) -> None:
    name = str((sandbox.row("clients", 1) or {})["name"])
    job = bulk.plan_rows(
        actor=owner,
        resource=CLIENTS,
        rows=[Row("1", {"name": f"{name} II"}, base={"name": name}), Row("2", {"invoiceComment": "Hello"})],
        scope=f"Name contains {name}",
        source={"kind": "sheet"},
        nonce="n",
        request_id="t",
    )
    job = run(job, owner, reason=f"{name} asked for it")
    privacy.redact(actor=None, actor_name="shell", entity="clients", key="1", reason="asked for")
    job.refresh_from_db()
    held = str([job.title, job.reason, job.spec, [vars(step) for step in by_key(job).values()]])
    assert name not in held
    assert job.spec == {"source": {"kind": "sheet"}}
    assert by_key(job)["2"].changes == {"invoiceComment": "Hello"}
