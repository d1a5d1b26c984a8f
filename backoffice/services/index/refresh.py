"""Reading a whole entity into the index: asked for, or due; one process at a time."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from backoffice.flowtly import errors
from backoffice.models.index import ROWS, Snapshot
from backoffice.resources import PAGES, REGISTRY, Record, Resource
from backoffice.services.index import rows
from backoffice.services.reading import remember
from backoffice.services.reading.decoding import decoded
from backoffice.services.upstream import client

LEASE = timedelta(seconds=60)  # renewed with each portion
_PORTION = 300  # records written in one transaction
_SAMPLES = 3  # records that are also read one by one, to learn what the collection leaves out
_AGAIN = timedelta(minutes=1)  # after a reading that failed
log = structlog.get_logger("backoffice.index")
Stop = Callable[[], bool]
Tell = Callable[[int], None]


class _Stopped(Exception):
    """The process is to end, or somebody else took the reading over."""


def ask(resource: Resource) -> None:
    """Have the copy made anew by the worker; what is asked twice is done once."""
    Snapshot.objects.update_or_create(
        entity=resource.slug, defaults={"asked_at": timezone.now(), "tried_at": None}
    )


def refresh_due(stop: Stop = lambda: False) -> None:
    """Read each entity whose copy is asked for, missing or older than FLOWTLY_INDEX_MINUTES."""
    for resource in PAGES.values():
        if not stop() and _is_due(_snapshot(resource)):
            refresh(resource, stop=stop)


def _is_due(kept: Snapshot) -> bool:
    now = timezone.now()
    if (kept.lease_until and kept.lease_until > now) or (kept.tried_at and kept.tried_at > now - _AGAIN):
        return False
    every = timedelta(minutes=settings.FLOWTLY_INDEX_MINUTES)
    if kept.asked_at and (kept.refreshed_at is None or kept.asked_at > kept.refreshed_at):
        return True
    return bool(every) and (kept.refreshed_at is None or kept.refreshed_at < now - every)


def refresh(resource: Resource, *, stop: Stop = lambda: False) -> bool:
    """As `read`; False also where Flowtly did not give it."""
    try:
        return read(resource, stop=stop)
    except errors.FlowtlyError:
        return False


def read(resource: Resource, *, stop: Stop = lambda: False, tell: Tell = lambda done: None) -> bool:
    """Read the whole entity now, in the order of the API, with bounded memory.

    Rows are replaced portion by portion while lists go on reading them; `tell` is told how many were read. What
    was not met is dropped at the end, and only if the reading was complete. False where somebody else is reading
    it, and where it was stopped; raises the errors of the API client.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    if (kept := _claim(resource, owner)) is None:
        return False
    began = timezone.now()
    try:
        missing = _read(resource, kept.generation, owner, began, stop, tell)
    except _Stopped:
        _release(resource, owner)
        return False
    except errors.FlowtlyError as error:
        log.warning("the index could not be read", entity=resource.slug, kind=type(error).__name__)
        _release(resource, owner, tried_at=began, problem=type(error).__name__)
        raise
    dropped = rows.drop_unseen(resource, generation=kept.generation, began=began)
    _release(resource, owner, refreshed_at=began, tried_at=None, missing=sorted(missing), problem="")
    log.info("index read", entity=resource.slug, records=rows.count(resource), dropped=dropped)
    return True


def _snapshot(resource: Resource) -> Snapshot:
    return Snapshot.objects.get_or_create(entity=resource.slug)[0]


def _claim(resource: Resource, owner: str) -> Snapshot | None:
    now, kept = timezone.now(), _snapshot(resource)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    claimed = Snapshot.objects.filter(free, pk=kept.pk).update(
        lease_owner=owner, lease_until=now + LEASE, generation=kept.generation + 1
    )
    kept.refresh_from_db()
    return kept if claimed else None


def _release(resource: Resource, owner: str, **found: Any) -> None:
    mine = Snapshot.objects.filter(entity=resource.slug, lease_owner=owner)
    mine.update(lease_owner="", lease_until=None, **found)


def _renew(resource: Resource, owner: str) -> None:
    mine = Snapshot.objects.filter(entity=resource.slug, lease_owner=owner)
    if not mine.update(lease_until=timezone.now() + LEASE):
        raise _Stopped


def _read(resource: Resource, generation: int, owner: str, began: datetime, stop: Stop, tell: Tell) -> set[str]:
    """Store every record; the fields that the collection leaves out."""
    samples: list[Record] = []
    done = 0
    for portion in _portions(resource):
        if stop():
            raise _Stopped
        _renew(resource, owner)
        rows.store(resource, portion, generation=generation, read_at=began)
        remember(portion)
        samples += portion[: _SAMPLES - len(samples)]
        done += len(portion)
        tell(done)
    return _left_out(samples)


def _portions(resource: Resource) -> Iterator[list[Record]]:
    # A list that moves while it is read is read again; rows are replaced, so nothing is counted twice.
    members = iter(client().walk(resource.path, on_shift="restart"))
    while portion := [decoded(resource, member) for member in islice(members, _PORTION)]:
        yield portion


def _left_out(samples: list[Record]) -> set[str]:
    """Fields that a record has when it is read alone, and not in the collection."""
    missing: set[str] = set()
    for listed in samples:
        try:
            alone = decoded(listed.resource, client().get(listed.resource.item_path(listed.key)))
        except (errors.NotFound, errors.Forbidden):
            continue
        missing |= {
            name
            for name, value in alone.values.items()
            if name not in listed.present and value not in (None, "", [], {})
        }
    return missing


def forget(slug: str) -> None:
    """Drop the copy of one entity; the next refresh makes it anew."""
    ROWS[REGISTRY[slug].slug]._default_manager.all().delete()
    Snapshot.objects.filter(entity=slug).delete()
