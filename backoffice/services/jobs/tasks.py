"""What the engine runs. It only wakes a worker: what is to do, and by whom, stands in Job, Runner and Step."""

from __future__ import annotations

import uuid

from django.conf import settings
from django_tasks import task

from backoffice.services.jobs.running import run_slice


@task(queue_name=settings.TASKS_QUEUE)
def work_on(job_id: str) -> None:
    """A slice of a job; asks for the next one itself."""
    run_slice(uuid.UUID(job_id))
