"""Records and pages of records, read from the API itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self, TypedDict

from django.conf import settings
from django.core.cache import cache

from backoffice.flowtly import errors
from backoffice.flowtly.hydra import Collection
from backoffice.resources import REGISTRY, Record, Resource
from backoffice.resources.criteria import Criterion, Operator
from backoffice.services.reading.capabilities import Capabilities, Collected, capabilities, capabilities_at_once
from backoffice.services.reading.decoding import decoded
from backoffice.services.reading.labels import remember
from backoffice.services.reading.narrowing import meets, narrowed
from backoffice.services.upstream import client

SEARCH_MINIMUM = 3  # characters, as in Flowtly's own search box


@dataclass(frozen=True)
class ListQuery:
    """What a list shows: `sort` names fields, a minus in front means descending; `page` counts from 1."""

    search: str = ""
    criteria: tuple[Criterion, ...] = ()
    sort: tuple[str, ...] = ()
    page: int = 1
    size: int = 50

    @property
    def searching(self) -> bool:
        return len(self.search.strip()) >= SEARCH_MINIMUM

    @property
    def narrows(self) -> bool:
        """Whether it may leave any record out."""
        return self.searching or bool(self.criteria)

    def kept(self) -> dict[str, Any]:
        """As JSON: which records these are and in which order, not which page of them."""
        criteria = [[one.name, one.operator.value, list(one.values)] for one in self.criteria]
        return {"search": self.search, "criteria": criteria, "sort": list(self.sort)}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """As `kept` wrote it."""
        criteria = (Criterion(name, Operator(way), tuple(values)) for name, way, values in kept["criteria"])
        return cls(kept["search"], tuple(criteria), tuple(kept["sort"]))


class Left(TypedDict):
    search: str
    criteria: list[Criterion]
    sort: list[str]


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
    asked = Asked.of(resource, query)
    return _page_of(resource, query, asked, asked.fetch(query))


def list_at_once(asks: Sequence[tuple[Resource, ListQuery]]) -> list[RecordPage | errors.FlowtlyError]:
    """As `list_records` for several lists at the same time; one that fails gives its error and leaves the rest.

    The threads do HTTP only: what is kept and stored is so in the caller's.
    """
    able = capabilities_at_once([resource for resource, _query in asks])
    with ThreadPoolExecutor(settings.FLOWTLY_MAX_CONNECTIONS) as pool:
        begun = [
            found if isinstance(found, errors.FlowtlyError) else _begin(resource, query, pool)
            for (resource, query), found in zip(asks, able, strict=True)
        ]
        return [
            item if isinstance(item, errors.FlowtlyError) else _end(resource, query, *item)
            for (resource, query), item in zip(asks, begun, strict=True)
        ]


def _begin(resource: Resource, query: ListQuery, pool: ThreadPoolExecutor) -> tuple[Asked, Future[Collection]]:
    asked = Asked.of(resource, query)
    return asked, pool.submit(asked.fetch, query)


def _end(
    resource: Resource, query: ListQuery, asked: Asked, answer: Future[Collection]
) -> RecordPage | errors.FlowtlyError:
    try:
        return _page_of(resource, query, asked, answer.result())
    except errors.FlowtlyError as error:
        return error


def _page_of(resource: Resource, query: ListQuery, asked: Asked, answer: Collection) -> RecordPage:
    records = [decoded(resource, member) for member in answer.members]
    remember(records)
    size = _real_size(asked.path, query, answer)
    shown = narrowed(records, **asked.left_of(query))
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
class Asked:
    """What is sent, and what is left to do here: names of fields, "q" for the search."""

    path: str
    params: dict[str, str]
    here: frozenset[str]

    @classmethod
    def of(cls, resource: Resource, query: ListQuery) -> Asked:
        able = capabilities(resource)
        path, able_here = resource.path, able.listed
        params: dict[str, str] = {}
        here: set[str] = set()
        if query.searching:
            path, able_here = _search(resource, able, query, params, here)
        for one in query.criteria:
            able_one = one.operator is Operator.IS and len(one.values) == 1 and one.name in able_here.filters
            _sent_or_here(one.name, able_one, {one.name: one.values[0]}, params, here)
        for name in query.sort:
            bare = name.removeprefix("-")
            order = {f"order[{bare}]": "desc" if name.startswith("-") else "asc"}
            _sent_or_here(bare, bare in able_here.sorts, order, params, here)
        return cls(path, params, frozenset(here))

    def fetch(self, query: ListQuery) -> Collection:
        return client().page(self.path, self.params, page=query.page, page_size=query.size)

    def steady(self, resource: Resource) -> dict[str, str]:
        """What to read all pages with: in an order that Flowtly declares, so that no record changes its page."""
        able = capabilities(resource)
        sorts = (able.listed if self.path == resource.path else able.found).sorts
        if not sorts or any(name.startswith("order[") for name in self.params):
            return self.params
        best = next((name for name in ("id", "createdAt", resource.label_field) if name in sorts), min(sorts))
        return {**self.params, f"order[{best}]": "asc"}

    def left_of(self, query: ListQuery) -> Left:
        """What of the query is not sent and has to be done here."""
        return {
            "search": query.search if "q" in self.here else "",
            "criteria": [one for one in query.criteria if one.name in self.here],
            "sort": [name for name in query.sort if name.removeprefix("-") in self.here],
        }


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


def _loose(records: Iterable[Record], query: ListQuery, here: frozenset[str]) -> frozenset[str]:
    return frozenset(
        criterion.name
        for criterion in query.criteria
        if criterion.name not in here and any(not meets(record, criterion) for record in records)
    )
