"""Tables as files, row by row: XLSX, and CSV in three dialects. Memory does not grow with the number of rows.

XLSX carries every text as it is and is what an import reads back. CSV does not come back whole: a text that a
spreadsheet would take for a formula gets an apostrophe in front, and a spreadsheet drops leading zeros.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575  # below the header; what does not fit goes on in another sheet
LONGEST_CELL = 32_767  # as Excel counts: in UTF-16 units

_AT_ONCE = 500  # rows for each piece of CSV and each word on progress
_SAMPLE = 200  # rows that the widths of the columns are judged by
_NARROWEST, _WIDEST = 8, 60
_DIGITS = 15  # a spreadsheet holds no more of a number
# What XML cannot carry; tab, line feed and carriage return it can.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

# An underscore that begins what a reader would take for an escaped sign; and the sign that XML would change.
_LIKE_AN_ESCAPE = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
_ESCAPED = re.compile("\r")

Progress = Callable[[int], None]
Row = Sequence[Any]


class Kind(StrEnum):
    """What a column holds. In TEXT everything is written as text (keys, tax numbers with leading zeros); in the
    others a number or a yes-or-no is written as one, and what is neither as text."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Column:
    label: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written; `yes` and `no` are what the program that opens it reads as such."""

    name: str
    delimiter: str = ","
    decimal: str = "."
    beginning: str = ""
    yes: str = "true"
    no: str = "false"


# Excel reads a CSV by the language of the computer: list separator, decimal mark and words; the mark at the
# beginning says UTF-8.
DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("plain"),
        Dialect("da", delimiter=";", decimal=",", beginning="\ufeff", yes="SAND", no="FALSK"),
        Dialect("pl", delimiter=";", decimal=",", beginning="\ufeff", yes="PRAWDA", no="FAŁSZ"),
    )
}


@dataclass(frozen=True)
class Written:
    """`shortened`: cells that were longer than a spreadsheet's may be; they end in … there."""

    rows: int
    shortened: int = 0


# CSV


def csv_lines(
    columns: Sequence[Column], rows: Iterable[Row], dialect: Dialect, *, progress: Progress | None = None
) -> Iterator[str]:
    """The file in pieces of some lines each, for a streamed answer; to be sent as UTF-8.

    `progress` is told the rows done, now and then and at the end; what it raises ends the work.
    """
    held = io.StringIO()
    writer = csv.writer(held, delimiter=dialect.delimiter, lineterminator="\r\n")
    held.write(dialect.beginning)
    writer.writerow([harmless(column.label) for column in columns])
    done = 0
    for done, row in enumerate(rows, 1):
        writer.writerow([_in_csv(column, value, dialect) for column, value in zip(columns, row, strict=True)])
        if done % _AT_ONCE == 0:
            yield _taken(held)
            _tell(progress, done)
    yield _taken(held)
    if done % _AT_ONCE or not done:
        _tell(progress, done)


def write_csv(
    path: Path,
    columns: Sequence[Column],
    rows: Iterable[Row],
    dialect: Dialect,
    *,
    progress: Progress | None = None,
) -> Written:
    """The same to a file; where it is stopped, no file is left."""
    done = 0

    def told(number: int) -> None:
        nonlocal done
        done = number
        _tell(progress, number)

    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_lines(columns, rows, dialect, progress=told))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Written(done)


