"""What a second person decides, once; with the sandbox's log as the witness of what was written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from backoffice.models import Approval, AuditEntry, Job, JobState, Outcome, Step, StepState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import approvals, audit, jobs
from backoffice.services.access import give_roles

from .conftest import People, Plan, works, written

Person = Callable[[str], User]


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(approvals.Refused) as refused:
        act()
    return refused.value.code


def state(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


def latest(job: Job) -> Approval:
    found = approvals.of(job)
    assert found
    return found


def trail(job: Job) -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(job_id=job.pk, action__startswith="plan.").order_by("seq")
    return list(rows.values_list("action", "actor_name", "outcome"))


def test_approved_as_a_whole(sandbox: SandboxServer, awaiting: Plan, person: Person) -> None:
    job = awaiting()
    assert (state(job), latest(job).fingerprint) == (JobState.AWAITING, job.fingerprint)
    works(job)
    assert written(sandbox) == []
    approvals.approve(job=job, approver=person("approver"), fingerprint=job.fingerprint, comment="Fine")
    assert state(job) == JobState.RUNNING
    works(job)
    assert sorted(written(sandbox), key=int) == [str(key) for key in range(1, 25)]
    assert state(job) == JobState.DONE
    assert (latest(job).decision, latest(job).decided_by, latest(job).comment) == (
        "approved",
        person("approver"),
        "Fine",
    )
    assert trail(job) == [("plan.request", "steward", "ok"), ("plan.approve", "approver", "ok")]
    assert audit.verify() == []


def test_nobody_approves_their_own(awaiting: Plan, person: Person, people: People) -> None:
    give_roles(user=person("steward"), roles=["steward", "approver"])
    job = awaiting()
    for who in (person("steward"),):
        assert refusal(lambda who=who: approvals.approve(job=job, approver=who)) == "own"
        assert refusal(lambda who=who: approvals.refuse(job=job, approver=who, reason="no")) == "own"
        assert not approvals.may_decide(who, job)
    assert state(job) == JobState.AWAITING
    assert trail(job)[-1] == ("plan.approve", "steward", "refused")


def test_nor_does_who_asked(plan: Plan, people: People) -> None:
    both = people("both", "steward", "approver")
    job = plan()
    approvals.request(job=job, actor=both)
    assert refusal(lambda: approvals.approve(job=job, approver=both)) == "own"
    assert both not in approvals.deciders(job)


@pytest.mark.parametrize("role", ["viewer", "editor", "steward", "admin"])
def test_it_takes_the_role(awaiting: Plan, people: People, role: str) -> None:
    job, other = awaiting(), people("other", role)
    assert refusal(lambda: approvals.approve(job=job, approver=other)) == "role"
    assert refusal(lambda: approvals.comment(job=job, author=other, text="x")) == "role"
    assert refusal(lambda: approvals.withdraw(job=job, author=other)) == "not_author"
    assert state(job) == JobState.AWAITING


def test_a_person_who_left_approves_nothing(awaiting: Plan, people: People) -> None:
    job, gone = awaiting(), people("gone", "approver", is_active=False)
    assert refusal(lambda: approvals.approve(job=job, approver=gone)) == "role"
    assert gone not in approvals.deciders(job)


@pytest.mark.parametrize(
    "tamper",
    [
        {"changes": {"invoiceComment": "Something else"}},
        {"base": {"invoiceComment": "Something else"}},
        {"key": "99"},
        {"number": 99},
        {"verb": "delete"},
        {"state": StepState.DONE},
    ],
    ids=str,
)
def test_a_plan_that_was_changed_is_not_approved(
    sandbox: SandboxServer, awaiting: Plan, person: Person, tamper: Any
) -> None:
    job = awaiting()
    Step.objects.filter(phase__job=job, number=7).update(**tamper)
    assert refusal(lambda: approvals.approve(job=job, approver=person("approver"))) == "changed"
    works(job)
    assert (state(job), written(sandbox)) == (JobState.AWAITING, [])
    assert trail(job)[-1] == ("plan.approve", "approver", "refused")
    approvals.withdraw(job=job, author=person("steward"))
    assert state(job) == JobState.WITHDRAWN


def test_a_row_that_came_later_is_not_approved(awaiting: Plan, person: Person) -> None:
    job = awaiting()
    Step.objects.create(phase=job.phases.get(), number=99, verb="update", entity="clients", key="99")
    assert refusal(lambda: approvals.approve(job=job, approver=person("approver"))) == "changed"


def test_a_page_of_another_plan_decides_nothing(awaiting: Plan, person: Person) -> None:
    job = awaiting()
    assert (
        refusal(lambda: approvals.approve(job=job, approver=person("approver"), fingerprint="f" * 64)) == "other"
    )
    again = lambda: approvals.refuse(job=job, approver=person("approver"), reason="no", fingerprint="f" * 64)  # noqa: E731
    assert refusal(again) == "other"
    assert state(job) == JobState.AWAITING


def test_rows_are_taken_out_and_not_written(sandbox: SandboxServer, awaiting: Plan, person: Person) -> None:
    job = awaiting()
    approvals.approve(job=job, approver=person("approver"), excluded=[3, 5, 5])
    assert latest(job).excluded == [{"step": 3, "key": "3"}, {"step": 5, "key": "5"}]
    works(job)
    assert set(written(sandbox)) == {str(key) for key in range(1, 25)} - {"3", "5"}
    out = Step.objects.filter(phase__job=job, outcome=Outcome.EXCLUDED)
    assert [(step.number, step.context["out"]) for step in out] == [(3, "approver"), (5, "approver")]
    entry = AuditEntry.objects.get(job_id=job.pk, action="plan.approve")
    assert entry.detail == "out=2"
    assert latest(job).fingerprint == Job.objects.get(pk=job.pk).fingerprint


def test_rows_that_are_no_rows_of_it(awaiting: Plan, person: Person) -> None:
    job = awaiting()
    Step.objects.filter(phase__job=job, number=4).update(state=StepState.DONE, outcome=Outcome.EXCLUDED)
    Approval.objects.update(fingerprint=jobs.fingerprint_of_stored(job))
    for number in (99, 4):
        act = lambda number=number: approvals.approve(job=job, approver=person("approver"), excluded=[number])  # noqa: E731
        assert refusal(act) == "rows"
    everything = range(1, 25)
    act = lambda: approvals.approve(job=job, approver=person("approver"), excluded=set(everything) - {4})  # noqa: E731
    assert refusal(act) == "all_out"
    assert state(job) == JobState.AWAITING
    assert not Step.objects.filter(phase__job=job, context__out="approver").exists()


def test_refused_with_a_reason(sandbox: SandboxServer, awaiting: Plan, person: Person) -> None:
    job = awaiting()
    assert refusal(lambda: approvals.refuse(job=job, approver=person("approver"), reason="  ")) == "reason"
    approvals.refuse(job=job, approver=person("approver"), reason="Not these")
    works(job)
    assert (state(job), latest(job).comment, written(sandbox)) == (JobState.REFUSED, "Not these", [])
    assert set(Step.objects.filter(phase__job=job).values_list("outcome", flat=True)) == {Outcome.NOT_REACHED}
    assert refusal(lambda: approvals.approve(job=job, approver=person("approver"))) == "decided"


def test_comments_leave_it_waiting(awaiting: Plan, person: Person) -> None:
    job = awaiting()
    approvals.comment(job=job, author=person("approver"), text="Why these?")
    approvals.comment(job=job, author=person("steward"), text="They asked")
    assert refusal(lambda: approvals.comment(job=job, author=person("steward"), text=" ")) == "text"
    assert state(job) == JobState.AWAITING
    said = [(each.author.username, each.text) for each in latest(job).comments.all()]
    assert said == [("approver", "Why these?"), ("steward", "They asked")]
    approvals.approve(job=job, approver=person("approver"))
    assert refusal(lambda: approvals.comment(job=job, author=person("steward"), text="late")) == "decided"


def test_withdrawn_by_its_author(sandbox: SandboxServer, awaiting: Plan, person: Person) -> None:
    job = awaiting()
    approvals.withdraw(job=job, author=person("steward"))
    assert state(job) == JobState.WITHDRAWN
    assert refusal(lambda: approvals.approve(job=job, approver=person("approver"))) == "decided"
    assert refusal(lambda: approvals.withdraw(job=job, author=person("steward"))) == "decided"
    works(job)
    assert written(sandbox) == []


def test_it_expires(sandbox: SandboxServer, awaiting: Plan, person: Person) -> None:
    job, other = awaiting(), awaiting()
    assert approvals.expire_due() == 0
    Approval.objects.filter(job=job).update(expires_at=timezone.now())
    assert approvals.expire_due() == 1
    assert (state(job), state(other)) == (JobState.EXPIRED, JobState.AWAITING)
    assert trail(job)[-1] == ("plan.expire", "worker", "ok")
    assert written(sandbox) == []


def test_what_is_late_is_not_approved_even_before_the_worker_looks(awaiting: Plan, person: Person) -> None:
    for act in (
        lambda job: approvals.approve(job=job, approver=person("approver")),
        lambda job: approvals.refuse(job=job, approver=person("approver"), reason="no"),
        lambda job: approvals.comment(job=job, author=person("approver"), text="x"),
        lambda job: approvals.withdraw(job=job, author=person("steward")),
    ):
        job = awaiting()
        Approval.objects.filter(job=job).update(expires_at=timezone.now())
        assert refusal(lambda job=job, act=act: act(job)) == "expired"
        assert state(job) == JobState.EXPIRED


def test_at_the_chosen_time(sandbox: SandboxServer, awaiting: Plan, person: Person) -> None:
    tonight = awaiting(scheduled_for=timezone.now() + timedelta(hours=5))
    missed = awaiting(scheduled_for=timezone.now() - timedelta(hours=5))
    for job in (tonight, missed):
        approvals.approve(job=job, approver=person("approver"))
    assert (state(tonight), state(missed)) == (JobState.SCHEDULED, JobState.RUNNING)


def test_only_a_plan_is_asked_about_and_only_once(awaiting: Plan, plan: Plan, person: Person) -> None:
    job = awaiting()
    assert refusal(lambda: approvals.request(job=job, actor=person("steward"))) == "not_waiting"
    running = plan(state=JobState.RUNNING)
    assert refusal(lambda: approvals.request(job=running, actor=person("steward"))) == "not_waiting"
    assert Approval.objects.count() == 1


def test_a_plan_that_waits_is_frozen(plan: Plan, awaiting: Plan, person: Person) -> None:
    job = plan()
    assert not approvals.frozen(job)
    approvals.request(job=job, actor=person("steward"))
    assert approvals.frozen(job)
    approvals.approve(job=job, approver=person("approver"))
    assert approvals.frozen(job)


def test_whom_it_waits_for(awaiting: Plan, person: Person, people: People) -> None:
    both = people("both", "steward", "approver")
    mine, theirs = awaiting(actor=both), awaiting()
    assert list(approvals.waiting_for(both)) == [theirs]
    assert set(approvals.waiting_for(person("approver"))) == {mine, theirs}
    assert list(approvals.waiting_for(person("steward"))) == []
    assert list(jobs.listed(viewer=both, group=jobs.Group.AWAITING)) == [mine]
    Approval.objects.filter(job=mine).update(expires_at=timezone.now())
    assert list(approvals.waiting_for(person("approver"))) == [theirs]


@pytest.mark.django_db(transaction=True)
def test_one_decision_of_many_at_once(sandbox: SandboxServer, awaiting: Plan, people: People) -> None:
    job = awaiting()
    crowd = [people(f"approver{n}", "approver") for n in range(4)]
    start, ended = threading.Barrier(len(crowd)), []

    def decide(who: User, number: int) -> None:
        start.wait()
        try:
            mine = Job.objects.get(pk=job.pk)
            if number % 2:
                approvals.refuse(job=mine, approver=who, reason="no")
            else:
                approvals.approve(job=mine, approver=who)
            ended.append(("done", who.username))
        except approvals.Refused as refused:
            ended.append((refused.code, str(getattr(refused.first, "decided_by", "nobody"))))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=each) for each in zip(crowd, range(4), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = [who for what, who in ended if what == "done"]
    assert len(first) == 1
    assert sorted(ended) == sorted([("done", first[0]), *[("decided", first[0])] * 3])
    assert len([each for each in trail(job) if each[0] in ("plan.approve", "plan.refuse")]) == 1


def test_the_fingerprint_of_what_is_stored(plan: Plan) -> None:
    job = plan(60)
    assert jobs.fingerprint_of_stored(job) == job.fingerprint
    Step.objects.filter(phase__job=job, number=60).update(state=StepState.DONE, outcome=Outcome.EXCLUDED)
    assert jobs.fingerprint_of_stored(job) != job.fingerprint
    assert approvals.request(job=job, actor=job.actor).fingerprint == jobs.fingerprint_of_stored(job)
