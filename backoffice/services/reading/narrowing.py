"""Criteria, search and sort carried out here, on records that are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from backoffice.resources import Kind, Record
from backoffice.resources.criteria import Criterion, Operator
from backoffice.resources.schema import key_of_iri


def narrowed(
    records: Iterable[Record], *, search: str, criteria: Sequence[Criterion], sort: Sequence[str]
) -> list[Record]:
    found = [record for record in records if matches(record, search=search, criteria=criteria)]
    for name in reversed(sort):
        found.sort(key=_by(name.removeprefix("-")), reverse=name.startswith("-"))
    return found


def matches(record: Record, *, search: str, criteria: Sequence[Criterion]) -> bool:
    text = search.strip().casefold()
    return text in _searchable(record) and all(meets(record, criterion) for criterion in criteria)


def meets(record: Record, criterion: Criterion) -> bool:
    """Whether the record has what is asked for; of other records (contacts of a client) nothing is known here."""
    held = record.values.get(criterion.name)
    match criterion.operator:
        case Operator.EMPTY:
            return (held in (None, "", [], {})) == criterion.is_empty
        case Operator.CONTAINS:
            return criterion.values[0].casefold() in str(held or "").casefold()
        case Operator.NOT:
            return not any(_same(record, criterion.name, value) for value in criterion.values)
        case Operator.GTE | Operator.LTE:
            return _within(held, criterion)
    return any(_same(record, criterion.name, value) for value in criterion.values)


def _within(held: Any, criterion: Criterion) -> bool:
    if held is None:
        return False
    bound = criterion.values[0]
    if isinstance(held, int | float):
        return held >= int(bound) if criterion.operator is Operator.GTE else held <= int(bound)
    day = str(held)[: len(bound)]
    return day >= bound if criterion.operator is Operator.GTE else day <= bound


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
