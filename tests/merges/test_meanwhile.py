"""Others edit, move and merge between plan and run: nothing of theirs is lost, and nothing is merged twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import JobState, Outcome, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import merges

from .cast import (
    FIRST,
    KEEPS,
    OF_FIRST,
    OF_KEEPS,
    OF_SECOND,
    SECOND,
    counted,
    merge_calls,
    naming,
    outcome,
    planned,
    run,
    writes,
)

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
ALL = sorted({*OF_KEEPS, *OF_FIRST, *OF_SECOND})
MERGE = f"/counterparties/{KEEPS}/merge"


@pytest.mark.parametrize(
    ("resource", "key", "changes"),
    [
        ("counterparties", KEEPS, {"displayName": "Renamed"}),
        ("counterparties", FIRST, {"displayName": "Renamed"}),
        ("counterparties", SECOND, {"corporateWebsiteUrl": "https://new.example/"}),
        ("clients", 50, {"defaultCost": int(FIRST)}),
        ("clients", 3, {"defaultCost": 1}),
    ],
)
def test_an_edit_between_plan_and_run_stops_before_the_first_write(
    sandbox: SandboxServer, steward: User, resource: str, key: Any, changes: dict[str, Any]
) -> None:
    job = planned(steward, changes={"corporateWebsiteUrl": "https://hansen.example/"})
    sandbox.patch_row(resource, key, changes)
    job = run(job, steward)
    assert job.state == JobState.STOPPED
    assert writes(sandbox) == []
    assert not merges.wrote(job)
    with pytest.raises(merges.Changed):
        merges.finish(job=job, actor=steward, nonce="n", request_id="r")
    assert merges.verified(run(planned(steward), steward))


def test_an_edit_of_no_matter_stops_nothing(sandbox: SandboxServer, steward: User) -> None:
    job = planned(steward)
    sandbox.patch_row("clients", 3, {"dueDays": 77})
    job = run(job, steward)
    assert (job.state, merges.verified(job)) == (JobState.DONE, True)
    assert (sandbox.row("clients", 3) or {})["dueDays"] == 77


def test_a_record_that_went_meanwhile_stops_before_the_first_write(sandbox: SandboxServer, steward: User) -> None:
    job = planned(steward)
    for client in OF_FIRST:
        sandbox.patch_row("clients", client, {"defaultCost": 1})
    sandbox.delete_row("counterparties", FIRST)
    job = run(job, steward)
    assert (job.state, writes(sandbox)) == (JobState.STOPPED, [])


@pytest.mark.parametrize("key", [FIRST, KEEPS])
def test_an_edit_right_before_the_merge_is_not_lost(sandbox: SandboxServer, steward: User, key: str) -> None:
    """Each is read for the plan, for the look before the first write, and by the step itself."""
    job = planned(steward)
    path = f"/counterparties/{key}"
    sandbox.edit_before("counterparties", key, {"displayName": "Renamed"}, method="GET", path=path, skip=1)
    job = run(job, steward)
    assert (job.state, outcome(job, "merge", FIRST)) == (JobState.STOPPED, Outcome.CONFLICT)
    assert not merge_calls(sandbox)


def test_a_client_that_somebody_moves_meanwhile_keeps_it(sandbox: SandboxServer, steward: User) -> None:
    sandbox.set_profile(merge_moves_references=False)
    job = planned(steward)
    sandbox.edit_before("clients", 4, {"defaultCost": 2}, method="GET", path="/clients/4")
    job = run(job, steward)
    assert counted(job) == {"flowtly": 0, "us": 4, "failed": 1, "left": 0}
    assert naming(sandbox, "2") == [4]
    assert merges.verified(job)


def test_a_client_that_names_it_during_the_merge_is_found_at_the_end(
    sandbox: SandboxServer, steward: User
) -> None:
    sandbox.set_profile(merge_moves_references=False)
    job = planned(steward)
    sandbox.edit_before("clients", 60, {"defaultCost": int(FIRST)}, method="POST", path=MERGE)
    job = run(job, steward)
    assert job.state == JobState.DONE
    assert not merges.verified(job)
    rest = run(merges.finish(job=job, actor=steward, nonce="n", request_id="r"), steward)
    assert merges.verified(rest)
    assert naming(sandbox, KEEPS) == [*ALL, 60]


def test_a_record_merged_by_somebody_else_is_recognised(sandbox: SandboxServer, steward: User) -> None:
    """Between our look and our call; Flowtly then says that there is nothing to merge."""
    job = planned(steward, gone=[FIRST])
    sandbox.set_profile(delete_in_use="allow")
    sandbox.edit_before("counterparties", FIRST, None, method="POST", path=MERGE)
    job = run(job, steward)
    assert outcome(job, "merge", FIRST) == Outcome.ALREADY
    assert merge_calls(sandbox).total() == 1


def test_a_merge_of_what_was_merged_is_refused_with_where_it_is(sandbox: SandboxServer, steward: User) -> None:
    run(planned(steward, gone=[FIRST]), steward)
    with pytest.raises(merges.Blocked, match=f"{FIRST} was merged into {KEEPS}"):
        planned(steward, gone=[FIRST])


def test_a_record_of_another_merge_is_busy(sandbox: SandboxServer, steward: User) -> None:
    job = planned(steward, gone=[FIRST])
    merges.confirm(job=job, actor=steward, reason="One firm")
    with pytest.raises(merges.Blocked) as blocked:
        planned(steward, gone=[FIRST, SECOND])
    assert {(problem.code, problem.name) for problem in blocked.value.problems} == {
        ("busy", KEEPS),
        ("busy", FIRST),
    }
