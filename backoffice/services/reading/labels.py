"""Names of related records: every read fills a local table, so that no page asks for them once per row."""

from __future__ import annotations

import functools
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from operator import and_
from threading import Lock
from typing import Any

from django.conf import settings
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from backoffice.flowtly import errors
from backoffice.models import Label, ObservedValue
from backoffice.resources import REGISTRY, SHORT_LISTS, Kind, Record, Resource
from backoffice.resources.schema import key_of_iri
from backoffice.services.reading.decoding import decoded
from backoffice.services.upstream import client, current

_KEPT = 20_000  # names and values this process has already stored
_WALKED_PAGES = 12  # a list of no more pages is read whole; a longer one record by record
_ONE_BY_ONE = 25
_WORDS = 8  # of a search; more would only make the query long
_stored: OrderedDict[tuple[str, ...], str] = OrderedDict()
_lock = Lock()


def remember(records: Iterable[Record]) -> None:
    """Keep the names of these records and of what is embedded in them, and the values of their open choices."""
    labels: dict[tuple[str, str], tuple[str, str]] = {}
    values: set[tuple[str, str, str]] = set()
    for record in records:
        labels[record.resource.slug, record.key] = (record.iri, record.label)
        values.update(_values_of(record))
        for name, iri, label in _embedded(record):
            labels[name, key_of_iri(iri)] = (iri, label)
    _store_labels({at: item for at, item in labels.items() if _new((*at, item[0]), item[1])})
    _store_values({item for item in values if _new(("value", *item), "")})


def _embedded(record: Record) -> Iterable[tuple[str, str, str]]:
    for item in record.resource.fields if record.labels else ():
        iri = record.values.get(item.name)
        if item.kind is Kind.REFERENCE and isinstance(iri, str) and iri in record.labels:
            yield item.references, iri, record.labels[iri]


def _values_of(record: Record) -> Iterable[tuple[str, str, str]]:
    slug, values = record.resource.slug, record.values
    for name in _noted(slug):
        value = values.get(name)
        if isinstance(value, str) and 0 < len(value) <= 200:
            yield slug, name, value
    for name, source in _told(slug):
        for value in choices_told(values.get(source)):
            if 0 < len(value) <= 200:
                yield slug, name, value


@functools.cache
def _noted(slug: str) -> tuple[str, ...]:
    """The fields of an entity whose values are kept as they are seen; worked out once, not for each record."""
    return tuple(item.name for item in REGISTRY[slug].fields if item.observed or item.references in SHORT_LISTS)


@functools.cache
def _told(slug: str) -> tuple[tuple[str, str], ...]:
    return tuple((item.name, item.choices_from) for item in REGISTRY[slug].fields if item.choices_from)


def choices_told(value: Any) -> list[str]:
    """The values that a member such as `possibleTypes` names: a list, a map, or a text with commas.

    Of a map the keys are taken, which is where a server puts what it wants back; of a numbered one the values.
    """
    if isinstance(value, dict):
        numbered = all(str(key).isdecimal() for key in value)
        value = list(value.values()) if numbered else list(value)
    if isinstance(value, str):
        value = re.split(r"[,;|]", value)
    found = value if isinstance(value, list) else []
    return [text for item in found if isinstance(item, str) and (text := item.strip())]


def _new(at: tuple[str, ...], label: str) -> bool:
    """Whether this process has not stored exactly this yet."""
    at = (settings.FLOWTLY_API_URL, *at)
    with _lock:
        if _stored.get(at) == label:
            return False
        _stored[at] = label
        while len(_stored) > _KEPT:
            _stored.popitem(last=False)
    return True


def unlearn(*, slug: str, keys: Iterable[str]) -> None:
    """Forget that this process stored the names of these records: their rows are missing or were deleted."""
    gone = set(keys)
    with _lock:
        for at in [at for at in _stored if at[1] == slug and at[2] in gone]:
            del _stored[at]


def forget_labels() -> None:
    """Forget what this process has stored (tests that start with an empty database)."""
    with _lock:
        _stored.clear()


def _store_labels(labels: Mapping[tuple[str, str], tuple[str, str]]) -> None:
    if not labels:
        return
    now = timezone.now()
    Label.objects.bulk_create(
        [
            Label(
                upstream=current(),
                entity=slug,
                key=key,
                iri=iri[:500],
                label=label[:500],
                folded=label.casefold()[:500],
                seen_at=now,
            )
            for (slug, key), (iri, label) in labels.items()
        ],
        update_conflicts=True,
        unique_fields=["upstream", "entity", "key"],
        update_fields=["iri", "label", "folded", "seen_at"],
    )


