"""Records that belong to one, records that refer to one, and what the API has below a record's path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.conf import settings

from backoffice.flowtly import errors
from backoffice.flowtly.hydra import Collection
from backoffice.resources import REGISTRY, Children, Field, Kind, Record, Resource, Subpath, referring
from backoffice.resources.schema import key_of_iri
from backoffice.services.reading.capabilities import capabilities
from backoffice.services.reading.decoding import decoded
from backoffice.services.reading.labels import known_iri, remember
from backoffice.services.reading.records import get_record
from backoffice.services.upstream import client

SIZE = 100
_WALKED = 1_000  # records; a list that the API cannot filter is looked through whole up to this many
_ONE_BY_ONE = 20
_DEEPEST = 3  # objects within objects in which a list is looked for


@dataclass(frozen=True)
class Related:
    """`records` in their order. `told` is False where this API cannot say; `total` None where it does not count.

    `whole` says that these are all, so that their order may be changed.
    """

    records: list[Record] = field(default_factory=list)
    total: int | None = None
    has_next: bool = False
    told: bool = True
    whole: bool = False


def children_of(
    resource: Resource, key: str, tab: Children, *, record: Record | None = None, page: int = 1
) -> Related:
    """What belongs to a record, in one request where the API can filter by it; `record` saves reading it again."""
    entity = REGISTRY[tab.entity]
    if tab.parent in capabilities(entity).filters:
        iri = record.iri if record else known_iri(slug=resource.slug, key=key)
        return _filtered(entity, tab, iri or get_record(resource=resource, key=key).iri, page)
    if not tab.owned and not tab.embedded:
        return Related(told=False)
    record = record or get_record(resource=resource, key=key)
    return _in_order(embedded(record, tab), tab) if tab.embedded else _looked_through(entity, tab, record.iri)


def _filtered(entity: Resource, tab: Children, iri: str, page: int) -> Related:
    params = {tab.parent: iri} | _order(entity, tab)
    answer = client().page(entity.path, params, page=page, page_size=SIZE)
    records = [decoded(entity, member) for member in answer.members]
    if not all(_points_at(record, tab.parent, iri) for record in records):
        return Related(told=False)
    if answer.next and page == 1 and _movable(tab):
        records = [decoded(entity, member) for member in client().walk(entity.path, params)]
    remember(records)
    has_next = bool(answer.next) and not _movable(tab)
    return _in_order(records, tab, total=answer.total, has_next=has_next, whole=page == 1 and not has_next)


def _looked_through(entity: Resource, tab: Children, iri: str) -> Related:
    first = client().page(entity.path, page_size=SIZE)
    if first.total is None or first.total > _WALKED:
        return Related(told=False)
    members = client().walk(entity.path) if first.next else iter(first.members)
    found = [record for record in _decoded(entity, members) if _points_at(record, tab.parent, iri)]
    remember(found)
    return _in_order(found, tab)


def _decoded(entity: Resource, members: Iterable[Any]) -> Iterator[Record]:
    return (decoded(entity, member) for member in members)


def _points_at(record: Record, name: str, iri: str) -> bool:
    return record.resource.by_name[name].same(record.values.get(name), iri)


def _movable(tab: Children) -> bool:
    item = REGISTRY[tab.entity].by_name.get(tab.order)
    return item is not None and item.kind is Kind.INTEGER and not item.read_only


def _order(entity: Resource, tab: Children) -> dict[str, str]:
    name = tab.order.removeprefix("-")
    if not name or name not in capabilities(entity).sorts:
        return {}
    return {f"order[{name}]": "desc" if tab.order.startswith("-") else "asc"}


def _in_order(
    records: list[Record], tab: Children, *, total: int | None = None, has_next: bool = False, whole: bool = True
) -> Related:
    name, descending = tab.order.removeprefix("-"), tab.order.startswith("-")
    if name:
        records = sorted(records, key=lambda record: _rank(record, name), reverse=descending)
    return Related(records, len(records) if total is None and whole else total, has_next, True, whole)


def _rank(record: Record, name: str) -> tuple[bool, float, str, int, str]:
    """By the field, then by number, so that equal places keep one order; empty ones last."""
    value, key = record.values.get(name), record.key
    number = float(value) if isinstance(value, int | float) else 0.0
    text = value if isinstance(value, str) else ""
    return (value is None, number, text, int(key) if key.isdecimal() else 0, key)


def embedded(record: Record, tab: Children) -> list[Record]:
    """The children that a record itself names: whole objects as they came, addresses by a few single reads."""
    entity = REGISTRY[tab.entity]
    held = record.values.get(tab.embedded) or []
    members = list(held.values()) if isinstance(held, dict) else held if isinstance(held, list) else []
    objects = [decoded(entity, item) for item in members if isinstance(item, dict)]
    iris = [item for item in members if isinstance(item, str)]
    return objects or _read_each(entity, iris[:_ONE_BY_ONE])


def children_at_hand(record: Record, tab: Children) -> list[Record]:
    """As `children_of`, for a record's own page: nothing is asked where the record says that it has none."""
    held = record.values.get(tab.embedded)
    if not held or any(isinstance(item, dict) for item in (held.values() if isinstance(held, dict) else held)):
        return _in_order(embedded(record, tab), tab).records
    return children_of(record.resource, record.key, tab, record=record).records


