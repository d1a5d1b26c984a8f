"""What an answer means for the caller: a value, or one error of the tree. Pure functions.

The refusals by status:

    400 413 422   Invalid: the remedy is other input
    401           Unauthorized
    403           Forbidden
    404 410       NotFound, or RouteMissing where the address itself is unknown
    405           RouteMissing
    409 412       Conflict
    429           RateLimited
    408 5xx       Unavailable for a GET; 5xx OutcomeUnknown for a write
    others        BadResponse (406, 415: the server no longer takes the formats we speak)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from . import errors, hydra
from .retry import Met, Outcome, parse_retry_after
from .transport import TOO_LARGE, Answer, Failure
from .urls import public_path

MOVED = frozenset({301, 302, 303, 307, 308})
# These say that the request was not handled here; 302 and 303 may well follow upon a deed.
_NOT_HANDLED = frozenset({301, 307, 308})
_BUSY = frozenset({502, 503, 504})
_ERRORS: Mapping[int, type[errors.FlowtlyError]] = {
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    408: errors.Unavailable,
    409: errors.Conflict,
    410: errors.NotFound,
    412: errors.Conflict,
}
_INVALID = frozenset({400, 413, 422})


@dataclass(frozen=True)
class Call:
    """One call of the client: what was asked, of where, under which id. `body` is a JSON value."""

    method: str
    path: str
    request_id: str
    accept: str = "application/ld+json"
    content_type: str | None = None
    body: Any = field(default=None, repr=False)
    repeatable: bool = False

    def context(self, status: int | None = None) -> dict[str, Any]:
        """The keyword arguments that every error of this call carries."""
        return {
            "status": status,
            "request_id": self.request_id,
            "method": self.method,
            "path": public_path(self.path),
        }


@dataclass(frozen=True)
class Written:
    """A write that was done. `payload` is the record as the server now has it, where it said so.

    `location` is the path of what was created, where the server named it.
    """

    status: int
    payload: hydra.Payload | None
    request_id: str
    location: str | None = None


@dataclass(frozen=True)
class Glance:
    """An answer as it stands, for finding out what kind of server this is.

    `allow` holds the methods of the Allow header, None without one; `value` is the JSON body, None where it is
    none; `routed` is False where the address itself is unknown (not: where a record is).
    """

    status: int
    content_type: str
    allow: frozenset[str] | None
    value: Any = field(repr=False)
    routed: bool = True


def glance(answer: Answer) -> Glance:
    allow = answer.headers.get("Allow")
    try:
        value = hydra.load_json(answer.body)
    except errors.BadResponse:
        value = None
    missing = answer.status == HTTPStatus.NOT_FOUND and hydra.is_missing_route(
        answer.status, answer.content_type, answer.body
    )
    return Glance(
        status=answer.status,
        content_type=answer.content_type.partition(";")[0].strip().lower(),
        allow=None if allow is None else frozenset(method.strip().upper() for method in allow.split(",")),
        value=value,
        routed=not missing,
    )


def outcome(result: Answer | Failure, now: float) -> Outcome | None:
    """What kept this attempt from an answer that stands; None where the answer stands."""
    if isinstance(result, Failure):
        return Outcome(Met.LOST if result.sent else Met.NO_CONNECTION)
    headers = result.headers
    retry_after = parse_retry_after(headers.get("Retry-After"), now, server_date=headers.get("Date"))
    if result.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Outcome(Met.THROTTLED, retry_after)
    if result.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome(Met.BUSY if result.status in _BUSY else Met.BROKEN, retry_after)
    if result.status < HTTPStatus.MULTIPLE_CHOICES and result.cut:
        return Outcome(Met.UNREADABLE if result.cut == TOO_LARGE else Met.LOST)
    return None


def read_value(call: Call, answer: Answer) -> Any:
    """The JSON value that a GET answered."""
    if not _is_success(answer):
        raise refusal(call, answer)
    problem = _not_json(answer)
    if problem:
        raise errors.BadResponse(problem, **call.context(answer.status))
    try:
        return hydra.load_json(answer.body)
    except errors.BadResponse as error:
        raise error.located(**call.context(answer.status)) from None


def written(call: Call, answer: Answer) -> Written:
    """What a write answered; OutcomeUnknown where it was taken but its answer cannot be read."""
    if not _is_success(answer):
        raise refusal(call, answer)
    return Written(
        status=answer.status,
        payload=_written_payload(call, answer),
        request_id=call.request_id,
        location=answer.headers.get("Location"),
    )


def _written_payload(call: Call, answer: Answer) -> hydra.Payload | None:
    if not answer.body.strip():
        return None
    problem = _not_json(answer)
    try:
        value = None if problem else hydra.load_json(answer.body)
    except errors.BadResponse as error:
        problem = error.message
    if problem:
        raise unknown(call, problem, answer.status)
    # An action may answer a list or a word; it was done, and there is no record to show for it.
    return value if isinstance(value, dict) else None


def refusal(call: Call, answer: Answer) -> errors.FlowtlyError:
    """The error that a status other than 2xx stands for, where no retry is left."""
    status = answer.status
    message, violations = hydra.decode_error(status, answer.content_type, answer.body)
    context = call.context(status) | {"quoted": True}
    if status in MOVED or status < HTTPStatus.BAD_REQUEST:
        return _moved(call, answer)
    if hydra.is_missing_route(status, answer.content_type, answer.body):
        return errors.RouteMissing(message, **context)
    if status in _INVALID:
        violations = violations or _located(message, call.body)
        return errors.Invalid(message, violations=violations, **context)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return errors.Unavailable(message, **context)
    return _ERRORS.get(status, errors.BadResponse)(message, **context)


def exhausted(call: Call, result: Answer | Failure, met: Outcome) -> errors.FlowtlyError:
    """The error of a call that gives up on what it met."""
    if isinstance(result, Failure):
        return errors.Unavailable(f"Flowtly cannot be reached: {result.reason}", **call.context())
    if met.met is Met.THROTTLED:
        message, _ = hydra.decode_error(result.status, result.content_type, result.body)
        return errors.RateLimited(message, retry_after=met.retry_after, quoted=True, **call.context(result.status))
    if result.cut and met.met in {Met.LOST, Met.UNREADABLE}:
        return errors.BadResponse(result.cut, **call.context(result.status))
    return refusal(call, result)


def unknown(call: Call, reason: str, status: int | None = None) -> errors.OutcomeUnknown:
    """A write that may have been done: `reason` says what became of its answer."""
    return errors.OutcomeUnknown(f"Flowtly may or may not have done this: {reason}", **call.context(status))


def lost(call: Call, result: Answer | Failure) -> errors.OutcomeUnknown:
    if isinstance(result, Failure):
        return unknown(call, result.reason)
    return unknown(call, result.cut or f"it answered {result.status}", result.status)


def _moved(call: Call, answer: Answer) -> errors.FlowtlyError:
    target = _site(answer.headers.get("Location", ""))
    reason = f"it points elsewhere ({target or 'no address'})"
    if call.repeatable or answer.status in _NOT_HANDLED:
        return errors.BadResponse(f"Flowtly did not answer: {reason}", **call.context(answer.status))
    return unknown(call, reason, answer.status)


def _site(location: str) -> str:
    """Host and path of a redirect, without credentials and query."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else parts.path


def _located(message: str, sent: Any) -> tuple[errors.Violation, ...]:
    path = hydra.field_holding(message, sent)
    return (errors.Violation(path, message),) if path else ()


def _not_json(answer: Answer) -> str | None:
    kind = answer.content_type.partition(";")[0].strip().lower()
    if kind and "json" not in kind:
        return f"Flowtly answered {kind[:60]} where JSON was expected"
    return None


def _is_success(answer: Answer) -> bool:
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
