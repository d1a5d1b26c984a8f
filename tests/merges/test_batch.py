"""Several groups as one batch: one preview, each with an outcome of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.environment import MergeApproval
from backoffice.models import DuplicateGroup, GroupState, Job, JobState, Upstream, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, merges

from .cast import again, planned, run, sure_group, there

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND = merges.Group(["30", "31"], survivor="30"), merges.Group(["32", "33", "34"], survivor="32")


def batch(user: User, groups: Sequence[merges.Group] = (FIRST, SECOND), nonce: str = "b") -> merges.Batch:
    return merges.plan_batch(actor=user, groups=groups, nonce=nonce, request_id="r", reason="Sure")


def confirmed(found: merges.Batch, user: User, keep: Sequence[Job] | None = None) -> list[Job]:
    kept = found.jobs if keep is None else keep
    assert not merges.confirm_batch(batch=found.id, actor=user, reason="Sure", keep={job.pk for job in kept})
    return [again(job) for job in found.jobs]


@pytest.fixture
def tried(steward: User) -> User:
    """A steward at a Flowtly at which a merge was seen to do what is meant."""
    run(planned(steward), steward)
    return steward


def test_the_first_merge_is_a_trial_and_batches_wait_for_it(sandbox: SandboxServer, steward: User) -> None:
    with pytest.raises(merges.TrialFirst):
        batch(steward)
    first = planned(steward)
    assert first.spec["trial"]
    run(first, steward)
    assert Upstream.objects.get().merge_verified
    assert not any(job.spec["trial"] for job in batch(steward).jobs)


def test_the_same_form_twice_is_one_batch(tried: User) -> None:
    first, second = batch(tried), batch(tried)
    assert first == second
    assert len({job.spec["batch"] for job in first.jobs}) == 1
    assert Job.objects.filter(kind="merge", state=JobState.PLANNED).count() == 2


def test_each_group_has_its_own_outcome(sandbox: SandboxServer, tried: User) -> None:
    found = batch(tried)
    sandbox.fault("status", status=422, method="POST", path="/counterparties/30/merge")
    ended = confirmed(found, tried)
    assert [job.state for job in ended] == [JobState.STOPPED, JobState.DONE]
    assert (there(sandbox, "31"), there(sandbox, "33"), there(sandbox, "34")) == (True, False, False)


def test_a_preview_walks_the_clients_once(sandbox: SandboxServer, tried: User) -> None:
    sandbox.clear_log()
    batch(tried)
    pages = [each for each in sandbox.requests if each["path"].split("?")[0].endswith("/clients")]
    records = [each for each in sandbox.requests if "/counterparties/" in each["path"]]
    assert {each["method"] for each in sandbox.requests} == {"GET"}
    assert len(records) == 5
    assert len(pages) == len({each["query"] for each in pages})


def test_a_group_in_whose_way_something_stands_is_left_out(sandbox: SandboxServer, tried: User) -> None:
    sandbox.delete_row("counterparties", "31")
    found = batch(tried)
    assert [job.spec["gone"] for job in found.jobs] == [["33", "34"]]
    (left,) = found.left_out
    assert [problem.code for problem in left.problems] == ["missing"]
    assert list(left.names)[1] == "31"


def test_nothing_is_planned_where_no_group_can_be(sandbox: SandboxServer, tried: User) -> None:
    sandbox.delete_row("counterparties", "31")
    found = batch(tried, [FIRST])
    assert (list(found.jobs), len(found.left_out)) == ([], 1)


def test_a_record_of_two_groups_is_refused(tried: User) -> None:
    with pytest.raises(merges.Blocked):
        batch(tried, [FIRST, merges.Group(["31", "32"])])


def test_what_is_not_kept_is_given_up(sandbox: SandboxServer, tried: User) -> None:
    found = batch(tried)
    ended = confirmed(found, tried, keep=[found.jobs[1]])
    assert [job.state for job in ended] == [JobState.WITHDRAWN, JobState.DONE]
    assert there(sandbox, "31")
    assert not merges.confirm_batch(batch=found.id, actor=tried, reason="Sure", keep=set())
    assert [job.state for job in merges.jobs_of(found.id)] == [JobState.WITHDRAWN, JobState.DONE]


def test_a_batch_says_why(tried: User) -> None:
    found = batch(tried)
    with pytest.raises(bulk.ReasonNeeded):
        merges.confirm_batch(batch=found.id, actor=tried, reason=" ", keep={job.pk for job in found.jobs})


def test_the_survivor_is_the_one_that_most_clients_name(sandbox: SandboxServer, tried: User) -> None:
    for client in (20, 21):
        sandbox.patch_row("clients", client, {"defaultCost": 31})
    (job,) = batch(tried, [merges.Group(["30", "31"])]).jobs
    assert (job.spec["survivor"], job.spec["because"], job.spec["gone"]) == ("31", "used", ["30"])


def test_each_group_is_restored_by_itself(sandbox: SandboxServer, tried: User) -> None:
    found = batch(tried)
    confirmed(found, tried)
    back = merges.restore(job=merges.jobs_of(found.id)[0], actor=tried, nonce="back", request_id="r")
    assert run(back, tried).state == JobState.DONE
    assert merges.successor("31") not in ("", "30")
    assert merges.successor("33") == "32"


def test_a_batch_takes_sure_groups_of_the_queue(steward: User) -> None:
    sure = sure_group("30", "31", "32")
    (group,) = merges.groups_of([sure.pk], actor=steward)
    assert list(group.keys) == ["30", "31", "32"]


@pytest.mark.parametrize("tier", ["likely", ""])
def test_a_group_that_is_not_sure_goes_into_no_batch(steward: User, tier: str) -> None:
    with pytest.raises(merges.NotSure):
        merges.groups_of([sure_group("30", "31").pk, sure_group("32", "33", tier=tier).pk], actor=steward)


def test_what_was_put_off_or_is_in_others_hands_goes_into_no_batch(
    steward: User, person: Callable[[str], User]
) -> None:
    mine, later, theirs, lapsed = (sure_group(str(n), str(n + 1)) for n in (30, 32, 34, 36))
    soon, before = timezone.now() + timedelta(minutes=5), timezone.now() - timedelta(minutes=5)
    hold = DuplicateGroup.objects.filter
    hold(pk=mine.pk).update(holder=steward, held_until=soon)
    hold(pk=later.pk).update(state=GroupState.LATER)
    hold(pk=theirs.pk).update(holder=person("editor"), held_until=soon)
    hold(pk=lapsed.pk).update(holder=person("editor"), held_until=before)
    assert {group.pk for group in merges.offered(steward)} == {mine.pk, lapsed.pk}
    for out in (later, theirs):
        with pytest.raises(merges.NotSure):
            merges.groups_of([mine.pk, out.pk], actor=steward)


def test_approval_by_score_looks_at_each_group(
    sandbox: SandboxServer, tried: User, settings: Any, person: Callable[[str], User]
) -> None:
    settings.MERGE_APPROVAL = MergeApproval(score=10)
    sure_group("30", "31", scores=[1200])
    sure_group("32", "33", "34", scores=[1200, 900])
    found = batch(tried)
    ended = confirmed(found, tried)
    assert [job.state for job in ended] == [JobState.DONE, JobState.AWAITING]
    assert (there(sandbox, "31"), there(sandbox, "33")) == (False, True)
