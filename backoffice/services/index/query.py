"""Lists from the index: criteria, search and sort as one query over typed columns."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, F, OrderBy, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from backoffice.models import Label
from backoffice.models.index import ROWS, IndexRow, Snapshot, column, is_text, place_of
from backoffice.resources import Children, Field, Kind, Record, Resource
from backoffice.resources.criteria import Criterion, Operator
from backoffice.resources.schema import key_of_iri
from backoffice.services.index.rows import compact, record_of
from backoffice.services.upstream import current

_CHUNK = 500  # rows held while all are given out
# A tax number as people write it: letters of a country, then digits with separators.
_TAX_NUMBER = re.compile(r"(?P<country>[A-Za-z]{0,3})(?P<rest>[0-9A-Za-z]*)")
_DIGITS = 5


@dataclass(frozen=True)
class Question:
    """What is wanted of one entity: `sort` names fields, a minus in front means descending."""

    resource: Resource
    search: str = ""
    criteria: Sequence[Criterion] = ()
    sort: Sequence[str] = ()


@dataclass(frozen=True)
class Age:
    """How old the copy is. `asked`: it is being made anew, or will be by the worker's next look."""

    refreshed_at: datetime
    asked: bool
    problem: str = ""


def age(resource: Resource) -> Age | None:
    """None where there is no complete copy yet."""
    kept = Snapshot.objects.filter(entity=resource.slug, refreshed_at__isnull=False).first()
    if kept is None or kept.refreshed_at is None:
        return None
    asked = kept.asked_at is not None and kept.asked_at > kept.refreshed_at and not kept.problem
    return Age(kept.refreshed_at, asked or bool(kept.lease_owner), kept.problem)


def problem(resource: Resource) -> str:
    """The name of the error by which the last reading failed; "" where it did not, or there was none."""
    return Snapshot.objects.filter(entity=resource.slug).values_list("problem", flat=True).first() or ""


def left_out(resource: Resource) -> frozenset[str]:
    """The fields that Flowtly gives with a record, but not in the list; empty until the first copy is complete."""
    kept = Snapshot.objects.filter(entity=resource.slug).first()
    return frozenset(kept.missing) if kept else frozenset()


class Lack(StrEnum):
    """Why the copy cannot answer: there is none yet, or the collection leaves out what is asked for."""

    COPY = "copy"
    FIELD = "field"


def can_answer(question: Question) -> bool:
    return lack_for(question) is None


def lack_for(question: Question) -> Lack | None:
    """None where the copy exists and holds what is asked for."""
    names = {criterion.name for criterion in question.criteria} | {n.removeprefix("-") for n in question.sort}
    needed = {question.resource.slug: names} | {
        tab.entity: {tab.parent}
        for tab in (question.resource.tab(name) for name in names)
        if isinstance(tab, Children)
    }
    kept = dict(
        Snapshot.objects.filter(entity__in=needed, refreshed_at__isnull=False).values_list("entity", "missing")
    )
    if not all(slug in kept for slug in needed):
        return Lack.COPY
    return Lack.FIELD if any(wanted & set(kept[slug]) for slug, wanted in needed.items()) else None


def total(question: Question) -> int:
    return _matching(question).count()


def page(question: Question, *, start: int, size: int) -> list[Record]:
    # The order is worked out over keys alone: sorting whole rows made a page in the middle of 100,000 slow.
    order = list(_ordered(question).values_list("key", flat=True)[start : start + size])
    found = ROWS[question.resource.slug]._default_manager.filter(key__in=order)
    rows = {row["key"]: row for row in found.values()}
    return [record_of(question.resource, rows[key]) for key in order if key in rows]


def every(question: Question) -> Generator[Record]:
    """All of them in order, with constant memory."""
    for row in _ordered(question).values().iterator(chunk_size=_CHUNK):
        yield record_of(question.resource, row)


@dataclass(frozen=True)
class Held:
    """Some values of one record. `digest` is another one where anything of the record is."""

    key: str
    digest: str
    values: Mapping[str, Any]


def held(resource: Resource, names: Sequence[str], of: Sequence[str] | None = None) -> Generator[Held]:
    """The values of these fields, of all records or of those with these keys, with constant memory."""
    rows = ROWS[resource.slug]._default_manager.order_by("pk")
    for keys in [None] if of is None else [of[n : n + _CHUNK] for n in range(0, len(of), _CHUNK)]:
        found = rows if keys is None else rows.filter(key__in=keys)
        columns = found.values_list("key", "digest", "odd", *map(column, names))
        for key, digest, odd, *values in columns.iterator(chunk_size=_CHUNK):
            yield Held(key, digest, dict(zip(names, values, strict=True)) | odd)


@dataclass(frozen=True)
class State:
    """Another one whenever a row changes or goes, and when a reading is complete."""

    changes: int
    refreshed_at: datetime | None


def state(*resources: Resource) -> tuple[State, ...]:
    """Of each of these, by one query."""
    rows = Snapshot.objects.filter(entity__in=[resource.slug for resource in resources])
    held = rows.values_list("entity", "changes", "refreshed_at")
    kept = {slug: State(changes, refreshed_at) for slug, changes, refreshed_at in held}
    return tuple(kept.get(resource.slug, State(0, None)) for resource in resources)


def keys(question: Question) -> Iterator[str]:
    return keys_query(question).iterator(chunk_size=_CHUNK)


def keys_query(question: Question) -> QuerySet[Any, str]:
    """The keys as a query of one column, for what copies them within the database."""
    return _matching(question).order_by("pk").values_list("key", flat=True)


