"""Jobs that nobody runs any more: a process died, or an answer could not be settled at once."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.models import Job, JobState, Step
from backoffice.services.jobs.run import run

PUT_OFF = timedelta(minutes=1)
log = structlog.get_logger("backoffice.jobs")


def sweep() -> int:
    """Take up each job whose lease lapsed and whose next look is due; returns how many were taken up."""
    taken = 0
    for job in _abandoned():
        log.info("taking up a job", job=str(job.pk), kind=job.kind)
        try:
            run(job)
        except Exception:
            log.exception("a job cannot be run", job=str(job.pk))
            _put_off(job)
        taken += 1
    return taken


def _put_off(job: Job) -> None:
    """Left alone for a while, so that a job that always fails is tried once a minute and not without pause."""
    Job.objects.filter(pk=job.pk).update(lease_owner="", lease_until=timezone.now() + PUT_OFF)


def take_up(job: Job) -> Job:
    """The same as a sweep for one job of one step, for a page that shows it; longer ones are the worker's."""
    single = Step.objects.filter(phase__job=job).count() == 1
    if single and _abandoned().filter(pk=job.pk).exists():
        run(job)
    return job


def _abandoned() -> QuerySet[Job]:
    now = timezone.now()
    waiting = Q(phases__steps__state="settling", phases__steps__due_at__gt=now)
    return (
        Job.objects.filter(state=JobState.RUNNING)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .exclude(pk__in=Job.objects.filter(waiting).values("pk"))
        .order_by("created_at")
    )
