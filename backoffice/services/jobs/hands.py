"""The threads that talk to Flowtly for a job: HTTP only; what comes of it goes to the one that writes."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import structlog
from django.db import connection
from django.utils.translation import gettext_noop

from backoffice import flowtly
from backoffice.models import Outcome, Step
from backoffice.services.jobs.acting import Unreadable, examine, look, send
from backoffice.services.jobs.settling import second_look_due
from backoffice.services.operations import Ready, Result

PATIENCE = 2.0  # seconds that a call waits where Flowtly asks us to; a longer wait is the job's, for all to see
GATHER = 0.015  # seconds in which results that come one after the other are written down together
log = structlog.get_logger("backoffice.jobs")


class Deed(IntEnum):
    """What to do with a row, the most urgent first: what was begun is ended before more is begun."""

    SEND = 0
    LOOK = 1
    EXAMINE = 2


@dataclass
class Row:
    """A step in hand, with what it will have again where nothing came of it."""

    step: Step
    planned: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.planned = {name: getattr(self.step, name) for name in ("changes", "label", "context", "attempts")}


@dataclass(frozen=True)
class Arrived:
    """`found` is None where the answer of a call was lost, or where a first look decides nothing."""

    row: Row
    deed: Deed
    found: Ready | Result | Unreadable | None = None
    skipped: bool = False


class Hands:
    """As many threads as there are connections, for one runner. `fresh` says whether a call may still go out."""

    def __init__(self, number: int, fresh: Callable[[], bool]) -> None:
        self.in_hand = 0
        self._fresh = fresh
        self._hurry = False
        self._order = itertools.count()
        self._todo: queue.PriorityQueue[tuple[int, int, Row | None]] = queue.PriorityQueue()
        self._done: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, daemon=True, name="hand") for _ in range(number)]
        for thread in self._threads:
            thread.start()

    def start(self, deed: Deed, row: Row) -> None:
        self.in_hand += 1
        self._todo.put((deed, next(self._order), row))

    def hurry(self, wanted: bool) -> None:
        """Whether to begin nothing more: rows that were not read yet then come back as they are."""
        self._hurry = wanted

    def arrived(self, timeout: float) -> list[Arrived]:
        """What has come of the rows, as soon as there is anything; nothing after `timeout` seconds."""
        if not self.in_hand:
            return []
        try:
            found = [self._done.get(timeout=timeout)]
        except queue.Empty:
            return []
        until = time.monotonic() + GATHER
        while len(found) < self.in_hand and (left := until - time.monotonic()) > 0:
            try:
                found.append(self._done.get(timeout=left))
            except queue.Empty:
                break
        self.in_hand -= len(found)
        return found

    def close(self) -> None:
        """Wait until no call is under way; what was not begun is not begun."""
        self._hurry = True
        self._fresh = lambda: False
        for _thread in self._threads:
            self._todo.put((len(Deed), next(self._order), None))
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        try:
            with flowtly.patience(PATIENCE):
                while (row := self._todo.get())[2] is not None:
                    self._done.put(self._act(Deed(row[0]), row[2]))
        finally:
            connection.close()  # the shared pause after a 429 may have opened one

    def _act(self, deed: Deed, row: Row) -> Arrived:
        """A mistake of ours about one record keeps no other waiting; what it left undone or in doubt is clear."""
        try:
            return self._done_with(deed, row)
        except Unreadable as error:
            return Arrived(row, deed, error)
        except Exception:
            log.exception("a step cannot be worked on", step=row.step.pk, deed=deed.name)
            found = {Deed.EXAMINE: _BROKEN, Deed.SEND: None, Deed.LOOK: Unreadable(asked=False)}
            return Arrived(row, deed, found[deed])

    def _done_with(self, deed: Deed, row: Row) -> Arrived:
        if deed is Deed.EXAMINE:
            return Arrived(row, deed, skipped=True) if self._hurry else Arrived(row, deed, examine(row.step))
        if deed is Deed.SEND:
            # Somebody may take us for dead and be reading the row back: it is read back, too, and not sent.
            return Arrived(row, deed, send(row.step) if self._fresh() else None)
        return Arrived(row, deed, look(row.step, final=second_look_due(row.step)))


_BROKEN = Result(
    Outcome.NOT_WRITTEN,
    error={
        "message": gettext_noop(
            "Something went wrong here. Nothing was sent to Flowtly; the log says what it was."
        ),
        "violations": [],
    },
)
