"""Whether to try again: a pure decision about what one attempt met.

| met                           | GET                        | write                       |
|-------------------------------|----------------------------|-----------------------------|
| no connection                 | wait and retry, then give up | give up: nothing was sent |
| reset, time-out, cut-off body | wait and retry, then give up | unknown                   |
| 502, 503, 504                 | wait and retry, then give up | unknown                   |
| 500 and other 5xx             | give up                    | unknown                     |
| 2xx beyond the size limit     | give up                    | unknown                     |
| 429                           | wait, within the budget    | the same: nothing was done  |

"Give up" raises the error that the outcome stands for, "unknown" raises OutcomeUnknown. A 2xx that came
whole and is no JSON is not retried either: it stands, and `answers` says what it means.
"""

from __future__ import annotations

import enum
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Protocol

SHORTEST_PAUSE = 0.5  # seconds


class Met(enum.Enum):
    """What an attempt met when it did not meet an answer that stands."""

    NO_CONNECTION = "no connection"
    LOST = "answer lost"
    BUSY = "busy"
    BROKEN = "broken"
    UNREADABLE = "unreadable"
    THROTTLED = "throttled"


@dataclass(frozen=True)
class Outcome:
    """What was met, and how long the server asked us to wait (seconds), if it did."""

    met: Met
    retry_after: float | None = None


@dataclass(frozen=True)
class Policy:
    """How patient a client is. Seconds throughout.

    `attempts` counts all tries of a GET. `throttle_budget` bounds the waiting of one call for 429s, of
    which there may be any number; `retry_after_cap` bounds what a server may ask all of us to wait.
    """

    attempts: int = 3
    first_wait: float = 0.25
    longest_wait: float = 5.0
    throttle_wait: float = 1.0
    throttle_budget: float = 60.0
    retry_after_cap: float = 300.0


_patience: ContextVar[float | None] = ContextVar("patience", default=None)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Within the block, calls of this thread wait no longer than this for 429s, whatever the policy allows."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


def in_force(policy: Policy) -> Policy:
    """The policy as it holds for this thread now."""
    seconds = _patience.get()
    return policy if seconds is None else replace(policy, throttle_budget=min(seconds, policy.throttle_budget))


@dataclass(frozen=True)
class Wait:
    seconds: float


@dataclass(frozen=True)
class GiveUp:
    pass


@dataclass(frozen=True)
class Unknown:
    pass


Decision = Wait | GiveUp | Unknown

_REPEATABLE = frozenset({Met.NO_CONNECTION, Met.LOST, Met.BUSY})
_CERTAINLY_NOT_DONE = frozenset({Met.NO_CONNECTION, Met.THROTTLED})


def decide(
    repeatable: bool,
    outcome: Outcome,
    attempt: int,
    policy: Policy,
    *,
    waited: float = 0.0,
    jitter: float = 0.0,
) -> Decision:
    """What to do after the `attempt`-th (from 1) failure of this kind.

    `repeatable` is true of a GET, and of the login, which changes nothing when it is done twice.
    `waited` is what this call has waited for 429s so far; `jitter` (0 to 1) spreads callers that failed
    together: the wait of a retry is between half and the whole of its step.
    """
    if outcome.met is Met.THROTTLED:
        seconds = throttle_pause(outcome, attempt, policy)
        return Wait(seconds) if waited + seconds <= policy.throttle_budget else GiveUp()
    if not repeatable:
        return GiveUp() if outcome.met in _CERTAINLY_NOT_DONE else Unknown()
    if outcome.met not in _REPEATABLE or attempt >= policy.attempts:
        return GiveUp()
    step = _step(policy.first_wait, attempt, policy.longest_wait)
    asked = min(outcome.retry_after or 0.0, policy.longest_wait)
    return Wait(max(asked, step * (1 + jitter) / 2))


def throttle_pause(outcome: Outcome, attempt: int, policy: Policy) -> float:
    """How long everybody stays silent after a 429: what the server asked, else ever longer.

    Asking for less than half a second is no asking: it would make a loop that never uses up its budget.
    """
    if outcome.retry_after is not None and outcome.retry_after >= SHORTEST_PAUSE:
        return min(outcome.retry_after, policy.retry_after_cap)
    return _step(policy.throttle_wait, attempt, policy.retry_after_cap)


def _step(first: float, attempt: int, longest: float) -> float:
    return min(first * 2.0 ** min(attempt - 1, 32), longest)


def parse_retry_after(value: str | None, now: float, *, server_date: str | None = None) -> float | None:
    """Seconds that a Retry-After header asks for, given as such or as an HTTP date; None for nonsense.

    A date is taken against the `Date` of the same answer, so that clocks which disagree do no harm, and
    against `now` (Unix time) where there is none. A date that has passed is 0. Never raises.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _moment(value) - _reference(server_date, now)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _reference(server_date: str | None, now: float) -> float:
    stated = _moment(server_date or "")
    return stated if math.isfinite(stated) else now


def _moment(value: str) -> float:
    """An HTTP date as Unix time; NaN where it is none."""
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return math.nan


class Backoff(Protocol):
    """The silence that all callers keep after a 429, as Unix time.

    One per process by default; another implementation may share it between processes. Both methods are
    called from many threads, `wait_until` before each attempt.
    """

    def wait_until(self) -> float | None: ...

    def announce(self, until: float) -> None: ...


class LocalBackoff:
    """The silence kept within this process; announcements only ever prolong it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: float | None = None

    def wait_until(self) -> float | None:
        return self._until

    def announce(self, until: float) -> None:
        with self._lock:
            self._until = until if self._until is None else max(self._until, until)
