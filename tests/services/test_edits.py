"""A save is a job of one step: checked, written once, settled, recorded, taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import AuditEntry, Job, JobState, Outcome, Step, StepState, User
from backoffice.resources import REGISTRY
from backoffice.sandbox.server import SandboxServer
from backoffice.services import edits, jobs, undoing
from backoffice.services.reading import get_record

CLIENTS = REGISTRY["clients"]
Person = Callable[[str], User]


def save(user: User, key: str = "1", nonce: str = "", **changes: Any) -> Job:
    record = get_record(resource=CLIENTS, key=key)
    return edits.save(
        actor=user,
        resource=CLIENTS,
        key=key,
        label=record.label,
        base=record.values,
        changes=changes,
        nonce=nonce or uuid.uuid4().hex,
        request_id="request-1",
    )


def step_of(job: Job) -> Step:
    step = job.step
    assert step is not None
    return step


def writes(sandbox: SandboxServer) -> list[Any]:
    return [entry for entry in sandbox.requests if entry["method"] not in ("GET", "HEAD")]


def test_a_save_sends_only_what_changed_and_is_recorded(sandbox: SandboxServer, person: Person) -> None:
    old = sandbox.row("clients", 1)["dueDays"]
    sandbox.clear_log()
    job = save(person("editor"), dueDays=77)
    assert (job.state, step_of(job).outcome) == (JobState.DONE, Outcome.CHANGED)
    assert [entry["body"] for entry in writes(sandbox)] == [{"dueDays": 77}]
    assert sandbox.row("clients", 1)["dueDays"] == 77
    entry = AuditEntry.objects.get(action="clients.update")
    assert (entry.outcome, entry.key, entry.request_id) == ("changed", "1", "request-1")
    assert entry.values["dueDays.before"]["value"] == old
    assert entry.values["dueDays.after"]["value"] == 77


def test_a_save_costs_a_read_back_and_a_patch(sandbox: SandboxServer, person: Person) -> None:
    get_record(resource=CLIENTS, key="1")
    person("editor")
    sandbox.clear_log()
    save(person("editor"), dueDays=78)
    assert [entry["method"] for entry in sandbox.requests] == ["GET", "GET", "PATCH"]  # the form, then the save


def test_the_same_nonce_finds_the_first_job(sandbox: SandboxServer, person: Person) -> None:
    first = save(person("editor"), nonce="once", dueDays=50)
    second = save(person("editor"), nonce="once", dueDays=51)
    assert first.pk == second.pk
    assert len(writes(sandbox)) == 1


def test_a_field_changed_elsewhere_is_a_conflict_and_nothing_is_written(
    sandbox: SandboxServer, person: Person
) -> None:
    sandbox.edit_before("clients", 1, {"dueDays": 5}, method="GET", path="/clients/1", skip=1)
    job = save(person("editor"), dueDays=60, invoiceComment="mine")
    step = step_of(job)
    assert step.outcome == Outcome.CONFLICT
    assert step.error["fields"]["dueDays"]["theirs"] == 5
    assert "invoiceComment" not in step.error["fields"]
    assert writes(sandbox) == []


def test_a_change_to_another_field_does_not_block(sandbox: SandboxServer, person: Person) -> None:
    sandbox.edit_before("clients", 1, {"addressCity": "Elsewhere"}, method="GET", path="/clients/1", skip=1)
    job = save(person("editor"), dueDays=60)
    assert step_of(job).outcome == Outcome.CHANGED
    assert sandbox.row("clients", 1)["addressCity"] == "Elsewhere"


def test_a_value_that_is_there_already_is_not_sent(sandbox: SandboxServer, person: Person) -> None:
    sandbox.edit_before("clients", 1, {"dueDays": 60}, method="GET", path="/clients/1", skip=1)
    job = save(person("editor"), dueDays=60)
    assert step_of(job).outcome == Outcome.ALREADY
    assert writes(sandbox) == []


def test_a_record_that_is_gone_is_gone(sandbox: SandboxServer, person: Person) -> None:
    sandbox.edit_before("clients", 1, None, method="GET", path="/clients/1", skip=1)
    assert step_of(save(person("editor"), dueDays=60)).outcome == Outcome.GONE


def test_a_refusal_keeps_the_words_of_the_server(sandbox: SandboxServer, person: Person) -> None:
    job = save(person("editor"), name="")
    step = step_of(job)
    assert (job.state, step.outcome) == (JobState.FAILED, Outcome.REJECTED)
    assert step.error["violations"][0][0] == "name"
    assert AuditEntry.objects.get(action="clients.update").outcome == "rejected"


LOST = [
    {"kind": "reset"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502, "body": "html"},
    {"kind": "truncate"},
    {"kind": "garbage"},
]


@pytest.mark.parametrize("write_first", [True, False])
@pytest.mark.parametrize("how", LOST, ids=lambda how: how["kind"] + str(how.get("status", "")))
def test_a_lost_answer_is_settled_by_reading_back_and_never_repeated(
    sandbox: SandboxServer, person: Person, how: dict[str, Any], write_first: bool
) -> None:
    sandbox.fault(method="PATCH", path="/clients/1", times=1, apply=write_first, **how)
    step = step_of(save(person("editor"), dueDays=61))
    assert step.outcome == (Outcome.CHANGED if write_first else Outcome.NOT_WRITTEN)
    assert len(writes(sandbox)) == 1


def test_an_answer_that_cannot_be_read_back_waits_for_the_sweep(sandbox: SandboxServer, person: Person) -> None:
    sandbox.fault("reset", method="PATCH", path="/clients/1", times=1, apply=True)
    sandbox.fault("status", method="GET", path="/clients/1", status=503, skip=2, times=4)
    job = save(person("editor"), dueDays=62)
    assert (job.state, step_of(job).state) == (JobState.RUNNING, StepState.SETTLING)
    assert AuditEntry.objects.filter(action="clients.update").count() == 0
    sandbox.clear_faults()
    Step.objects.update(due_at=None)
    assert jobs.sweep() == 1
    job.refresh_from_db()
    assert (job.state, step_of(job).outcome) == (JobState.DONE, Outcome.CHANGED)
    assert len(writes(sandbox)) == 1


def test_a_save_whose_process_died_in_the_call_is_read_back(sandbox: SandboxServer, person: Person) -> None:
    job = _stored(person("editor"), dueDays=63)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    step = step_of(job)
    step.before = dict(get_record(resource=CLIENTS, key="1").values)
    step.state = StepState.WRITING
    step.save()
    sandbox.patch_row("clients", 1, {"dueDays": 63})
    assert jobs.sweep() == 1
    assert step_of(job).outcome == Outcome.CHANGED
    assert writes(sandbox) == []


def test_a_save_whose_process_died_before_the_call_is_done(sandbox: SandboxServer, person: Person) -> None:
    job = _stored(person("editor"), dueDays=64)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    assert jobs.sweep() == 1
    assert step_of(job).outcome == Outcome.CHANGED
    assert [entry["body"] for entry in writes(sandbox)] == [{"dueDays": 64}]
    assert jobs.sweep() == 0


def test_a_job_that_cannot_be_run_keeps_no_other_waiting(sandbox: SandboxServer, person: Person) -> None:
    broken, good = _stored(person("editor"), dueDays=64), _stored(person("editor"), dueDays=64)
    Step.objects.filter(phase__job=broken).update(verb="unknown")
    Job.objects.update(state=JobState.RUNNING)
    assert jobs.sweep() == 2
    assert step_of(good).outcome == Outcome.CHANGED
    assert jobs.sweep() == 0  # put off
    broken.refresh_from_db()
    assert step_of(broken).state == StepState.PLANNED


def _stored(user: User, **changes: Any) -> Job:
    from backoffice.services.operations import StepPlan

    record = get_record(resource=CLIENTS, key="1")
    plan = StepPlan("update", "clients", "1", record.label, {n: record[n] for n in changes}, changes)
    job, _made = jobs.store(
        actor=user,
        kind="edit",
        entity="clients",
        title="x",
        nonce=uuid.uuid4().hex,
        phases={"apply": [plan]},
        request_id="r",
    )
    return job


def test_undo_brings_back_the_old_value(sandbox: SandboxServer, person: Person) -> None:
    old = sandbox.row("clients", 1)["dueDays"]
    job = save(person("editor"), dueDays=65)
    assert undoing.undoable(job)
    undone = undoing.undo(actor=person("editor"), job=job, nonce="u1", request_id="r")
    assert undone is not None
    assert sandbox.row("clients", 1)["dueDays"] == old
    assert not undoing.undoable(job)
    assert undoing.undoable(undone)


def test_undo_leaves_a_field_that_was_edited_since(sandbox: SandboxServer, person: Person) -> None:
    job = save(person("editor"), dueDays=65, invoiceComment="new")
    sandbox.patch_row("clients", 1, {"dueDays": 3})
    sandbox.clear_log()
    undone = undoing.undo(actor=person("editor"), job=job, nonce="u1", request_id="r")
    assert undone is not None
    assert "dueDays" not in writes(sandbox)[0]["body"]
    assert sandbox.row("clients", 1)["dueDays"] == 3


def test_undo_overwrites_only_the_value_that_was_seen(sandbox: SandboxServer, person: Person) -> None:
    old = sandbox.row("clients", 1)["dueDays"]
    job = save(person("editor"), dueDays=65)
    sandbox.patch_row("clients", 1, {"dueDays": 3})
    stale = undoing.undo(actor=person("editor"), job=job, nonce="u1", request_id="r", overwrite={"dueDays": 4})
    assert stale is not None
    assert step_of(stale).outcome == Outcome.CONFLICT
    undone = undoing.undo(actor=person("editor"), job=job, nonce="u2", request_id="r", overwrite={"dueDays": 3})
    assert undone is not None
    assert sandbox.row("clients", 1)["dueDays"] == old


def _new_client(**values: Any) -> dict[str, Any]:
    record = get_record(resource=CLIENTS, key="1")
    kept = {name: record[name] for name in ("status", "country", "currency", "tinType")}
    return kept | {"name": "Nordlys Papir ApS"} | values


def create(user: User, nonce: str = "", **values: Any) -> Job:
    return edits.create(
        actor=user, resource=CLIENTS, values=_new_client(**values), nonce=nonce or uuid.uuid4().hex, request_id="r"
    )


def test_creating_twice_with_one_nonce_makes_one_record(sandbox: SandboxServer, person: Person) -> None:
    first, second = create(person("editor"), nonce="n"), create(person("editor"), nonce="n")
    assert first.pk == second.pk
    assert step_of(first).outcome == Outcome.CREATED
    assert sandbox.row("clients", step_of(first).key)["name"] == "Nordlys Papir ApS"
    assert len(writes(sandbox)) == 1


def test_a_lost_create_is_found_again(sandbox: SandboxServer, person: Person) -> None:
    sandbox.fault("reset", method="POST", path="/clients", times=1, apply=True)
    step = step_of(create(person("editor")))
    assert step.outcome == Outcome.CREATED
    assert sandbox.row("clients", step.key)["name"] == "Nordlys Papir ApS"
    assert len(writes(sandbox)) == 1


def test_a_lost_create_that_was_not_done_stays_unknown(sandbox: SandboxServer, person: Person) -> None:
    sandbox.fault("reset", method="POST", path="/clients", times=1)
    assert step_of(create(person("editor"))).outcome == Outcome.UNKNOWN
    assert len(writes(sandbox)) == 1


def test_a_lost_create_is_not_taken_for_an_older_twin(sandbox: SandboxServer, person: Person) -> None:
    twin = step_of(create(person("editor"))).key
    sandbox.fault("reset", method="POST", path="/clients", times=1, apply=True)
    step = step_of(create(person("editor")))
    assert step.outcome == Outcome.CREATED
    assert step.key != twin


def test_no_connection_means_not_written(sandbox: SandboxServer, person: Person, settings: Any) -> None:
    record = get_record(resource=CLIENTS, key="1")
    sandbox.fault("status", method="GET", path="/clients/1", status=503, times=9)
    job = edits.save(
        actor=person("editor"),
        resource=CLIENTS,
        key="1",
        label="x",
        base=record.values,
        changes={"dueDays": 9},
        nonce="n",
        request_id="r",
    )
    assert step_of(job).outcome == Outcome.NOT_WRITTEN
    assert writes(sandbox) == []
