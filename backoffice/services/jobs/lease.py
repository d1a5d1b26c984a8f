"""Who runs a job: a lease with a heartbeat. A lapsed lease means that nobody does."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone

from backoffice.models import Job, JobState

LEASE = timedelta(seconds=10)
BEAT = 3.0  # seconds


@contextmanager
def lease(job: Job, *, states: tuple[str, ...]) -> Iterator[str]:
    """Hold the job while the block runs; yields the owner's name, or "" where somebody else holds it."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    if not _claim(job, owner, states):
        yield ""
        return
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(job.pk, owner, stop), daemon=True)
    beat.start()
    try:
        yield owner
    finally:
        stop.set()
        beat.join()
        Job.objects.filter(pk=job.pk, lease_owner=owner).update(lease_owner="", lease_until=None)
        job.refresh_from_db()


def _claim(job: Job, owner: str, states: tuple[str, ...]) -> bool:
    now = timezone.now()
    claimed = (
        Job.objects.filter(pk=job.pk, state__in=states)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .update(lease_owner=owner, lease_until=now + LEASE, state=JobState.RUNNING)
    )
    if claimed and job.started_at is None:
        Job.objects.filter(pk=job.pk).update(started_at=now)
    if claimed:
        job.refresh_from_db()
    return bool(claimed)


def _beat(pk: uuid.UUID, owner: str, stop: threading.Event) -> None:
    """Renew the lease until told to stop; one missed beat is no harm, three are a lapsed lease."""
    try:
        while not stop.wait(BEAT):
            try:
                Job.objects.filter(pk=pk, lease_owner=owner).update(lease_until=timezone.now() + LEASE)
            except DatabaseError:
                continue
    finally:
        connection.close()
