"""Records as rows: which columns a file has, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.flowtly import errors
from backoffice.resources import SHORT_LISTS, Field, Kind, Record, Resource
from backoffice.resources.schema import key_of_iri
from backoffice.services import index, reading, sheets

_AT_ONCE = 500  # records whose names are looked up together
_KINDS = {Kind.INTEGER: sheets.Kind.NUMBER, Kind.BOOLEAN: sheets.Kind.BOOLEAN}
Names = Mapping[str, str]


@dataclass(frozen=True)
class Part:
    column: sheets.Column
    value: Callable[[Record, Names], Any]


@dataclass(frozen=True)
class Table:
    """`fields` are those that the parts show."""

    resource: Resource
    parts: Sequence[Part]
    fields: Sequence[Field]

    @property
    def columns(self) -> list[sheets.Column]:
        return [part.column for part in self.parts]

    def rows(self, records: Iterable[Record], *, copied: bool) -> Iterator[list[Any]]:
        """One row for each record; `copied`: they come from the index."""
        names = _Names(self.resource, self.fields, copied=copied)
        left = iter(records)
        while portion := list(islice(left, _AT_ONCE)):
            known = names.of(portion)
            for record in portion:
                yield [part.value(record, known) for part in self.parts]


def table_of(resource: Resource, names: Sequence[str], left_out: frozenset[str]) -> Table:
    """The record's number, then the fields of these names; without names all fields, related ones with numbers."""
    whole = not names
    chosen = resource.fields if whole else [resource.by_name[name] for name in names if name in resource.by_name]
    fields = [item for item in chosen if item.name not in left_out]
    parts = [Part(sheets.Column(_("Number in Flowtly")), lambda record, _names: record.key)]
    for item in fields:
        parts += _parts(item, numbers=whole)
    return Table(resource, parts, fields)


def _parts(item: Field, *, numbers: bool) -> list[Part]:
    label = capfirst(str(item.label))
    if item.kind is not Kind.REFERENCE:
        shown = _joined if item.kind is Kind.LIST else _plain
        kind = _KINDS.get(item.kind, sheets.Kind.TEXT)
        return [Part(sheets.Column(label, kind), lambda record, _names: shown(record.values.get(item.name)))]
    named = Part(sheets.Column(label), lambda record, names: name_of(record.values.get(item.name), names))
    if not numbers:
        return [named]
    heading = _("%(field)s, number") % {"field": label}
    return [named, Part(sheets.Column(heading), lambda record, _names: _number(record.values.get(item.name)))]


def _plain(value: Any) -> Any:
    return value


def name_of(iri: Any, names: Names) -> str | None:
    """The name of a related record; its number where nobody knows it."""
    return (names.get(str(iri)) or key_of_iri(str(iri))) if iri else None


def _number(iri: Any) -> str | None:
    return key_of_iri(str(iri)) if iri else None


def _joined(value: Any) -> Any:
    """A list in one cell: the names in it, else the numbers. An object that has neither stays as it came."""
    if isinstance(value, dict):
        return _word(value) or value
    return ", ".join(map(_word, value)) if isinstance(value, list) else value


def _word(item: Any) -> str:
    if isinstance(item, dict):
        named = (item.get(name) for name in ("displayName", "name", "code", "@id"))
        item = next((text for text in named if isinstance(text, str) and text), str(item.get("id") or ""))
    text = str(item)
    return key_of_iri(text) if text.startswith("/") else text


class _Names:
    """Names of related records by IRI: short lists read once, others from the table of names.

    What that lacks is asked for once for each entity, so that a file costs a bounded number of requests. What is
    learnt is written down, so with rows of the index, whose query stays open, it is asked beforehand: by the
    commonest values of all rows.
    """

    def __init__(self, resource: Resource, fields: Sequence[Field], *, copied: bool) -> None:
        pointing = [item for item in fields if item.kind is Kind.REFERENCE]
        self._short: dict[str, str] = {}
        for slug in {item.references for item in pointing} & SHORT_LISTS:
            self._short |= _short_list(slug)
        self._long: dict[str, list[str]] = {}
        for item in pointing:
            if item.references not in SHORT_LISTS:
                self._long.setdefault(item.references, []).append(item.name)
        self._unasked = set(self._long)
        if copied:
            for slug, names in self._long.items():
                iris = {iri for name in names for iri, _rows in index.counts(resource, name) if iri}
                _asked(slug, iris)
            self._unasked.clear()

    def of(self, records: Sequence[Record]) -> Names:
        embedded = {iri: name for record in records for iri, name in record.labels.items()}
        found = dict(embedded)
        for slug, fields in self._long.items():
            iris = {str(record.values[name]) for record in records for name in fields if record.values.get(name)}
            known = reading.names(iris)
            if slug in self._unasked and (unknown := iris - known.keys() - embedded.keys()):
                self._unasked.discard(slug)
                known |= _asked(slug, unknown)
            found |= known
        return found | self._short


def _asked(slug: str, iris: Iterable[str]) -> Mapping[str, str]:
    try:
        return reading.fill_names(slug=slug, iris=iris)
    except errors.FlowtlyError:
        return {}


def _short_list(slug: str) -> dict[str, str]:
    """A currency by its code, what else is short by name; nothing where Flowtly does not tell."""
    if slug == "currencies":
        return {iri: code for iri, code in reading.codes(slug).items() if code}
    try:
        return {choice.value: choice.label for choice in reading.choices(slug)}
    except errors.FlowtlyError:
        return {}
