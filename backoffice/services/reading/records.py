"""Records and pages of records, read from the API itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache

from backoffice.flowtly.hydra import Collection
from backoffice.resources import REGISTRY, Kind, Record, Resource
from backoffice.resources.schema import key_of_iri
from backoffice.services.reading.capabilities import Capabilities, Collected, capabilities
from backoffice.services.reading.decoding import decoded
from backoffice.services.reading.labels import remember
from backoffice.services.upstream import client

SEARCH_MINIMUM = 3  # characters, as in Flowtly's own search box


@dataclass(frozen=True)
class ListQuery:
    """What a list shows: `sort` names fields, a minus in front means descending; `page` counts from 1."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    page: int = 1
    size: int = 50

    @property
    def searching(self) -> bool:
        return len(self.search.strip()) >= SEARCH_MINIMUM


@dataclass(frozen=True)
class RecordPage:
    """One page. `size` is the page size that the server used; `first_number` counts from 1.

    `narrowed_here` names what was filtered or sorted on this page only, because the API cannot: "q" for the
    search, else field names. `loose` names filters whose answer holds other values too.
    """

    records: list[Record]
    total: int | None
    page: int
    pages: int | None
    size: int
    has_next: bool
    first_number: int
    narrowed_here: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()


def read_quietly(*, slug: str, key: str) -> Record:
    """One record, of which nothing is remembered here. Raises what the client raises; ValueError for no key."""
    resource = REGISTRY[slug]
    return decoded(resource, client().get(resource.item_path(key)))


def get_record(*, resource: Resource, key: str) -> Record:
    """One record, fresh. Raises NotFound, Unavailable and the other errors of the client."""
    record = decoded(resource, client().get(resource.item_path(key)))
    remember([record])
    return record


def list_records(*, resource: Resource, query: ListQuery) -> RecordPage:
    """One page of the list, in one request; what the API cannot filter or sort is done on this page and said."""
    asked = _Asked.of(resource, query)
    answer = client().page(asked.path, asked.params, page=query.page, page_size=query.size)
    records = [decoded(resource, member) for member in answer.members]
    remember(records)
    size = _real_size(asked.path, query, answer)
    shown = _narrow(records, query, asked.here)
    return RecordPage(
        records=shown,
        total=answer.total,
        page=query.page,
        pages=max(1, math.ceil(answer.total / size)) if answer.total is not None else None,
        size=size,
        has_next=_has_next(answer, query.page, size),
        first_number=(query.page - 1) * size + 1,
        narrowed_here=asked.here,
        loose=_loose(records, query, asked.here),
    )


@dataclass(frozen=True)
class _Asked:
    """What is sent, and what is left to do here."""

    path: str
    params: dict[str, str]
    here: frozenset[str]

    @classmethod
    def of(cls, resource: Resource, query: ListQuery) -> _Asked:
        able = capabilities(resource)
        path, able_here = resource.path, able.listed
        params: dict[str, str] = {}
        here: set[str] = set()
        if query.searching:
            path, able_here = _search(resource, able, query, params, here)
        for name, value in query.filters.items():
            _sent_or_here(name, name in able_here.filters, {name: value}, params, here)
        for name in query.sort:
            bare = name.removeprefix("-")
            order = {f"order[{bare}]": "desc" if name.startswith("-") else "asc"}
            _sent_or_here(bare, bare in able_here.sorts, order, params, here)
        return cls(path, params, frozenset(here))


def _search(
    resource: Resource, able: Capabilities, query: ListQuery, params: dict[str, str], here: set[str]
) -> tuple[str, Collected]:
    if able.search:
        params[able.search_param] = query.search.strip()
        return able.search_path, able.found
    here.add("q")
    return resource.path, able.listed


def _sent_or_here(name: str, able: bool, sent: dict[str, str], params: dict[str, str], here: set[str]) -> None:
    if able:
        params.update(sent)
    else:
        here.add(name)


def _real_size(path: str, query: ListQuery, answer: Collection) -> int:
    """The page size the server used: seen on any page but the last, remembered for the last."""
    name = f"pagesize:{settings.FLOWTLY_API_URL}:{path}:{query.size}"
    if answer.next and answer.members:
        cache.set(name, len(answer.members), 3600)
        return len(answer.members)
    if query.page == 1 or answer.total is None:
        return max(query.size, len(answer.members), 1)
    return int(cache.get(name) or query.size)


def _has_next(answer: Collection, page: int, size: int) -> bool:
    if answer.next:
        return True
    return answer.total is not None and not answer.paged and page * size < answer.total and bool(answer.members)


def _narrow(records: list[Record], query: ListQuery, here: frozenset[str]) -> list[Record]:
    shown = list(records)
    if "q" in here:
        text = query.search.strip().casefold()
        shown = [record for record in shown if text in _searchable(record)]
    for name, value in query.filters.items():
        if name in here:
            shown = [record for record in shown if _same(record, name, value)]
    for name in reversed(query.sort):
        bare = name.removeprefix("-")
        if bare in here:
            shown.sort(key=_by(bare), reverse=name.startswith("-"))
    return shown


def _searchable(record: Record) -> str:
    return "\n".join(str(record.values.get(name) or "") for name in record.resource.search_fields).casefold()


def _same(record: Record, name: str, value: str) -> bool:
    held = record.values.get(name)
    if isinstance(held, bool):
        return value == ("true" if held else "false")
    if record.resource.by_name[name].kind is Kind.REFERENCE:
        return bool(held) and key_of_iri(str(held)) == key_of_iri(value)
    return str(held if held is not None else "") == value


def _by(name: str) -> Callable[[Record], tuple[bool, float, str]]:
    return lambda record: _sort_key(record.values.get(name))


def _sort_key(value: Any) -> tuple[bool, float, str]:
    """Numbers by size, text by letters, empty last."""
    if value is None:
        return (True, 0.0, "")
    if isinstance(value, int | float):
        return (False, float(value), "")
    return (False, 0.0, str(value).casefold())


def _loose(records: Iterable[Record], query: ListQuery, here: frozenset[str]) -> frozenset[str]:
    return frozenset(
        name
        for name, value in query.filters.items()
        if name not in here and any(not _same(record, name, value) for record in records)
    )
