"""Answers that were lost: when to look, and what a look means. One at once, one more some seconds later."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_noop

from backoffice.models import Outcome, Step
from backoffice.services.jobs.acting import Unreadable
from backoffice.services.operations import Result

MAX_SETTLE_TRIES = 8
_LONGEST_WAIT = 300.0  # seconds
_GAVE_UP = gettext_noop("Flowtly's answer was lost and the record could not be read back. Look at it in Flowtly.")


def second_look_due(step: Step) -> bool:
    """Whether a look now is the one that decides."""
    return bool(step.context.get("looked")) and timezone.now() >= _after_settle(step)


def _after_settle(step: Step) -> datetime:
    written = step.written_at or timezone.now()
    return written + timedelta(seconds=settings.FLOWTLY_SETTLE_SECONDS)


def judged(step: Step, seen: Result | Unreadable | None) -> Result | None:
    """What a look says about the step; None where another has to follow, and the step then says when.

    An API that cannot be read moves the next look further away, until a person must decide.
    """
    if isinstance(seen, Result):
        return seen
    wait = settings.FLOWTLY_SETTLE_SECONDS
    if seen is None:
        step.context = {**step.context, "looked": True}
    elif not seen.asked:
        step.attempts += 1
        if step.attempts > MAX_SETTLE_TRIES:
            return Result(Outcome.UNKNOWN, error={"message": _GAVE_UP, "violations": []})
        wait = min(2.0**step.attempts, _LONGEST_WAIT)
    step.due_at = timezone.now() + timedelta(seconds=wait)
    return None
