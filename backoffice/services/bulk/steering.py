"""What people do with a confirmed job, with a word of it in the history. All may be repeated."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from backoffice.models import Job, JobState, Step, StepState, User
from backoffice.services import jobs
from backoffice.services.bulk.confirming import note


def pause(*, job: Job, actor: User) -> Job:
    """Write nothing more for now; the records in hand are finished."""
    return _steer(job, actor, jobs.pause, "plan.pause")


def go_on(*, job: Job, actor: User) -> Job:
    return _steer(job, actor, jobs.go_on, "plan.go_on")


def stop(*, job: Job, actor: User) -> Job:
    """End after the records in hand; it can go on until it is closed."""
    return _steer(job, actor, jobs.stop, "plan.stop")


def close(*, job: Job, actor: User) -> Job:
    """End a stopped job for good: what was not begun was not reached, and can be tried again as a new plan."""
    return _steer(job, actor, jobs.close_stopped, "plan.close")


def begin(*, job: Job, actor: User) -> Job:
    """Run a scheduled job now."""
    return _steer(job, actor, _begin, "plan.begin")


def call_off(*, job: Job, actor: User) -> Job:
    """Do not run a scheduled job at all."""
    return _steer(job, actor, _call_off, "plan.call_off")


def _begin(job: Job) -> Job:
    return jobs.hand_over(job) if job.state == JobState.SCHEDULED else job


def _call_off(job: Job) -> Job:
    scheduled = Job.objects.filter(pk=job.pk, state=JobState.SCHEDULED)
    scheduled.update(state=JobState.WITHDRAWN, finished_at=timezone.now())
    job.refresh_from_db()
    return job


def _steer(job: Job, actor: User, act: Callable[[Job], Job], action: str) -> Job:
    """Recorded only where it changed anything, with how many rows had no outcome then."""
    with transaction.atomic():
        before = Job.objects.select_for_update().get(pk=job.pk)
        left = Step.objects.filter(phase__job=job).exclude(state=StepState.DONE).count()
        after = act(job)
        if after.state != before.state:
            note(after, actor, action, left)
    return after
