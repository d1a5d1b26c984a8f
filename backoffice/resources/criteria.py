"""What a list is narrowed by: one field, one operator, one or more values. Data only; the names are Django's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backoffice.resources.schema import Children, Kind, Resource, Text


class Operator(StrEnum):
    """`IS` takes any of its values; `EMPTY` holds "true" or "false"; GTE and LTE include their bound."""

    IS = "is"
    NOT = "not"
    CONTAINS = "contains"
    GTE = "gte"
    LTE = "lte"
    EMPTY = "empty"


_CHOSEN = (Operator.IS, Operator.NOT, Operator.EMPTY)
_WRITTEN = (Operator.CONTAINS, Operator.IS, Operator.EMPTY)
_BETWEEN = (Operator.GTE, Operator.LTE, Operator.EMPTY)
_OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    Kind.INTEGER: (Operator.IS, *_BETWEEN),
    Kind.TIMESTAMP: _BETWEEN,
    Kind.LIST: (Operator.EMPTY,),
    Kind.CHOICE: _CHOSEN,
    Kind.REFERENCE: _CHOSEN,
    Kind.COUNTRY_CODE: _CHOSEN,
    Kind.LANGUAGE: _CHOSEN,
    Kind.BOOLEAN: (Operator.IS, Operator.EMPTY),
}


@dataclass(frozen=True)
class Criterion:
    """`name` is a field of the entity, or the name of a tab of records that point at it (EMPTY only)."""

    name: str
    operator: Operator
    values: tuple[str, ...]

    @property
    def parameter(self) -> str:
        """Its name in an address: `status`, or `dueDays__gte`."""
        return self.name if self.operator is Operator.IS else f"{self.name}__{self.operator}"

    @property
    def is_empty(self) -> bool:
        """Whether the empty ones are wanted."""
        return self.operator is Operator.EMPTY and self.values == ("true",)


@dataclass(frozen=True)
class Watch:
    """Records that deserve attention: those that meet `criterion`; `label` says "Clients without …"."""

    label: Text
    criterion: Criterion


def lacking(name: str, label: Text) -> Watch:
    """The records whose field `name` is empty, or that nothing in the tab `name` points at."""
    return Watch(label, Criterion(name, Operator.EMPTY, ("true",)))


def operators_of(resource: Resource, name: str) -> tuple[Operator, ...]:
    """What a list of this entity can be narrowed by on this name; () for a name that it does not know."""
    if item := resource.by_name.get(name):
        return _OPERATORS.get(item.kind, _WRITTEN)
    return (Operator.EMPTY,) if isinstance(resource.tab(name), Children) else ()
