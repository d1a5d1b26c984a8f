"""How complete an entity's records are, by type: the watched fields, and names that no other record has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max

from backoffice.models.index import ROWS, column
from backoffice.resources import Field, Resource
from backoffice.services import index
from backoffice.services.index import Age, Question

KIND = "type"  # the field that records are told apart by
MOST_GROUPS = 5
MOST_RECORDS = 5
_KEPT = 3600  # seconds; the key changes with the copy


@dataclass(frozen=True)
class Share:
    """How many records of one type there are, have each field, and have a name of their own.

    `kind`: None for all of them, "" for those without a type.
    """

    kind: str | None
    total: int
    having: Mapping[str, int]
    distinct: int


@dataclass(frozen=True)
class Namesakes:
    """Records that share a name: how many, and key and name of the first few."""

    total: int
    records: list[tuple[str, str]]


@dataclass(frozen=True)
class Completeness:
    """`fields`: what is looked at; those that the copy cannot tell are left out and named in `untold`."""

    fields: list[Field]
    untold: list[Field]
    whole: Share
    kinds: list[Share]
    groups: int
    namesakes: list[Namesakes]
    age: Age


def completeness(resource: Resource) -> Completeness | None:
    """None where there is no copy yet."""
    age = index.age(resource)
    if age is None:
        return None
    watched = [resource.by_name[watch.criterion.name] for watch in resource.watched]
    untold = [item for item in watched if not index.can_answer(Question(resource, sort=(item.name,)))]
    fields = [item for item in watched if item not in untold]
    counted = _counted(resource, fields)
    names = _names(
        resource, sum(row["total"] for row in counted), max((row["latest"] for row in counted), default=None)
    )
    kinds = [_share(row, fields, names.distinct) for row in counted]
    whole = Share(
        None,
        sum(share.total for share in kinds),
        {item.name: sum(share.having[item.name] for share in kinds) for item in fields},
        sum(share.distinct for share in kinds),
    )
    return Completeness(fields, untold, whole, kinds, names.groups, names.namesakes, age)


def _counted(resource: Resource, fields: list[Field]) -> list[dict[str, Any]]:
    """One query: each type with its numbers, the most frequent first, those without a type last."""
    kind = column(KIND)
    sums: dict[str, Any] = {f"having_{item.name}": Count(column(item.name)) for item in fields}
    rows = ROWS[resource.slug]._default_manager.values(kind)
    found = rows.annotate(total=Count("pk"), latest=Max("read_at"), **sums).order_by("-total", kind)
    return sorted(found, key=lambda row: row[kind] is None)


def _share(row: Mapping[str, Any], fields: list[Field], distinct: Mapping[str, int]) -> Share:
    kind = row[column(KIND)] or ""
    having = {item.name: row[f"having_{item.name}"] for item in fields}
    return Share(kind, row["total"], having, distinct.get(kind, 0))


@dataclass(frozen=True)
class _Names:
    distinct: Mapping[str, int]
    groups: int
    namesakes: list[Namesakes]


def _names(resource: Resource, total: int, latest: datetime | None) -> _Names:
    """Every name is looked at, so what was found is kept until any record was read, changed or removed."""
    at = f"names:{resource.slug}:{total}:{latest.timestamp() if latest else 0}"
    found: _Names | None = cache.get(at)
    if found is None:
        cache.set(at, found := _looked_at(resource), _KEPT)
    return found


def _looked_at(resource: Resource) -> _Names:
    rows = (
        ROWS[resource.slug]
        ._default_manager.order_by("pk")
        .values_list("key", column(resource.label_field), column(KIND))
    )
    counts = Counter(folded(name) for _key, name, _kind in rows.iterator(chunk_size=2000))
    counts.pop("", None)
    shared = {name: number for name, number in counts.most_common() if number > 1}
    shown = dict(list(shared.items())[:MOST_GROUPS])
    records: dict[str, list[tuple[str, str]]] = {name: [] for name in shown}
    distinct: Counter[str] = Counter()
    for key, name, kind in rows.iterator(chunk_size=2000):
        own = folded(name)
        if counts[own] == 1:
            distinct[kind or ""] += 1
        elif own in shown and len(records[own]) < MOST_RECORDS:
            records[own].append((key, name))
    return _Names(dict(distinct), len(shared), [Namesakes(shown[name], records[name]) for name in shown])


def folded(name: str | None) -> str:
    """A name without regard to capitals and spaces."""
    return " ".join((name or "").casefold().split())
