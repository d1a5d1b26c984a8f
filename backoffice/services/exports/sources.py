"""What an export is of, and what can be said of it beforehand."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backoffice.resources import Field, Record, Resource
from backoffice.services import index, lists
from backoffice.services.reading import ListQuery

Source = Mapping[str, Any]


class CannotBeTold(Exception):
    """Neither Flowtly nor a copy can say which records these are."""


@dataclass(frozen=True)
class Content:
    """The records, read while they are gone through. `read_at`: the age of the copy, None for fresh ones."""

    records: Generator[Record]
    total: int | None
    read_at: datetime | None
    unsorted: bool


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


def content(resource: Resource, source: Source) -> Content:
    """Raises CannotBeTold, and the errors of the API client while counting and while the records are read."""
    query = ListQuery.read(source["query"])
    whole = lists.every(resource=resource, query=query)
    if whole.age is None and any(one.name not in resource.by_name for one in query.criteria):
        raise CannotBeTold
    read_at = whole.age.refreshed_at if whole.age else None
    return Content(whole.records, whole.total, read_at, whole.unsorted)


def outlook(*, resource: Resource, source: Source) -> Outlook:
    """How many rows and from where, before anything is read; one request where Flowtly itself answers."""
    found = content(resource, source)
    missing = index.left_out(resource)
    return Outlook(
        found.total, found.read_at, found.unsorted, [item for item in resource.fields if item.name in missing]
    )
