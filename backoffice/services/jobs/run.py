"""Walking a plan: check, write down, write, write down; a step is at rest in the database between two calls."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from backoffice.flowtly import errors
from backoffice.models import Job, JobState, Outcome, Step, StepState
from backoffice.models.jobs import FORMAT_VERSION
from backoffice.services.jobs.lease import lease
from backoffice.services.jobs.record import finish
from backoffice.services.operations import OPERATIONS, Result, redacted_plan
from backoffice.services.operations.base import Lost, NotCarriedOut

MAX_SETTLE_TRIES = 8
_GAVE_UP = gettext_noop("Flowtly's answer was lost and the record could not be read back. Look at it in Flowtly.")
_REDACTED = gettext_noop("The values of this step were redacted, so nothing was sent to Flowtly.")
_RUNNABLE = (JobState.PLANNED, JobState.RUNNING)


def run(job: Job) -> Job:
    """Do what is left of a job, here and now; harmless on one that is finished or held by another process.

    A step whose answer was lost and that cannot be read back yet is left `settling`; the sweep goes on with it.
    """
    if job.format_version != FORMAT_VERSION:
        return job
    with lease(job, states=_RUNNABLE) as owner:
        if owner:
            _walk(job, owner)
    return job


def _walk(job: Job, owner: str) -> None:
    for phase in job.phases.all():
        steps = list(phase.steps.exclude(state=StepState.DONE))
        for step in steps:
            _advance(job, step, owner)
        if any(step.state != StepState.DONE for step in steps):
            return
    _close(job)


def _close(job: Job) -> None:
    """A job is done when each step has an outcome, whatever it is; failed where nothing at all was achieved."""
    steps = Step.objects.filter(phase__job=job)
    achieved = steps.filter(outcome__in=[*_ACHIEVED]).exists()
    job.state = JobState.DONE if achieved or not steps.exists() else JobState.FAILED
    Job.objects.filter(pk=job.pk).update(state=job.state, finished_at=timezone.now())


_ACHIEVED = (
    Outcome.CHANGED,
    Outcome.CREATED,
    Outcome.DELETED,
    Outcome.CALLED,
    Outcome.ALREADY,
    Outcome.EXCLUDED,
)


def _advance(job: Job, step: Step, owner: str) -> None:
    if step.state == StepState.PLANNED:
        _write(job, step, owner)
    elif step.state in (StepState.WRITING, StepState.SETTLING):
        # Found `writing`: the process that wrote died in the call. The call is never repeated.
        _settle(job, step, patient=False)


def _write(job: Job, step: Step, owner: str) -> None:
    if step.redacted or redacted_plan(step.base, step.changes):
        finish(job, step, Result(Outcome.NOT_WRITTEN, error={"message": _REDACTED, "violations": []}))
        return
    operation = OPERATIONS[step.verb]
    checked = operation.check(step)
    if isinstance(checked, Result):
        finish(job, step, checked)
        return
    step.before, step.changes, step.label = checked.before, dict(checked.changes), checked.label or step.label
    step.context = {**step.context, **checked.context}
    if not _mark_writing(step, owner):
        return
    try:
        result = operation.write(step)
    except Lost:
        _settle(job, step, patient=True)
    except NotCarriedOut as refused:
        finish(job, step, refused.result)
    else:
        finish(job, step, result)


def _mark_writing(step: Step, owner: str) -> bool:
    """Written down before the call, and only by the one who holds the job."""
    with transaction.atomic():
        held = Job.objects.select_for_update().filter(phases=step.phase_id, lease_owner=owner).exists()
        if not held:
            return False
        step.state, step.written_at, step.attempts = StepState.WRITING, timezone.now(), step.attempts + 1
        step.save()
    return True


def _settle(job: Job, step: Step, *, patient: bool) -> None:
    """Read back: at once, and once more some seconds later where the first look decides nothing.

    `patient` waits here for the second look; else it is left to the sweep when it is not due yet.
    """
    Step.objects.filter(pk=step.pk).update(state=StepState.SETTLING)
    step.state = StepState.SETTLING
    result = _look(step, final=_second_look_due(step))
    if result is None and patient:
        time.sleep(settings.FLOWTLY_SETTLE_SECONDS)
        result = _look(step, final=bool(step.context.get("looked")))
    if result is not None:
        finish(job, step, result)


def _second_look_due(step: Step) -> bool:
    looked = step.context.get("looked")
    return bool(looked) and timezone.now() >= _after_settle(step)


def _after_settle(step: Step) -> datetime:
    written = step.written_at or timezone.now()
    return written + timedelta(seconds=settings.FLOWTLY_SETTLE_SECONDS)


def _look(step: Step, *, final: bool) -> Result | None:
    """One read-back; an API that cannot be read moves the next look further away, until a person must decide."""
    try:
        result = OPERATIONS[step.verb].settle(step, final=final)
    except errors.FlowtlyError:
        result = None
        step.attempts += 1
        if step.attempts > MAX_SETTLE_TRIES:
            return Result(Outcome.UNKNOWN, error={"message": _GAVE_UP, "violations": []})
        wait = min(2.0**step.attempts, 300.0)
    else:
        step.context = {**step.context, "looked": True}
        wait = settings.FLOWTLY_SETTLE_SECONDS
    if result is None:
        step.due_at = timezone.now() + timedelta(seconds=wait)
        step.save(update_fields=["attempts", "context", "due_at"])
    return result
