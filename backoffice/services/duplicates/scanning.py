"""A full scan: asked for or found due, taken by one worker, told how far it is, stopped, taken over.

As with files, the thread that reads writes nothing meanwhile; how far it is goes through the beats of the lease.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from backoffice.flowtly import errors
from backoffice.matching.weights import mark
from backoffice.models import Compared, Scan, ScanStage, ScanState, User
from backoffice.resources import PAGES, Resource
from backoffice.services import audit, index
from backoffice.services.duplicates import groups, keeping, memory
from backoffice.services.duplicates.comparing import Compared as Found
from backoffice.services.duplicates.comparing import ComparingFailed, compared
from backoffice.services.duplicates.records import Frozen, as_json, context_now, frozen, in_force, queued
from backoffice.services.duplicates.said import said_since
from backoffice.services.lease import Held, free, hold

MOST_ATTEMPTS = 3
BEAT = 1.0  # seconds; the page that shows how far it is asks as often
_GOING_ON = (ScanState.WAITING, ScanState.RUNNING)
_AGAIN = 0.5  # seconds until a copy that somebody else reads is looked at again
log = structlog.get_logger("backoffice.duplicates")
Stop = Callable[[], bool]


class _Stopped(Exception):
    """A person stopped it, somebody else took it over, or the process is to end."""


@dataclass
class _Progress:
    """How far it is, told to the beats; raises _Stopped once there is no use in going on."""

    scan: Scan
    held: Held
    stop: Stop
    done: int = 0
    total: int = 0

    @property
    def mine(self) -> QuerySet[Scan]:
        return Scan.objects.filter(pk=self.scan.pk, lease_owner=self.held.owner, state=ScanState.RUNNING)

    def over(self) -> bool:
        return self.held.lost.is_set() or self.stop()

    def look(self) -> None:
        if self.over():
            raise _Stopped

    def at(self, stage: ScanStage, total: int = 0) -> None:
        self.done, self.total = 0, total
        if not self.mine.update(stage=stage, done=0, total=total):
            raise _Stopped

    def tell(self, done: int, of: int | None = None) -> None:
        self.done = done
        self.total = self.total if of is None else of

    def told(self) -> dict[str, Any]:
        return {"done": self.done, "total": self.total}


def ask(*, actor: User | None, resource: Resource, request_id: str = "") -> Scan:
    """Have all records compared by the worker; while one goes on, that one. `actor`: None for the worker."""
    if (there := going_on(resource)) is not None:
        return there
    try:
        with transaction.atomic():
            scan = Scan.objects.create(entity=resource.slug, asked_by=actor, request_id=request_id)
            audit.append(
                action=f"{resource.slug}.scan",
                outcome="ok",
                actor=actor,
                entity=resource.slug,
                label=str(resource.label_plural),
                request_id=request_id,
                action_id=scan.pk,
            )
            return scan
    except IntegrityError:  # somebody else was faster
        if (there := going_on(resource)) is None:
            raise
        return there


def stop(scan: Scan) -> bool:
    """Have it end; False where it had ended, and where what it found is being kept already."""
    open_ones = Scan.objects.filter(pk=scan.pk, state__in=_GOING_ON).exclude(stage=ScanStage.STORE)
    return bool(
        open_ones.update(state=ScanState.STOPPED, finished_at=timezone.now(), lease_owner="", lease_until=None)
    )


def begin_anew(resource: Resource) -> None:
    """Have the one that is being made forget what it has read so far."""
    being_made = Scan.objects.filter(entity=resource.slug, state=ScanState.RUNNING)
    being_made.update(state=ScanState.WAITING, stage="", attempts=0, lease_owner="", lease_until=None)


def going_on(resource: Resource) -> Scan | None:
    return Scan.objects.filter(entity=resource.slug, state__in=_GOING_ON).first()


def latest(resource: Resource) -> Scan | None:
    """The one that was asked for last, whatever became of it."""
    return Scan.objects.filter(entity=resource.slug).order_by("-asked_at").first()


def due(resource: Resource) -> bool:
    """Whether all records should be compared (again): never yet, other rules by now, or the set has grown."""
    scan = in_force(resource)
    if scan is None:
        return True
    size = Compared.objects.filter(entity=resource.slug).count()
    return scan.fit != mark() or frozen(resource).statistics.due(size)


def ask_when_due() -> None:
    """Worker: ask for the scans that are due, where there is a copy to compare. One that failed or was stopped is
    left to people."""
    if settings.DUPLICATES_SCAN != "auto":
        return
    for resource in queued():
        last = latest(resource)
        ended_well = last is None or last.state == ScanState.DONE
        if ended_well and index.age(resource) is not None and due(resource):
            ask(actor=None, resource=resource)


def work(stop: Stop = lambda: False) -> int:
    """Take up what waits or was left by a process that died, the oldest first; returns how many were taken up."""
    taken = 0
    while not stop() and (scan := _next()) is not None:
        taken += _take(scan, stop)
    return taken


def _next() -> Scan | None:
    open_ones = Scan.objects.filter(free(), state__in=_GOING_ON)
    # One that broke off again and again is left as failed, not tried for ever.
    open_ones.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=ScanState.FAILED, problem="BrokenOff", finished_at=timezone.now()
    )
    return open_ones.filter(attempts__lt=MOST_ATTEMPTS).order_by("asked_at").first()


def _take(scan: Scan, stop: Stop) -> bool:
    takable = Scan.objects.filter(state__in=_GOING_ON)
    told: list[_Progress] = []
    claimed = {
        "state": ScanState.RUNNING,
        "stage": "",
        "started_at": timezone.now(),
        "done": 0,
        "total": 0,
        "attempts": F("attempts") + 1,
    }
    with hold(takable, scan.pk, claimed=claimed, beat=BEAT, tell=lambda: told[0].told() if told else {}) as held:
        if held is None:
            return False
        scan.refresh_from_db()
        told.append(_Progress(scan, held, stop))
        _make(scan, told[0])
    return True


def _make(scan: Scan, progress: _Progress) -> None:
    resource = PAGES[scan.entity]
    try:
        _read(resource, scan, progress)
        _compare(resource, progress)
    except _Stopped:
        # Asked for by a person: not ours any more, nothing to say. The process ends: the next one begins anew.
        progress.mine.update(state=ScanState.WAITING, stage="", attempts=F("attempts") - 1)
    except DatabaseError:
        raise
    except (errors.FlowtlyError, ComparingFailed) as error:
        log.warning("a scan failed", scan=str(scan.pk), entity=scan.entity, kind=type(error).__name__)
        _fail(progress.mine, type(error).__name__)
    except Exception:
        log.exception("a scan failed", scan=str(scan.pk), entity=scan.entity)
        _fail(progress.mine, "Internal")


def _fail(mine: QuerySet[Scan], problem: str) -> None:
    mine.update(
        state=ScanState.FAILED, problem=problem, finished_at=timezone.now(), lease_owner="", lease_until=None
    )


def _read(resource: Resource, scan: Scan, progress: _Progress) -> None:
    """A copy that is no older than the question; one that the worker asked itself takes the copy that there is."""
    progress.at(ScanStage.READ)
    while not _is_read(resource, scan):
        progress.look()
        # Somebody else may be reading it at this moment.
        if not index.read(resource, stop=progress.over, tell=progress.tell):
            time.sleep(_AGAIN)


def _is_read(resource: Resource, scan: Scan) -> bool:
    age = index.age(resource)
    return age is not None and (scan.asked_by_id is None or age.refreshed_at >= scan.asked_at)


def _compare(resource: Resource, progress: _Progress) -> None:
    progress.at(ScanStage.COMPARE)
    context = context_now(resource)
    records = Frozen(resource, context).held()
    with compared(records, look=progress.look, tell=progress.tell) as found:
        progress.at(ScanStage.STORE, found.records)
        keeping.keep_records(
            resource,
            (keeping.seen(record, digest, found.statistics) for record, digest in found.every()),
            progress.tell,
        )
        under = Frozen(resource, context, found.statistics)
        keeping.keep_pairs(resource, found.pairs, under.scores)
        keeping.drop(resource, keeping.gone(resource))
        # No scan in force without its groups; what is said while they are made is looked at with it.
        began = timezone.now()
        memory.refresh_all(resource, under, progress.look)
        with transaction.atomic():
            groups.hold(resource)
            ended = memory.read_otherwise(resource, context)
            _finish(resource, progress, found, as_json(context))
            memory.refresh(resource, ended | said_since(resource.slug, began))


def _finish(resource: Resource, progress: _Progress, found: Found, context: dict[str, Any]) -> None:
    """From here on it is the one in force."""
    kept = progress.mine.update(
        state=ScanState.DONE,
        done=found.records,
        total=found.records,
        records=found.records,
        candidates=found.candidates,
        pairs=len(found.pairs),
        statistics=found.statistics.to_json(),
        context=context,
        fit=mark(),
        finished_at=timezone.now(),
    )
    if not kept:
        raise _Stopped
    _forget_statistics(resource)
    log.info("all records compared", entity=resource.slug, records=found.records, pairs=len(found.pairs))


def _forget_statistics(resource: Resource) -> None:
    """Of scans that are no longer in force; the last but one keeps them for whoever is about to read them."""
    done = Scan.objects.filter(entity=resource.slug, state=ScanState.DONE).order_by("-finished_at")
    older = list(done.values_list("pk", flat=True)[2:])
    Scan.objects.filter(pk__in=older).exclude(statistics="").update(statistics="", context={})
