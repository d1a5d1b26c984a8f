"""A merge from its plan to its end, and what every fault leaves behind; the sandbox's log is the witness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from backoffice.models import AuditEntry, JobState, Notice, Outcome, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, bulk, jobs, merges, notices, upstream

from .cast import (
    FIRST,
    KEEPS,
    OF_FIRST,
    OF_KEEPS,
    OF_SECOND,
    SECOND,
    again,
    counted,
    finished,
    merge_calls,
    naming,
    outcome,
    planned,
    run,
    step,
    there,
    writes,
)

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
ALL = sorted({*OF_KEEPS, *OF_FIRST, *OF_SECOND})
MERGE = f"/counterparties/{KEEPS}/merge"


# As planned


@pytest.mark.parametrize(
    ("moves", "status", "answer"),
    [
        (True, 200, "404"),
        (False, 201, "410"),
        (True, 204, "redirect"),
        (False, 204, "survivor"),
        (True, 201, "survivor"),
        (False, 200, "redirect"),
    ],
)
def test_from_the_plan_to_the_end(
    sandbox: SandboxServer, steward: User, moves: bool, status: int, answer: str
) -> None:
    sandbox.set_profile(merge_moves_references=moves, merge_status=status, merged_answer=answer)
    job = planned(steward, changes={"displayName": "Hansen El ApS"})
    assert writes(sandbox) == []
    assert merges.references(job).planned == len(OF_FIRST) + len(OF_SECOND)
    job = run(job, steward)
    assert job.state == JobState.DONE
    assert merges.verified(job)
    assert (there(sandbox, KEEPS), there(sandbox, FIRST), there(sandbox, SECOND)) == (True, False, False)
    assert (sandbox.row("counterparties", KEEPS) or {})["displayName"] == "Hansen El ApS"
    assert naming(sandbox, KEEPS) == ALL
    assert set(merge_calls(sandbox).values()) == {1}
    moved = len(OF_FIRST) + len(OF_SECOND)
    assert counted(job) == {"flowtly": moved * moves, "us": moved * (not moves), "failed": 0, "left": 0}
    assert audit.verify() == []


def test_the_phases_come_in_order(sandbox: SandboxServer, steward: User) -> None:
    sandbox.set_profile(merge_moves_references=False)
    run(planned(steward, changes={"displayName": "Hansen El ApS"}), steward)
    sent = writes(sandbox)
    assert sent[:3] == [("PATCH", f"/counterparties/{KEEPS}"), ("POST", MERGE), ("POST", MERGE)]
    assert {path for _method, path in sent[3:]} == {f"/clients/{n}" for n in (*OF_FIRST, *OF_SECOND)}


def test_both_copies_are_kept_whole(sandbox: SandboxServer, steward: User) -> None:
    job = run(planned(steward), steward)
    merged = step(job, "merge", FIRST)
    assert merged.before["displayName"] == "Hansen El"
    assert merged.context["survivor"]["displayName"] == "Hansen El A/S"
    assert merged.context["iri"] == f"/counterparties/{FIRST}"


def test_the_same_form_twice_is_one_plan(sandbox: SandboxServer, steward: User) -> None:
    first = planned(steward, nonce="twice")
    assert planned(steward, nonce="twice") == first


def test_an_ended_job_is_not_run_again(sandbox: SandboxServer, steward: User) -> None:
    job = run(planned(steward), steward)
    sandbox.clear_log()
    merges.confirm(job=job, actor=steward, reason="Again")
    again(job)
    assert writes(sandbox) == []


@pytest.mark.parametrize("delay", [0.05, 0.2])
def test_a_merge_that_comes_later_is_waited_for(sandbox: SandboxServer, steward: User, delay: float) -> None:
    sandbox.set_profile(merge_status=202, merge_delay=delay)
    job = planned(steward)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.FLOWTLY_SETTLE_SECONDS", 0.05)
        job = run(job, steward)
    assert job.state == JobState.DONE
    assert merges.verified(job)
    assert set(merge_calls(sandbox).values()) == {1}


def test_a_lost_answer_where_merges_come_later_is_waited_for_as_long(
    sandbox: SandboxServer, steward: User, settings: LazySettings
) -> None:
    settings.FLOWTLY_SETTLE_SECONDS = 0.05
    sandbox.set_profile(merge_status=202, merge_delay=0.05)
    run(planned(steward, gone=[SECOND]), steward)
    sandbox.set_profile(merge_delay=0.6)
    sandbox.fault("reset", method="POST", path=MERGE, apply=True)
    job = run(planned(steward, gone=[FIRST]), steward)
    assert (job.state, outcome(job, "merge", FIRST)) == (JobState.DONE, Outcome.MERGED)
    assert set(merge_calls(sandbox).values()) == {1}


def test_a_merge_that_never_comes_is_unknown_and_never_asked_for_again(
    sandbox: SandboxServer, steward: User
) -> None:
    sandbox.set_profile(merge_status=202, merge_delay=3600)
    job = run(planned(steward), steward)
    assert (job.state, outcome(job, "merge", FIRST)) == (JobState.STOPPED, Outcome.UNKNOWN)
    job = finished(job, steward)
    assert (job.state, outcome(job, "merge", FIRST)) == (JobState.STOPPED, Outcome.UNKNOWN)
    assert set(merge_calls(sandbox).values()) == {1}
    assert naming(sandbox, FIRST) == list(OF_FIRST)


# Faults


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("kind", ["reset", "truncate", "garbage", "empty", "status"])
def test_a_lost_answer_to_a_merge_is_read_back(
    sandbox: SandboxServer, steward: User, kind: Any, applied: bool
) -> None:
    sandbox.fault(kind, method="POST", path=MERGE, apply=applied)
    job = run(planned(steward), steward)
    done = Outcome.MERGED if applied else Outcome.NOT_WRITTEN
    if applied and kind == "status":
        sandbox.clear_faults()
    assert outcome(job, "merge", FIRST) == done
    if applied:
        assert job.state == JobState.DONE
    else:
        assert job.state == JobState.STOPPED
        assert there(sandbox, FIRST)
        assert there(sandbox, SECOND)
        assert naming(sandbox, FIRST) == list(OF_FIRST)
        job = finished(job, steward)
        assert job.state == JobState.DONE
    assert merges.verified(job)
    assert naming(sandbox, KEEPS) == ALL
    assert max(merge_calls(sandbox).values()) == (1 if applied else 2)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422])
def test_a_refusal_in_the_middle_stops_and_says_what_is_done(
    sandbox: SandboxServer, steward: User, status: int
) -> None:
    sandbox.fault("status", status=status, method="POST", path=MERGE, skip=1)
    job = run(planned(steward), steward)
    assert job.state == JobState.STOPPED
    assert job.problem
    (notice,) = Notice.objects.filter(job=job, user=steward)
    assert "stopped by itself" in notices.sentence(notice)
    assert outcome(job, "merge", FIRST) == Outcome.MERGED
    assert outcome(job, "merge", SECOND) in (Outcome.REJECTED, Outcome.NOT_WRITTEN)
    assert there(sandbox, SECOND)
    assert naming(sandbox, SECOND) == list(OF_SECOND)
    assert counted(job) == {"flowtly": 0, "us": 0, "failed": 0, "left": len(OF_FIRST) + len(OF_SECOND)}
    done = {part.name: (part.done, part.failed, part.left) for part in merges.parts(job)}
    assert (done["merge 1"], done["merge 2"]) == ((1, 0, 0), (0, 1, 0))
    job = finished(job, steward)
    assert (job.state, merges.verified(job)) == (JobState.DONE, True)
    assert sorted(merge_calls(sandbox).values()) == [1, 2]
    assert naming(sandbox, KEEPS) == ALL


def test_asked_to_wait_is_no_failure(sandbox: SandboxServer, steward: User) -> None:
    sandbox.fault("status", status=429, retry_after=0, method="POST", path=MERGE)
    job = run(planned(steward), steward)
    assert (job.state, merges.verified(job)) == (JobState.DONE, True)


def test_a_refused_preparation_merges_nothing(sandbox: SandboxServer, steward: User) -> None:
    sandbox.fault("status", status=422, method="PATCH", path=f"/counterparties/{KEEPS}")
    job = run(planned(steward, changes={"displayName": "Hansen El ApS"}), steward)
    assert job.state == JobState.STOPPED
    assert not merge_calls(sandbox)
    assert not merges.wrote(job)
    job = finished(job, steward)
    assert (job.state, merges.verified(job)) == (JobState.DONE, True)


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_answer_to_a_repair_is_read_back(sandbox: SandboxServer, steward: User, applied: bool) -> None:
    sandbox.set_profile(merge_moves_references=False)
    sandbox.fault("reset", method="PATCH", path="/clients/4", apply=applied)
    job = run(planned(steward), steward)
    assert job.state == JobState.DONE
    assert counted(job) == {"flowtly": 0, "us": 4 + applied, "failed": 1 - applied, "left": 0}
    assert merges.verified(job) is applied
    if not applied:
        rest = merges.finish(job=job, actor=steward, nonce="n", request_id="r")
        assert merges.references(rest).planned == 1
        rest = run(rest, steward)
        assert (rest.state, merges.verified(rest)) == (JobState.DONE, True)
    assert naming(sandbox, KEEPS) == ALL
    with pytest.raises(bulk.NothingChosen):
        merges.finish(job=job, actor=steward, nonce="m", request_id="r")


# The wrong way round


def test_the_wrong_record_gone_stops_everything(sandbox: SandboxServer, steward: User, person: Person) -> None:
    admin = person("admin")
    merge = merges.plan(
        actor=steward, survivor="60", gone=["61"], changes={}, nonce="v", request_id="r", reason="x"
    )
    run(merge, steward)
    sandbox.clear_log()
    sandbox.set_profile(merge_keeps="body")
    other = merges.plan(
        actor=steward, survivor="30", gone=["31"], changes={}, nonce="o", request_id="r", reason="Also"
    )
    merges.confirm(job=other, actor=steward, reason="Also")
    job = run(planned(steward), steward)
    assert job.state == JobState.STOPPED
    assert (there(sandbox, KEEPS), there(sandbox, FIRST), there(sandbox, SECOND)) == (False, True, True)
    wrong = step(job, "merge", FIRST)
    assert wrong.outcome == Outcome.WRONG
    assert wrong.before["displayName"] == "Hansen El"
    assert wrong.context["survivor"]["displayName"] == "Hansen El A/S"
    assert merge_calls(sandbox).total() == 1
    other = again(other)
    assert other.state == JobState.STOPPED
    assert {(n.user, n.job) for n in Notice.objects.filter(kind="stopped")} == {
        (user, each) for user in (steward, admin) for each in (job, other)
    }
    with pytest.raises(merges.Blocked):
        merges.finish(job=job, actor=steward, nonce="n", request_id="r")
    with pytest.raises(merges.Blocked, match="FLOWTLY_MERGE"):
        merges.plan(actor=steward, survivor="40", gone=["41"], changes={}, nonce="p", request_id="r")
    assert merge_calls(sandbox).total() == 1
    assert there(sandbox, "30")
    assert there(sandbox, "31")
    sandbox.set_profile(merge_keeps="path")


# Trial and batches


def test_one_trial_at_a_time(sandbox: SandboxServer, steward: User) -> None:
    other = merges.plan(actor=steward, survivor="30", gone=["31"], changes={}, nonce="o", request_id="r")
    merges.confirm(job=other, actor=steward, reason="Also")
    job = planned(steward)
    with pytest.raises(merges.Blocked, match="Look at that one first"):
        merges.confirm(job=job, actor=steward, reason="One firm")
    again(other)
    assert run(job, steward).state == JobState.DONE


def test_what_a_merge_writes_itself_is_no_edit_by_somebody_else(sandbox: SandboxServer, steward: User) -> None:
    """A Flowtly whose merge changes a field that the survivor held."""
    job = planned(steward)
    sandbox.edit_before("counterparties", KEEPS, {"cyclic": True}, method="POST", path=MERGE)
    job = run(job, steward)
    assert (job.state, merges.verified(job)) == (JobState.DONE, True)


def test_another_way_of_asking_is_a_trial_again(sandbox: SandboxServer, steward: User, settings: Any) -> None:
    run(planned(steward), steward)
    assert not merges.trial()
    settings.FLOWTLY_MERGE_BODY = '{"into": "{survivor}", "counterparties": ["{source}"]}'
    upstream.client.cache_clear()
    assert merges.trial()


def test_a_job_of_looks_alone_leaves_no_audit_entry(sandbox: SandboxServer, steward: User) -> None:
    job = run(planned(steward, gone=[FIRST]), steward)
    actions = set(AuditEntry.objects.filter(job_id=job.pk).values_list("action", flat=True))
    assert "counterparties.merge" in actions
    assert not any("compare" in action for action in actions)
    assert Step.objects.filter(phase__job=job, verb="compare").exists()
    assert jobs.find(job.nonce) == job
