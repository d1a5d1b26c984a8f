"""Others edit, move and merge between plan and run: nothing of theirs is lost, and nothing is merged twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import Job, JobState, Outcome, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import merges
from backoffice.services.merges import restoring
from backoffice.services.operations import merge

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
    merged_elsewhere,
    naming,
    outcome,
    planned,
    restored,
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


@pytest.mark.parametrize("answered", ["404", "redirect", "survivor"])
@pytest.mark.parametrize("into", [KEEPS, SECOND])
@pytest.mark.parametrize("moment", ["check", "write"])
def test_a_record_merged_by_somebody_else_is_ours_only_where_it_leads_to_the_survivor(
    sandbox: SandboxServer, steward: User, monkeypatch: pytest.MonkeyPatch, answered: str, into: str, moment: str
) -> None:
    """Between our look and our call, or right before the call, which Flowtly then refuses."""
    sandbox.set_profile(merged_answer=answered, merge_moves_references=False)
    job = planned(steward, gone=[FIRST])
    method = getattr(merge.Merge, moment)

    def somebody_first(self: merge.Merge, step: Step) -> Any:
        merged_elsewhere(sandbox, FIRST, into)
        return method(self, step)

    monkeypatch.setattr(merge.Merge, moment, somebody_first)
    job = run(job, steward)
    ours = into == KEEPS and answered != "404"
    assert outcome(job, "merge", FIRST) == (Outcome.ALREADY if ours else Outcome.GONE)
    assert job.state == (JobState.DONE if ours else JobState.STOPPED)
    assert merges.successor(FIRST) == (KEEPS if ours else "")
    assert merge_calls(sandbox).total() == 1 + (moment == "write")
    assert merges.hindrance(job) == ("" if ours else "changed")


def test_of_two_plans_about_one_record_only_one_runs(sandbox: SandboxServer, steward: User) -> None:
    run(planned(steward, gone=["20"]), steward)  # merges are known to work here
    sandbox.clear_log()
    one = planned(steward, gone=[FIRST])
    other = merges.plan(
        actor=steward, survivor=SECOND, gone=[FIRST], changes={}, nonce="other", request_id="r", reason="One firm"
    )
    merges.confirm(job=one, actor=steward, reason="One firm")
    with pytest.raises(merges.Blocked, match=f"{FIRST} is part of another merge"):
        merges.confirm(job=other, actor=steward, reason="One firm")
    assert again(one).state == JobState.DONE
    assert run(other, steward).state == JobState.STOPPED
    assert merge_calls(sandbox).total() == 1
    assert merges.successor(FIRST) == KEEPS


def test_two_who_ask_for_a_restore_at_once_get_one(
    sandbox: SandboxServer, steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = run(planned(steward, gone=[FIRST]), steward)
    clients, second = restoring._clients, list[Job]()

    def meanwhile(lost: Any) -> Any:
        found = clients(lost)
        monkeypatch.setattr(restoring, "_clients", clients)
        second.append(restored(job, steward))
        return found

    monkeypatch.setattr(restoring, "_clients", meanwhile)
    with pytest.raises(merges.Blocked, match="There is a restore of this merge already"):
        restored(job, steward)
    assert [Job.objects.get(undo_of=job)] == second


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
