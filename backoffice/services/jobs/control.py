"""What people do with a job: hand it over, pause it, go on, stop it. All may be repeated.

The state is the wish: it is changed here by one conditional UPDATE, and whoever runs the job looks at it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.models import Job, JobState, Outcome, Step, StepState


def hand_over(job: Job) -> Job:
    """Leave a stored job to the workers, now; nothing where it was started before."""
    return _move(job, (JobState.PLANNED, JobState.SCHEDULED), JobState.RUNNING, started_at=timezone.now())


def schedule(job: Job, at: datetime) -> Job:
    """Have a worker start it then; again for another time."""
    return _move(job, (JobState.PLANNED, JobState.SCHEDULED), JobState.SCHEDULED, scheduled_for=at)


def pause(job: Job) -> Job:
    """Write nothing more for now: the records in hand are finished, the rest waits for `go_on`."""
    return _move(job, (JobState.RUNNING,), JobState.PAUSED)


def stop(job: Job) -> Job:
    """End after the records in hand; it can still go on, until `close_stopped`."""
    return _move(job, (JobState.RUNNING, JobState.PAUSED), JobState.STOPPED)


def go_on(job: Job) -> Job:
    """Run a paused or stopped job again."""
    return _move(job, (JobState.PAUSED, JobState.STOPPED), JobState.RUNNING)


def close_stopped(job: Job) -> Job:
    """End a stopped job for good: what was not begun was not reached."""
    with transaction.atomic():
        steps = Step.objects.filter(phase__job=job)
        if not Job.objects.select_for_update().filter(pk=job.pk, state=JobState.STOPPED).exists():
            job.refresh_from_db()
            return job
        now = timezone.now()
        steps.filter(state=StepState.PLANNED).update(
            state=StepState.DONE, outcome=Outcome.NOT_REACHED, finished_at=now
        )
        _move(job, (JobState.STOPPED,), JobState.DONE, finished_at=now)
    return job


def _move(job: Job, states: Collection[str], to: str, **more: Any) -> Job:
    Job.objects.filter(pk=job.pk, state__in=states).update(state=to, **more)
    job.refresh_from_db()
    return job
