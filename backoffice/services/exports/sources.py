"""What an export is of, and what can be said of it beforehand."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from backoffice.models import SelectedKey, Selection
from backoffice.resources import Field, Record, Resource
from backoffice.services import index, lists
from backoffice.services.exports.editing import MOST_RECORDS
from backoffice.services.fresh import records as fresh_records
from backoffice.services.reading import ListQuery

Source = Mapping[str, Any]


class CannotBeTold(Exception):
    """Neither Flowtly nor a copy can say which records these are."""


@dataclass(frozen=True)
class Content:
    """The records, read while they are gone through. `read_at`: the age of the copy, None for fresh ones.

    `gone`: the keys of selected records that were not there, known in the end.
    """

    records: Generator[Record]
    total: int | None
    read_at: datetime | None = None
    unsorted: bool = False
    gone: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outlook:
    """`left_out`: fields that Flowtly's lists do not carry, so that no file of a list can have them."""

    total: int | None
    read_at: datetime | None
    unsorted: bool
    left_out: list[Field]


def of_list(query: ListQuery, address: str) -> Source:
    """The source that holds what a list shows; `address` is the list's query string."""
    return {"query": {**query.kept(), "address": address}}


def of_selection(selection: Selection) -> Source:
    return {"selection": str(selection.pk)}


def content(resource: Resource, source: Source, *, fresh: bool = False) -> Content:
    """What is in it; `fresh`: every value is Flowtly's of this moment, as those of a selection always are.

    Raises CannotBeTold, and the errors of the API client while counting and while the records are read.
    """
    if "selection" in source:
        return _of_selection(resource, source["selection"])
    query = ListQuery.read(source["query"])
    elsewhere = any(one.name not in resource.by_name for one in query.criteria)
    if fresh and (elsewhere or (query.searching and index.looks_like_number(query.search))):
        return _of_keys(resource, _keys(resource, query))
    whole = lists.every(resource=resource, query=query, fresh=fresh)
    if whole.age is None and elsewhere:
        raise CannotBeTold
    read_at = whole.age.refreshed_at if whole.age else None
    return Content(whole.records, whole.total, read_at, whole.unsorted)


def _of_keys(resource: Resource, keys: list[str], query: ListQuery | None = None) -> Content:
    gone: list[str] = []
    return Content(fresh_records(resource=resource, keys=keys, query=query, gone=gone), len(keys), gone=gone)


def _of_selection(resource: Resource, selection_id: str) -> Content:
    held = Selection.objects.filter(pk=uuid.UUID(selection_id), expires_at__gt=timezone.now()).first()
    if held is None:
        raise CannotBeTold
    rows = SelectedKey.objects.filter(selection=held).order_by("pk").values_list("key", flat=True)
    query = ListQuery.read(held.query) if held.query else None
    return _of_keys(resource, list(rows.iterator(chunk_size=2_000)), query)


def _keys(resource: Resource, query: ListQuery) -> list[str]:
    """Where the index knows better which records these are; they themselves are read from Flowtly."""
    try:
        return list(lists.keys(resource=resource, query=query, most=MOST_RECORDS).keys)
    except lists.CopyNeeded as needed:
        raise CannotBeTold from needed


def outlook(*, resource: Resource, source: Source) -> Outlook:
    """How many rows and from where, before anything is read; one request where Flowtly itself answers."""
    found = content(resource, source)
    found.records.close()
    missing = index.left_out(resource)
    return Outlook(
        found.total, found.read_at, found.unsorted, [item for item in resource.fields if item.name in missing]
    )
