"""What people select in lists: a draft that ticks go to, and frozen copies for what is done to the records."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.models import SelectedKey, Selection, SelectionState, User
from backoffice.resources import REGISTRY, Resource
from backoffice.services import index, lists, reading
from backoffice.services.index import Age
from backoffice.services.reading import ListQuery

MOST = 200_000
LASTS = timedelta(days=7)  # after the last change
WALKED = 1_000  # records that are read from Flowtly while somebody waits
_BATCH = 500
_LONGEST_SCOPE = 500


class TooMany(Exception):
    """A selection would grow beyond MOST; it stays as it was."""


@dataclass(frozen=True)
class Selected:
    """One record of a selection, by the name and address under which it was last read."""

    key: str
    label: str
    iri: str


def draft(*, owner: User, resource: Resource) -> Selection | None:
    """What this person has selected of an entity; None for nothing."""
    return _drafts(owner, resource).filter(expires_at__gt=timezone.now()).first()


def frozen(*, owner: User, selection_id: uuid.UUID) -> Selection | None:
    """A frozen selection of this person; None for anybody else's and for one that has expired."""
    rows = Selection.objects.filter(owner=owner, state=SelectionState.FROZEN, expires_at__gt=timezone.now())
    return rows.filter(pk=selection_id).first()


def exists(*, owner: User, selection_id: str) -> bool:
    """Whether this person can still open this frozen selection."""
    rows = Selection.objects.filter(owner=owner, state=SelectionState.FROZEN, expires_at__gt=timezone.now())
    return rows.filter(pk=selection_id).exists()


def count(selection: Selection | None) -> int:
    return SelectedKey.objects.filter(selection=selection).count() if selection else 0


def among(selection: Selection | None, keys: Iterable[str]) -> frozenset[str]:
    """Which of these keys are selected. One query."""
    if selection is None:
        return frozenset()
    rows = SelectedKey.objects.filter(selection=selection, key__in=list(keys))
    return frozenset(rows.values_list("key", flat=True))


