"""What is said before a merge: side by side, the impact, a suggestion, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backoffice.models import Job, JobState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import merges
from backoffice.services.operations import uses
from backoffice.services.operations.merge import read_there
from backoffice.services.upstream import client

from .cast import FIRST, KEEPS, OF_KEEPS, SECOND, counted, naming, planned, run, stage, there

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


def composed(*gone: str, **changes: Any) -> merges.Composition:
    return merges.compose(survivor=KEEPS, gone=list(gone) or [FIRST, SECOND], changes=changes)


def test_side_by_side_with_differences_first(steward: User) -> None:
    found = composed(displayName="Hansen El ApS", type=None)
    rows = found.rows()
    assert [row.name for row in rows if not row.same] == ["displayName"]
    assert rows[0].values == ["Hansen El A/S", "Hansen El", "HANSEN EL"]
    assert found.result["displayName"] == "Hansen El ApS"
    assert [problem.name for problem in found.problems] == ["type"]
    assert found.moved == 5


def test_a_value_that_is_there_already_is_no_change(steward: User) -> None:
    assert composed(displayName="Hansen El A/S").changes == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (FIRST, "used")),
        ({"defaultCost": 1}, (KEEPS, "used")),
    ],
)
def test_the_suggestion_and_its_reason(
    sandbox: SandboxServer, steward: User, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    for number in (4, 5) if changes else ():
        sandbox.patch_row("clients", number, changes)
    for number in (6,) if changes else ():
        sandbox.patch_row("clients", number, changes)
    found = composed()
    assert merges.suggest(found.records, found.uses) == merges.Suggestion(*expected)


def test_the_suggestion_without_use(sandbox: SandboxServer, steward: User) -> None:
    none = uses.Uses(known=False)
    assert merges.suggest(composed().records, none) == merges.Suggestion(KEEPS, "oldest")
    sandbox.patch_row("counterparties", SECOND, {"logoUrl": "https://logo.example/x.png"})
    assert merges.suggest(composed().records, none) == merges.Suggestion(SECOND, "complete")


@pytest.mark.parametrize(
    ("gone", "codes"),
    [
        ([KEEPS], ["same"]),
        ([FIRST, FIRST], ["twice"]),
        ([], ["none"]),
        (["9999"], ["missing"]),
        ([".."], ["missing"]),
    ],
)
def test_what_stands_in_the_way(steward: User, gone: list[str], codes: list[str]) -> None:
    found = merges.compose(survivor=KEEPS, gone=gone)
    assert [problem.code for problem in found.problems] == codes
    with pytest.raises(merges.Blocked):
        planned(steward, gone=gone)


def test_contradicting_numbers_block_until_somebody_knows_better(
    steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = read_there

    def with_numbers(resource: Any, key: str, **more: Any) -> Any:
        record = real(resource, key, **more)
        number = {KEEPS: "DK 12 34 56 74", FIRST: "DK12345674", SECOND: "87654321"}.get(key)
        return record and type(record)(**{**vars(record), "other": {**record.other, "vatNumber": number}})

    monkeypatch.setattr("backoffice.services.merges.composing.read_there", with_numbers)
    assert composed(FIRST).problems == []
    assert [(p.code, p.name) for p in composed(SECOND).problems] == [("contradiction", "vatNumber")]
    with pytest.raises(merges.Blocked):
        planned(steward, gone=[SECOND])
    assert planned(steward, gone=[SECOND], even_so=["vatNumber"]).spec["even_so"] == ["vatNumber"]


class _Other:
    """A Flowtly whose clients hold names of accounts where others hold addresses of counterparties."""

    def __init__(self, real: Any, value: Any) -> None:
        self._real, self._value = real, value

    def walk(self, *args: Any, **more: Any) -> Iterator[Any]:
        for member in self._real.walk(*args, **more):
            held = {name: value for name, value in member.items() if name != uses.NAMED_IN}
            yield held if self._value is None else {**held, uses.NAMED_IN: self._value}

    def get(self, path: str, **more: Any) -> Any:
        return self._real.get(path, **more)


@pytest.mark.parametrize("value", ["4000", "/accounts/4000", None])
def test_where_nobody_can_tell_the_impact_is_unknown_and_nothing_is_repaired(
    sandbox: SandboxServer, steward: User, monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    """None: the list does not carry the field although the records have it."""
    sandbox.set_profile(merge_moves_references=False)
    monkeypatch.setattr("backoffice.services.operations.uses.client", lambda: _Other(client(), value))
    job = planned(steward, gone=[FIRST])
    assert job.spec["clients"] is None
    assert not merges.references(job).known
    assert not job.phases.filter(name="repair").exists()
    job = run(job, steward)
    assert (job.state, merges.verified(job)) == (JobState.DONE, True)
    assert not there(sandbox, FIRST)


def test_nobody_names_them(sandbox: SandboxServer, steward: User) -> None:
    for number in range(1, 121):
        sandbox.patch_row("clients", number, {"defaultCost": None})
    job = planned(steward)
    assert (job.spec["clients"], merges.references(job).known) == (0, True)
    job = run(job, steward)
    assert counted(job) == {"flowtly": 0, "us": 0, "failed": 0, "left": 0}


def test_the_reversibility_is_said(steward: User) -> None:
    told = merges.reversible(planned(steward))
    assert (told["how"], told["new_numbers"], told["clients"]) == ("partly", True, True)


@pytest.mark.parametrize("profile", ["v4", "legacy"])
def test_at_other_flowtlys(connect: Any, person: Person, profile: str) -> None:
    with SandboxServer(clients=120, counterparties=80, profile=profile) as server:
        connect(server)
        stage(server)
        job = run(planned(person("steward")), person("steward"))
        assert (job.state, merges.verified(job)) == (JobState.DONE, True)
        assert naming(server, KEEPS) == [*OF_KEEPS, 3, 4, 5, 6, 7]
        assert isinstance(job, Job)
