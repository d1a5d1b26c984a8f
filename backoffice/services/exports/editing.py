"""The sheet for editing: a workbook that is made to come back, and what stood in it, kept here.

The sheet is not protected: a protected one can be neither sorted nor have rows taken out. What is not to be
changed is grey, refuses to be typed into, and is told when it comes back changed all the same.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from backoffice.formats import words
from backoffice.models import Export, Sheet, SheetRow
from backoffice.resources import Field, Kind, Record, Resource
from backoffice.services import index, reading, sheets
from backoffice.services.exports.cells import KINDS, SheetColumn, cell_of, is_short, short_lists
from backoffice.services.exports.tables import Names, Part, Table, name_of
from backoffice.services.upstream import current

MOST_RECORDS = 20_000  # of one sheet: what an upload reads within a request
TAG = "backoffice-sheet"  # stands before the sheet's id in the file
_AT_ONCE = 500
_SAMPLE = 200
_GREY = {"bg_color": "#EDEDED", "font_color": "#595959"}
_INTEGERS = {"validate": "integer", "criteria": "between", "minimum": -(2**31), "maximum": 2**31 - 1}


class TooManyRecords(Exception):
    """More records than a sheet for editing takes."""


@dataclass(frozen=True)
class _Plan:
    """What the sheet shows: its columns after the number, and the values of the short lists."""

    resource: Resource
    columns: Sequence[SheetColumn]
    lists: dict[str, dict[str, str]]

    @property
    def number(self) -> SheetColumn:
        return SheetColumn("", _("Number in Flowtly"), editable=False)

    @property
    def fields(self) -> list[Field]:
        return [self.resource.by_name[each.name] for each in self.columns if not each.named]

    def table(self) -> Table:
        parts = [Part(sheets.Column(self.number.header), lambda record, _names: record.key)]
        parts += [self._part(each) for each in self.columns]
        return Table(self.resource, parts, self.fields)

    def _part(self, column: SheetColumn) -> Part:
        item = self.resource.by_name[column.name]

        def value(record: Record, names: Names) -> Any:
            held = record.values.get(item.name)
            return name_of(held, names) if column.named else cell_of(item, held, self.lists)

        return Part(sheets.Column(column.header, KINDS.get(item.kind, sheets.Kind.TEXT)), value)


def write_sheet(
    export: Export,
    resource: Resource,
    part: Path,
    records: Iterable[Record],
    *,
    gone: list[str],
    progress: sheets.Progress,
) -> sheets.Written:
    """Write the workbook and keep what stands in it, under the export's id; anew where it was begun before.

    Raises TooManyRecords and what `records` and `progress` raise; nothing is kept then.
    """
    names = export.columns or [item.name for item in resource.fields]
    fields = [resource.by_name[name] for name in names if name in resource.by_name]
    plan = _Plan(resource, _columns(resource, fields), short_lists(fields))
    Sheet.objects.filter(pk=export.pk).delete()
    sheet = Sheet.objects.create(
        pk=export.pk,
        upstream=current(),
        owner=export.owner,
        entity=resource.slug,
        columns=[each.kept() for each in (plan.number, *plan.columns)],
        lists=plan.lists,
        language=export.language,
        expires_at=timezone.now() + timedelta(days=settings.KEEP_SHEETS_DAYS),
    )
    try:
        return _write(sheet, plan, part, records, gone, progress)
    except BaseException:
        sheet.delete()
        raise


def _columns(resource: Resource, fields: Iterable[Field]) -> list[SheetColumn]:
    """Each field once; lists, and what Flowtly's collection leaves out, cannot stand in a cell."""
    left_out, found = index.left_out(resource), []
    for item in dict.fromkeys(fields):
        label = capfirst(str(item.label))
        if item.kind is Kind.LIST or item.name in left_out:
            continue
        editable = not (item.read_only or item.kind is Kind.TIMESTAMP or item.author)
        if item.kind is Kind.REFERENCE and not is_short(item):
            found.append(SheetColumn(item.name, _("%(field)s, number") % {"field": label}, editable))
            found.append(SheetColumn(item.name, label, editable=False, named=True))
        else:
            found.append(SheetColumn(item.name, label, editable))
    return _told_apart(found)


def _told_apart(columns: Iterable[SheetColumn]) -> list[SheetColumn]:
    """Columns are recognised by their headers, so no two may have the same."""
    taken, found = {_("Number in Flowtly").casefold()}, []
    for each in columns:
        header = each.header if each.header.casefold() not in taken else f"{each.header} ({each.name})"
        taken.add(header.casefold())
        found.append(SheetColumn(each.name, header, each.editable, each.named))
    return found


def _noted(records: Iterable[Record], waiting: deque[Record]) -> Iterator[Record]:
    """The records, each once, and in `waiting` until its row is written. Raises TooManyRecords."""
    seen: set[str] = set()
    for record in records:
        if record.key not in seen:
            seen.add(record.key)
            if len(seen) > MOST_RECORDS:
                raise TooManyRecords
            waiting.append(record)
            yield record


@dataclass
class _Keeper:
    """Keeps what stands in each row, some hundred at a time."""

    sheet: Sheet
    plan: _Plan
    rows: list[SheetRow] = field(default_factory=list)

    def keep(self, record: Record, cells: Sequence[Any]) -> None:
        values = {item.name: record.values.get(item.name) for item in self.plan.fields}
        named = [(each, cell) for each, cell in zip(self.plan.columns, cells[1:], strict=True) if each.named]
        names = {each.name: digest(self.sheet.pk, str(cell)) for each, cell in named if cell}
        self.rows.append(SheetRow(sheet=self.sheet, key=record.key, values=values, names=names))
        if len(self.rows) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        SheetRow.objects.bulk_create(self.rows)
        self.rows.clear()


