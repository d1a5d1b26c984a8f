"""Telling people that a long job of theirs has ended: found by the worker, so that no crash leaves it out."""

from __future__ import annotations

from backoffice.models import Job, Outcome
from backoffice.services import notices, outcomes

_AT_ONCE = 20


def tell_due() -> int:
    """The worker's duty: the authors of jobs about many records that ended and that nobody told them of."""
    found = list(notices.ended_untold()[:_AT_ONCE])
    for job in found:
        _tell(job)
    return len(found)


def seen(job: Job) -> None:
    """The author looks at the ended job: this is how they were told, and no mail follows."""
    if ended := notices.ended_untold().filter(pk=job.pk).first():
        _tell(ended)
    notices.mark_read(user=job.actor, job=job)


def _tell(job: Job) -> None:
    counts = outcomes.counts(job)
    conflict = counts.by.get(Outcome.CONFLICT, 0)
    facts = {
        "total": counts.total,
        "done": counts.done,
        "conflict": conflict,
        "failed": counts.failed - conflict,
        "unknown": counts.unknown,
    }
    notices.tell_ended(job=job, facts=facts)
