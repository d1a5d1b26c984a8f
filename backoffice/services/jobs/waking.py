"""Asking a worker to come. A request that is lost is harmless: the sweep finds every job that nobody is at."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from backoffice.models import Job

PUT_OFF = timedelta(minutes=1)
log = structlog.get_logger("backoffice.jobs")


def wake(job: Job, *, again: bool = False) -> bool:
    """Have the engine run a slice of the job soon; once until a worker has come, unless `again`."""
    rows = Job.objects.filter(pk=job.pk)
    if not (rows if again else rows.filter(woken_at=None)).update(woken_at=timezone.now()):
        return False
    transaction.on_commit(lambda: _enqueue(job))
    return True


def _enqueue(job: Job) -> None:
    from backoffice.services.jobs.tasks import work_on  # the task runs slices, and slices ask for the next one

    try:
        work_on.enqueue(str(job.pk))
    except Exception as error:  # noqa: BLE001 - each engine has errors of its own
        log.warning("the engine cannot be reached; the sweep takes the job up", kind=type(error).__name__)


def put_off_failed(job: Job) -> None:
    """Left alone for a while, so that a job that always fails is tried once a minute and not without pause."""
    until = timezone.now() + PUT_OFF
    Job.objects.filter(pk=job.pk).update(lease_owner="", lease_until=None, put_off_until=until)
