"""What a step asks of Flowtly: HTTP and judgement, nothing of it touches the database.

In this order, with each result written down before the next: `examine` reads, `send` is the one call, and after a
lost answer `look` reads back.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

from backoffice.flowtly import errors
from backoffice.models import Outcome, Step
from backoffice.services.operations import OPERATIONS, Ready, Result, redacted_plan
from backoffice.services.operations.base import Lost, NotCarriedOut

_REDACTED = gettext_noop("The values of this step were redacted, so nothing was sent to Flowtly.")


class Unreadable(Exception):
    """The record could not be read back; `asked` says that Flowtly only asked us to wait."""

    def __init__(self, *, asked: bool) -> None:
        super().__init__(asked)
        self.asked = asked


def examine(step: Step) -> Ready | Result:
    """Read what is there now; a Result means that nothing is to be sent. Never raises what Flowtly does."""
    if step.redacted or redacted_plan(step.base, step.changes):
        return Result(Outcome.NOT_WRITTEN, error={"message": _REDACTED, "violations": []})
    return OPERATIONS[step.verb].check(step)


def send(step: Step) -> Result | None:
    """The one call, never repeated; None where its answer was lost."""
    try:
        return OPERATIONS[step.verb].write(step)
    except Lost:
        return None
    except NotCarriedOut as refused:
        return refused.result


def look(step: Step, *, final: bool) -> Result | None:
    """Read back; None where a second look has to decide. Raises Unreadable."""
    try:
        return OPERATIONS[step.verb].settle(step, final=final)
    except errors.FlowtlyError as error:
        raise Unreadable(asked=isinstance(error, errors.RateLimited)) from error
