"""Deleting: what was shown is what goes, a full copy stays, and it can be made again; order among neighbours."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from backoffice.models import AuditEntry, Job, Outcome, Step, StepState, User
from backoffice.resources import REGISTRY
from backoffice.sandbox.server import SandboxServer
from backoffice.services import edits, history, jobs, undoing
from backoffice.services.edits import Place, moved
from backoffice.services.reading import get_record

Person = Callable[[str], User]
CONTACTS, NOTES, COUNTERPARTIES = (REGISTRY[slug] for slug in ("contacts", "notes", "counterparties"))


def delete(user: User, slug: str, key: str, nonce: str = "", base: Mapping[str, Any] | None = None) -> Job:
    record = get_record(resource=REGISTRY[slug], key=key)
    return edits.delete(
        actor=user,
        resource=REGISTRY[slug],
        key=key,
        label=record.label,
        base=record.values if base is None else base,
        nonce=nonce or uuid.uuid4().hex,
        request_id="request-1",
    )


def step_of(job: Job) -> Step:
    step = job.step
    assert step is not None
    return step


def calls(sandbox: SandboxServer, method: str) -> int:
    return [entry["method"] for entry in sandbox.requests].count(method)


@pytest.fixture
def unused(sandbox: SandboxServer) -> str:
    """A counterparty that nobody refers to."""
    for key in range(1, 121):
        if sandbox.row("clients", key)["defaultCost"] == 5:  # type: ignore[index]
            sandbox.patch_row("clients", key, {"defaultCost": None})
    return "5"


@pytest.mark.parametrize("slug", ["contacts", "notes", "counterparties"])
def test_a_full_copy_stays_in_step_and_audit(
    sandbox: SandboxServer, person: Person, unused: str, slug: str
) -> None:
    page = REGISTRY[slug].path.strip("/")
    key = {"contacts": "1", "notes": _some_note(sandbox), "counterparties": unused}[slug]
    record = get_record(resource=REGISTRY[slug], key=key)
    step = step_of(delete(person("steward"), slug, key))
    assert step.outcome == Outcome.DELETED
    assert sandbox.row(page, key) is None
    assert step.before == record.values
    entry = AuditEntry.objects.get(action=f"{slug}.delete")
    assert entry.values["label"]["value"] == record.label
    kept = {name: value for name, value in record.values.items() if value not in (None, "", [])}
    assert {name: entry.values[f"{name}.before"]["value"] for name in kept} == kept
    assert all(entry.values[f"{name}.after"]["value"] is None for name in kept)


def _some_note(sandbox: SandboxServer) -> str:
    from backoffice.services.reading import ListQuery, list_records

    return list_records(resource=NOTES, query=ListQuery(size=1)).records[0].key


def test_the_same_nonce_deletes_once(sandbox: SandboxServer, person: Person) -> None:
    record = get_record(resource=CONTACTS, key="1")
    first = delete(person("steward"), "contacts", "1", nonce="once", base=record.values)
    again = edits.delete(
        actor=person("steward"),
        resource=CONTACTS,
        key="1",
        label="",
        base=record.values,
        nonce="once",
        request_id="r",
    )
    assert (first.pk, calls(sandbox, "DELETE")) == (again.pk, 1)


def test_changed_since_shown_is_a_conflict(sandbox: SandboxServer, person: Person) -> None:
    sandbox.edit_before("client-contacts", 1, {"title": "Newest"}, method="GET", path="/client-contacts/1", skip=1)
    step = step_of(delete(person("steward"), "contacts", "1"))
    assert step.outcome == Outcome.CONFLICT
    assert step.error["fields"]["title"]["theirs"] == "Newest"
    assert calls(sandbox, "DELETE") == 0
    entry = AuditEntry.objects.get(action="contacts.delete")
    assert (entry.outcome, set(entry.values)) == ("conflict", {"label"})


def test_gone_meanwhile_is_gone(sandbox: SandboxServer, person: Person) -> None:
    sandbox.edit_before("client-contacts", 1, None, method="GET", path="/client-contacts/1", skip=1)
    assert step_of(delete(person("steward"), "contacts", "1")).outcome == Outcome.GONE
    assert calls(sandbox, "DELETE") == 0


LOST: list[dict[str, Any]] = [{"kind": "reset"}, {"kind": "status", "status": 502, "body": "html"}]


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("how", LOST, ids=lambda how: how["kind"])
def test_a_lost_answer_is_settled_and_never_repeated(
    sandbox: SandboxServer, person: Person, how: dict[str, Any], carried_out: bool
) -> None:
    sandbox.fault(method="DELETE", path="/client-contacts/1", times=1, apply=carried_out, **how)
    step = step_of(delete(person("steward"), "contacts", "1"))
    assert step.outcome == (Outcome.DELETED if carried_out else Outcome.NOT_WRITTEN)
    assert calls(sandbox, "DELETE") == 1
    assert (sandbox.row("client-contacts", 1) is None) is carried_out


def test_what_cannot_be_read_back_waits_for_the_sweep(sandbox: SandboxServer, person: Person) -> None:
    sandbox.fault("reset", method="DELETE", path="/client-contacts/1", times=1, apply=True)
    sandbox.fault("status", method="GET", path="/client-contacts/1", status=503, skip=2, times=4)
    job = delete(person("steward"), "contacts", "1")
    assert step_of(job).state == StepState.SETTLING
    sandbox.clear_faults()
    Step.objects.update(due_at=None)
    assert jobs.sweep() == 1
    assert step_of(job).outcome == Outcome.DELETED
    assert calls(sandbox, "DELETE") == 1


@pytest.mark.parametrize(("answer", "outcome"), [("409", Outcome.REJECTED), ("500", Outcome.NOT_WRITTEN)])
def test_a_counterparty_in_use_stays(
    sandbox: SandboxServer, person: Person, answer: str, outcome: Outcome
) -> None:
    sandbox.set_profile(delete_in_use=answer)
    sandbox.patch_row("clients", 1, {"defaultCost": 5})
    step = step_of(delete(person("steward"), "counterparties", "5"))
    assert step.outcome == outcome
    assert "in use" in step.error["message"]
    assert sandbox.row("counterparties", 5) is not None


def test_created_again_from_the_copy(sandbox: SandboxServer, person: Person, unused: str) -> None:
    before = get_record(resource=COUNTERPARTIES, key=unused)
    job = delete(person("steward"), "counterparties", unused)
    assert undoing.undoable(job)
    preview = undoing.preview_undo(job)
    assert preview.record is None
    sandbox.clear_log()
    again = undoing.undo(actor=person("steward"), job=job, nonce="u", request_id="r")
    assert again is not None
    step = step_of(again)
    assert (step.outcome, step.key != unused) == (Outcome.CREATED, True)
    after = get_record(resource=COUNTERPARTIES, key=step.key)
    writable = [item.name for item in COUNTERPARTIES.editable_fields]
    assert {name: after[name] for name in writable} == {name: before[name] for name in writable}
    body = next(entry["body"] for entry in sandbox.requests if entry["method"] == "POST")
    assert not set(body) & {"id", "@id", "costGroupIcon"}
    assert AuditEntry.objects.get(action="counterparties.recreate").key == step.key
    assert not undoing.undoable(job)
    assert undoing.undo(actor=person("steward"), job=job, nonce="u", request_id="r") == again


def test_history_offers_it_until_it_was_done(sandbox: SandboxServer, person: Person) -> None:
    job = delete(person("steward"), "contacts", "1")
    offered = [entry.undoable for entry in history.for_record(entity="contacts", key="1").entries]
    assert offered == [True]
    undoing.undo(actor=person("steward"), job=job, nonce="u", request_id="r")
    offered = [entry.undoable for entry in history.for_record(entity="contacts", key="1").entries]
    assert offered == [False]


def test_a_lost_note_is_found_again_among_its_clients(sandbox: SandboxServer, person: Person) -> None:
    sandbox.fault("reset", method="POST", path="/client-notes", times=1, apply=True)
    job = edits.create(
        actor=person("editor"),
        resource=NOTES,
        values={"client": "/clients/1", "employee": "/employees/2", "note": "A long story. " * 400},
        nonce="n",
        request_id="r",
    )
    step = step_of(job)
    assert step.outcome == Outcome.CREATED
    assert step.label.endswith("…")
    assert all("A+long+story" not in entry["query"] for entry in sandbox.requests)


def places(*values: int | None) -> list[Place]:
    return [Place(letter, letter, at) for letter, at in zip("abcdef", values, strict=False)]


@pytest.mark.parametrize(
    ("values", "key", "up", "needed"),
    [
        ((0, 1, 2), "b", True, {"b": 0, "a": 1}),
        ((3, 10, 70), "b", False, {"c": 10, "b": 70}),
        ((0, 1, 2), "a", True, {}),
        ((0, 1, 2), "c", False, {}),
        ((0, 1, 2), "z", False, {}),
        ((0, 0), "b", True, {"a": 1}),
        ((0, 0, 0), "c", True, {"c": 1, "b": 2}),
        ((2, None), "b", True, {"b": 2, "a": 3}),
        ((None, None), "a", False, {"b": 0, "a": 1}),
    ],
)
def test_as_few_positions_change_as_it_takes(
    values: tuple[int | None, ...], key: str, up: bool, needed: dict[str, int]
) -> None:
    assert moved(places(*values), key=key, up=up) == needed
