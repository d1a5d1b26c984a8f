"""Asking for an approval, and deciding: once, under the lock of the job's row, about one fingerprint.

While an approval is open the plan is frozen. Rows can be taken out of it with the decision, never added.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.models import Approval, ApprovalComment, Job, JobState, NoticeKind, Outcome, Step, StepState, User
from backoffice.services import audit, jobs, notices
from backoffice.services.access import Permission, can
from backoffice.services.approvals.policy import needed, rows_written, written
from backoffice.services.approvals.standing import deciders, is_own, of

Decision = Approval.Decision
_PORTION = 500
log = structlog.get_logger("backoffice.approvals")


class Refused(Exception):
    """Nothing was decided, and nothing changed.

    `code`: role (may not approve), own (author, or who asked), not_author, not_waiting, decided (`first` says by
    whom), expired, changed (the plan is not what was asked about), other (the page showed another plan), rows (not
    rows of this plan), all_out, reason, text.
    """

    def __init__(self, code: str, first: Approval | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.first = first


# Asking


def request(*, job: Job, actor: User, message: str = "", request_id: str = "") -> Approval:
    """Freeze a plan and ask everybody who may for their approval. Raises Refused (not_waiting)."""
    with transaction.atomic():
        _hold(job, JobState.PLANNED)
        now = timezone.now()
        fingerprint = jobs.fingerprint_of_stored(job)
        approval = Approval.objects.create(
            job=job,
            fingerprint=fingerprint,
            requested_by=actor,
            message=message.strip(),
            causes=[asdict(cause) for cause in needed(job)],
            rows=rows_written(job),
            expires_at=now + timedelta(days=settings.APPROVAL_EXPIRES_DAYS),
        )
        _move(job, JobState.AWAITING, fingerprint=fingerprint)
        _record(job, "request", actor, said=message, request_id=request_id)
        notices.tell(users=deciders(job), job=job, kind=NoticeKind.ASKED, by=actor, facts={"rows": approval.rows})
    return approval


# Deciding


def approve(
    *,
    job: Job,
    approver: User,
    fingerprint: str | None = None,
    excluded: Collection[int] = (),
    comment: str = "",
    request_id: str = "",
) -> Approval:
    """Let a plan go its way, without the rows whose step numbers are `excluded`.

    `fingerprint` is that of the plan which the approver saw, where a page showed it. Raises Refused.
    """
    with _deciding(job, approver, request_id) as approval:
        if fingerprint is not None and fingerprint != approval.fingerprint:
            raise Refused("other")
        if jobs.fingerprint_of_stored(job) != approval.fingerprint:
            log.error("an awaiting plan is not what was asked about", job=str(job.pk))
            raise Refused("changed")
        approval.excluded = _take_out(job, excluded)
        _decide(approval, Decision.APPROVED, approver, comment)
        _record(job, "approve", approver, said=comment, out=len(approval.excluded), request_id=request_id)
        _answer(approval, NoticeKind.APPROVED, approver, facts={"out": len(approval.excluded)})
        _go(job)
    return approval


def refuse(
    *, job: Job, approver: User, reason: str, fingerprint: str | None = None, request_id: str = ""
) -> Approval:
    """The plan ends here; nothing of it is written. Raises Refused."""
    if not reason.strip():
        raise Refused("reason")
    with _deciding(job, approver, request_id) as approval:
        if fingerprint is not None and fingerprint != approval.fingerprint:
            raise Refused("other")
        _decide(approval, Decision.REFUSED, approver, reason)
        _end(job, JobState.REFUSED)
        _record(job, "refuse", approver, said=reason, request_id=request_id)
        _answer(approval, NoticeKind.REFUSED, approver)
    return approval


def comment(*, job: Job, author: User, text: str, request_id: str = "") -> ApprovalComment:
    """Say something about a plan that waits, and go on waiting. Raises Refused."""
    if not text.strip():
        raise Refused("text")
    expire_due(job=job)
    with transaction.atomic():
        approval = _open(job)
        own = is_own(author, job)
        if not own and not can(author, Permission.APPROVE):
            raise Refused("role")
        said = ApprovalComment.objects.create(approval=approval, author=author, text=text.strip())
        _record(job, "comment", author, said=text, request_id=request_id)
        others = [*(deciders(job) if own else []), *_authors(approval), *_talkers(approval)]
        told = [user for user in others if user.pk != author.pk]
        notices.tell(users=told, job=job, kind=NoticeKind.COMMENT, by=author)
    return said


def withdraw(*, job: Job, author: User, request_id: str = "") -> Approval:
    """The author gives the plan up; nothing of it is written. Raises Refused."""
    if not is_own(author, job):
        raise Refused("not_author")
    expire_due(job=job)
    with transaction.atomic():
        approval = _open(job)
        _decide(approval, Decision.WITHDRAWN, author, "")
        _end(job, JobState.WITHDRAWN)
        _record(job, "withdraw", author, request_id=request_id)
        notices.settle(job=job, kind=NoticeKind.ASKED)
    return approval


def expire_due(*, job: Job | None = None) -> int:
    """The worker's duty: requests that nobody decided in time, or only that of one job; returns how many."""
    late = Approval.objects.filter(decision=Decision.OPEN, expires_at__lte=timezone.now())
    late = late.filter(job=job) if job else late
    return sum(_expire(approval.job) for approval in late.select_related("job")[:_PORTION])


