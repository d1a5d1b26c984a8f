"""The end of a job, and telling whoever wants to know of it."""

from __future__ import annotations

from django.dispatch import Signal
from django.utils import timezone

from backoffice.models import Job, JobState, Outcome, Step, StepState
from backoffice.models.jobs import FINAL_STATES

# Sent once, with `job`, after a job has ended and that is written down. A receiver that fails is logged by Django.
job_ended = Signal()

OPEN = (StepState.PLANNED, StepState.WRITING, StepState.SETTLING)
ACHIEVED = (
    Outcome.CHANGED,
    Outcome.CREATED,
    Outcome.DELETED,
    Outcome.CALLED,
    Outcome.MERGED,
    Outcome.ALREADY,
    Outcome.EXCLUDED,
)


def close(job: Job) -> bool:
    """A job is done when each step has an outcome, whatever it is; failed where nothing at all was achieved.

    False where it had ended already, by another's hand.
    """
    steps = Step.objects.filter(phase__job=job)
    achieved = steps.filter(outcome__in=ACHIEVED).exists()
    state = JobState.DONE if achieved or not steps.exists() else JobState.FAILED
    closed = Job.objects.filter(pk=job.pk).exclude(state__in=FINAL_STATES)
    if not closed.update(state=state, finished_at=timezone.now(), put_off_until=None, woken_at=None):
        return False
    job.state = state
    job_ended.send_robust(sender=Job, job=job)
    return True


def open_steps(job: Job) -> bool:
    """Whether any step has no outcome yet."""
    return Step.objects.filter(phase__job=job, state__in=OPEN).exists()
