"""A bulk edit from a filter to its undo on other kinds of Flowtly; their own log and rows are the witness."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from backoffice.models import Forecast, Job, JobState, Outcome, User
from backoffice.resources import Resource
from backoffice.resources.criteria import Criterion, Operator
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, index, lists, reading, routes, selections
from backoffice.services.bulk import FieldChange, How
from backoffice.services.reading import ListQuery
from backoffice.services.upstream import client, forget
from tests.bulk.cast import (
    CLIENTS,
    CONTACTS,
    COUNTERPARTIES,
    chosen,
    forecasts,
    matching,
    outcomes,
    planned,
    put,
    run,
)
from tests.other_flowtlys import OTHERS

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
NUMBERS = {"clients": 60, "client-contacts": 130, "counterparties": 40}


@dataclass(frozen=True)
class Case:
    """What is chosen of an entity, and what is done to it; `table` is the sandbox's name of it.

    `moves`: a relation that gets the value of the first record that has another one.
    """

    resource: Resource
    table: str
    chosen: Criterion
    changes: tuple[FieldChange, ...]
    moves: str = ""
    aside: dict[str, Any] = field(default_factory=dict)

    def matches(self, row: dict[str, Any]) -> bool:
        return row[self.chosen.name] in [_told(value) for value in self.chosen.values]


def _told(value: str) -> Any:
    return {"true": True, "false": False}.get(value, value)


CASES = [
    Case(
        CLIENTS,
        "clients",
        Criterion("status", Operator.IS, ("lead",)),
        (put("dueDays", 21), put("addressCity", "Aarhus"), FieldChange("vatNumber", How.CLEAR)),
        moves="currency",
        aside={"invoiceComment": "Somebody else's words"},
    ),
    Case(
        CONTACTS,
        "client-contacts",
        Criterion("type", Operator.IS, ("general",)),
        (put("title", "Head of books"), FieldChange("phone", How.CLEAR)),
        moves="client",
        aside={"name": "Renamed meanwhile"},
    ),
    Case(
        COUNTERPARTIES,
        "counterparties",
        Criterion("cyclic", Operator.IS, ("false",)),
        (put("requireAttachment", True), put("corporateWebsiteUrl", "https://new.example/")),
        aside={"displayName": "Renamed meanwhile"},
    ),
]


@pytest.fixture(scope="module", params=OTHERS)
def _other(request: pytest.FixtureRequest) -> Iterator[SandboxServer]:
    profile, switches = OTHERS[request.param]
    with SandboxServer(profile, clients=60, counterparties=40, **switches) as server:
        yield server


@pytest.fixture
def other(_other: SandboxServer, connect: Callable[[SandboxServer], SandboxServer]) -> SandboxServer:
    _other.reset()
    _other.clear_log()
    connect(_other)
    routes.choose()
    return _other


def everything(server: SandboxServer) -> dict[tuple[str, int], Any]:
    """All that Flowtly holds, without its own time stamps."""
    found: dict[tuple[str, int], Any] = {}
    for table, number in NUMBERS.items():
        for key in range(1, number + 1):
            row = server.row(table, key)
            found[table, key] = row and {name: held for name, held in row.items() if not name.endswith("At")}
    return found


def written(server: SandboxServer) -> list[tuple[str, dict[str, Any]]]:
    """Key and body of each write, as often as it came."""
    return sorted(
        (each["path"].rsplit("/", 1)[-1], each["body"])
        for each in server.requests
        if each["method"] in ("PATCH", "POST", "PUT", "DELETE") and not each["path"].endswith("/login")
    )


def selected(owner: User, case: Case, keys: set[str]) -> Any:
    """All that match; where only the copy can tell, from the copy; where nothing can, `keys` are ticked."""
    query = ListQuery(criteria=(case.chosen,))
    try:
        return matching(owner, query, resource=case.resource)
    except lists.CopyNeeded:
        if index.refresh(case.resource):
            return matching(owner, query, resource=case.resource)
        return chosen(owner, *keys, resource=case.resource)  # no list of this Flowtly can be read to its end


def matching_rows(rows: dict[tuple[str, int], Any], case: Case) -> set[str]:
    return {str(key) for (table, key), row in rows.items() if table == case.table and row and case.matches(row)}


def changes_of(case: Case) -> list[FieldChange]:
    if not case.moves:
        return list(case.changes)
    first = client().page(case.resource.path).members
    return [*case.changes, put(case.moves, max(case.resource.decode(each)[case.moves] or "" for each in first))]


def expected(case: Case, changes: list[FieldChange], keys: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """What each record has to be sent: the touched fields that hold something else."""
    found = []
    for key in keys:
        record = reading.read_quietly(slug=case.resource.slug, key=key)
        fields = case.resource.by_name
        wanted = {one.field: None if one.how is How.CLEAR else one.value for one in changes}
        found.append((key, {n: v for n, v in wanted.items() if not fields[n].same(record[n], v)}))
    return sorted((key, body) for key, body in found if body)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.table)
def test_from_a_filter_to_the_undo(other: SandboxServer, person: Person, case: Case) -> None:
    owner, before = person("steward"), everything(other)
    right = matching_rows(before, case)
    assert 3 < len(right) < NUMBERS[case.table]
    held = selected(owner, case, right)
    assert set(selections.keys(held)) == right
    changes = changes_of(case)
    sent = expected(case, changes, sorted(right))
    other.clear_log()

    job = planned(owner, held, *changes, resource=case.resource)
    assert job.previewed_at is not None, job.problem
    told = forecasts(job)
    assert set(told) == right
    assert {key for key, word in told.items() if word == Forecast.CHANGE} == {key for key, _body in sent}
    assert set(told.values()) <= {Forecast.CHANGE, Forecast.ALREADY}
    assert written(other) == []

    first = sent[0][0]  # others go on with their work: what this plan does not touch stays theirs
    theirs = {name: before[case.table, int(first)][name] for name in case.aside}
    other.patch_row(case.table, first, case.aside)
    job = run(job, owner)
    assert job.state == JobState.DONE
    assert written(other) == sent
    assert outcomes(job) == {key: Outcome.CHANGED if key in dict(sent) else Outcome.ALREADY for key in right}
    other.patch_row(case.table, first, theirs)

    other.clear_log()
    undo = bulk.undo(job=job, actor=owner, nonce=uuid.uuid4().hex, request_id="test")
    assert set(forecasts(undo).values()) == {Forecast.CHANGE}
    assert set(outcomes(run(undo, owner)).values()) == {Outcome.CHANGED}
    assert everything(other) == before
    assert [(key, set(body)) for key, body in written(other)] == [(key, set(body)) for key, body in sent]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.table)
def test_refusals_and_foreign_edits_are_each_rows_own(other: SandboxServer, person: Person, case: Case) -> None:
    owner = person("steward")
    held = selected(owner, case, matching_rows(everything(other), case))
    job = planned(owner, held, *case.changes, resource=case.resource)
    refused, edited, gone, *_others = [key for key, word in forecasts(job).items() if word == Forecast.CHANGE]
    name = case.changes[0].field
    other.fault("status", status=422, detail="Not this one", method="PATCH", path=f"*/{refused}", times=1)
    other.patch_row(case.table, edited, {name: {"dueDays": 3, "title": "Theirs"}.get(name, True)})
    other.delete_row(case.table, gone)
    other.clear_log()
    job = run(job, owner)
    found = outcomes(job)
    other.clear_faults()
    # A truth has only two values: what is theirs is ours, too.
    ours = Outcome.CONFLICT if name != "requireAttachment" else Outcome.CHANGED
    assert (found[refused], found[edited], found[gone]) == (Outcome.REJECTED, ours, Outcome.GONE)
    assert {found[key] for key in found if key not in (refused, edited, gone)} <= {"changed", "already"}
    keys = [key for key, _body in written(other)]
    assert len(keys) == len(set(keys))
    assert gone not in keys
    again = bulk.retry(job=job, actor=owner, nonce=uuid.uuid4().hex, request_id="test")
    assert set(forecasts(again)) == {refused}
    assert outcomes(run(again, owner)) == {refused: Outcome.CHANGED}


def test_a_token_that_runs_out_in_the_middle(
    connect: Callable[[SandboxServer], SandboxServer], person: Person, settings: LazySettings
) -> None:
    with SandboxServer("v4", clients=40, counterparties=5, prefix="/api") as server:
        connect(server)
        settings.FLOWTLY_API_TOKEN = ""
        settings.FLOWTLY_USERNAME, settings.FLOWTLY_PASSWORD = server.profile.username, server.profile.password
        forget()
        owner = person("steward")
        before = everything(server)
        job: Job = planned(owner, selected(owner, CASES[0], set()), put("dueDays", 21))
        right = [key for key, word in forecasts(job).items() if word == Forecast.CHANGE]
        server.clear_log()
        server.expire_tokens()
        server.fault("status", status=401, method="PATCH", skip=3, times=2)
        server.fault("status", status=401, method="GET", path="/clients/*", skip=6, times=1)
        job = run(job, owner)
        assert set(outcomes(job).values()) <= {Outcome.CHANGED, Outcome.ALREADY}
        done = [each["path"] for each in server.requests if each["method"] == "PATCH" and each["status"] == 200]
        assert sorted(done) == sorted(f"/api/clients/{key}" for key in right)
        run(bulk.undo(job=job, actor=owner, nonce="u", request_id="test"), owner)
        assert everything(server) == before


def test_the_command_line_does_the_same(other: SandboxServer, person: Person) -> None:
    person("steward")
    before = everything(other)
    right = matching_rows(before, CASES[0])
    made, words = StringIO(), ["--where", "status=lead", "--set", "dueDays=21", "--reason", "x", "--as", "steward"]
    if other.profile.unstable_order and other.profile.filters is not None:
        # Who matches cannot be told there: that is said, and nothing is planned.
        with pytest.raises(CommandError, match="changed while it was read"):
            call_command("jobs", "plan", "clients", *words, stdout=made)
        assert not Job.objects.exists()
        return
    call_command("jobs", "plan", "clients", *words, stdout=made)
    job = made.getvalue().split()[0]
    other.clear_log()
    call_command("jobs", "apply", job, "--inline", stdout=StringIO())
    due = sorted(key for key in right if before["clients", int(key)]["dueDays"] != 21)
    assert written(other) == [(key, {"dueDays": 21}) for key in due]
    shown = StringIO()
    call_command("jobs", "show", job, "--json", stdout=shown)
    told = json.loads(shown.getvalue())
    assert told["state"] == "done"
    assert {row["id"]: row["outcome"] for row in told["rows"]} == {
        key: "changed" if key in due else "already" for key in right
    }
