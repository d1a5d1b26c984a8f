"""Lists: from Flowtly itself where it can filter and sort as asked, else from the index, else this page only."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, cast

from django.db.models import QuerySet

from backoffice.flowtly import errors
from backoffice.resources import Record, Resource
from backoffice.services import index, reading
from backoffice.services.index import Age, Question
from backoffice.services.reading import Asked, ListQuery, RecordPage
from backoffice.services.reading.decoding import decoded
from backoffice.services.reading.narrowing import matches
from backoffice.services.upstream import client

_FEW = 10  # records that are always read one by one
_AT_A_TIME = 200


@dataclass(frozen=True)
class Answer:
    """A page, and where it is from: `age` is that of the index, None where Flowtly itself answered."""

    page: RecordPage
    age: Age | None = None


@dataclass(frozen=True)
class Whole:
    """All records of a query. `total`: None where only reading tells; `unsorted`: they come in Flowtly's order."""

    records: Generator[Record]
    total: int | None
    age: Age | None = None
    unsorted: bool = False


@dataclass(frozen=True)
class Keys:
    """The keys of all that a list shows: read from Flowtly, or a query of the index, which is as old as `age`."""

    keys: list[str] | QuerySet[Any, str]
    age: Age | None = None


class CopyNeeded(Exception):
    """Only the index could name all of these. `waiting`: it is not there yet, as opposed to unable to."""

    def __init__(self, *, waiting: bool) -> None:
        super().__init__()
        self.waiting = waiting


def page(*, resource: Resource, query: ListQuery) -> Answer:
    """One page. A number that looks like a tax number is looked up in the index first, in any notation."""
    return _indexed(resource, query) or Answer(reading.list_records(resource=resource, query=query))


def at_once(asks: Sequence[tuple[Resource, ListQuery]]) -> list[Answer | errors.FlowtlyError]:
    """As `page` for several lists: those that Flowtly answers are asked at the same time.

    One that fails gives its error and leaves the others.
    """
    known = reading.capabilities_at_once([resource for resource, _query in asks])
    found = [
        able if isinstance(able, errors.FlowtlyError) else _indexed(resource, query)
        for (resource, query), able in zip(asks, known, strict=True)
    ]
    left = reading.list_at_once([ask for ask, answer in zip(asks, found, strict=True) if answer is None])
    pages = (page if isinstance(page, errors.FlowtlyError) else Answer(page) for page in left)
    return [next(pages) if answer is None else answer for answer in found]


def _indexed(resource: Resource, query: ListQuery) -> Answer | None:
    """The page from the index, where the index has to answer and can."""
    question = _question(resource, query)
    by_number = query.searching and index.looks_like_number(query.search)
    if (by_number or Asked.of(resource, query).here) and index.can_answer(question):
        found = _from_index(question, query)
        if found.page.total or not by_number:
            return found
    return None


def every(*, resource: Resource, query: ListQuery, fresh: bool = False) -> Whole:
    """All pages of what a list shows, with constant memory; the same source as its pages have.

    Where neither Flowtly nor the index can filter, each record is looked at here, so what comes is exact; only
    a sort that nobody can do is left out, and said. `fresh`: the index is asked only for what no record says of
    itself, such as whether others point at it.
    """
    question, asked = _question(resource, query), Asked.of(resource, query)
    by_number = query.searching and index.looks_like_number(query.search)
    told_by_others = any(one.name not in resource.by_name for one in query.criteria)
    if (not fresh or told_by_others) and (by_number or asked.here) and index.can_answer(question):
        total = index.total(question)
        if total or not by_number:
            return Whole(index.every(question), total, index.age(resource))
    left = asked.left_of(query)
    # A file has the order of the list that it is of; where only the records matter, one that stands still.
    params = asked.steady(resource) if fresh else asked.params
    members = client().walk(asked.path, params, on_shift="restart")
    records = (decoded(resource, member) for member in members)
    if not asked.here:
        first = reading.list_records(resource=resource, query=replace(query, page=1, size=1))
        return Whole(records, first.total)
    kept = (record for record in records if matches(record, search=left["search"], criteria=left["criteria"]))
    return Whole(kept, None, unsorted=bool(left["sort"]))


def keys(*, resource: Resource, query: ListQuery, most: int) -> Keys:
    """The keys of all pages: up to `most` are read from Flowtly while somebody waits, more come from the index.

    Raises CopyNeeded where the index cannot answer, and for a list that is narrowed on each page only.
    """
    query = replace(query, sort=())
    question, asked = _question(resource, query), Asked.of(resource, query)
    if able := index.can_answer(question):
        known = index.total(question)
        by_number = query.searching and index.looks_like_number(query.search) and known
        if asked.here or by_number or known > most:
            return Keys(index.keys_query(question), index.age(resource))
    found = None if asked.here else _walked_keys(resource, asked, most)
    if found is not None:
        return Keys(found)
    if able:
        return Keys(index.keys_query(question), index.age(resource))
    raise CopyNeeded(waiting=index.age(resource) is None)


def _walked_keys(resource: Resource, asked: Asked, most: int) -> list[str] | None:
    """Read from Flowtly, names and all; None where there are more than `most`."""
    members = cast("Generator[Any]", client().walk(asked.path, asked.steady(resource), on_shift="restart"))
    with closing(members):
        records = [decoded(resource, member) for member in islice(members, most + 1)]
    if len(records) > most:
        return None
    reading.remember(records)
    return list(dict.fromkeys(record.key for record in records))


def _question(resource: Resource, query: ListQuery) -> Question:
    return Question(resource, query.search if query.searching else "", query.criteria, query.sort)


def _from_index(question: Question, query: ListQuery) -> Answer:
    total = index.total(question)
    start = (query.page - 1) * query.size
    found = RecordPage(
        records=index.page(question, start=start, size=query.size),
        total=total,
        page=query.page,
        pages=max(1, math.ceil(total / query.size)),
        size=query.size,
        has_next=start + query.size < total,
        first_number=start + 1,
    )
    return Answer(found, index.age(question.resource))
