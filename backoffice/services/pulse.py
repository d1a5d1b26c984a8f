"""How Flowtly has answered this process lately, observed from the calls that it made anyway."""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from threading import Lock

from django.utils import timezone

from backoffice.flowtly import Exchange

KEPT = 50  # calls
_taken: deque[float] = deque(maxlen=KEPT)
_last: deque[tuple[datetime, bool]] = deque(maxlen=1)
_lock = Lock()


@dataclass(frozen=True)
class Pulse:
    """The last call: when, and whether it was answered. `median`: seconds, of the last `count` that were."""

    at: datetime
    answered: bool
    median: float | None
    count: int


def observe(exchange: Exchange) -> None:
    """An answer below 500 is one, whatever it says."""
    answered = exchange.status is not None and exchange.status < HTTPStatus.INTERNAL_SERVER_ERROR
    with _lock:
        _last.append((timezone.now(), answered))
        if answered:
            _taken.append(exchange.seconds)


def pulse() -> Pulse | None:
    """None where this process has not called Flowtly yet."""
    with _lock:
        if not _last:
            return None
        (at, answered), taken = _last[0], list(_taken)
    return Pulse(at, answered, statistics.median(taken) if taken else None, len(taken))


def forget() -> None:
    """As at the start of the process (tests)."""
    with _lock:
        _taken.clear()
        _last.clear()
