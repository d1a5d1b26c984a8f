"""What is done to a field of many records: set, clear, find and replace, copy, add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from django.utils.translation import gettext as _

from backoffice.resources import Field, Kind, Record, Resource
from backoffice.resources.rules import complaint


class How(StrEnum):
    """`replace` and `copy` read the record; `add` takes a negative number, too."""

    SET = "set"
    CLEAR = "clear"
    REPLACE = "replace"
    COPY = "copy"
    ADD = "add"


_TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.URL, Kind.IMAGE, Kind.TAX_ID})
_FREE = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.TAX_ID})  # take whatever another text field holds


@dataclass(frozen=True)
class FieldChange:
    """One field and what is done to it.

    `value`: of SET the new value, of REPLACE what stands in place of `find`, of COPY the name of the field that is
    copied, of ADD a number. `find` is looked for as it is written; `any_case`: capitals do not matter.
    """

    field: str
    how: How
    value: Any = None
    find: str = ""
    any_case: bool = False

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """As `asdict` wrote it."""
        return cls(**{**kept, "how": How(kept["how"])})

    def kept(self) -> dict[str, Any]:
        return {**asdict(self), "how": self.how.value}

    @property
    def reads(self) -> str:
        """The field that the new value is made of; "" where it needs none."""
        if self.how is How.COPY:
            return str(self.value)
        return self.field if self.how in (How.REPLACE, How.ADD) else ""


class Unsuitable(ValueError):
    """This record's value cannot be worked out; the message says why."""


def ways_of(item: Field, resource: Resource) -> tuple[How, ...]:
    """What can be done to a field."""
    if item.read_only or item.kind in (Kind.LIST, Kind.TIMESTAMP) or item.author:
        return ()
    found = [How.SET]
    if item.clearable:
        found.append(How.CLEAR)
    if item.kind in _TEXTS:
        found.append(How.REPLACE)
    if item.kind is Kind.INTEGER:
        found.append(How.ADD)
    if sources_of(item, resource):
        found.append(How.COPY)
    return tuple(found)


def sources_of(item: Field, resource: Resource) -> tuple[Field, ...]:
    """The fields whose values this one could hold as well."""
    return tuple(other for other in resource.fields if other.name != item.name and _fits(other, item))


def _fits(source: Field, target: Field) -> bool:
    if target.kind is Kind.REFERENCE:
        return source.kind is Kind.REFERENCE and source.references == target.references
    if target.kind in _FREE:
        return source.kind in _TEXTS
    return source.kind is target.kind and target.kind not in (Kind.LIST, Kind.TIMESTAMP, Kind.CHOICE)


def fields_read(changes: Iterable[FieldChange]) -> frozenset[str]:
    """Every field that has to be known of a record before it can be judged."""
    found = list(changes)
    return frozenset(change.field for change in found) | frozenset(filter(None, (c.reads for c in found)))


def wanted(changes: Iterable[FieldChange], record: Record) -> tuple[dict[str, Any], dict[str, str]]:
    """What the fields of this record are to hold, and what stands in the way, both by name of the field."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for change in changes:
        try:
            values[change.field] = _new_value(change, record)
        except Unsuitable as unsuitable:
            values[change.field] = record[change.field]
            problems[change.field] = str(unsuitable)
    return values, problems


def problem_of(item: Field, now: Any, value: Any, *, creating: bool = False) -> str:
    """A sentence where the new value is none for this field; what is there already may stay."""
    return "" if not creating and item.same(now, value) else complaint(item, value, creating=creating)


def _new_value(change: FieldChange, record: Record) -> Any:
    match change.how:
        case How.SET:
            return change.value
        case How.CLEAR:
            return None
        case How.COPY:
            return record[str(change.value)]
        case How.ADD:
            return _added(record[change.field], change.value)
    return _replaced(record[change.field], change)


def _added(now: Any, number: int) -> int:
    if not isinstance(now, int) or isinstance(now, bool):
        raise Unsuitable(_("There is no number to add to."))
    return now + number


def _replaced(now: Any, change: FieldChange) -> Any:
    if now is None:
        return None
    if not isinstance(now, str):
        raise Unsuitable(_("There is no text to look in."))
    new = str(change.value or "")
    if not change.any_case:
        return now.replace(change.find, new) or None
    return _ignoring_case(now, change.find, new) or None


def _ignoring_case(text: str, find: str, new: str) -> str:
    """Literally, and letter by letter, so that a folded letter of two (ß) shifts nothing."""
    folded, wanted_text, found, at = text.lower(), find.lower(), [], 0
    if len(folded) != len(text):
        return text.replace(find, new)
    while wanted_text and (place := folded.find(wanted_text, at)) >= 0:
        found += [text[at:place], new]
        at = place + len(wanted_text)
    return "".join([*found, text[at:]])
