"""A merge from its plan to its restore at other kinds of Flowtly; their own log and rows are the witness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backoffice.models import JobState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import merges, routes
from tests.other_flowtlys import OTHERS

from .cast import (
    FIRST,
    KEEPS,
    OF_FIRST,
    OF_KEEPS,
    OF_SECOND,
    SECOND,
    again,
    counted,
    merge_calls,
    naming,
    planned,
    restored,
    run,
    stage,
    there,
    writes,
)

pytestmark = pytest.mark.django_db(transaction=True)
MOVED = len(OF_FIRST) + len(OF_SECOND)
# What a merge may answer and do there, besides all that the others differ in.
WAYS: dict[str, dict[str, Any]] = {
    "moves": {},
    "moves nothing": {"merge_moves_references": False, "merge_status": 204, "merged_answer": "410"},
    "leads on, later": {"merge_status": 202, "merge_delay": 0.05, "merged_answer": "redirect"},
    "answers the survivor": {"merge_status": 200, "merged_answer": "survivor"},
}


@pytest.fixture(scope="module", params=OTHERS)
def _other(request: pytest.FixtureRequest) -> Iterator[SandboxServer]:
    profile, switches = OTHERS[request.param]
    with SandboxServer(profile, clients=120, counterparties=80, **switches) as server:
        yield server


@pytest.fixture(params=WAYS)
def other(
    request: pytest.FixtureRequest, _other: SandboxServer, connect: Callable[[SandboxServer], SandboxServer]
) -> SandboxServer:
    _other.reset()
    _other.set_profile(**WAYS[request.param])
    connect(_other)
    routes.choose()
    stage(_other)
    return _other


def test_merged_verified_and_restored(other: SandboxServer, person: Callable[[str], User]) -> None:
    steward = person("steward")
    before = other.row("counterparties", KEEPS)
    plan = planned(steward, changes={"corporateWebsiteUrl": "https://hansen.example/"})
    known = merges.references(plan).known
    job = run(plan, steward)
    assert (job.state, merges.verified(job), job.problem) == (JobState.DONE, True, "")
    assert sorted(merge_calls(other).values()) == [1, 1]
    assert not there(other, FIRST)
    assert not there(other, SECOND)
    assert (other.row("counterparties", KEEPS) or {})["corporateWebsiteUrl"] == "https://hansen.example/"
    if known:
        found = counted(job)
        assert (found["flowtly"] + found["us"], found["failed"], found["left"]) == (MOVED, 0, 0)
        assert naming(other, KEEPS) == sorted([*OF_KEEPS, *OF_FIRST, *OF_SECOND])
    other.clear_log()
    way_back = restored(job, steward)
    assert writes(other) == []
    merges.confirm(job=way_back, actor=steward, reason="Two firms")
    assert again(way_back).state == JobState.DONE
    assert [method for method, _path in writes(other)].count("POST") == 2
    assert other.row("counterparties", KEEPS) == before
    if known:
        assert naming(other, KEEPS) == list(OF_KEEPS)
        fresh = [merges.successor(key) for key in (FIRST, SECOND)]
        assert [naming(other, key) for key in fresh] == [list(OF_FIRST), list(OF_SECOND)]
