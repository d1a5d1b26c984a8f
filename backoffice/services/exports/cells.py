"""What stands in the cells of a sheet for editing, so that a person can change it and it reads back exactly.

A short list (countries, currencies) stands by its code, or by its name where it has no codes; a record of a long
one by its number, with its name in a column beside it that is only for looking at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backoffice.resources import SHORT_LISTS, Field, Kind
from backoffice.resources.schema import key_of_iri
from backoffice.services import reading, sheets

Lists = Mapping[str, Mapping[str, str]]  # slug -> IRI -> what stands for it
_CODED = ("countries", "currencies")
KINDS = {Kind.INTEGER: sheets.Kind.NUMBER, Kind.BOOLEAN: sheets.Kind.BOOLEAN}


@dataclass(frozen=True)
class SheetColumn:
    """One column after the record's number. `named`: the names of related records, never read back."""

    name: str
    header: str
    editable: bool
    named: bool = False

    def kept(self) -> list[Any]:
        return [self.name, self.header, self.editable, "name" if self.named else ""]

    @classmethod
    def read(cls, kept: list[Any]) -> SheetColumn:
        return cls(kept[0], kept[1], kept[2], kept[3] == "name")


def is_short(item: Field) -> bool:
    return item.kind is Kind.REFERENCE and item.references in SHORT_LISTS


def short_lists(fields: Iterable[Field]) -> dict[str, dict[str, str]]:
    """What stands for each record of the short lists that these fields point into; no two of a list are the same.

    Raises the errors of the API client.
    """
    return {slug: _short_list(slug) for slug in sorted({item.references for item in fields if is_short(item)})}


def _short_list(slug: str) -> dict[str, str]:
    codes = reading.codes(slug) if slug in _CODED else {}
    if codes and all(code.isalpha() for code in codes.values()) and len({*codes.values()}) == len(codes):
        return codes
    labels = {choice.value: choice.label for choice in reading.choices(slug)}
    told: dict[str, int] = {}
    for label in labels.values():
        told[label.casefold()] = told.get(label.casefold(), 0) + 1
    return {
        iri: label if told[label.casefold()] == 1 else f"{label} ({key_of_iri(iri)})"
        for iri, label in labels.items()
    }


def cell_of(item: Field, value: Any, lists: Lists) -> Any:
    """What the file has for this value, before it is written."""
    if item.kind is not Kind.REFERENCE or not isinstance(value, str) or not value:
        return value
    return lists.get(item.references, {}).get(value) or key_of_iri(value)


def in_file(item: Field, value: Any, lists: Lists) -> tuple[str | int | float | bool | None, bool]:
    """What a program finds in the cell, and whether the value was too long to stand there whole."""
    return sheets.written(KINDS.get(item.kind, sheets.Kind.TEXT), cell_of(item, value, lists))