def change(
    *, owner: User, resource: Resource, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> Selection | None:
    """Tick and untick single records, of a page or so; what is ticked twice is ticked once. Raises TooMany."""
    added, removed = list(dict.fromkeys(add)), list(remove)
    if not added and not removed:
        return draft(owner=owner, resource=resource)
    with transaction.atomic():
        held = _opened(owner, resource)
        SelectedKey.objects.filter(selection=held, key__in=removed).delete()
        _insert(held, added)
        _keep(held, by_hand=True)
    return held


def add_all(*, owner: User, resource: Resource, query: ListQuery, scope: str) -> Age | None:
    """Add all that a list shows, of every page; `scope` says in words what that is.

    Returns how old the index is where the keys are from it. Raises TooMany, and CopyNeeded where only the index
    could tell and it cannot; it is asked for then.
    """
    try:
        found = lists.keys(resource=resource, query=query, most=WALKED)
    except lists.CopyNeeded:
        index.ask(resource)
        raise
    with transaction.atomic():
        held = _opened(owner, resource)
        _insert(held, found.keys)
        found_all = found.keys.count() if isinstance(found.keys, QuerySet) else len(found.keys)
        if count(held) == found_all:  # whatever was ticked before is among them
            held.query, held.scope, held.by_hand = replace(query, sort=()).kept(), scope, False
        else:
            held.query = {}
            held.scope = "; ".join(dict.fromkeys(filter(None, [held.scope, scope])))
        held.scope = held.scope[:_LONGEST_SCOPE]
        _keep(held)
    return found.age


def clear(*, owner: User, resource: Resource) -> None:
    _drafts(owner, resource).delete()


def freeze(*, owner: User, resource: Resource, name: str = "") -> Selection | None:
    """A copy of the draft that never changes; the draft stays for what comes next. None where it is empty."""
    with transaction.atomic():
        held = _drafts(owner, resource).filter(expires_at__gt=timezone.now()).select_for_update().first()
        if held is None or not count(held):
            return None
        copy = Selection.objects.create(
            owner=owner,
            entity=held.entity,
            name=name,
            scope=held.scope,
            by_hand=held.by_hand,
            query=held.query,
            state=SelectionState.FROZEN,
            expires_at=timezone.now() + LASTS,
        )
        _insert(copy, SelectedKey.objects.filter(selection=held).order_by("pk").values_list("key", flat=True))
    return copy


def of(
    *,
    owner: User,
    resource: Resource,
    keys: Iterable[str],
    scope: str = "",
    query: ListQuery | None = None,
    name: str = "",
) -> Selection:
    """A frozen selection of these records, beside the draft. `query`: the list of just them. Raises TooMany."""
    with transaction.atomic():
        made = Selection.objects.create(
            owner=owner,
            entity=resource.slug,
            name=name,
            scope=scope[:_LONGEST_SCOPE],
            query=replace(query, sort=()).kept() if query else {},
            state=SelectionState.FROZEN,
            expires_at=timezone.now() + LASTS,
        )
        rest = iter(dict.fromkeys(keys))
        while portion := list(islice(rest, _BATCH)):
            _insert(made, portion)
        if count(made) > MOST:
            raise TooMany
    return made


def rename(*, selection: Selection, name: str) -> None:
    """What its owner calls it; nothing else of a frozen selection ever changes."""
    Selection.objects.filter(pk=selection.pk).update(name=name)
    selection.name = name


def page(selection: Selection, *, start: int, size: int) -> list[Selected]:
    """A part of it with names, in the order in which the records were added; `start` counts from 0."""
    rows = SelectedKey.objects.filter(selection=selection).order_by("pk")
    return _named(REGISTRY[selection.entity], list(rows.values_list("key", flat=True)[start : start + size]))


def keys(selection: Selection) -> Iterator[str]:
    """All of them in the order in which they were added, with constant memory."""
    rows = SelectedKey.objects.filter(selection=selection).order_by("pk")
    return rows.values_list("key", flat=True).iterator(chunk_size=_BATCH)


def selected(selection: Selection) -> Iterator[Selected]:
    """All of them with name and address, with constant memory; a record that was never read has its number."""
    resource = REGISTRY[selection.entity]
    rest = keys(selection)
    while batch := list(islice(rest, _BATCH)):
        yield from _named(resource, batch)


def _named(resource: Resource, batch: list[str]) -> list[Selected]:
    held = reading.known(slug=resource.slug, keys=batch)
    found = ((key, *held.get(key, ("", ""))) for key in batch)
    return [Selected(key, label or key, iri or resource.item_path(key)) for key, iri, label in found]


def drop_expired() -> int:
    """Delete what has expired; how many selections."""
    expired = list(Selection.objects.filter(expires_at__lte=timezone.now()).values_list("pk", flat=True)[:100])
    for each in expired:
        Selection.objects.filter(pk=each).delete()
    return len(expired)


def _drafts(owner: User, resource: Resource) -> QuerySet[Selection]:
    return Selection.objects.filter(owner=owner, entity=resource.slug, state=SelectionState.DRAFT)


def _opened(owner: User, resource: Resource) -> Selection:
    """The draft, made where there is none, and held until the transaction ends."""
    now, mine = timezone.now(), _drafts(owner, resource)
    mine.filter(expires_at__lte=now).delete()
    mine.get_or_create(
        owner=owner, entity=resource.slug, state=SelectionState.DRAFT, defaults={"expires_at": now + LASTS}
    )
    return mine.select_for_update().get()


def _keep(held: Selection, *, by_hand: bool = False) -> None:
    if count(held) > MOST:
        raise TooMany
    if by_hand:
        held.by_hand, held.query = True, {}
    held.expires_at = timezone.now() + LASTS
    held.save(update_fields=["by_hand", "query", "scope", "expires_at"])


def _insert(selection: Selection, found: list[str] | QuerySet[Any, str]) -> None:
    if isinstance(found, QuerySet):
        _copy(selection, found)
    else:
        rows = [SelectedKey(selection=selection, key=key) for key in found]
        SelectedKey.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)


def _copy(selection: Selection, found: QuerySet[Any, str]) -> None:
    """Within the database: a hundred thousand keys in one statement, and none of them in our memory."""
    inner, values = found.query.sql_with_params()
    quoted = connection.ops.quote_name
    pk = SelectedKey._meta.get_field("selection").get_db_prep_value(selection.pk, connection)
    # WHERE keeps SQLite from reading ON CONFLICT as part of a join.
    statement = (
        f"INSERT INTO {quoted(SelectedKey._meta.db_table)} ({quoted('selection_id')}, {quoted('key')}) "  # noqa: S608 - names of ours; values are parameters
        f"SELECT %s, found.{quoted('key')} FROM ({inner}) AS found WHERE 1 = 1 ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [pk, *values])
