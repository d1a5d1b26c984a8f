"""The filters a server declares, and what they make of a query string.

What is not declared, or carries a value that cannot be read, is passed over without a word: that is what
API Platform does, and why a client must never trust a filtered list unseen.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from .profiles import Profile
from .schema import BY_PATH, Resource
from .storage import Query, parse_key, table

Parameters = Sequence[tuple[str, str]]
Kind = Literal["part", "exact", "relation", "nested", "bool", "date", "order", "exists"]
Condition = tuple[str, tuple[Any, ...]]

_BRACKETS = re.compile(r"(order|exists)\[(\w+)\]")
_DATE_OPERATORS = {"before": "<=", "strictly_before": "<", "after": ">=", "strictly_after": ">"}
_TRUE, _FALSE = ("true", "1"), ("false", "0")
_shuffle = itertools.count(1)


@dataclass(frozen=True)
class Filter:
    kind: Kind
    name: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The query parameters it listens to."""
        if self.kind in ("order", "exists"):
            return (f"{self.kind}[{self.name}]",)
        if self.kind == "date":
            return tuple(f"{self.name}[{each}]" for each in _DATE_OPERATORS)
        many = self.kind in ("exact", "relation", "nested")
        return (self.name, f"{self.name}[]") if many else (self.name,)


@lru_cache(maxsize=256)
def declared(resource: Resource, profile: Profile) -> tuple[Filter, ...]:
    """The filters of a resource under a profile, in the order of hydra:search."""
    names = resource.filters if profile.filters is None else sorted(profile.filters)
    found = (_filter(resource, name, exact=name in profile.exact_filters) for name in names)
    return tuple(each for each in found if each)


def _filter(resource: Resource, name: str, *, exact: bool) -> Filter | None:
    if brackets := _BRACKETS.fullmatch(name):
        kind, name = brackets.groups()
        known = name == "id" or (name in resource.by_name and resource.by_name[name].stored)
        return Filter("order" if kind == "order" else "exists", name) if known else None
    field = resource.by_name.get(name.partition(".")[0])
    if field is None or not field.stored:
        return None
    if "." in name:
        return Filter("nested", name) if field.kind == "iri" else None
    kinds: dict[str, Kind] = {"iri": "relation", "bool": "bool", "datetime": "date", "int": "exact"}
    whole = exact or field.exact
    return Filter(kinds.get(field.kind, "exact" if whole else "part"), name)


def query(resource: Resource, profile: Profile, parameters: Parameters) -> Query:
    """What the database is asked, from the parameters that are declared and readable."""
    filters = declared(resource, profile)
    conditions = [found for each in filters if (found := _condition(resource, each, parameters))]
    return Query(
        where=tuple(condition for condition, _ in conditions),
        parameters=tuple(itertools.chain.from_iterable(values for _, values in conditions)),
        order=_order(filters, profile, parameters),
    )


def search(resource: Resource, profile: Profile, parameters: Parameters) -> Condition | None:
    """The condition of /clients/search: a part of the name or of a tax number."""
    text = dict(parameters).get(profile.search_param)
    if text is None:
        return None
    if len(text) < profile.search_min_length:
        return "FALSE", ()
    return "(name LIKE ? OR tin LIKE ? OR vatNumber LIKE ?)", (f"%{text}%",) * 3


def _order(filters: Iterable[Filter], profile: Profile, parameters: Parameters) -> str:
    orderable = {each.variables[0]: each.name for each in filters if each.kind == "order"}
    terms = [
        f"{orderable[variable]} {value.upper()}"
        for variable, value in parameters
        if variable in orderable and value.lower() in ("asc", "desc")
    ]
    if terms:
        return ", ".join([*terms, f"rowid {terms[0].rpartition(' ')[2]}"])
    return f"rowid * {next(_shuffle) * 7919} % 8191" if profile.unstable_order else "rowid"


def _condition(resource: Resource, each: Filter, parameters: Parameters) -> Condition | None:
    if each.kind == "order":
        return None
    values = [value for variable, value in parameters if variable in each.variables]
    if not values:
        return None
    if each.kind == "date":
        return _dates(each, parameters)
    if each.kind == "exists":
        return _exists(each.name, values[-1])
    if each.kind == "bool":
        return _boolean(each.name, values[-1])
    if each.kind == "part":
        return f"{each.name} LIKE ?", (f"%{values[-1]}%",)
    return _one_of(resource, each, values)


def _one_of(resource: Resource, each: Filter, values: list[str]) -> Condition | None:
    column, _, nested = each.name.partition(".")
    accepted: list[Any] = list(values)
    if each.kind == "relation":
        target = BY_PATH[resource.by_name[column].target]
        accepted = [parse_key(target, value.rpartition("/")[2]) for value in values]
    elif resource.by_name[column].kind == "int":
        accepted = [int(value) if re.fullmatch(r"-?\d{1,18}", value) else None for value in values]
    if None in accepted:
        return None
    condition = f"IN ({', '.join('?' * len(accepted))})"
    if each.kind == "nested":
        target = BY_PATH[resource.by_name[column].target]
        condition = f"IN (SELECT id FROM {table(target)} WHERE {nested} {condition})"  # noqa: S608 - schema names
    return f"{column} {condition}", tuple(accepted)


def _boolean(name: str, value: str) -> Condition | None:
    if value not in _TRUE + _FALSE:
        return None
    return f"{name} = ?", (int(value in _TRUE),)


def _exists(name: str, value: str) -> Condition | None:
    if value not in (*_TRUE, *_FALSE, ""):
        return None
    return f"{name} IS {'NULL' if value in _FALSE else 'NOT NULL'}", ()


def _dates(each: Filter, parameters: Parameters) -> Condition | None:
    conditions, moments = [], []
    for operator, sign in _DATE_OPERATORS.items():
        for variable, value in parameters:
            if variable == f"{each.name}[{operator}]" and (moment := _moment(value)):
                conditions.append(f"{each.name} {sign} ?")
                moments.append(moment)
    return (" AND ".join(conditions), tuple(moments)) if conditions else None


def _moment(text: str) -> str | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC).isoformat(timespec="seconds")
