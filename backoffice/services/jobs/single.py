"""A job of one step, applied at once: check, write down, write, write down."""

from __future__ import annotations

import time

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backoffice.models import Job, JobState, Step, StepState
from backoffice.services.jobs.acting import Unreadable, examine, look, send
from backoffice.services.jobs.ending import close
from backoffice.services.jobs.lease import lease
from backoffice.services.jobs.record import finish
from backoffice.services.jobs.settling import judged, second_look_due
from backoffice.services.operations import Result

_RUNNABLE = (JobState.PLANNED, JobState.RUNNING)


def run_single(job: Job) -> Job:
    """Do what is left of it, here and now; harmless on one that is finished or held by another process.

    A step whose answer was lost and that cannot be read back yet is left `settling`; the sweep goes on with it.
    """
    with lease(job, states=_RUNNABLE) as owner:
        if owner:
            _walk(job, owner)
    return job


def _walk(job: Job, owner: str) -> None:
    steps = list(Step.objects.filter(phase__job=job).exclude(state=StepState.DONE))
    for step in steps:
        if step.runner:  # it died: while we hold the job nobody else is at it
            step.runner = ""
            step.save(update_fields=["runner"])
        if step.state == StepState.PLANNED:
            _write(job, step, owner)
        else:
            # Found `writing`: the process that wrote died in the call. The call is never repeated.
            _settle(job, step, patient=False)
    if all(step.state == StepState.DONE for step in steps):
        close(job)


def _write(job: Job, step: Step, owner: str) -> None:
    checked = examine(step)
    if isinstance(checked, Result):
        finish(job, step, checked)
        return
    step.before, step.changes, step.label = checked.before, dict(checked.changes), checked.label or step.label
    step.context = {**step.context, **checked.context}
    if not _mark_writing(step, owner):
        return
    result = send(step)
    if result is None:
        _settle(job, step, patient=True)
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
    result = _look(step, final=second_look_due(step))
    if result is None and patient:
        time.sleep(settings.FLOWTLY_SETTLE_SECONDS)
        result = _look(step, final=bool(step.context.get("looked")))
    if result is not None:
        finish(job, step, result)


def _look(step: Step, *, final: bool) -> Result | None:
    """One read-back, kept with the step where it decides nothing."""
    try:
        result = judged(step, look(step, final=final))
    except Unreadable as error:
        result = judged(step, error)
    if result is None:
        step.save(update_fields=["attempts", "context", "due_at"])
    return result
