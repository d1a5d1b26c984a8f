"""Jobs that nobody is at: a process died, a task was lost, an answer is in doubt, or their time has come."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backoffice.models import Job, JobState, Runner, Step, StepState
from backoffice.services.jobs.control import start_due
from backoffice.services.jobs.runners import forget_dead, shared
from backoffice.services.jobs.running import busy, run_slice, single
from backoffice.services.jobs.single import run_single
from backoffice.services.jobs.waking import put_off_failed, wake
from backoffice.services.lease import free
from backoffice.services.upstream import backoff

LATE = timedelta(seconds=10)  # a worker that was asked and has not come by then does not come
log = structlog.get_logger("backoffice.jobs")


def sweep() -> int:
    """Start what is due, and take up each job with something to do that nobody is at; how many were taken up.

    A job of one step is done here; for a longer one a worker is woken, and where none comes it is done here, too.
    """
    start_due()
    forget_dead()
    if backoff().wait_until():
        return 0
    taken = sum(map(_take_up, _abandoned()))
    if shared() and not busy():
        for job in _with_room():
            wake(job)
    return taken


def _take_up(job: Job) -> bool:
    if job.state == JobState.RUNNING and single(job):
        _run_here(job)
        return True
    if job.woken_at is None:
        return wake(job)
    if job.woken_at > timezone.now() - LATE:
        return False
    log.info("nobody came for a job; taking it up", job=str(job.pk), kind=job.kind)
    return run_slice(job.pk)


def _run_here(job: Job) -> None:
    log.info("taking up a job", job=str(job.pk), kind=job.kind)
    try:
        run_single(job)
    except Exception:
        log.exception("a job cannot be run", job=str(job.pk))
        put_off_failed(job)


def take_up(job: Job) -> Job:
    """The same as a sweep for one job of one step, for a page that shows it; longer ones are the worker's."""
    if single(job) and _abandoned().filter(pk=job.pk, state=JobState.RUNNING).exists():
        run_single(job)
    return job


def _abandoned() -> QuerySet[Job]:
    """Jobs with something to do now that nobody is at; resting ones only where an answer is in doubt."""
    now = timezone.now()
    due = Q(due_at=None) | Q(due_at__lte=now)
    doubts = Step.objects.filter(due, state__in=(StepState.WRITING, StepState.SETTLING)).values("phase__job")
    resting = Q(state__in=(JobState.PAUSED, JobState.STOPPED), pk__in=doubts)
    return (
        Job.objects.filter(Q(state=JobState.RUNNING) | resting)
        .filter(free(), Q(put_off_until=None) | Q(put_off_until__lte=now))
        .exclude(_waits_for_its_one_step(now))
        .exclude(Exists(_at_it()))
        .order_by("created_at")
    )


def _waits_for_its_one_step(now: object) -> Q:
    """Single edits write down when to look again with the step alone."""
    waiting = Step.objects.filter(state=StepState.SETTLING, due_at__gt=now, number=1).values("phase__job")
    several = Step.objects.filter(phase__job=OuterRef("pk"), number=2)
    return Q(~Exists(several), pk__in=waiting)


def _at_it() -> QuerySet[Runner]:
    return Runner.objects.filter(job=OuterRef("pk"), lease_until__gte=timezone.now())


def _with_room() -> QuerySet[Job]:
    """Jobs that others are at, and that leave rows for one more."""
    few = settings.FLOWTLY_MAX_CONNECTIONS
    rows = Step.objects.filter(phase__job=OuterRef("pk"), state=StepState.PLANNED, runner="")
    return Job.objects.filter(
        Exists(_at_it()), Exists(rows[few : few + 1]), state=JobState.RUNNING, woken_at=None, put_off_until=None
    ).order_by("created_at")
