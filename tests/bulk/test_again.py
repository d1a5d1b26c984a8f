"""What is made of a job that ran: retry, apply mine, keep theirs, undo, and undo of the undo."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import AuditEntry, Forecast, Job, JobState, Outcome, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk
from backoffice.services.bulk import Row
from tests.bulk.cast import CLIENTS, CONTACTS, by_key, chosen, forecasts, outcomes, planned, put, run, steps

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.fixture
def owner(sandbox: SandboxServer, person: Person) -> User:
    return person("steward")


def again(make: Callable[..., Job], job: Job, owner: User, **more: Any) -> Job:
    return make(job=job, actor=owner, nonce=uuid.uuid4().hex, request_id="test", **more)


def everything(sandbox: SandboxServer) -> dict[int, Any]:
    """The clients as Flowtly has them, without its own time stamps."""
    found = ((number, sandbox.row("clients", number)) for number in range(1, 121))
    return {number: {k: v for k, v in (row or {}).items() if not k.endswith("At")} for number, row in found}


def test_one_refused_of_many_leaves_the_others_done_and_is_tried_again_alone(
    owner: User, sandbox: SandboxServer
) -> None:
    keys = [str(number) for number in range(1, 101)]
    job = planned(owner, chosen(owner, *keys), put("dueDays", 21))
    sandbox.fault("status", method="PATCH", path="/clients/7", status=422, times=1)
    job = run(job, owner)
    assert outcomes(job) == {key: Outcome.REJECTED if key == "7" else Outcome.CHANGED for key in keys}
    assert bulk.retriable(job) == 1
    second = again(bulk.retry, job, owner)
    assert second.made_from == job
    assert forecasts(second) == {"7": Forecast.CHANGE}
    assert outcomes(run(second, owner)) == {"7": Outcome.CHANGED}


def test_a_retry_never_writes_over_what_others_did_meanwhile(owner: User, sandbox: SandboxServer) -> None:
    job = planned(owner, chosen(owner, "1", "2"), put("dueDays", 21))
    sandbox.fault("status", method="PATCH", status=422, times=2)
    job = run(job, owner)
    sandbox.patch_row("clients", 1, {"dueDays": 8})
    second = again(bulk.retry, job, owner)
    assert forecasts(second) == {"1": Forecast.EDITED, "2": Forecast.CHANGE}
    assert outcomes(run(second, owner)) == {"1": Outcome.EXCLUDED, "2": Outcome.CHANGED}


def test_conflicts_are_decided_one_by_one(owner: User, sandbox: SandboxServer) -> None:
    job = planned(owner, chosen(owner, "1", "2", "3"), put("dueDays", 21))
    for number in (1, 2, 3):
        sandbox.patch_row("clients", number, {"dueDays": number})
    job = run(job, owner)
    assert set(outcomes(job).values()) == {Outcome.CONFLICT}
    assert bulk.open_conflicts(job) == 3
    number_of = {step.key: step.number for step in steps(job)}
    assert bulk.keep_theirs(job=job, actor=owner, numbers=[number_of["1"]]) == 1
    assert AuditEntry.objects.filter(action="clients.keep_theirs", key="1").count() == 1
    sandbox.patch_row("clients", 3, {"dueDays": 33})  # once more, after the page showed it
    mine = again(bulk.apply_mine, job, owner)
    assert forecasts(mine) == {"2": Forecast.CHANGE, "3": Forecast.EDITED}
    assert bulk.open_conflicts(job) == 0
    assert outcomes(run(mine, owner)) == {"2": Outcome.CHANGED, "3": Outcome.EXCLUDED}
    assert (sandbox.row("clients", 1) or {})["dueDays"] == 1
    with pytest.raises(bulk.NothingChosen):
        again(bulk.apply_mine, job, owner)


def test_an_undo_brings_everything_back_and_can_be_undone(owner: User, sandbox: SandboxServer) -> None:
    before = everything(sandbox)
    keys = [str(number) for number in range(1, 41)]
    job = run(planned(owner, chosen(owner, *keys), put("dueDays", 21), put("addressCity", "Aarhus")), owner)
    after = everything(sandbox)
    assert after != before
    assert bulk.undoable(job) == sum(1 for each in outcomes(job).values() if each == Outcome.CHANGED)
    undo = run(again(bulk.undo, job, owner), owner)
    assert everything(sandbox) == before
    assert undo.undo_of == job
    assert "As agreed with sales" in again(bulk.undo, undo, owner).reason
    assert bulk.undoable(job) == 0
    assert set(AuditEntry.objects.filter(job_id=undo.pk, key="1").values_list("action", flat=True)) == {
        "clients.undo"
    }
    run(again(bulk.undo, undo, owner), owner)
    assert everything(sandbox) == after


def test_an_undo_leaves_what_was_edited_since(owner: User, sandbox: SandboxServer) -> None:
    job = run(planned(owner, chosen(owner, "1", "2"), put("dueDays", 21)), owner)
    sandbox.patch_row("clients", 1, {"dueDays": 5})
    sandbox.patch_row("clients", 2, {"addressCity": "Lund"})
    undo = again(bulk.undo, job, owner)
    assert forecasts(undo) == {"1": Forecast.EDITED, "2": Forecast.CHANGE}
    assert by_key(undo)["1"].context["seen"] == {"dueDays": 21}
    run(undo, owner)
    held = sandbox.row("clients", 2) or {}
    assert (held["dueDays"], held["addressCity"]) == (60, "Lund")
    assert (sandbox.row("clients", 1) or {})["dueDays"] == 5


def test_new_records_go_again_where_flowtly_can_delete_them(owner: User, sandbox: SandboxServer) -> None:
    new = Row("", {"name": "Nadia Test", "email": "nadia@example.com", "type": "billing", "client": "/clients/1"})
    given: dict[str, Any] = {"actor": owner, "scope": "x", "source": {"kind": "sheet"}, "request_id": "test"}
    job = run(bulk.plan_rows(resource=CONTACTS, rows=[new], nonce="a", **given), owner)
    assert [step.outcome for step in steps(job)] == [Outcome.CREATED]
    key = steps(job)[0].key
    undo = again(bulk.undo, job, owner)
    assert [step.forecast for step in steps(undo)] == [Forecast.DELETE]
    run(undo, owner)
    assert sandbox.row("client-contacts", key) is None

    country = {"country": "/countries/1", "currency": "/currencies/1", "tinType": "cvr", "status": "lead"}
    rows = [Row("", {"name": "Ny", **country}), Row("1", {"dueDays": 3})]
    job = run(bulk.plan_rows(resource=CLIENTS, rows=rows, nonce="b", **given), owner)
    undo = again(bulk.undo, job, owner)
    assert forecasts(undo) == {"1": Forecast.CHANGE}  # a client cannot be deleted


def test_nothing_is_made_of_a_job_that_still_runs(owner: User, sandbox: SandboxServer) -> None:
    job = planned(owner, chosen(owner, "1"), put("dueDays", 21))
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    job.refresh_from_db()
    for make in (bulk.retry, bulk.undo, bulk.apply_mine):
        with pytest.raises(bulk.StillRunning):
            again(make, job, owner)
    assert bulk.undoable(job) == 0
