"""Reading a sheet that came back: only cells that differ from what was handed out change anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from backoffice.formats import words
from backoffice.models import Sheet, SheetRow, User
from backoffice.resources import Field, Resource
from backoffice.resources.rules import complaint
from backoffice.services.access import Permission, can
from backoffice.services.exports.cells import Lists, SheetColumn
from backoffice.services.exports.editing import MOST_RECORDS, digest
from backoffice.services.transfer import headers, references, twins
from backoffice.services.transfer.cells import Unreadable, cut_short, decoded, touched
from backoffice.services.transfer.files import Refused, dressing, opened, rows, text_of
from backoffice.services.transfer.lines import Line, Problem

_AT_ONCE = 500  # rows whose exported values are looked up together
_FORMULA, _ERROR = "f", "e"


@dataclass
class Found:
    """What an upload holds. `lines`: rows that change, create or have a problem; untouched ones are counted."""

    sheet: Sheet
    layout: headers.Layout
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows_read: int = 0

    @property
    def cells(self) -> int:
        """Touched cells of records that are there."""
        return sum(len(line.changes) for line in self.lines if line.key)

    @property
    def created(self) -> int:
        return sum(not line.key for line in self.lines)

    def problems(self) -> list[Problem]:
        """All of them in the order of the sheet."""
        return [
            self._problem(line, name, text)
            for line in sorted(self.lines, key=lambda line: line.number)
            for name, text in line.problems.items()
        ]

    def _problem(self, line: Line, name: str, text: str) -> Problem:
        place = self.layout.place_of(name) if name else self.layout.number
        header = "" if place is None or not name else self.layout.header(place)
        return Problem(line.number, "" if place is None else get_column_letter(place + 1), header, text)


def read(*, actor: User, resource: Resource, file: BinaryIO) -> Found:
    """What the uploaded sheet changes. Nothing is kept of the file.

    Raises Refused where the sheet as a whole cannot be used, and the errors of the API client where related
    records have to be looked up.
    """
    with opened(file) as book:
        sheet = headers.known_sheet(book, actor=actor, resource=resource)
        place = headers.layout(book, sheet)
        hidden, merged = dressing(book, place.page)
        if merged:
            raise Refused(_unmerge(merged))
        found = Found(sheet, place, notes=list(place.notes))
        if hidden:
            found.notes.append(_("Hidden rows were read as well: %(number)s.") % {"number": words.integer(hidden)})
        reader = _Reader(resource, found, may_create=can(actor, Permission.EDIT), employee=actor.employee)
        left = rows(place.page, most=MOST_RECORDS + 1)
        next(left)  # the headers
        while portion := list(islice(left, _AT_ONCE)):
            reader.take(portion)
    if not found.rows_read:
        raise Refused(_("The sheet holds no rows below its headers."))
    references.resolve(resource, found.lines)
    reader.judge()
    twins.mark(resource, [line for line in found.lines if not line.key])
    return found


def _unmerge(merged: Sequence[str]) -> str:
    shown = ", ".join(merged[:10])
    text = _("Cells are merged: %(cells)s. Separate them; of merged cells only one holds a value.")
    return text % {"cells": shown}


class _Reader:
    """Goes through the rows, some hundred at a time."""

    def __init__(self, resource: Resource, found: Found, *, may_create: bool, employee: str) -> None:
        self.resource = resource
        self.found = found
        self.may_create = may_create
        self.employee = employee
        self.lists: Lists = found.sheet.lists
        self.lines: dict[str, Line] = {}
        self.numbers: dict[str, int] = {}

    def take(self, portion: Sequence[tuple[int, tuple[Any, ...]]]) -> None:
        number = self.found.layout.number
        keys = {line: _key_in(cells[number]) if number < len(cells) else "" for line, cells in portion}
        wanted = [key for key in keys.values() if key]
        held = {row.key: row for row in SheetRow.objects.filter(sheet=self.found.sheet, key__in=wanted)}
        for line, cells in portion:
            self.found.rows_read += 1
            self._row(Line(line, keys[line] or ""), keys[line], held, cells)

    def _row(self, line: Line, key: str | None, held: Mapping[str, SheetRow], cells: Sequence[Any]) -> None:
        if key is None:
            line.problems[""] = _("The number of the record cannot be read. Write it again as it was.")
        elif key and key not in held:
            line.problems[""] = _(
                "The number %(number)s is not in this sheet as it was made. Leave it empty for a new record."
            ) % {"number": key[:60]}
        elif key and key in self.numbers:
            self._twice(line, key)
        else:
            self.numbers[key] = line.number
            self._cells(line, held.get(key), cells)
        if line.changes or line.problems:
            self.found.lines.append(line)
            self.lines[line.key] = line

    def _twice(self, line: Line, key: str) -> None:
        """Nobody knows which of the two is meant, so neither is taken."""
        text = _("The number %(number)s stands in the rows %(one)s and %(other)s. Keep one of them.")
        told = text % {"number": key, "one": self.numbers[key], "other": line.number}
        line.problems[""] = told
        first = self.lines.get(key)
        if first is None:
            first = Line(self.numbers[key], key)
            self.found.lines.append(first)
            self.lines[key] = first
        first.problems.setdefault("", told)

    def _cells(self, line: Line, row: SheetRow | None, cells: Sequence[Any]) -> None:
        for at, column in self.found.layout.places.items():
            cell = cells[at] if at < len(cells) else None
            item = self.resource.by_name.get(column.name)
            if item is None:
                continue
            try:
                if column.named:
                    self._name_beside(line, column, row, cell)
                else:
                    self._cell(line, column, item, row, cell)
            except Unreadable as unreadable:
                line.problems.setdefault(item.name, str(unreadable))

    def _cell(self, line: Line, column: SheetColumn, item: Field, row: SheetRow | None, cell: Any) -> None:
        base = row.values.get(item.name) if row else None
        if cell is not None and cell.data_type == _FORMULA:
            raise Unreadable(_("This cell holds a formula. Write its result instead."))
        value = text_of(cell) if cell is not None else None
        if (value is None) if row is None else not touched(item, value, base, self.lists):
            return
        if cell is not None and cell.data_type == _ERROR:
            raise Unreadable(_("This cell holds an error (%(error)s). Write a value.") % {"error": cell.value})
        if not column.editable:
            raise Unreadable(_("This column is only for looking at; what was written here is not taken."))
        if row is not None and (cut_short(item, base, self.lists) or isinstance(base, dict | list)):
            raise Unreadable(_("The value does not fit into a cell. Change it on the page of the record."))
        new = decoded(item, value, self.lists)
        if (new is None) if row is None else item.same(base, new):
            return
        line.changes[item.name] = new
        if row is not None:
            line.base[item.name] = base

    def _name_beside(self, line: Line, column: SheetColumn, row: SheetRow | None, cell: Any) -> None:
        """Names are only for looking at; one that was changed, with its number left as it was, is a slip."""
        text = str(text_of(cell)).strip() if cell is not None and cell.value is not None else ""
        held = row.names.get(column.name) if row else None
        if text and column.name not in line.changes and digest(self.found.sheet.pk, text) != held:
            place = self.found.layout.place_of(column.name)
            header = self.found.layout.header(place) if place is not None else column.header
            raise Unreadable(_("To choose another one, write its number in “%(header)s”.") % {"header": header})

    def judge(self) -> None:
        """What the fields may hold, once related records are known; and what a new record needs."""
        for line in self.found.lines:
            for name, value in line.changes.items():
                if name not in line.problems and (
                    text := complaint(self.resource.by_name[name], value, creating=not line.key)
                ):
                    line.problems[name] = text
            if not line.key and "" not in line.problems:
                self._judge_new(line)

    def _judge_new(self, line: Line) -> None:
        author = self.resource.author_field
        if not self.may_create:
            line.problems[""] = _("You may change records but not create any.")
        elif author is not None and not self.employee:
            line.problems[""] = _("Choose in your preferences which employee you are; new records name them.")
        elif author is not None:
            line.changes[author.name] = self.employee
        for item in self.resource.editable_fields:
            if item.required and not item.author and item.name not in {*line.changes, *line.problems}:
                line.problems[item.name] = complaint(item, None, creating=True)


def _key_in(cell: Any) -> str | None:
    """The number in the first column: "" for none, None where it is no number."""
    value = text_of(cell)
    if value is None or cell.data_type in (_FORMULA, _ERROR):
        return "" if value is None else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    return text if len(text) <= 200 and "\x00" not in text else None