def _expire(job: Job) -> bool:
    with transaction.atomic():
        try:
            approval = _open(job)
        except Refused:
            return False  # decided at the last moment
        if approval.expires_at > timezone.now():
            return False
        _decide(approval, Decision.EXPIRED, None, "")
        _end(job, JobState.EXPIRED)
        _record(job, "expire", None)
        _answer(approval, NoticeKind.EXPIRED, None)
    return True


# Under the lock


@contextmanager
def _deciding(job: Job, approver: User, request_id: str) -> Iterator[Approval]:
    """One transaction that holds the job's row; an attempt that was not the person's to make is written down."""
    expire_due(job=job)
    try:
        with transaction.atomic():
            approval = _open(job)
            if not can(approver, Permission.APPROVE):
                raise Refused("role")
            if is_own(approver, job):
                raise Refused("own")
            yield approval
    except Refused as refused:
        if refused.code in ("role", "own", "changed"):
            _record(job, "approve", approver, outcome="refused", code=refused.code, request_id=request_id)
        raise


def _open(job: Job) -> Approval:
    """The approval that a plan waits for. Raises Refused where there is none, with who was first."""
    _hold(job, JobState.AWAITING)
    return Approval.objects.select_for_update().get(job=job, decision=Decision.OPEN)


def _hold(job: Job, state: JobState) -> None:
    """Lock the job's row and read it again. Raises Refused where the job does not stand there (any more)."""
    found = Job.objects.select_for_update().get(pk=job.pk)
    job.state, job.scheduled_for = found.state, found.scheduled_for
    if job.state != state:
        last = of(job)
        codes = {Decision.EXPIRED: "expired", Decision.OPEN: "not_waiting"}
        raise Refused(codes.get(Decision(last.decision), "decided") if last else "not_waiting", last)


def _move(job: Job, state: JobState, **changes: Any) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, **changes)
    job.refresh_from_db()


def _take_out(job: Job, excluded: Collection[int]) -> list[dict[str, Any]]:
    """The rows are done, as left out. Raises Refused where a number is no row of this plan, or none would stay."""
    wanted = sorted(set(excluded))
    if not wanted:
        return []
    if job.phases.count() > 1:
        raise Refused("rows")  # of a merge no step can be left out
    portions = [wanted[start : start + _PORTION] for start in range(0, len(wanted), _PORTION)]
    found = [step for numbers in portions for step in _numbered(job, numbers)]
    if len(found) != len(wanted):
        raise Refused("rows")
    if not written(job).exclude(pk__in=[step.pk for step in found]).exists():
        raise Refused("all_out")
    now = timezone.now()
    for step in found:
        step.state, step.outcome, step.finished_at = StepState.DONE, Outcome.EXCLUDED, now
        step.context = {**step.context, "out": "approver"}
    Step.objects.bulk_update(found, ["state", "outcome", "finished_at", "context"], batch_size=_PORTION)
    return [{"step": step.number, "key": step.key} for step in found]


def _numbered(job: Job, numbers: list[int]) -> QuerySet[Step]:
    rows = Step.objects.filter(phase__job=job, state=StepState.PLANNED, number__in=numbers)
    return rows.only("pk", "phase", "number", "key", "context").order_by("phase__number", "number")


def _decide(approval: Approval, decision: Decision, by: User | None, said: str) -> None:
    approval.decision, approval.decided_by, approval.comment = decision, by, said.strip()
    approval.decided_at = timezone.now()
    approval.save(update_fields=["decision", "decided_by", "comment", "decided_at", "excluded"])


def _go(job: Job) -> None:
    """At its time where that is still to come, else now."""
    if job.scheduled_for and job.scheduled_for > timezone.now():
        jobs.schedule(job, job.scheduled_for, approved=True)
    else:
        jobs.hand_over(job, approved=True)


def _end(job: Job, state: JobState) -> None:
    """A plan that will never run: what it would have written was not reached."""
    now = timezone.now()
    left = Step.objects.filter(phase__job=job, state=StepState.PLANNED)
    left.update(state=StepState.DONE, outcome=Outcome.NOT_REACHED, finished_at=now)
    _move(job, state, finished_at=now)


# Telling


def _answer(
    approval: Approval, kind: NoticeKind, by: User | None, *, facts: Mapping[str, int] | None = None
) -> None:
    """The author is told; the others need not decide any more."""
    notices.settle(job=approval.job, kind=NoticeKind.ASKED)
    notices.tell(users=_authors(approval), job=approval.job, kind=kind, by=by, facts=facts)


def _authors(approval: Approval) -> list[User]:
    asked = [approval.requested_by] if approval.requested_by else []
    return list({user.pk: user for user in [approval.job.actor, *asked]}.values())


def _talkers(approval: Approval) -> QuerySet[User]:
    return User.objects.filter(pk__in=approval.comments.values("author"), is_active=True)


def _record(
    job: Job,
    verb: str,
    actor: User | None,
    *,
    said: str = "",
    out: int = 0,
    outcome: str = "ok",
    code: str = "",
    request_id: str = "",
) -> None:
    audit.append(
        action=f"plan.{verb}",
        outcome=outcome,
        actor=actor,
        actor_name="" if actor else "worker",
        entity=job.entity,
        label=job.title,
        request_id=request_id,
        action_id=job.action_id,
        job_id=job.pk,
        detail=f"out={out}" if out else code,
        changes={"reason": (None, said.strip())} if said.strip() else None,
    )
