"""Running a job: to its end in this process, or a slice of it in a worker."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db.models import Q
from django.utils import timezone

from backoffice.models import Job, JobState, Step
from backoffice.models.jobs import FORMAT_VERSION
from backoffice.services.jobs import setbacks
from backoffice.services.jobs.crew import Crew
from backoffice.services.jobs.ending import OPEN, close, open_steps
from backoffice.services.jobs.runners import Place, alive, joined
from backoffice.services.jobs.single import run_single
from backoffice.services.jobs.taking import current_phase
from backoffice.services.jobs.waking import put_off_failed, wake
from backoffice.services.upstream import backoff

SLICE = 5.0  # seconds; then another job has its turn
_NAP = 0.2  # seconds
log = structlog.get_logger("backoffice.jobs")

# Set once this process is to end: slices finish the records in hand and hand the rest over.
halting = threading.Event()
_at_work: set[uuid.UUID] = set()  # the jobs that this process is at work on


def busy() -> bool:
    """Whether this process is at work on any long job."""
    return bool(_at_work)


def run(job: Job, *, patience: float | None = None) -> Job:
    """Do what is left of a job, here and now; harmless on one that is finished or that others hold.

    One of several steps is run to its end, unless somebody pauses or stops it: what is not due yet (an answer that
    is being checked, a Flowtly that is away) is waited for, `patience` seconds at most; None is as long as it
    takes. What is left then is the worker's.
    """
    if job.format_version != FORMAT_VERSION:
        return job
    if single(job):
        return run_single(job)
    with joined(job) as place:
        if place:
            job.refresh_from_db()
            _to_the_end(job, place, patience)
    job.refresh_from_db()
    return job


def single(job: Job) -> bool:
    return Step.objects.filter(phase__job=job)[:2].count() == 1


def _to_the_end(job: Job, place: Place, patience: float | None) -> None:
    began = time.monotonic()
    while True:
        _work(job, place, enough=halting.is_set, patience=patience)
        if job.state != JobState.RUNNING or halting.is_set() or place.lost.is_set():
            return
        if patience is not None and time.monotonic() - began >= patience:
            return
        while (until := job.put_off_until) and until > timezone.now() and not halting.wait(_NAP):
            job.refresh_from_db()


def run_slice(job_id: uuid.UUID, *, stop: Callable[[], bool] = halting.is_set) -> bool:
    """Work on a job for a few seconds, or until it waits for something; whether anything was worked on.

    Who has more to do asks for the next slice, so that long jobs take turns.
    """
    job = Job.objects.filter(pk=job_id).first()
    if job is None or (job.put_off_until and job.put_off_until > timezone.now()):
        return False
    until = time.monotonic() + SLICE
    try:
        _at_work.add(job_id)
        with joined(job) as place:
            if place is None:
                return False
            job.refresh_from_db()
            _work(job, place, enough=lambda: stop() or time.monotonic() > until, patience=0.0)
    except Exception:
        log.exception("a job cannot be run", job=str(job_id))
        put_off_failed(job)
        return True
    finally:
        _at_work.discard(job_id)
    _hand_on(job)
    return True


def _work(job: Job, place: Place, *, enough: Callable[[], bool], patience: float | None) -> None:
    """Let a crew work, and write down what it means for the job, which is then as in the database."""
    crew = Crew(job, place, enough=enough, patience=patience)
    crew.work()
    seconds = time.monotonic() - place.began
    pace = place.done / seconds * alive(job).count() if place.done and seconds else job.pace
    Job.objects.filter(pk=job.pk).update(pace=pace)
    setbacks.keep(job, crew.troubles)
    if not open_steps(job):
        close(job)
    job.refresh_from_db()


def _hand_on(job: Job) -> None:
    """Ask for the next slice, or write down when there is something to do again."""
    job.refresh_from_db()
    if job.state != JobState.RUNNING or (job.put_off_until and job.put_off_until > timezone.now()):
        return
    now = timezone.now()
    rows = Step.objects.filter(phase=current_phase(job), runner="", state__in=OPEN)
    if rows.filter(Q(due_at=None) | Q(due_at__lte=now)).exists():
        if not backoff().wait_until():
            wake(job, again=True)
    elif not alive(job).exists():
        later: datetime | None = rows.order_by("due_at").values_list("due_at", flat=True).first()
        Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(put_off_until=later)