def _read_each(resource: Resource, iris: list[str]) -> list[Record]:
    def read(iri: str) -> Record | None:
        try:
            return decoded(resource, client().get(resource.item_path(key_of_iri(iri))))
        except errors.NotFound:
            return None

    if not iris:
        return []
    with ThreadPoolExecutor(settings.FLOWTLY_MAX_CONNECTIONS) as pool:
        return [found for found in pool.map(read, iris) if found]


@dataclass(frozen=True)
class Referrers:
    """Records of one entity whose field points at a record: the first few, and how many.

    `told` is False where this API cannot say.
    """

    resource: Resource
    field: Field
    records: list[Record]
    total: int | None
    told: bool


def referrers_of(record: Record, *, first: int = 5) -> list[Referrers]:
    """Who refers to this record; one request for each field that the API can filter by."""
    return [_referrers(record, resource, item, first) for resource, item in referring(record.resource)]


def _referrers(record: Record, resource: Resource, item: Field, first: int) -> Referrers:
    try:
        if item.name not in capabilities(resource).filters:
            return Referrers(resource, item, [], None, False)
        answer = client().page(resource.path, {item.name: record.iri}, page_size=first)
        found = [decoded(resource, member) for member in answer.members]
    except errors.FlowtlyError:
        return Referrers(resource, item, [], None, False)
    if not all(_points_at(each, item.name, record.iri) for each in found):
        return Referrers(resource, item, [], None, False)
    remember(found)
    total = len(found) if answer.total is None and not answer.next else answer.total
    return Referrers(resource, item, found[:first], total, True)


@dataclass(frozen=True)
class Rows:
    """Objects as they came, for a table of whatever they hold."""

    members: Sequence[Mapping[str, Any]]
    total: int | None
    has_next: bool


def below(resource: Resource, key: str, tab: Subpath, *, page: int = 1) -> Rows:
    """What the API has at a subpath of a record: a collection, or one object with a list somewhere inside."""
    path = f"{resource.item_path(key)}/{tab.path}"
    answer = client().read(path, {"itemsPerPage": SIZE, "page": page})
    if isinstance(answer, Collection):
        return Rows(answer.members, answer.total, bool(answer.next))
    found = list(islice(_lists(answer, frozenset(resource.by_name), _DEEPEST), 50))
    named = [members for name, members in found if tab.path.rstrip("s").casefold() in name.casefold()]
    members = named[0] if named else max((members for _name, members in found), key=len, default=[])
    return Rows(members, len(members), False)


def _lists(
    holder: Mapping[str, Any], known: frozenset[str], depth: int
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The lists in an object and in the objects within it, by name; a record's own fields are passed over."""
    for name, value in holder.items():
        if name in known or name.startswith("@"):
            continue
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            yield name, value
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            yield name, [{"@id": item} for item in value]
        elif isinstance(value, dict) and depth:
            yield from ((f"{name}.{inner}", found) for inner, found in _lists(value, frozenset(), depth - 1))
