"""The pause after a 429, shared by all threads and processes through the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from backoffice.models import Upstream

LOOK_EVERY = 1.0  # seconds between two looks at what other processes announced


class SharedBackoff:
    """Implements the client's back-off protocol; times are epoch seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._looked = 0.0

    def wait_until(self) -> float | None:
        """The moment before which nobody calls, or None; asks the database once a second at most."""
        now = time.time()
        with self._lock:
            due = now - self._looked >= LOOK_EVERY
            if due:
                self._looked = now
        if due:
            with _connection_of_our_own():
                shared = Upstream.objects.values_list("paused_until", flat=True).first() or 0.0
            with self._lock:
                self._until = max(self._until, shared)
        return self._until if self._until > now else None

    def announce(self, until: float) -> None:
        with self._lock:
            if until <= self._until:
                return
            self._until = until
        with _connection_of_our_own():
            Upstream.objects.filter(paused_until__lt=until).update(paused_until=until)


@contextmanager
def _connection_of_our_own() -> Iterator[None]:
    """Closes the thread's database connection again where this call opened it (pool threads have no request)."""
    opened = connection.connection is None
    try:
        yield
    finally:
        if opened and not connection.in_atomic_block:
            connection.close()
