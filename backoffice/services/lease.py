"""Who is at work on a row: a lease with a heartbeat. A lapsed lease means that nobody is.

For any table with `lease_owner` and `lease_until`.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Q, QuerySet
from django.utils import timezone

LEASE = timedelta(seconds=10)
BEAT = 3.0  # seconds


@dataclass(frozen=True)
class Held:
    """`lost` is set once the row is no longer ours: taken over, or taken away."""

    owner: str
    lost: threading.Event = field(default_factory=threading.Event)


def me() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def free() -> Q:
    """Rows that nobody is at work on."""
    return Q(lease_until=None) | Q(lease_until__lt=timezone.now())


@contextmanager
def hold(
    rows: QuerySet[Any],
    pk: Any,
    *,
    claimed: Mapping[str, Any],
    beat: float = BEAT,
    tell: Callable[[], Mapping[str, Any]] = dict,
) -> Iterator[Held | None]:
    """Hold the row `pk` while the block runs; None where it is not among `rows` or somebody else holds it.

    `claimed` is set together with the lease, `tell()` with each beat. The beats come from a thread with a
    connection of its own, so that the block may keep a query open: on SQLite whoever reads cannot write meanwhile.
    """
    held = Held(me())
    taken = rows.filter(free(), pk=pk).update(
        lease_owner=held.owner, lease_until=timezone.now() + LEASE, **claimed
    )
    if not taken:
        yield None
        return
    mine = rows.model._default_manager.filter(pk=pk, lease_owner=held.owner)
    stop = threading.Event()
    thread = threading.Thread(target=_beats, args=(mine, held, stop, beat, tell), daemon=True)
    thread.start()
    try:
        yield held
    finally:
        stop.set()
        thread.join()
        mine.update(lease_owner="", lease_until=None)


def _beats(
    mine: QuerySet[Any],
    held: Held,
    stop: threading.Event,
    seconds: float,
    tell: Callable[[], Mapping[str, Any]],
) -> None:
    """Renew the lease until told to stop; one missed beat is no harm, three are a lapsed lease."""
    try:
        while not stop.wait(seconds):
            try:
                if not mine.update(lease_until=timezone.now() + LEASE, **tell()):
                    held.lost.set()
            except DatabaseError:
                continue
    finally:
        connection.close()