def counts(resource: Resource, name: str, *, most: int = 200) -> list[tuple[str, int]]:
    """The values of a field with how many records hold each; an empty one is ""."""
    found = (
        ROWS[resource.slug]
        ._default_manager.values_list(column(name))
        .annotate(n=Count("pk"))
        .order_by("-n", column(name))[:most]
    )
    return [("" if value is None else str(value), number) for value, number in found]


def _matching(question: Question) -> QuerySet[IndexRow]:
    rows = ROWS[question.resource.slug]._default_manager.all()
    for word in question.search.split() if not looks_like_number(question.search) else [question.search]:
        rows = rows.filter(_holds(word))
    for criterion in question.criteria:
        rows = rows.filter(_meets(question.resource, criterion))
    return rows


def looks_like_number(text: str) -> bool:
    """Whether this is a tax number, or the greater part of one, in some notation."""
    found = _TAX_NUMBER.fullmatch(compact(text.strip()))
    return found is not None and sum(map(str.isdigit, found["rest"])) >= _DIGITS


def _holds(text: str) -> Q:
    """The text itself; of a number also without its separators and without its country."""
    folded = text.replace("\x00", "").strip().casefold()
    wanted = Q(search__contains=folded)
    if looks_like_number(text) and (found := _TAX_NUMBER.fullmatch(compact(folded))) is not None:
        wanted |= Q(search__contains=compact(folded)) | Q(search__contains=found["rest"])
    return wanted


def _meets(resource: Resource, criterion: Criterion) -> Q:
    item = resource.by_name.get(criterion.name)
    if item is None:
        return _has_children(resource, criterion)
    name = column(item.name)
    match criterion.operator:
        case Operator.EMPTY:
            return Q(**{f"{name}__isnull": criterion.is_empty})
        case Operator.CONTAINS:
            return Q(**{f"{name}__icontains": criterion.values[0]})
        case Operator.GTE | Operator.LTE:
            return _bound(item, criterion)
        case Operator.NOT:
            return ~_is(resource, item, criterion) | Q(**{f"{name}__isnull": True})
    return _is(resource, item, criterion)


def _is(resource: Resource, item: Field, criterion: Criterion) -> Q:
    name, values = column(item.name), list(criterion.values)
    if item.kind is Kind.REFERENCE:
        return Q(**{f"{name}__in": _addresses(resource, item, values)})
    if item.kind is Kind.BOOLEAN:
        return Q(**{f"{name}__in": [value == "true" for value in values]})
    if item.kind is Kind.INTEGER:
        return Q(**{f"{name}__in": [int(value) for value in values]})
    if item.kind is Kind.TAX_ID:
        values += [compact(value) for value in values]
    return Q(**{f"{name}__in": values})


def _addresses(resource: Resource, item: Field, values: list[str]) -> list[str]:
    """The IRIs as this Flowtly writes them, whatever an address in the URL was written like."""
    rows = ROWS[resource.slug]._default_manager
    sample = rows.exclude(**{column(item.name): None}).values_list(column(item.name), flat=True).first()
    stem = str(sample).rsplit("/", 1)[0] if sample else ""
    return [*values, *(f"{stem}/{key_of_iri(value)}" for value in values)]


def _bound(item: Field, criterion: Criterion) -> Q:
    name, value = column(item.name), criterion.values[0]
    if item.kind is Kind.INTEGER:
        return Q(**{f"{name}__{criterion.operator}": int(value)})
    # A day as text: time stamps of one server have one form, and a day's last moment sorts before the next day.
    if criterion.operator is Operator.LTE:
        return Q(**{f"{name}__lt": f"{value}U"})
    return Q(**{f"{name}__gte": value})


def _has_children(resource: Resource, criterion: Criterion) -> Q:
    tab = resource.tab(criterion.name)
    assert isinstance(tab, Children)
    children = ROWS[tab.entity]._default_manager.filter(**{column(tab.parent): OuterRef("iri")})
    return ~Q(Exists(children)) if criterion.is_empty else Q(Exists(children))


def _ordered(question: Question) -> QuerySet[IndexRow]:
    order = [_place(question.resource.by_name[name.removeprefix("-")], name[0] == "-") for name in question.sort]
    return _matching(question).order_by(*order, "pk")


def _place(item: Field, descending: bool) -> OrderBy:
    """Empty ones last either way; a related record by its name, as it was last read."""
    if item.kind is Kind.REFERENCE:
        names = Label.objects.filter(upstream=current(), entity=item.references, iri=OuterRef(column(item.name)))
        expression = Lower(Subquery(names.values("label")[:1]))
    elif is_text(item) and item.kind is not Kind.TIMESTAMP:
        expression = place_of(item.name)
    else:
        expression = F(column(item.name))  # type: ignore[assignment]
    return expression.desc(nulls_last=True) if descending else expression.asc(nulls_last=True)


def names_records_of(resource: Resource, name: str, target: Resource) -> bool:
    """Whether all that the field `name` holds are addresses of `target`: Flowtly does not publish it."""
    rows = ROWS[resource.slug]._default_manager.exclude(**{column(name): None})
    return not rows.exclude(**{f"{column(name)}__contains": f"{target.path}/"}).exists()


def referring(resource: Resource, name: str, iris: Sequence[str]) -> dict[str, int]:
    """How many records name each of these IRIs in the field `name`."""
    rows = ROWS[resource.slug]._default_manager.filter(**{f"{column(name)}__in": list(iris)})
    return dict(rows.values_list(column(name)).annotate(n=Count("pk")).order_by())


def naming(resource: Resource, name: str, iri: Any) -> QuerySet[Any, int]:
    """How many records name `iri` in the field `name`, for a subquery; no row where none does."""
    rows = ROWS[resource.slug]._default_manager.filter(**{column(name): iri})
    counted: QuerySet[Any, int] = rows.values(column(name)).annotate(n=Count("pk")).order_by().values_list("n")
    return counted
