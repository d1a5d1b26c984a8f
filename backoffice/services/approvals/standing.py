"""What stands of the approval of a plan, and who may decide about it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import QuerySet

from backoffice.models import Approval, Job, JobState, User
from backoffice.services import jobs
from backoffice.services.access import Permission, can, holders


def of(job: Job) -> Approval | None:
    """The latest approval of a plan, whatever became of it, with its people and comments."""
    rows = Approval.objects.filter(job=job).select_related("requested_by", "decided_by")
    return rows.prefetch_related("comments__author").order_by("-requested_at", "-pk").first()


def approvers_of(job_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """The names of those who approved these jobs; jobs that nobody approved are absent."""
    rows = Approval.objects.filter(job__in=job_ids, decision=Approval.Decision.APPROVED)
    return dict(rows.values_list("job", "decided_by__username"))


def deciders(job: Job) -> list[User]:
    """Who may decide about this plan: everybody with the role but its author and who asked."""
    own = [job.actor_id, *Approval.objects.filter(job=job).values_list("requested_by", flat=True)]
    return list(holders(Permission.APPROVE).exclude(pk__in=[pk for pk in own if pk is not None]))


def may_decide(user: User, job: Job) -> bool:
    return can(user, Permission.APPROVE) and not is_own(user, job)


def is_own(user: User, job: Job) -> bool:
    """Whether this person is the plan's author, or asked for its approval."""
    return job.actor_id == user.pk or Approval.objects.filter(job=job, requested_by=user).exists()


def waiting_for(user: User) -> QuerySet[Job]:
    """The plans that this person may decide about now, newest first."""
    return jobs.listed(viewer=user, group=jobs.Group.TO_APPROVE)


def frozen(job: Job) -> bool:
    """Whether the steps of a plan may not be changed any more. Ask inside the transaction that would change them.

    The row is then held, so that no approval is asked for meanwhile.
    """
    rows = Job.objects.select_for_update() if connection.in_atomic_block else Job.objects.all()
    return rows.values_list("state", flat=True).get(pk=job.pk) != JobState.PLANNED
