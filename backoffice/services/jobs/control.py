"""What people do with a job: hand it over, put it on the calendar, pause it, go on, stop it. All may be repeated.

The state is the wish: it is changed here by one conditional UPDATE, and whoever runs the job looks at it in the
transaction that marks the next rows.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.models import Job, JobState, Outcome, Step, StepState
from backoffice.services.jobs.ending import close
from backoffice.services.jobs.runners import alive
from backoffice.services.jobs.waking import wake


def hand_over(job: Job, *, approved: bool = False) -> Job:
    """Leave a stored job to the workers, now; nothing where it was started before.

    `approved`: also one that waits for approval, from the one place that knows it was given.
    """
    _move(job, _waiting(approved), JobState.RUNNING, started_at=timezone.now())
    if job.state == JobState.RUNNING:
        wake(job)
    return job


def schedule(job: Job, at: datetime, *, approved: bool = False) -> Job:
    """Have a worker start it then; again for another time. `approved` as for `hand_over`."""
    return _move(job, _waiting(approved), JobState.SCHEDULED, scheduled_for=at)


def _waiting(approved: bool) -> tuple[str, ...]:
    waiting = (JobState.PLANNED, JobState.SCHEDULED)
    return (*waiting, JobState.AWAITING) if approved else waiting


def start_due() -> None:
    """Start the jobs whose time has come."""
    for job in Job.objects.filter(state=JobState.SCHEDULED, scheduled_for__lte=timezone.now()):
        hand_over(job)


def pause(job: Job) -> Job:
    """Write nothing more for now: the records in hand are finished, the rest waits for `go_on`."""
    return _move(job, (JobState.RUNNING,), JobState.PAUSED)


def stop(job: Job) -> Job:
    """End after the records in hand; it can still go on, until `close_stopped`."""
    return _move(job, (JobState.RUNNING, JobState.PAUSED), JobState.STOPPED)


def go_on(job: Job) -> Job:
    """Run a paused or stopped job again, at once, whatever it was waiting for."""
    resting = (JobState.PAUSED, JobState.STOPPED)
    _move(job, resting, JobState.RUNNING, put_off_until=None, setbacks=0, problem="", woken_at=None)
    if job.state == JobState.RUNNING:
        wake(job)
    return job


def close_stopped(job: Job) -> Job:
    """End a stopped job for good: what was not begun was not reached.

    It stays stopped while records are still in hand or an answer is in doubt; ask again later.
    """
    with transaction.atomic():
        held = Job.objects.select_for_update().filter(pk=job.pk, state=JobState.STOPPED).first()
        steps = Step.objects.filter(phase__job=job)
        doubts = steps.filter(state__in=(StepState.WRITING, StepState.SETTLING))
        if held is None or alive(job).exists() or doubts.exists():
            job.refresh_from_db()
            return job
        left = steps.filter(state=StepState.PLANNED)
        left.update(
            state=StepState.DONE, outcome=Outcome.NOT_REACHED, finished_at=timezone.now(), runner="", due_at=None
        )
    close(job)
    job.refresh_from_db()
    return job


def _move(job: Job, states: Collection[str], to: str, **more: Any) -> Job:
    Job.objects.filter(pk=job.pk, state__in=states).update(state=to, **more)
    job.refresh_from_db()
    return job
