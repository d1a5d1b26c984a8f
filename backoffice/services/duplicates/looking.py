"""Looking again at single records: those whose row of the index is another one than when it was compared.

What a full scan under the same statistics would find is what is found: under frozen statistics the score of a pair
depends on its two records alone, so that only the pairs of changed records can be others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from backoffice.models import Compared
from backoffice.models.index import ROWS
from backoffice.resources import PAGES, Resource
from backoffice.services import index
from backoffice.services.duplicates import groups, keeping, memory, uses
from backoffice.services.duplicates.likes import pairs_of
from backoffice.services.duplicates.records import Frozen, frozen, queued
from backoffice.services.duplicates.scanning import going_on

AT_ONCE = 50  # records in one transaction
log = structlog.get_logger("backoffice.duplicates")
Stop = Callable[[], bool]
_CLOCK = 10.0  # seconds between two looks at what time alone brings


class Overtaken(Exception):
    """A scan goes on, or another one is in force by now: it is its part to look."""


@dataclass
class _Look:
    """The last look at an entity to the end: under which scan, at which state of the index, and when. `users`:
    that of those which use it."""

    scan: object
    changes: int
    users: index.State | None
    at: float


_done: dict[str, _Look] = {}  # in this process


def look_due(stop: Stop = lambda: False) -> None:
    """Worker: compare what changed since it was compared; next to nothing where no row of the index changed."""
    for resource in queued():
        if stop():
            return
        under = frozen(resource)
        if under.scan is None or going_on(resource) is not None:
            continue
        now, last = _now(under), _done.get(resource.slug)
        same = last is not None and (last.scan, last.changes) == (now.scan, now.changes)
        used_as_before = last is not None and last.users == now.users
        if same and used_as_before and last is not None and now.at - last.at < _CLOCK:
            continue
        try:
            looked = 0 if same else look_again(resource, stop)
        except Overtaken:
            continue
        if looked:
            log.info("records compared again", entity=resource.slug, records=looked)
        memory.look(resource)
        if not used_as_before:
            groups.recount(resource, stop)
        if not stop():
            _done[resource.slug] = now


def _now(under: Frozen) -> _Look:
    tab = uses.users_of(under.resource)
    state, *users = index.state(under.resource, *([PAGES[tab.entity]] if tab else []))
    return _Look(under.scan, state.changes, users[0] if users else None, monotonic())


def look_again(resource: Resource, stop: Stop = lambda: False) -> int:
    """All that changed, is new or gone; how many records that is. Raises Overtaken."""
    under = frozen(resource)
    gone = keeping.gone(resource)
    for keys in keeping.portions(gone, AT_ONCE):
        if stop():
            return 0
        with transaction.atomic():
            groups.hold(resource)
            keeping.drop(resource, keys)
            memory.refresh(resource, keys)
    touched = _touched(resource)
    for keys in keeping.portions(touched, AT_ONCE):
        if stop():
            return 0
        look_at(under, keys)
    return len(gone) + len(touched)


def _touched(resource: Resource) -> list[str]:
    """Records whose row is another one than when they were compared."""
    same = Compared.objects.filter(entity=resource.slug, key=OuterRef("key"), digest=OuterRef("digest"))
    rows = ROWS[resource.slug]._default_manager.filter(~Exists(same))
    return list(rows.order_by("pk").values_list("key", flat=True))


def look_at(under: Frozen, keys: Sequence[str]) -> None:
    """Their pairs anew, and what follows. Another worker that looks at others meanwhile waits: each has to see the
    blocks of the other, else neither finds their pair. Raises Overtaken."""
    resource = under.resource
    with transaction.atomic():
        groups.hold(resource)
        if going_on(resource) is not None or frozen(resource).scan != under.scan:
            raise Overtaken
        every = [keeping.seen(record, digest, under.statistics) for record, digest in under.held(keys)]
        before = dict(
            Compared.objects.filter(entity=resource.slug, key__in=keys).values_list("key", "fingerprint")
        )
        others = [each for each in every if before.get(each.key) != each.fingerprint]
        found = pairs_of(under, others)
        names = sorted(found)
        keeping.put(resource, every)
        if others:
            pairs = {pair for several in found.values() for pair in several}
            keeping.keep_pairs(resource, pairs, under.scores, Q(a__in=names) | Q(b__in=names))
            memory.refresh(resource, names)
        if alike := sorted({each.key for each in every} - set(names)):
            groups.rebuild(resource, alike)  # the queue filters by more than is compared
