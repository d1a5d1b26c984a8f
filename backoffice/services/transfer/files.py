"""Opening an uploaded workbook within bounds: what it is, and how large unpacked, is known before it is parsed.

Its size is bounded by settings.MOST_UPLOAD_BYTES; what it unpacks to by the sizes in the archive's directory,
beyond which zipfile does not read. No part may declare a document type, without which XML has no entities to blow
up.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO
from xml.parsers import expat

import structlog
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from backoffice.formats import words

MOST_UNPACKED = 250 * 2**20
_MOST_TEXTS = 80 * 2**20  # shared texts are held in memory
_MOST_OTHER = 16 * 2**20  # styles and the like are, as trees
_MOST_PARTS = 2_000
_MOST_COLUMNS = 300
_LAST_ROW = 1_048_576
_CHUNK = 1 << 16
_ROW_HIDDEN = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=\"(?:1|true)\"")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=\"([A-Z0-9:$]{1,30})\"")
# What openpyxl raises in the middle of rows that make no sense.
_STUMBLES = (
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    LookupError,
    SyntaxError,
    EOFError,
    TypeError,
    ValueError,
)
log = structlog.get_logger("backoffice.transfer")


class Refused(Exception):
    """The file as a whole cannot be used; `sentences` say why, for the person who uploaded it."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


@contextmanager
def opened(file: BinaryIO) -> Iterator[Any]:
    """The workbook, for reading row by row. Raises Refused; so does whatever goes wrong while it is read."""
    _refuse_other_kinds(file)
    _refuse_excess(file)
    try:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parser stumbles over
        raise _damaged(error) from error
    try:
        yield book
    except _STUMBLES as error:
        raise _damaged(error) from error
    finally:
        book.close()


def too_large() -> str:
    return _("The file is larger than %(most)s. Sheets that are made here are smaller; take fewer records.") % {
        "most": filesizeformat(settings.MOST_UPLOAD_BYTES)
    }


def _damaged(error: Exception) -> Refused:
    log.info("an upload could not be read", kind=type(error).__name__)
    return Refused(_("The file is damaged or incomplete. Save it again as XLSX and upload that."))


def _refuse_other_kinds(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(2048)
    file.seek(0)
    if not size:
        raise Refused(_("The file is empty."))
    if size > settings.MOST_UPLOAD_BYTES:
        raise Refused(too_large())
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in file.read():
            raise Refused(_("The file is protected with a password. Save it without one and upload that."))
        raise Refused(_("This is an old Excel file (XLS). Save it as XLSX and upload that."))
    if not head.startswith(b"PK"):
        raise Refused(_no_workbook(head))
    if b"opendocument" in head[:200]:
        raise Refused(_("This is an OpenDocument file (ODS). Save it as XLSX and upload that."))


def _no_workbook(head: bytes) -> str:
    if b"\x00" not in head and re.search(rb"[;,\t]", head):
        return _("This is a CSV file or another text. Upload the XLSX sheet that was made here.")
    return _("This is not an Excel file (XLSX). Upload the sheet that was made here.")


def _refuse_excess(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Refused(_far_too_large())
            for part in parts:
                if part.file_size > _most_of(part.filename):
                    raise Refused(_far_too_large())
                if _declares_a_type(archive, part):
                    raise Refused(_("The file holds declarations that no spreadsheet writes, so it was not read."))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, RuntimeError, OSError, ValueError) as error:
        raise _damaged(error) from error
    file.seek(0)


def _most_of(name: str) -> int:
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        return MOST_UNPACKED
    return _MOST_TEXTS if name.endswith("sharedStrings.xml") else _MOST_OTHER


def _far_too_large() -> str:
    return _("Unpacked, the file is far larger than sheets that are made here, so it was not read.")


class _Known(Exception):
    """A part's beginning was read as far as it matters."""


def _declares_a_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a document type stands before the first element, the only place where XML may have one."""
    found: list[bool] = []

    def told(declared: bool) -> None:
        found.append(declared)
        raise _Known

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_args: told(True)
    parser.StartElementHandler = lambda *_args: told(False)
    try:
        with archive.open(part) as content:
            while chunk := content.read(_CHUNK):
                parser.Parse(chunk)
    except _Known:
        return found[0]
    except expat.ExpatError:
        return False  # whoever parses it will say so
    return False


def rows(sheet: Any, *, most: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Number and cells of each row that holds anything; a cell has `value` and `data_type`.

    Raises Refused beyond `most` rows.
    """
    sheet.reset_dimensions()
    told = 0
    for number, cells in enumerate(sheet.iter_rows(max_row=_LAST_ROW, max_col=_MOST_COLUMNS), 1):
        if any(cell.value is not None for cell in cells):
            told += 1
            if told > most:
                text = _("The sheet holds more than %(most)s rows. Upload it in parts.")
                raise Refused(text % {"most": words.integer(most - 1)})
            yield number, cells


def text_of(cell: Any) -> Any:
    """The value of a cell, in which a text stands as it was typed."""
    value = cell.value
    return unescape(value) if isinstance(value, str) and cell.data_type != "f" else value


def dressing(book: Any, sheet: Any) -> tuple[int, list[str]]:
    """How many rows are hidden, and which cells are merged: what openpyxl leaves out when it reads row by row."""
    hidden, merged, rest = 0, list[str](), b""
    with book._archive.open(sheet._worksheet_path) as content:
        while chunk := content.read(_CHUNK):
            text = rest + chunk
            cut = text.rfind(b"<") if b"<" in text else len(text)
            whole, rest = text[:cut], text[cut:][:_CHUNK]
            hidden += len(_ROW_HIDDEN.findall(whole))
            merged += [found.decode() for found in _MERGED.findall(whole)]
    return hidden, merged
