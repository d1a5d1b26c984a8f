"""Who is at work on a job of several steps: runners with a heartbeat, one on SQLite, any number on PostgreSQL."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.models import Job, JobState, Runner, Step, StepState
from backoffice.models.jobs import FORMAT_VERSION
from backoffice.services.lease import free, me

LEASE = timedelta(seconds=8)
BEAT = 2.0  # seconds
# Nothing is sent later than this after the last beat: somebody else may be reading the row back by then.
FRESH = LEASE.total_seconds() / 2
# What is paused or stopped is still joined for answers that were lost.
JOINABLE = (JobState.PLANNED, JobState.RUNNING, JobState.PAUSED, JobState.STOPPED)


class Place:
    """Our place at a job. `hands` and `done` are told with each beat."""

    def __init__(self) -> None:
        self.owner = f"{me()[:60]}:{secrets.token_hex(4)}"
        self.hands = 0
        self.done = 0
        self.began = time.monotonic()
        self.lost = threading.Event()
        self._beaten = time.time()

    @property
    def fresh(self) -> bool:
        """Whether we are certainly still taken for alive."""
        return not self.lost.is_set() and 0 <= time.time() - self._beaten < FRESH

    def beat(self) -> None:
        now = time.time()
        mine = Runner.objects.filter(owner=self.owner)
        if mine.update(lease_until=timezone.now() + LEASE, hands=self.hands, done=self.done):
            self._beaten = now
        else:
            self.lost.set()


def shared() -> bool:
    """Whether several workers may share the rows of one job: where the database can skip what others hold."""
    return connection.features.has_select_for_update_skip_locked


def alive(job: Job) -> QuerySet[Runner]:
    return Runner.objects.filter(job=job, lease_until__gte=timezone.now())


@contextmanager
def joined(job: Job) -> Iterator[Place | None]:
    """Work on the job while the block runs; None where it is in other hands, or not to be run."""
    place = Place()
    if not _join(job, place):
        yield None
        return
    stop = threading.Event()
    thread = threading.Thread(target=_beats, args=(place, stop), daemon=True)
    thread.start()
    try:
        yield place
    finally:
        stop.set()
        thread.join()
        _leave(job, place)


def _join(job: Job, place: Place) -> bool:
    with transaction.atomic():
        held = Job.objects.select_for_update().filter(free(), pk=job.pk, state__in=JOINABLE).first()
        if held is None or held.format_version != FORMAT_VERSION or (not shared() and alive(held).exists()):
            return False
        Runner.objects.create(owner=place.owner, job=held, lease_until=timezone.now() + LEASE)
        held.state = JobState.RUNNING if held.state == JobState.PLANNED else held.state
        held.started_at, held.woken_at = held.started_at or timezone.now(), None
        held.save(update_fields=["state", "started_at", "woken_at"])
    adopt(job)
    return True


def adopt(job: Job) -> None:
    """Take the rows out of dead hands: what was planned is anybody's, what was being written is read back."""
    now = timezone.now()
    living = alive(job).values("owner")  # within each statement: whoever joins meanwhile is among them
    phases = list(job.phases.values_list("pk", flat=True))
    orphans = Step.objects.filter(phase__in=phases).exclude(runner__in=living)
    orphans.filter(state=StepState.WRITING).update(state=StepState.SETTLING, runner="", due_at=now)
    held = orphans.exclude(runner="").filter(state__in=(StepState.PLANNED, StepState.SETTLING))
    held.update(runner="")
    Runner.objects.filter(job=job, lease_until__lt=now).delete()


def forget_dead() -> None:
    """Those whose job ended without them; of any other job whoever joins next takes their rows, too."""
    Runner.objects.filter(lease_until__lt=timezone.now()).exclude(job__state__in=JOINABLE).delete()


def _leave(job: Job, place: Place) -> None:
    """Nothing stays in our hands: what was not begun is anybody's, what is in doubt is read back."""
    mine = Step.objects.filter(phase__job=job, runner=place.owner)
    with transaction.atomic():
        mine.filter(state=StepState.WRITING).update(state=StepState.SETTLING, runner="", due_at=timezone.now())
        mine.filter(state__in=(StepState.PLANNED, StepState.SETTLING)).update(runner="")
        Runner.objects.filter(owner=place.owner).delete()


def _beats(place: Place, stop: threading.Event) -> None:
    """Prove that we live until told to stop; one missed beat is no harm."""
    beat = BEAT / 4  # the first one soon, so that pages see how many rows are in hand
    try:
        while not stop.wait(beat):
            beat = BEAT
            try:
                place.beat()
            except DatabaseError:
                continue
    finally:
        connection.close()
