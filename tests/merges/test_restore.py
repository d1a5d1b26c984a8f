"""The way back of a merge: what went comes back, and only what the merge moved is given back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backoffice.models import Job, JobState, Outcome, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, bulk, merges

from .cast import (
    FIRST,
    KEEPS,
    OF_FIRST,
    OF_KEEPS,
    OF_SECOND,
    SECOND,
    naming,
    planned,
    restored,
    run,
    there,
    writes,
)

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
MERGE = f"/counterparties/{KEEPS}/merge"


def new_key(job: Job, old: str) -> str:
    return Step.objects.get(phase__job=job, verb="create", context__new_of=f"/counterparties/{old}").key


@pytest.mark.parametrize("moves", [True, False])
def test_everything_goes_back(sandbox: SandboxServer, steward: User, moves: bool) -> None:
    sandbox.set_profile(merge_moves_references=moves)
    sandbox.patch_row("counterparties", FIRST, {"logoUrl": "https://logo.example/first.png", "cyclic": True})
    job = run(planned(steward, changes={"displayName": "Hansen El ApS"}), steward)
    assert (sandbox.row("counterparties", KEEPS) or {})["logoUrl"] == "https://logo.example/first.png"
    assert merges.restorable(job) == 2
    sandbox.clear_log()
    back = restored(job, steward)
    assert writes(sandbox) == []
    back = run(back, steward)
    assert back.state == JobState.DONE
    first, second = new_key(back, FIRST), new_key(back, SECOND)
    row = sandbox.row("counterparties", first) or {}
    assert (row["displayName"], row["logoUrl"]) == ("Hansen El", "https://logo.example/first.png")
    assert row["cyclic"] is True
    assert naming(sandbox, first) == list(OF_FIRST)
    assert naming(sandbox, second) == list(OF_SECOND)
    assert naming(sandbox, KEEPS) == list(OF_KEEPS)
    survivor = sandbox.row("counterparties", KEEPS) or {}
    assert (survivor["displayName"], survivor["logoUrl"]) == ("Hansen El A/S", None)
    assert merges.successor(FIRST) == first
    assert merges.restorable(job) == 0
    with pytest.raises(merges.Blocked):
        restored(job, steward)
    assert audit.verify() == []


def test_what_others_did_since_stays(sandbox: SandboxServer, steward: User) -> None:
    changes = {"displayName": "Hansen El ApS", "corporateWebsiteUrl": "https://hansen.example/"}
    job = run(planned(steward, changes=changes), steward)
    sandbox.patch_row("clients", 3, {"defaultCost": 2})  # moved on
    sandbox.patch_row("clients", 60, {"defaultCost": int(KEEPS)})  # came since
    sandbox.patch_row("counterparties", KEEPS, {"displayName": "Hansen & Søn"})
    back = restored(job, steward)
    assert (back.spec["edited"], back.spec["kept"]) == (["3"], ["displayName"])
    back = run(back, steward)
    assert naming(sandbox, new_key(back, FIRST)) == [4, 5]
    assert naming(sandbox, "2") == [3]
    assert naming(sandbox, KEEPS) == [*OF_KEEPS, 60]
    survivor = sandbox.row("counterparties", KEEPS) or {}
    assert (survivor["displayName"], survivor["corporateWebsiteUrl"]) == ("Hansen & Søn", None)


def test_a_client_that_the_merge_did_not_move_is_not_given_back(sandbox: SandboxServer, steward: User) -> None:
    """Somebody moved it away during the merge, and to the survivor afterwards: that was theirs."""
    sandbox.set_profile(merge_moves_references=False)
    job = planned(steward)
    sandbox.edit_before("clients", 4, {"defaultCost": 2}, method="GET", path="/clients/4")
    job = run(job, steward)
    sandbox.patch_row("clients", 4, {"defaultCost": int(KEEPS)})
    back = run(restored(job, steward), steward)
    assert naming(sandbox, new_key(back, FIRST)) == [3, 5]
    assert naming(sandbox, KEEPS) == [*OF_KEEPS, 4]


def test_half_a_merge_goes_back(sandbox: SandboxServer, steward: User) -> None:
    sandbox.fault("status", status=422, method="POST", path=MERGE, skip=1)
    job = run(planned(steward), steward)
    assert job.state == JobState.STOPPED
    back = run(restored(job, steward), steward)
    job.refresh_from_db()
    assert job.final
    assert there(sandbox, SECOND)
    assert naming(sandbox, new_key(back, FIRST)) == list(OF_FIRST)
    assert naming(sandbox, SECOND) == list(OF_SECOND)
    assert naming(sandbox, KEEPS) == list(OF_KEEPS)


def test_the_survivor_comes_back_where_the_wrong_one_went(sandbox: SandboxServer, steward: User) -> None:
    sandbox.set_profile(merge_keeps="body")
    job = run(planned(steward), steward)
    assert not there(sandbox, KEEPS)
    back = run(restored(job, steward), steward)
    new = new_key(back, KEEPS)
    assert (sandbox.row("counterparties", new) or {})["displayName"] == "Hansen El A/S"
    assert naming(sandbox, new) == list(OF_KEEPS)
    assert naming(sandbox, FIRST) == list(OF_FIRST)


def test_without_a_new_record_no_client_is_touched(sandbox: SandboxServer, steward: User) -> None:
    job = run(planned(steward, gone=[FIRST]), steward)
    back = restored(job, steward)
    sandbox.clear_log()
    sandbox.fault("status", status=422, method="POST", path="/counterparties")
    sandbox.fault("status", status=422, method="POST", path="/counterparty")
    back = run(back, steward)
    assert back.state == JobState.STOPPED
    assert not [path for method, path in writes(sandbox) if method == "PATCH"]
    sandbox.clear_faults()
    merges.finish(job=back, actor=steward, nonce="n", request_id="r")
    back = run(back, steward)
    assert back.state == JobState.DONE
    assert naming(sandbox, new_key(back, FIRST)) == list(OF_FIRST)


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_creation_makes_no_second_record(sandbox: SandboxServer, steward: User, applied: bool) -> None:
    sandbox.patch_row("counterparties", SECOND, {"displayName": "Hansen El"})  # the same name as the first
    job = run(planned(steward), steward)
    back = restored(job, steward)
    sandbox.clear_log()
    sandbox.fault("reset", method="POST", path="/counterpart*", apply=applied)
    back = run(back, steward)
    creations = [path for method, path in writes(sandbox) if method == "POST"]
    if applied:
        assert len(creations) == 2
        assert naming(sandbox, new_key(back, FIRST)) == list(OF_FIRST)
        assert naming(sandbox, new_key(back, SECOND)) == list(OF_SECOND)
    else:
        assert len(creations) == 1
        assert (back.state, Step.objects.get(phase__job=back, phase__number=1).outcome) == (
            JobState.STOPPED,
            Outcome.UNKNOWN,
        )


def test_what_was_prepared_for_a_refused_merge_goes_back(sandbox: SandboxServer, steward: User) -> None:
    sandbox.fault("status", status=422, method="POST", path=MERGE)
    job = run(planned(steward, changes={"displayName": "Hansen El ApS"}), steward)
    assert merges.restorable(job) == 1
    back = run(restored(job, steward), steward)
    assert back.state == JobState.DONE
    assert (sandbox.row("counterparties", KEEPS) or {})["displayName"] == "Hansen El A/S"
    assert there(sandbox, FIRST)


def test_nothing_merged_is_nothing_to_restore(sandbox: SandboxServer, steward: User) -> None:
    job = planned(steward)
    sandbox.patch_row("counterparties", FIRST, {"displayName": "Renamed"})
    job = run(job, steward)
    assert merges.restorable(job) == 0
    with pytest.raises(bulk.NothingChosen):
        restored(job, steward)


def test_a_running_merge_is_not_restored(sandbox: SandboxServer, steward: User) -> None:
    job = merges.confirm(job=planned(steward), actor=steward, reason="One firm")
    with pytest.raises(bulk.StillRunning):
        restored(job, steward)


def test_the_mapping_follows_merges_and_restores(sandbox: SandboxServer, steward: User) -> None:
    run(planned(steward, gone=[FIRST]), steward)
    later = merges.plan(
        actor=steward, survivor=SECOND, gone=[KEEPS], changes={}, nonce="l", request_id="r", reason="Also"
    )
    later = run(later, steward)
    found = {moved.old: (moved.into, moved.new) for moved in merges.mapping()}
    assert found == {FIRST: (KEEPS, SECOND), KEEPS: (SECOND, SECOND)}
    assert (merges.successor(FIRST), merges.successor("1")) == (SECOND, "")
    back = run(restored(later, steward), steward)
    assert merges.successor(FIRST) == new_key(back, KEEPS)
