"""Plans of many: freshly read, judged row by row, and run so that nothing but what was asked for is written."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from django.conf import LazySettings

from backoffice.models import Forecast, Job, JobState, Outcome, User
from backoffice.resources.criteria import Criterion, Operator
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, index, selections
from backoffice.services.bulk import FieldChange, How, Row
from backoffice.services.reading import ListQuery
from tests.bulk.cast import (
    CLIENTS,
    CONTACTS,
    COUNTERPARTIES,
    by_key,
    chosen,
    forecasts,
    matching,
    outcomes,
    planned,
    put,
    run,
    sent,
    steps,
)

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
LEADS = ListQuery(criteria=(Criterion("status", Operator.IS, ("lead",)),))


@pytest.fixture
def owner(sandbox: SandboxServer, person: Person) -> User:
    return person("steward")


def rows(owner: User, *given: Row) -> dict[str, str]:
    return forecasts(rows_plan(owner, *given))


def rows_plan(owner: User, *given: Row, nonce: str = "n") -> Job:
    return bulk.plan_rows(
        actor=owner,
        resource=CLIENTS,
        rows=given,
        scope="a sheet",
        source={"kind": "sheet"},
        nonce=nonce,
        request_id="test",
    )


def test_a_preview_says_what_would_happen_and_writes_nothing(owner: User, sandbox: SandboxServer) -> None:
    sandbox.patch_row("clients", 3, {"dueDays": 21})
    sandbox.delete_row("clients", 5)
    job = planned(owner, chosen(owner, "1", "2", "3", "5"), put("dueDays", 21))
    assert forecasts(job) == {
        "1": Forecast.CHANGE,
        "2": Forecast.CHANGE,
        "3": Forecast.ALREADY,
        "5": Forecast.GONE,
    }
    first = by_key(job)["1"]
    assert (first.base, first.changes, first.label) == ({"dueDays": 45}, {"dueDays": 21}, first.label)
    assert first.label
    assert job.previewed_at is not None
    assert job.state == JobState.PLANNED
    found = bulk.counts(job)
    assert (found.writes, found.total, found.taken_out) == (2, 4, 0)
    assert sent(sandbox.requests) == []


def test_only_what_was_asked_for_is_sent(owner: User, sandbox: SandboxServer) -> None:
    job = planned(owner, chosen(owner, "1", "2"), put("dueDays", 21), put("status", "active"))
    sandbox.patch_row("clients", 2, {"addressCity": "Malmö"})  # nobody here touches it
    sandbox.clear_log()
    job = run(job, owner)
    assert job.state == JobState.DONE
    assert outcomes(job) == {"1": Outcome.CHANGED, "2": Outcome.CHANGED}
    bodies = [each["body"] for each in sandbox.requests if each["method"] == "PATCH"]
    assert bodies == [{"dueDays": 21}] * 2  # both were active
    held = sandbox.row("clients", 2)
    assert held is not None
    assert (held["addressCity"], held["dueDays"]) == ("Malmö", 21)


def test_what_changed_since_the_preview_is_never_written_over(owner: User, sandbox: SandboxServer) -> None:
    sandbox.patch_row("clients", 4, {"dueDays": 21})
    job = planned(owner, chosen(owner, "1", "2", "3", "4"), put("dueDays", 21))
    sandbox.patch_row("clients", 1, {"dueDays": 7})
    sandbox.patch_row("clients", 2, {"dueDays": 21})
    sandbox.patch_row("clients", 4, {"dueDays": 9})  # was as wanted at the preview
    sandbox.clear_log()
    job = run(job, owner)
    assert outcomes(job) == {
        "1": Outcome.CONFLICT,
        "2": Outcome.ALREADY,
        "3": Outcome.CHANGED,
        "4": Outcome.CONFLICT,
    }
    assert [each["path"] for each in sandbox.requests if each["method"] == "PATCH"] == ["/clients/3"]


def test_a_preview_of_a_filter_reads_its_pages(
    owner: User, sandbox: SandboxServer, settings: LazySettings
) -> None:
    settings.FLOWTLY_PAGE_SIZE = 10
    held = matching(owner, LEADS, scope="Status: lead")
    number = selections.count(held)
    assert number >= 20
    sandbox.clear_log()
    job = planned(owner, held, put("dueDays", 21))
    assert set(forecasts(job).values()) <= {Forecast.CHANGE, Forecast.ALREADY}
    assert len(sandbox.requests) <= math.ceil(number / 10) + 2
    assert {each["method"] for each in sandbox.requests} == {"GET"}


def test_a_list_that_cannot_be_filtered_is_read_whole_where_that_is_less(
    owner: User, sandbox: SandboxServer, settings: LazySettings
) -> None:
    settings.FLOWTLY_PAGE_SIZE = 10
    keys = [str(number) for number in range(1, 61)]
    held = chosen(owner, *keys)
    sandbox.clear_log()
    job = planned(owner, held, put("dueDays", 21))
    assert len(steps(job)) == 60
    assert len(sandbox.requests) <= math.ceil(120 / 10) + 2


def test_who_left_the_filter_is_read_itself_and_who_came_is_offered(
    owner: User, sandbox: SandboxServer, settings: LazySettings
) -> None:
    settings.FLOWTLY_PAGE_SIZE = 10
    held = matching(owner, LEADS)
    number, gone, came = selections.count(held), next(selections.keys(held)), None
    came = next(str(key) for key in range(1, 120) if (sandbox.row("clients", key) or {})["status"] != "lead")
    sandbox.patch_row("clients", gone, {"status": "active"})
    sandbox.patch_row("clients", came, {"status": "lead"})
    sandbox.clear_log()
    job = planned(owner, held, put("dueDays", 999))
    assert len(steps(job)) == number
    assert came not in forecasts(job)
    assert job.spec["arrivals"] == [came]
    assert forecasts(job)[gone] == Forecast.CHANGE
    assert len(sandbox.requests) <= math.ceil(number / 10) + 3


@pytest.mark.parametrize("omits", [True, False])
def test_a_field_that_no_record_of_the_list_shows_is_read_from_the_records(
    owner: User, sandbox: SandboxServer, omits: bool
) -> None:
    sandbox.set_profile(omit_nulls=omits)
    for number in range(1, 41):
        sandbox.patch_row("clients", number, {"vatNumber": None})
    sandbox.patch_row("clients", 7, {"vatNumber": "DK72584554"})
    held = chosen(owner, *(str(number) for number in range(1, 41)))
    job = planned(owner, held, FieldChange("vatNumber", How.CLEAR))
    found = forecasts(job)
    assert found.pop("7") == Forecast.CHANGE
    assert set(found.values()) == {Forecast.ALREADY}


def test_a_list_that_leaves_a_field_out_proves_nothing(owner: User, sandbox: SandboxServer) -> None:
    sandbox.set_profile(omit_nulls=True)
    for number in range(1, 121):
        sandbox.patch_row("clients", number, {"vatNumber": None})
    held = chosen(owner, *(str(number) for number in range(1, 41)))
    sandbox.clear_log()
    job = planned(owner, held, FieldChange("vatNumber", How.CLEAR))
    assert set(forecasts(job).values()) == {Forecast.ALREADY}
    read_alone = {each["path"] for each in sandbox.requests if each["path"].startswith("/clients/")}
    assert len(read_alone) == 40


def test_rows_are_taken_out_and_put_back(owner: User, sandbox: SandboxServer) -> None:
    job = planned(owner, chosen(owner, "1", "2", "3"), put("dueDays", 21))
    bulk.take_out(job=job, numbers=[1, 2])
    bulk.put_back(job=job, numbers=[2])
    assert bulk.counts(job).taken_out == 1
    job = bulk.preview_again(job)
    assert bulk.counts(job).taken_out == 1
    job = run(job, owner)
    assert outcomes(job) == {"1": Outcome.EXCLUDED, "2": Outcome.CHANGED, "3": Outcome.CHANGED}
    with pytest.raises(bulk.Frozen):
        bulk.take_out(job=job, numbers=[2])


def test_each_way_of_changing_a_field(owner: User, sandbox: SandboxServer) -> None:
    sandbox.patch_row("clients", 1, {"invoiceComment": "Pay to Dannebank", "dueDays": 30, "vatNumber": "X1"})
    sandbox.patch_row("clients", 2, {"invoiceComment": None, "dueDays": 14, "vatNumber": None, "tin": "99"})
    job = planned(
        owner,
        chosen(owner, "1", "2"),
        FieldChange("invoiceComment", How.REPLACE, "Nordbank", find="dannebank", any_case=True),
        FieldChange("dueDays", How.ADD, -5),
        FieldChange("vatNumber", How.COPY, "tin"),
        FieldChange("addressCity", How.CLEAR),
    )
    first, second = by_key(job)["1"], by_key(job)["2"]
    assert first.changes["invoiceComment"] == "Pay to Nordbank"
    assert second.changes["invoiceComment"] is None
    assert (first.changes["dueDays"], second.changes["dueDays"]) == (25, 9)
    assert second.changes["vatNumber"] == "99"
    assert first.changes["addressCity"] is None
    job = run(job, owner)
    assert set(outcomes(job).values()) == {Outcome.CHANGED}
    held = sandbox.row("clients", 2)
    assert held is not None
    assert (held["dueDays"], held["vatNumber"], held["addressCity"]) == (9, "99", None)


def test_only_touched_fields_are_checked(owner: User, sandbox: SandboxServer) -> None:
    sandbox.patch_row("clients", 1, {"tin": "nonsense", "name": ""})
    job = planned(owner, chosen(owner, "1"), put("dueDays", 21))
    assert forecasts(job) == {"1": Forecast.CHANGE}


def test_what_a_field_cannot_hold_is_not_sent(owner: User, sandbox: SandboxServer) -> None:
    found = rows_plan(
        owner,
        Row("1", {"name": None}),
        Row("2", {"dueDays": "soon"}),
        Row("3", {"dueDays": 5}, problems={"dueDays": "This is a formula."}),
        Row("4", {"dueDays": 5}),
    )
    assert forecasts(found) == {
        "1": Forecast.INVALID,
        "2": Forecast.INVALID,
        "3": Forecast.INVALID,
        "4": Forecast.CHANGE,
    }
    assert by_key(found)["1"].error == {"message": "", "violations": [["name", "Name must be filled in."]]}
    sandbox.clear_log()
    assert outcomes(run(found, owner)) == {
        "1": Outcome.REJECTED,
        "2": Outcome.REJECTED,
        "3": Outcome.REJECTED,
        "4": Outcome.CHANGED,
    }
    assert len([each for each in sandbox.requests if each["method"] == "PATCH"]) == 1


def test_what_was_edited_since_a_person_saw_it_is_left_out_until_it_is_taken_in(
    owner: User, sandbox: SandboxServer
) -> None:
    sandbox.patch_row("clients", 1, {"dueDays": 7})
    job = rows_plan(owner, Row("1", {"dueDays": 21}, base={"dueDays": 45}), Row("2", {"dueDays": 21}))
    assert forecasts(job) == {"1": Forecast.EDITED, "2": Forecast.CHANGE}
    assert bulk.counts(job).writes == 1
    bulk.put_back(job=job, numbers=[1])
    assert bulk.counts(job).writes == 2
    assert outcomes(run(job, owner)) == {"1": Outcome.CHANGED, "2": Outcome.CHANGED}


def test_a_doubtful_tax_number_is_a_warning(owner: User, sandbox: SandboxServer) -> None:
    index.refresh(CLIENTS)
    other = sandbox.row("clients", 3)
    assert other is not None
    job = rows_plan(
        owner,
        Row("1", {"tin": "123"}),
        Row("2", {"tin": other["tin"]}),
        Row("4", {"tin": "55"}),
        Row("6", {"tin": "55"}),
    )
    found = by_key(job)
    assert "not a valid number" in found["1"].context["warnings"]["tin"]
    assert other["name"] in found["2"].context["warnings"]["tin"]
    assert "too" in found["6"].context["warnings"]["tin"]
    assert set(forecasts(job).values()) == {Forecast.CHANGE}


def test_a_new_record_needs_what_a_new_record_needs(owner: User, sandbox: SandboxServer, person: Person) -> None:
    country = {"country": "/countries/1", "currency": "/currencies/1", "tinType": "cvr", "status": "lead"}
    job = rows_plan(owner, Row("", {"name": "Ny Klient ApS", **country}), Row("", {"name": "Half"}), nonce="a")
    assert [step.forecast for step in steps(job)] == [Forecast.CREATE, Forecast.INVALID]
    job = run(job, owner)
    assert [step.outcome for step in steps(job)] == [Outcome.CREATED, Outcome.REJECTED]
    made = sandbox.row("clients", steps(job)[0].key)
    assert made is not None
    assert made["name"] == "Ny Klient ApS"
    job = rows_plan(person("approver"), Row("", {"name": "X", **country}), nonce="b")
    assert [step.forecast for step in steps(job)] == [Forecast.NOT_PERMITTED]


def test_the_same_form_twice_makes_one_plan(owner: User, sandbox: SandboxServer) -> None:
    assert rows_plan(owner, Row("1", {"dueDays": 2})) == rows_plan(owner, Row("1", {"dueDays": 3}))


def test_an_api_that_is_away_leaves_a_plan_to_be_read_again(owner: User, sandbox: SandboxServer) -> None:
    held = chosen(owner, "1", "2")
    sandbox.fault("status", method="GET", status=503, times=100)
    job = planned(owner, held, put("dueDays", 21))
    assert job.previewed_at is None
    assert job.problem
    with pytest.raises(bulk.NotPreviewed):
        bulk.confirm(job=job, actor=owner, reason="x")
    sandbox.clear_faults()
    job = bulk.preview_again(job)
    assert job.previewed_at is not None
    assert forecasts(job) == {"1": Forecast.CHANGE, "2": Forecast.CHANGE}


def test_counterparties_and_contacts_are_changed_likewise(owner: User, sandbox: SandboxServer) -> None:
    job = planned(
        owner, chosen(owner, "1", "2", resource=COUNTERPARTIES), put("cyclic", True), resource=COUNTERPARTIES
    )
    run(job, owner)
    assert (sandbox.row("counterparties", 1) or {})["cyclic"] is True
    held = chosen(owner, "1", "2", resource=CONTACTS)
    job = planned(owner, held, put("title", "Head"), resource=CONTACTS)
    run(job, owner)
    assert (sandbox.row("client-contacts", 2) or {})["title"] == "Head"


def test_what_the_chosen_records_hold_now(owner: User, sandbox: SandboxServer) -> None:
    held = chosen(owner, "1", "2", "3", "4")
    assert bulk.distribution(held, "dueDays") is None
    for number, days in ((1, 30), (2, 30), (3, 14), (4, 14)):
        sandbox.patch_row("clients", number, {"dueDays": days, "vatNumber": None})
    sandbox.patch_row("clients", 4, {"dueDays": 30})
    index.refresh(CLIENTS)
    found = bulk.distribution(held, "dueDays")
    assert found is not None
    assert (found.values, found.others, found.unknown) == ([(30, 3), (14, 1)], 0, 0)
    empty = bulk.distribution(held, "vatNumber")
    assert empty is not None
    assert empty.values == [(None, 4)]
