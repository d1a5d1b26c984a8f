"""Numbers of records from an uploaded XLSX or CSV: its column of that name, else its first one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.services.transfer.files import Refused, opened, rows, text_of, too_large
from backoffice.services.transfer.pasted import MOST_LINES, terms_in

# The headers of columns that name records, in the order in which they are looked for.
_HEADERS = (
    *("id", "number in flowtly", "nummer i flowtly", "number", "nummer"),
    *(
        "tin",
        "tax number",
        "skattenummer",
        "vat number",
        "momsnummer",
        "vatnumber",
        "vat",
        "cvr",
        "cvr-nr.",
        "nip",
    ),
    *("address", "url", "iri"),
)
_ENCODINGS = ("utf-8-sig", "cp1252")
_SAMPLE = 8192


def terms_of_file(file: BinaryIO) -> list[str]:
    """Each term once; at most one more than MOST_LINES. Raises Refused."""
    head = file.read(4)
    file.seek(0)
    if head[:2] == b"PK" or head == b"\xd0\xcf\x11\xe0":
        with opened(file) as book:
            found = (tuple(map(_cell, cells)) for _number, cells in rows(book.worksheets[0], most=MOST_LINES + 2))
            return _terms(found)
    return _terms(_csv_rows(file))


def _cell(cell: object) -> str:
    value = text_of(cell)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _csv_rows(file: BinaryIO) -> Iterator[Sequence[str]]:
    raw = file.read(settings.MOST_UPLOAD_BYTES + 1)
    if len(raw) > settings.MOST_UPLOAD_BYTES:
        raise Refused(too_large())
    text = _decoded(raw)
    line = text[:_SAMPLE].split("\n", 1)[0]
    delimiter = max(";\t,", key=line.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise Refused(_("The file can be read neither as XLSX nor as CSV.")) from error


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refused(_("The file can be read neither as XLSX nor as CSV."))


def _terms(table: Iterable[Sequence[str]]) -> list[str]:
    left = iter(table)
    first = next(left, None)
    if first is None:
        raise Refused(_("The file is empty."))
    heads = [head.strip().casefold() for head in first]
    column = next((heads.index(name) for name in _HEADERS if name in heads), None)
    below = (row[column or 0] for row in left if len(row) > (column or 0))
    cells = chain([] if column is not None else first[:1], below)
    found = dict.fromkeys(term for cell in cells for term in terms_in(cell))
    if not found:
        raise Refused(_("The first column holds nothing."))
    return list(islice(found, MOST_LINES + 1))
