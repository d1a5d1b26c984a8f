"""Who runs a job: a lease with a heartbeat. A lapsed lease means that nobody does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from backoffice.models import Job, JobState, Runner
from backoffice.services.lease import LEASE, hold

__all__ = ["LEASE", "lease"]


@contextmanager
def lease(job: Job, *, states: tuple[str, ...]) -> Iterator[str]:
    """Hold the job while the block runs; yields the owner's name, or "" where somebody else holds it."""
    takable = Job.objects.filter(state__in=states)
    # Whoever reads back its answer while it is paused is a runner, who holds no lease.
    takable = takable.exclude(pk__in=Runner.objects.filter(lease_until__gte=timezone.now()).values("job"))
    held = None
    try:
        with hold(takable, job.pk, claimed={"state": JobState.RUNNING}) as held:
            if held:
                Job.objects.filter(pk=job.pk, started_at=None).update(started_at=timezone.now())
                job.refresh_from_db()
            yield held.owner if held else ""
    finally:
        if held:
            job.refresh_from_db()
