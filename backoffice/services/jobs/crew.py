"""Running a job of several steps: many hands at Flowtly, one pen in the database.

A turn is one transaction: what has come back is written down, what is ready is marked as being written, and more
rows are taken. Only then do the calls go out that were marked. So a process that dies leaves each row either
untouched, or marked and thus read back by whoever comes next; and writing costs a few transactions a second,
however many calls are under way.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from backoffice.models import Job, JobState, Step
from backoffice.services.jobs import setbacks, taking
from backoffice.services.jobs.hands import Arrived, Deed, Hands, Row
from backoffice.services.jobs.record import Kept, afterwards, write_down
from backoffice.services.jobs.runners import BEAT, Place, adopt
from backoffice.services.jobs.settling import judged
from backoffice.services.operations import Away, Ready, Result
from backoffice.services.upstream import backoff

DEPTH = 3  # rows in hand for each connection, so that none idles while results are written down
LOOK = 0.2  # seconds between two looks at whether to stop, where nothing else happens


@dataclass
class Turn:
    """What one transaction gathers; the calls go out once it is committed."""

    ended: list[tuple[Step, Result]] = field(default_factory=list)
    start: list[tuple[Deed, Row]] = field(default_factory=list)


class Crew:
    """One runner's work on one job, until nothing can be done now or `enough` says so.

    `patience`: seconds to wait for what is not due yet; None is as long as it takes.
    """

    def __init__(
        self, job: Job, place: Place, *, enough: Callable[[], bool], patience: float | None = 0.0
    ) -> None:
        self.job, self.place = job, place
        self.troubles = setbacks.Troubles(job.setbacks)
        self._enough, self._patience = enough, patience
        self._taker = taking.Taker(job, place.owner)
        # Read, and to be marked as soon as a hand is free: a row that is marked and not sent when we die counts as
        # not saved, so there are never more of them than hands.
        self._ready: deque[tuple[Row, Ready]] = deque()
        self._sending = 0
        self._looked = self._worked = time.monotonic()
        self._pause = threading.Event()  # never set; a wait that a test may cut short

    def work(self) -> None:
        connections = settings.FLOWTLY_MAX_CONNECTIONS
        self._hands = Hands(connections, lambda: self.place.fresh)
        try:
            while self._turn(connections):
                pass
        finally:
            self._hands.close()

    def _turn(self, connections: int) -> bool:
        """One round; whether there is to be another."""
        arrived = self._hands.arrived(LOOK)
        self._adopt_now_and_then()
        stopping = self._enough() or self.troubles.too_many
        turn, kept = Turn(), Kept([], [])
        with transaction.atomic():
            state = self._taker.state()
            if not state:
                self.place.lost.set()
                return False
            wanted = state == JobState.RUNNING
            going = wanted and not stopping
            for each in arrived:
                self._take_in(each, turn)
            self._mark(turn, connections, wanted=wanted)
            kept = write_down(self.job, turn.ended, runner=self.place.owner)
            room = DEPTH * connections - self._hands.in_hand - len(turn.start) - len(self._ready)
            if room >= connections and not stopping and not _silent():
                turn.start += self._taker.more(room, planned=going)
        afterwards(kept)
        self.place.done += len(kept.steps)
        self._hands.hurry(not going)
        for deed, row in turn.start:
            self._hands.start(deed, row)
        self.place.hands = self._hands.in_hand + len(self._ready)
        return self._go_on(busy=bool(self.place.hands), going=going)

    def _go_on(self, *, busy: bool, going: bool) -> bool:
        if busy:
            self._worked = time.monotonic()
            return True
        waited = time.monotonic() - self._worked
        if not going or (self._patience is not None and waited >= self._patience and not _silent()):
            return False
        if not self._taker.anything_left():
            return False
        self._pause.wait(LOOK)
        return True

    def _adopt_now_and_then(self) -> None:
        if time.monotonic() - self._looked > BEAT:
            self._looked = time.monotonic()
            adopt(self.job)

    # What has come back

    def _take_in(self, each: Arrived, turn: Turn) -> None:
        step, found = each.row.step, each.found
        self._sending -= each.deed is Deed.SEND
        if each.skipped:
            self._taker.put_back(each.row)
        elif each.deed is Deed.LOOK:
            assert not isinstance(found, Ready)
            self._looked_at(each.row, judged(step, found), turn)
        elif isinstance(found, Ready):
            self.troubles.over()
            self._ready.append((each.row, found))
        elif not isinstance(found, Result):
            self._lost(each.row, turn)
        elif found.away is not Away.NO and (due := self.troubles.again(step, found)) is not None:
            self._taker.put_back(each.row, due=due)
        else:
            self.troubles.over()
            turn.ended.append((step, found))

    def _mark(self, turn: Turn, connections: int, *, wanted: bool) -> None:
        """Mark what goes out after this transaction; nothing more once the job is paused or stopped.

        What was read is written also where our time is over: it would only have to be read again.
        """
        while self._ready and (self._sending < connections or not wanted):
            row, ready = self._ready.popleft()
            if not wanted:
                self._taker.put_back(row)
            elif self._taker.mark(row, ready):
                turn.start.append((Deed.SEND, row))
                self._sending += 1

    def _lost(self, row: Row, turn: Turn) -> None:
        """The answer was lost: from here on the row is only read."""
        if self._taker.in_doubt(row):
            turn.start.append((Deed.LOOK, row))

    def _looked_at(self, row: Row, result: Result | None, turn: Turn) -> None:
        if result is None:
            self._taker.look_later(row)
        else:
            turn.ended.append((row.step, result))


def _silent() -> bool:
    """Whether Flowtly asked us, in whatever process, to be silent for now."""
    return backoff().wait_until() is not None
