"""Reading many records afresh with the fewest requests that prove what they hold."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache

from backoffice.flowtly import errors
from backoffice.resources import Field, Kind, Record, Resource
from backoffice.services import index, reading
from backoffice.services.index import Question
from backoffice.services.reading import Asked, ListQuery
from backoffice.services.reading.decoding import decoded, decoded_as
from backoffice.services.upstream import client

_FEW = 10  # records that are always read one by one
_AT_A_TIME = 200
_MOST_ARRIVALS = 1_000
_TOTAL_KEPT = 60  # seconds
_PROOFS = 3  # single records that are read to learn what the list carries


@dataclass(frozen=True)
class Seen:
    """One record as read; `record` is None where it is gone, or where `refused` says why it cannot be read."""

    key: str
    record: Record | None
    refused: str = ""


def records(
    *,
    resource: Resource,
    keys: Sequence[str],
    gone: list[str],
    query: ListQuery | None = None,
    listed: bool = False,
) -> Generator[Record]:
    """These records in no certain order; `gone` gets the keys of those that are not there.

    See Reader; raises Forbidden, too.
    """
    for seen in Reader(resource, keys, query=query, listed=listed).every():
        if seen.record is not None:
            yield seen.record
        elif seen.refused:
            raise errors.Forbidden(seen.refused)
        else:
            gone.append(seen.key)


@dataclass
class Reader:
    """Reads `keys` of `resource`. `query` is the list that they were chosen from, where it is known.

    A list is read instead of single records where that takes fewer requests. From a list a field is taken only
    once a single record, read in the same run, proved that the list carries it; else the record is read itself.
    With `listed` what the whole list does not hold is taken to be gone, so that keys that somebody made up are not
    asked for one by one. `arrivals` are records of the query that are not among `keys`, known in the end.
    """

    resource: Resource
    keys: Sequence[str]
    needed: frozenset[str] = frozenset()
    query: ListQuery | None = None
    listed: bool = False
    arrivals: list[str] = field(default_factory=list)

    def every(self) -> Iterator[Seen]:
        """Each key once, in no certain order. Raises the errors of the client but for NotFound and Forbidden."""
        left = dict.fromkeys(self.keys)
        if (asked := self._list_to_read()) is not None:
            # A list without a lasting order, or with a wrong total, proves nothing of what has not come yet.
            with suppress(errors.ShiftedPages):
                yield from self._from_list(asked, left)
            if self.listed and not asked.params:
                yield from (Seen(key, None) for key in left)
                return
        yield from self._one_by_one(list(left))

    def requests(self) -> int:
        """About how many requests that takes."""
        asked = self._list_to_read()
        if asked is None:
            return len(self.keys)
        return _pages(len(self.keys) if asked.params else self._total())

    # Which list

    def _list_to_read(self) -> Asked | None:
        """The list that takes fewer requests than single records; None where none does."""
        number = len(self.keys)
        if number <= _FEW:
            return None
        if self.query is not None and not (asked := Asked.of(self.resource, self.query)).here:
            return asked if _pages(number) < number else None
        total = self._total()
        return Asked(self.resource.path, {}, frozenset()) if _pages(total) < number else None

    def _total(self) -> int:
        """About how many records there are: as the copy knows it, else as Flowtly says."""
        if index.age(self.resource) is not None:
            return index.total(Question(self.resource))
        name = f"total:{settings.FLOWTLY_API_URL}:{self.resource.slug}"
        if (known := cache.get(name)) is None:
            page = client().page(self.resource.path, page_size=1)
            known = page.total if page.total is not None else len(self.keys) * settings.FLOWTLY_PAGE_SIZE
            cache.set(name, known, _TOTAL_KEPT)
        return int(known)

    # Reading it

    def _from_list(self, asked: Asked, left: dict[str, None]) -> Iterator[Seen]:
        """What the list proves of the keys in `left`; those are taken out of it."""
        # Where the whole list is read because Flowtly cannot filter it, most of it never matched.
        matching = self.query is not None and (bool(asked.params) or not self.query.narrows)
        proof, held = _Proof(self.resource, self.needed), []
        for records in self._pages_of(asked):
            reading.remember(records)
            proof.look(records)
            for record in records:
                if record.key not in left:
                    self._note_arrival(record.key, matching)
                elif proof.complete:
                    del left[record.key]
                    yield Seen(record.key, record)
                else:
                    held.append(_slim(record, self.needed))
        for record in held if proof.complete else ():  # what came before the proof did
            del left[record.key]
            yield Seen(record.key, record)

    def _pages_of(self, asked: Asked) -> Iterator[list[Record]]:
        params = asked.params if self.query is None else asked.steady(self.resource)
        members = client().walk(asked.path, params, on_shift="restart")
        with closing(cast("Any", members)):
            while portion := list(islice(members, settings.FLOWTLY_PAGE_SIZE)):
                yield [decoded(self.resource, member) for member in portion]

    def _note_arrival(self, key: str, matching: bool) -> None:
        if matching and len(self.arrivals) < _MOST_ARRIVALS:
            self.arrivals.append(key)

    def _one_by_one(self, keys: Sequence[str]) -> Iterator[Seen]:
        client()  # made here, before the threads use it
        with ThreadPoolExecutor(settings.FLOWTLY_MAX_CONNECTIONS) as pool:
            for start in range(0, len(keys), _AT_A_TIME):
                found = list(pool.map(self._one, keys[start : start + _AT_A_TIME]))
                reading.remember(seen.record for seen in found if seen.record)
                yield from found

    def _one(self, key: str) -> Seen:
        try:
            return Seen(key, decoded_as(key, self.resource, client().get(self.resource.item_path(key))))
        except (errors.NotFound, ValueError):
            return Seen(key, None)
        except errors.Forbidden as error:
            return Seen(key, None, error.message)


class _Proof:
    """Which fields the list is known to carry, because a single record had them and the list showed the same."""

    def __init__(self, resource: Resource, needed: frozenset[str]) -> None:
        self._resource = resource
        self._open = set(needed)
        self._left = _PROOFS

    def look(self, records: Sequence[Record]) -> None:
        """Read the record of these that can prove the most of what is still open."""
        best = max(records, key=self._worth, default=None)
        if best is None or not self._left or not self._worth(best):
            return
        self._left -= 1
        try:
            path = self._resource.item_path(best.key)
            item = decoded_as(best.key, self._resource, client().get(path))
        except errors.NotFound:
            return
        fields = self._resource.by_name
        self._open -= {
            name for name in self._open & best.present if fields[name].same(best[name], item.values.get(name))
        }

    @property
    def complete(self) -> bool:
        return not self._open

    def _worth(self, record: Record) -> int:
        return len(self._open & record.present)


def _slim(record: Record, needed: frozenset[str]) -> Record:
    """As much of a record as judging it needs."""
    resource = record.resource
    countries = (item.name for item in resource.fields if _names_country(item))  # tell tax numbers apart
    kept = needed | {resource.label_field, *resource.other_label_fields, *countries}
    values = {name: value if name in kept else None for name, value in record.values.items()}
    return Record(resource=resource, key=record.key, iri=record.iri, values=values, labels=record.labels)


def _names_country(item: Field) -> bool:
    return item.kind is Kind.COUNTRY_CODE or item.references == "countries"


def _pages(number: int) -> int:
    """Requests that a list of so many takes: its pages, the first one twice at worst, and a proof."""
    return -(-number // settings.FLOWTLY_PAGE_SIZE) + 2