def digest(sheet: uuid.UUID, name: str) -> str:
    """What is kept of a related record's name: enough to see that its cell was changed, and no name."""
    text = " ".join(name.split()).encode("utf-8", "replace")
    return hashlib.blake2s(text, key=sheet.bytes, digest_size=12).hexdigest()


def _write(
    sheet: Sheet, plan: _Plan, part: Path, records: Iterable[Record], gone: list[str], progress: sheets.Progress
) -> sheets.Written:
    table, keeper, waiting = plan.table(), _Keeper(sheet, plan), deque[Record]()
    rows, done, shortened = table.rows(_noted(records, waiting), copied=False), 0, 0
    sample = list(islice(rows, _SAMPLE))
    widths = [sheets.width_of(each, [row[at] for row in sample]) for at, each in enumerate(table.columns)]
    with sheets.workbook(part) as book:
        formats = _formats(book, plan)
        title = capfirst(str(plan.resource.label_plural))
        page = sheets.begin(book, title, table.columns, widths, formats)
        for done, row in enumerate(chain(sample, rows), 1):
            shortened += sheets.write_row(page, done, table.columns, row, formats)
            keeper.keep(waiting.popleft(), row)
            if done % _AT_ONCE == 0:
                progress(done)
        keeper.flush()
        page.autofilter(0, 0, done, len(table.columns) - 1)
        _explain(book, sheet, gone)
        _offer(book, page, plan)
        book.set_custom_property(TAG, str(sheet.pk))
        progress(done)
    return sheets.Written(done, shortened)


def _formats(book: Workbook, plan: _Plan) -> list[Any]:
    """Text cells are marked as text, so that what is typed there stays as it is typed: 0123, 1-2."""
    text, number = book.add_format({"num_format": "@"}), book.add_format()
    grey, grey_text = book.add_format(_GREY), book.add_format({**_GREY, "num_format": "@"})
    found = [grey_text]
    for each in plan.columns:
        typed = plan.resource.by_name[each.name].kind in KINDS
        found.append((number if typed else text) if each.editable else (grey if typed else grey_text))
    return found


def _explain(book: Workbook, sheet: Sheet, gone: list[str]) -> None:
    """A sheet of its own that says how this works and holds the id; it is read back."""
    page = book.add_worksheet(_("About this sheet")[:31])
    page.set_column(0, 0, 100, book.add_format({"text_wrap": True}))
    lines = [
        _("This sheet was made to be edited and uploaded again."),
        _("Only the cells that you change are changed in Flowtly, after a preview."),
        _("Rows that you take out stay as they are in Flowtly."),
        _("Leave the headers and the first column as they are. Grey columns are only for looking at."),
        _("A row without a number in the first column is a new record."),
        _("An emptied cell empties the field. Formulas are not read."),
        _("It can be uploaded until %(day)s.") % {"day": words.day(timezone.localtime(sheet.expires_at))},
        _("Keep this page: the sheet is recognised by the next line."),
        f"{TAG}:{sheet.pk}",
    ]
    if gone:
        lines.append(_("Selected, and no longer in Flowtly: %(numbers)s") % {"numbers": ", ".join(gone[:1000])})
    for at, line in enumerate(lines):
        page.write_string(at, 0, line)


def _offer(book: Workbook, page: Worksheet, plan: _Plan) -> None:
    """What can be chosen, as lists that the cells offer; what may not be changed refuses to be typed into."""
    choices = [(at, *_choices(plan, each)) for at, each in enumerate(plan.columns, 1) if each.editable]
    offered = [(at, values, strict) for at, values, strict in choices if values]
    lists = book.add_worksheet("Lists")
    lists.hide()
    for line, row in enumerate(zip_longest(*(values for _at, values, _strict in offered))):
        for column, value in enumerate(row):
            if value is not None:
                (lists.write_boolean if isinstance(value, bool) else lists.write_string)(line, column, value)
    for place, (at, values, strict) in enumerate(offered):
        source = f"=Lists!{xl_range_abs(0, place, len(values) - 1, place)}"
        told = {"validate": "list", "source": source, "error_type": "stop" if strict else "information"}
        page.data_validation(1, at, MOST_RECORDS, at, told)
    for at, each in enumerate(plan.columns, 1):
        if not each.editable:
            page.data_validation(1, at, MOST_RECORDS, at, {"validate": "custom", "value": "=FALSE"})
        elif plan.resource.by_name[each.name].kind is Kind.INTEGER:
            page.data_validation(1, at, MOST_RECORDS, at, _INTEGERS)


def _choices(plan: _Plan, column: SheetColumn) -> tuple[list[Any], bool]:
    """What a cell may hold, and whether it may hold nothing else."""
    item = plan.resource.by_name[column.name]
    if is_short(item):
        return sorted(plan.lists.get(item.references, {}).values(), key=str.casefold), True
    match item.kind:
        case Kind.BOOLEAN:
            return [True, False], True
        case Kind.COUNTRY_CODE:
            return sorted(code for code, _name in words.countries()), True
        case Kind.CHOICE | Kind.LANGUAGE:
            return reading.observed(plan.resource, item.name), False
    return [], False
