"""What the verbs have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from django.utils.translation import gettext_noop as _  # kept in our table, read in each reader's language

from backoffice.flowtly import errors
from backoffice.models import Outcome, Step
from backoffice.resources import REGISTRY, Record, Resource
from backoffice.resources.redacted import holds_redacted
from backoffice.services.reading.decoding import decoded, decoded_as
from backoffice.services.upstream import client


@dataclass(frozen=True)
class StepPlan:
    """One step of a plan that is not stored yet; see models.Step for the meaning of the parts."""

    verb: str
    entity: str
    key: str = ""
    label: str = ""
    base: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)


class Away(Enum):
    """Why a step could not be worked on at all. `ASKED`: Flowtly asked us to wait."""

    NO = "no"
    LOST = "lost"
    ASKED = "asked"


@dataclass(frozen=True)
class Result:
    """What became of a step. `after` is the record as observed, None where it was not read; `context` is kept.

    `away` says that nothing was learnt about the record and nothing was sent: a job may come back to it later.
    """

    outcome: Outcome
    after: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    key: str = ""
    label: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    away: Away = Away.NO


@dataclass(frozen=True)
class Ready:
    """The check found nothing in the way: what was read, and what is left to send."""

    before: Mapping[str, Any] | None
    changes: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


class Lost(Exception):
    """The answer to the write was lost; `settle` finds out."""


class NotCarriedOut(Exception):
    """The write was certainly not done; `result` says why."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.outcome)
        self.result = result


def redacted_plan(*parts: Mapping[str, Any]) -> bool:
    """Whether anything that a step is based on or would send was redacted; such a step is never run."""
    return any(holds_redacted(dict(part)) for part in parts)


class Operation(Protocol):
    def check(self, step: Step) -> Ready | Result:
        """Read what is there now; a Result means that nothing is to be written."""

    def write(self, step: Step) -> Result:
        """The one call, within `the_one_call`: raises Lost or NotCarriedOut. It is never repeated."""

    def settle(self, step: Step, *, final: bool) -> Result | None:
        """After a lost answer: read back and judge; None asks for another look later.

        When `final` it decides, unless Flowtly itself said that it will do it later.
        """

    def inverse(self, step: Step) -> StepPlan | None:
        """The step that would take this one back, or None where the API offers none."""


def resource_of(step: Step) -> Resource:
    return REGISTRY[step.entity]


def read(step: Step) -> Record:
    """The record of a step, fresh; NotFound where another one stands in its place."""
    resource = resource_of(step)
    return decoded_as(step.key, resource, client().get(resource.item_path(step.key), request_id=step.request_id))


@contextmanager
def the_one_call(step: Step) -> Iterator[None]:
    """What each error of a write means, whatever the verb. It holds the call and nothing that follows it."""
    try:
        yield
    except errors.OutcomeUnknown as error:
        raise Lost from error
    except errors.NotFound as error:
        raise NotCarriedOut(gone() if step.key else rejected(error)) from error
    except (errors.Invalid, errors.Conflict, errors.RouteMissing, errors.BadResponse) as error:
        raise NotCarriedOut(rejected(error)) from error
    except errors.Forbidden as error:
        raise NotCarriedOut(_forbidden(error)) from error
    except errors.FlowtlyError as error:
        raise NotCarriedOut(unavailable(error)) from error


def answered(resource: Resource, payload: Any) -> Record:
    """The record that a write answered with; raises Lost where it cannot be read."""
    try:
        return decoded(resource, payload)
    except errors.BadResponse as error:
        raise Lost from error


def rejected(error: errors.FlowtlyError) -> Result:
    """A refusal in the server's words, with the fields it names."""
    violations = getattr(error, "violations", ())
    return Result(
        Outcome.REJECTED,
        error={"message": error.message, "violations": [[item.path, item.message] for item in violations]},
    )


def _forbidden(error: errors.Forbidden) -> Result:
    """A refusal like any other: it is about this record or this change, as far as we know."""
    return Result(Outcome.REJECTED, error={"message": _explain(error), "violations": [["", error.message]]})


def unavailable(error: errors.FlowtlyError) -> Result:
    """Flowtly could not be reached, so nothing was written."""
    return Result(Outcome.NOT_WRITTEN, error={"message": _explain(error), "violations": []}, away=_away(error))


def _away(error: errors.FlowtlyError) -> Away:
    if isinstance(error, errors.RateLimited):
        return Away.ASKED
    passing = (errors.Unavailable, errors.Unauthorized, errors.BadResponse)
    return Away.LOST if isinstance(error, passing) else Away.NO


def gone() -> Result:
    return Result(Outcome.GONE, error={"message": _("The record no longer exists in Flowtly."), "violations": []})


def not_written(now: Record) -> Result:
    """A lost answer that turned out not to have been carried out."""
    message = _("Flowtly did not save the change; it is safe to try again.")
    return Result(
        Outcome.NOT_WRITTEN, after=dict(now.values), error={"message": message, "violations": []}, label=now.label
    )


def conflict(step: Step, now: Record, theirs: Mapping[str, Any]) -> Result:
    """Somebody changed what this step is based on; `theirs` maps the fields to what they hold now."""
    return Result(
        Outcome.CONFLICT,
        after=dict(now.values),
        error={
            "message": _("Somebody changed the same fields in the meantime. Nothing was saved."),
            "fields": {
                name: {"base": step.base.get(name), "theirs": value, "yours": step.changes.get(name)}
                for name, value in theirs.items()
            },
        },
        label=now.label,
    )


def _explain(error: errors.FlowtlyError) -> str:
    if isinstance(error, errors.RateLimited):
        return _("Flowtly asks us to wait. Nothing was saved; try again in a minute.")
    if isinstance(error, errors.Unauthorized):
        return _("Flowtly does not accept our sign-in. Nothing was saved; tell an administrator.")
    if isinstance(error, errors.Forbidden):
        return _("The account that this back office uses may not do this in Flowtly. Nothing was saved.")
    if isinstance(error, errors.Unavailable):
        return _("Flowtly cannot be reached. Nothing was saved; it is safe to try again.")
    return _("Flowtly gave an answer that cannot be read. Nothing was saved; it is safe to try again.")
