"""The grid: what it was rendered from, what was typed into it, and what of that is a change. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django.core import signing
from django.core.exceptions import ValidationError

from backoffice.forms.basis import UnusableBasis, new_nonce
from backoffice.forms.fields import IRI, Choices, editable_value, shown_text
from backoffice.forms.gridcolumns import Column, editable
from backoffice.resources import Resource
from backoffice.templatetags.grid import Cell

_SALT = "backoffice.forms.grid"
Typed = Mapping[str, Mapping[str, str]]  # what stands in the cells that were edited, by key and field
Found = Mapping[str, Mapping[str, Choices]]  # records by field and the name that was typed


@dataclass(frozen=True)
class GridRow:
    """One record: `values` by the name of the column."""

    key: str
    label: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class GridBasis:
    """What a grid was rendered from; sent along signed, so that only what a person changed in it is touched.

    `missing`: keys of the selection that have no row, with the reason in words.
    """

    slug: str
    selection: str
    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]
    missing: tuple[tuple[str, str], ...] = ()
    nonce: str = field(default_factory=new_nonce)

    def signed(self) -> str:
        rows = [[row.key, row.label, [row.values[name] for name in self.columns]] for row in self.rows]
        parts = [self.slug, self.selection, self.columns, rows, self.missing, self.nonce]
        return signing.dumps(parts, salt=_SALT, compress=True)

    @classmethod
    def read(cls, text: str, *, resource: Resource, selection: str) -> Self:
        """The basis of a submitted grid. Raises UnusableBasis."""
        try:
            slug, held, columns, rows, missing, nonce = signing.loads(text, salt=_SALT)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise UnusableBasis from error
        if (slug, held) != (resource.slug, selection) or not set(columns) <= set(resource.by_name):
            raise UnusableBasis
        found = [GridRow(key, label, dict(zip(columns, values, strict=True))) for key, label, values in rows]
        lost = tuple((key, why) for key, why in missing)
        return cls(slug, held, tuple(columns), tuple(found), lost, nonce)

    def values_of(self, name: str) -> Iterable[Any]:
        return (row.values[name] for row in self.rows)

    def beside(self, fresh: Self) -> Self:
        """The columns of `fresh`, with what a person saw already as it was seen then."""
        seen = {row.key: row.values for row in self.rows}
        rows = [GridRow(row.key, row.label, self._kept(row, seen.get(row.key, {}))) for row in fresh.rows]
        return type(self)(self.slug, self.selection, fresh.columns, tuple(rows), fresh.missing, self.nonce)

    @staticmethod
    def _kept(row: GridRow, seen: Mapping[str, Any]) -> dict[str, Any]:
        return {name: seen.get(name, value) for name, value in row.values.items()}


@dataclass(frozen=True)
class Entered:
    """What was typed, read: `changes` are values to send, `problems` sentences; both by key and field."""

    changes: Mapping[str, Mapping[str, Any]]
    problems: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def number_of_problems(self) -> int:
        return sum(map(len, self.problems.values()))

    def nonce(self, basis: GridBasis) -> str:
        """One for the grid and what it changes: the same submit twice is one, another after Back is new."""
        changes = json.dumps(self.changes, sort_keys=True, default=str)
        return hashlib.sha256(f"{basis.nonce} {changes}".encode()).hexdigest()


def read_typed(text: str) -> Typed:
    """The JSON that the script sends: {key: {field: text}}. Raises UnusableBasis."""
    try:
        held = json.loads(text or "{}")
        json.dumps(held, ensure_ascii=False).encode()  # halves of a surrogate pair fit in no database
    except (ValueError, RecursionError) as error:
        raise UnusableBasis from error
    if not isinstance(held, dict) or not all(_is_row(row) for row in held.values()):
        raise UnusableBasis
    return held


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and all(isinstance(text, str) for text in row.values())


def placed(basis: GridBasis, resource: Resource, typed: Typed) -> Typed:
    """Without the cells that are not in the grid or that nobody can edit there; the script sends none."""
    rows = {row.key: row for row in basis.rows}
    found = {
        key: {name: text for name, text in cells.items() if _open(basis, resource, rows[key], name)}
        for key, cells in typed.items()
        if key in rows
    }
    return {key: cells for key, cells in found.items() if cells}


def _open(basis: GridBasis, resource: Resource, row: GridRow, name: str) -> bool:
    return name in basis.columns and editable(resource.by_name[name]) and editable_value(row.values[name])


def unknown_names(columns: Sequence[Column], typed: Typed) -> dict[str, set[str]]:
    """Names typed where a related record of a long list is wanted, by field."""
    found: dict[str, set[str]] = {}
    for column in columns:
        name = column.item.name
        texts = {row[name].strip() for row in typed.values() if name in row} if column.way == "search" else set()
        if left := {text for text in texts if text and not IRI.fullmatch(text)}:
            found[name] = left
    return found


def settled(typed: Typed, found: Found) -> Typed:
    """With the address in place of each name that is one record's."""
    return {
        key: {name: _address(found.get(name, {}).get(text.strip(), ()), text) for name, text in cells.items()}
        for key, cells in typed.items()
    }


def _address(matches: Choices, text: str) -> str:
    return matches[0][0] if len(matches) == 1 else text


def enter(basis: GridBasis, columns: Sequence[Column], typed: Typed, found: Found) -> Entered:
    """Read each cell that was typed into; a value that is there already is no change."""
    by_name = {column.item.name: column for column in columns}
    changes: dict[str, dict[str, Any]] = {}
    problems: dict[str, dict[str, str]] = {}
    for row in basis.rows:
        for name, text in typed.get(row.key, {}).items():
            column, base = by_name[name], row.values[name]
            try:
                value = column.parse(text, base, found.get(name, {}).get(text.strip(), ()))
            except ValidationError as error:
                problems.setdefault(row.key, {})[name] = error.messages[0]
                continue
            if not column.item.same(value, base):
                changes.setdefault(row.key, {})[name] = value
    return Entered(changes, problems)


def cells_of(
    row: GridRow, columns: Sequence[Column], typed: Typed, problems: Mapping[str, Mapping[str, str]]
) -> list[Cell]:
    """One row as it is shown, with what was typed into it."""
    return [
        _cell(column, row.values[column.item.name], typed.get(row.key, {}), problems.get(row.key, {}))
        for column in columns
    ]


def _cell(column: Column, value: Any, typed: Mapping[str, str], problems: Mapping[str, str]) -> Cell:
    name, numeric = column.item.name, column.item.numeric
    if column.way == "shown" or not editable_value(value):
        text = column.shown(value)
        return Cell(text, text, numeric=numeric, fixed=True)
    raw = shown_text(value)
    was = text = column.text_of(raw)
    if name not in typed:
        return Cell(raw, text, numeric=numeric)
    text = column.text_of(column.raw_of(typed[name]))
    return Cell(column.raw_of(typed[name]), text, (raw, was), problems.get(name, ""), numeric, name=name)