def _store_values(values: set[tuple[str, str, str]]) -> None:
    if values:
        ObservedValue.objects.bulk_create(
            [
                ObservedValue(upstream=current(), entity=slug, field=field, value=value)
                for slug, field, value in sorted(values)
            ],
            ignore_conflicts=True,
        )


def names(iris: Iterable[str]) -> dict[str, str]:
    """The stored names of big entities' records by IRI; unknown ones are absent. One query."""
    wanted = {iri for iri in iris if iri and "\x00" not in iri}  # which no database takes
    if not wanted:
        return {}
    # Entity and key are what the table's index is made of: by IRI alone each of 100,000 names would be looked at.
    rows = Label.objects.filter(upstream=current(), entity__in=REGISTRY, key__in=set(map(key_of_iri, wanted)))
    return {iri: label for iri, label in rows.values_list("iri", "label") if iri in wanted}


def known_iri(*, slug: str, key: str) -> str:
    """The address of a record as the server last gave it, from the table of names; "" where it was never read."""
    rows = Label.objects.filter(upstream=current(), entity=slug, key=key).values_list("iri", flat=True)
    return rows.first() or ""


def known_label(*, slug: str, key: str) -> str:
    """The name of a record as last read; "" where it was never read."""
    rows = Label.objects.filter(upstream=current(), entity=slug, key=key).values_list("label", flat=True)
    return rows.first() or ""


def known(*, slug: str, keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """IRI and name by key of the records that were ever read; others are absent. One query."""
    rows = Label.objects.filter(upstream=current(), entity=slug, key__in=list(keys))
    return {key: (iri, label) for key, iri, label in rows.values_list("key", "iri", "label")}


def fill_names(*, slug: str, iris: Iterable[str]) -> dict[str, str]:
    """The names of these records; unknown ones are read by one walk of a short list, or one by one."""
    resource = REGISTRY[slug]
    held = names(iris)
    unknown = sorted({iri for iri in iris if iri} - set(held))
    if not unknown:
        return held
    # Another process may have deleted names that this one has stored.
    unlearn(slug=slug, keys=map(key_of_iri, unknown))
    remember(walked(resource) if len(unknown) > 3 else ())
    held |= names(unknown)
    left = [iri for iri in unknown if iri not in held][:_ONE_BY_ONE]
    found = [record for record in _one_by_one(resource, left) if record]
    remember(found)
    return held | {record.iri: record.label for record in found}


def walked(resource: Resource) -> list[Record]:
    """The whole list where it is of moderate length, else its first page."""
    first = client().page(resource.path)
    size = max(len(first.members), 1)
    if first.total is None or first.total > size * _WALKED_PAGES:
        return [decoded(resource, member) for member in first.members]
    return [decoded(resource, member) for member in client().walk(resource.path)]


def _one_by_one(resource: Resource, iris: list[str]) -> list[Record | None]:
    def read(iri: str) -> Record | None:
        try:
            return decoded(resource, client().get(resource.item_path(key_of_iri(iri))))
        except (errors.FlowtlyError, ValueError):  # unreadable, or asked for by a name that is no record's
            return None

    if not iris:
        return []
    with ThreadPoolExecutor(settings.FLOWTLY_MAX_CONNECTIONS) as pool:
        return list(pool.map(read, iris))


@dataclass(frozen=True)
class Named:
    """A record as the table of names knows it."""

    key: str
    label: str


def named_like(*, resource: Resource, text: str, limit: int) -> list[Named]:
    """Records known here whose name holds every word of `text`, or whose key it is; the best first. One query.

    Best is the record with that key, then a name that begins with the text, then one with words that begin so.
    """
    text = text.replace("\x00", "").strip()
    words = text.casefold().split()[:_WORDS]
    if not words:
        return []
    held = [Q(folded__contains=word) for word in words]
    begun = [Q(folded__startswith=word) | Q(folded__contains=f" {word}") for word in words]
    rank = Case(
        When(key=text, then=Value(0)),
        When(folded__startswith=" ".join(words), then=Value(1)),
        When(reduce(and_, begun), then=Value(2)),
        default=Value(3),
    )
    rows = Label.objects.filter(upstream=current(), entity=resource.slug)
    found = rows.filter(Q(key=text) | reduce(and_, held)).order_by(rank, "folded", "key")
    return [Named(key, label) for key, label in found.values_list("key", "label")[:limit]]