def harmless(value: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe in front where it would be one.

    Also after blanks and signs without width, and for the full-width forms of = + - @.
    """
    text = _UNPRINTABLE.sub("", value)
    begins = next((sign for sign in text if not sign.isspace() and unicodedata.category(sign) != "Cf"), "")
    risky = text[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", begins)[:1] in ("=", "+", "-", "@")
    return f"'{text}" if risky and text else text


def _in_csv(column: Column, value: Any, dialect: Dialect) -> str:
    if value is None:
        return ""
    if column.kind is not Kind.TEXT:
        if isinstance(value, bool):
            return dialect.yes if value else dialect.no
        if isinstance(value, int | float | Decimal):
            return _digits(value).replace(".", dialect.decimal)
    return harmless(_as_text(value))


def _taken(held: io.StringIO) -> str:
    text = held.getvalue()
    held.seek(0)
    held.truncate()
    return text


# XLSX


def write_xlsx(
    target: Path | BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    title: str = "",
    progress: Progress | None = None,
    rows_per_sheet: int = MOST_ROWS,
) -> Written:
    """A workbook with a frozen, bold header and a filter; `title` names its sheet.

    More rows than a sheet holds go on in further sheets, each with the header. A text too long for a cell is cut,
    ends in … and is counted. `progress` as for CSV; where it raises, nothing is written.
    """
    rows = iter(rows)
    sample = list(islice(rows, _SAMPLE))
    widths = [width_of(column, [row[at] for row in sample]) for at, column in enumerate(columns)]
    left, done, shortened = chain(sample, rows), 0, 0
    with workbook(target) as book:
        while True:
            sheet = begin(book, title, columns, widths)
            for line, row in enumerate(islice(left, rows_per_sheet), 1):
                shortened += write_row(sheet, line, columns, row)
                done += 1
                if done % _AT_ONCE == 0:
                    _tell(progress, done)
            sheet.autofilter(0, 0, (done - 1) % rows_per_sheet + 1 if done else 0, len(columns) - 1)
            following = next(left, None)
            if following is None:
                break
            left = chain([following], left)
        if done % _AT_ONCE or not done:
            _tell(progress, done)
    return Written(done, shortened)


class _Sheet(Worksheet):
    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        """A text like `<r>…</r>` would go into the file as markup; ours are texts, never markup."""
        self._xml_inline_string(string, False, list(attributes))

    @staticmethod
    def _escape_control_characters(data: Any) -> Any:
        """As Excel escapes; XlsxWriter leaves the second of two signs that share an underscore as it is."""
        if not isinstance(data, str):
            return data
        escaped = _LIKE_AN_ESCAPE.sub("_x005F_", data)
        return _ESCAPED.sub(lambda sign: f"_x{ord(sign[0]):04X}_", escaped)


@contextmanager
def workbook(target: Path | BinaryIO) -> Iterator[Workbook]:
    """Written when it ends; where that is by an error, nothing is, and nothing is left in the temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": folder,
        }
        book = Workbook(str(target) if isinstance(target, Path) else target, options)
        try:
            yield book
            book.close()
        finally:
            book.fileclosed = True
            for sheet in book.worksheets():
                sheet._opt_close()


def begin(
    book: Workbook, title: str, columns: Sequence[Column], widths: Sequence[int], formats: Sequence[Any] = ()
) -> Worksheet:
    """A sheet with its header; `formats`: one for the cells of each column, where they have one."""
    number = len(book.worksheets()) + 1
    sheet = book.add_worksheet(_sheet_name(title, number), worksheet_class=_Sheet)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width, *(formats[at : at + 1]))
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for at, column in enumerate(columns):
        sheet.write_string(0, at, _fitting(column.label)[0], bold)
    return sheet


def _sheet_name(title: str, number: int) -> str:
    """What Excel takes: 31 characters without its brackets and slashes, and not its own word History."""
    name = re.sub(r"[\[\]:*?/\\]", " ", _UNPRINTABLE.sub("", title)).strip(" '")[:24].strip(" '") or "Data"
    return f"{name} {number}" if number > 1 or name.casefold() == "history" else name


def write_row(
    sheet: Worksheet, line: int, columns: Sequence[Column], row: Row, formats: Sequence[Any] = ()
) -> int:
    """Write one row, with a format for each column where given; how many cells had to be shortened."""
    shortened = 0
    for at, (column, value) in enumerate(zip(columns, row, strict=True)):
        held, cut = written(column.kind, value)
        shortened += cut
        if held is not None:
            write: Any = sheet.write_string if isinstance(held, str) else sheet.write_number
            write = sheet.write_boolean if isinstance(held, bool) else write
            write(line, at, held, *(formats[at : at + 1]))
    return shortened


def written(kind: Kind, value: Any) -> tuple[str | int | float | bool | None, bool]:
    """What stands in a cell of an XLSX for a value (None: nothing), and whether it had to be shortened."""
    if value is None:
        return None, False
    if kind is not Kind.TEXT and isinstance(value, bool):
        return value, False
    if kind is not Kind.TEXT and isinstance(value, int | float | Decimal) and _exact(value):
        return float(value) if isinstance(value, Decimal) else value, False
    text, cut = _fitting(_as_text(value))
    return text or None, cut


def _exact(value: float | Decimal) -> bool:
    """Whether a spreadsheet can hold the number as it is; one with more digits stays a text."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < 10**_DIGITS
    return (
        value.is_finite() and len(value.normalize().as_tuple().digits) <= _DIGITS and abs(value.adjusted()) < 300
    )


def _fitting(value: str) -> tuple[str, bool]:
    text = _UNPRINTABLE.sub("", value)
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text, False
    return units[: 2 * (LONGEST_CELL - 1)].decode("utf-16-le", "ignore") + "…", True


def width_of(column: Column, values: Iterable[Any]) -> int:
    """By the longest of the label (with its filter's button) and the first values."""
    lines = (_as_text(value).split("\n", 1)[0] for value in values if value is not None)
    longest = max([len(column.label) + 3, *(len(line) + 1 for line in lines)])
    return min(max(longest, _NARROWEST), _WIDEST)


# Both


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _digits(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _digits(value: float | Decimal) -> str:
    return format(value, "f") if isinstance(value, Decimal) else repr(value)


def _tell(progress: Progress | None, done: int) -> None:
    if progress is not None:
        progress(done)
