"""Sheets that people and programs damaged: a clear sentence for each, and nothing written."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import Workbook

from backoffice.models import Job, Sheet, SheetUpload, User
from backoffice.sandbox.server import SandboxServer
from tests.transfer.conftest import Make
from tests.transfer.sheets import NUMBER, Book, refusal, upload

pytestmark = pytest.mark.django_db(transaction=True)
Damage = Callable[[Book], bytes]


def edited(change: Callable[[Book], object]) -> Damage:
    """What a program saves after this was done to the open workbook."""

    def damaged(book: Book) -> bytes:
        change(book)
        return book.saved()

    return damaged


def repacked(name: str, change: Callable[[bytes], bytes]) -> Damage:
    """The file with one part of it rewritten."""

    def damaged(book: Book) -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(book.original)) as old, zipfile.ZipFile(held, "w", 8) as new:
            for part in old.infolist():
                content = old.read(part)
                new.writestr(part.filename, change(content) if part.filename == name else content)
        return held.getvalue()

    return damaged


def archive(packing: int = zipfile.ZIP_DEFLATED, **parts: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", packing) as new:
        for name, content in parts.items():
            new.writestr(name.replace("__", "/"), content)
    return held.getvalue()


def without_its_id(book: Book) -> None:
    del book.book["About this sheet"]
    book.book.custom_doc_props.props.clear()


def with_the_id(book: Book, text: str) -> None:
    for [cell] in book.book["About this sheet"].iter_rows(max_col=1):
        if str(cell.value).startswith("backoffice-sheet:"):
            cell.value = f"backoffice-sheet:{text}"


def another_workbook(_book: Book) -> bytes:
    held = io.BytesIO()
    fresh = Workbook()
    fresh.active.append([NUMBER, "Name"])
    fresh.save(held)
    return held.getvalue()


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">&b;</workbook>'
)
REFUSED: dict[str, tuple[Damage, str]] = {
    "empty file": (lambda _book: b"", "The file is empty."),
    "a picture": (lambda _book: b"\x89PNG\r\n\x1a\n\x00\x00\x00", "This is not an Excel file (XLSX)."),
    "CSV": (lambda _book: b"Number in Flowtly;Name\r\n1;Acme\r\n", "This is a CSV file"),
    "old XLS": (lambda _book: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Excel file (XLS)"),
    "password": (
        lambda _book: b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "protected with a password",
    ),
    "truncated": (lambda book: book.original[: len(book.original) // 2], "damaged or incomplete"),
    "ODS": (
        lambda _book: archive(0, mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
        "an OpenDocument file (ODS)",
    ),
    "a broken part": (repacked("xl/workbook.xml", lambda text: text[:200]), "damaged or incomplete"),
    "broken rows": (repacked("xl/worksheets/sheet1.xml", lambda text: text[:-300]), "damaged or incomplete"),
    "entity bomb": (repacked("xl/workbook.xml", lambda _text: BOMB), "declarations that no spreadsheet writes"),
    "another workbook": (another_workbook, "is not a sheet that was made here"),
    "without its id": (edited(without_its_id), "is not a sheet that was made here"),
    "unknown id": (edited(lambda book: with_the_id(book, str(uuid.uuid4()))), "is not known here"),
    "broken id": (edited(lambda book: with_the_id(book, "0" * 36)), "is not a sheet that was made here"),
    "column of numbers missing": (edited(lambda book: book.page.delete_cols(1)), f"“{NUMBER}” is missing"),
    "changed header": (
        edited(lambda book: book.page.cell(1, book.column("Due days")).__setattr__("value", "Days")),
        "the header was “Due days” and was changed",
    ),
    "emptied header": (
        edited(lambda book: book.page.cell(1, book.column("Due days")).__setattr__("value", None)),
        "the header was “Due days” and was changed",
    ),
    "column twice": (
        edited(lambda book: book.page.cell(1, book.page.max_column + 1).__setattr__("value", "Due days")),
        "the header “Due days” stands twice",
    ),
    "headers gone": (edited(lambda book: book.page.delete_rows(1)), "No page has the headers of this sheet"),
    "no rows": (edited(lambda book: book.page.delete_rows(2, 10)), "no rows below its headers"),
    "merged cells": (edited(lambda book: book.page.merge_cells("B2:C3")), "Cells are merged: B2:C3"),
    "several pages": (
        edited(lambda book: book.book.copy_worksheet(book.page)),
        "Several pages hold records: Clients, Clients Copy",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_sheet_that_is_refused(sheet: Make, steward: User, name: str) -> None:
    damage, sentence = REFUSED[name]
    assert sentence in refusal(steward, damage(sheet()))
    assert (Job.objects.count(), SheetUpload.objects.count()) == (0, 0)


ONE_CELL: dict[str, tuple[str, Any, str]] = {
    "text in a number": ("Due days", "soon", "Write a whole number"),
    "number with a unit": ("Due days", "30 days", "Write a whole number"),
    "another locale": ("Due days", "1.234,5", "Write a whole number"),
    "decimal comma": ("Due days", "30,0", "Write a whole number"),
    "a fraction": ("Due days", 30.5, "Write a whole number"),
    "a day in a number": ("Due days", datetime(2026, 1, 30), "holds a day or a time"),
    "a formula": ("Due days", "=10+20", "holds a formula"),
    "a formula in a text": ("City", '=CONCATENATE("A","B")', "holds a formula"),
    "an error": ("Due days", "#REF!", "holds an error (#REF!)"),
    "unknown country": ("Country", "Danmarkistan", "“Danmarkistan” is not in the list"),
    "unknown currency": ("Currency", "KR.", "“KR.” is not in the list"),
    "too long": ("Name", "x" * 256, "256 characters long; at most 255"),
    "control character": ("City", "Aar_x0007_hus", "invisible control character"),
    "a day in a text": ("City", datetime(2026, 1, 2), "holds a day or a time"),
    "yes in a text": ("City", True, "holds TRUE or FALSE"),
    "a long number": ("Tax number", 1234567890123456789, "a number that is not exact"),
    "required and emptied": ("Name", None, "Name must be filled in"),
    "emptied where it cannot be": ("Due days", None, "Due days cannot be emptied"),
    "a name instead of a number": ("Default cost", "Somebody else", "write its number in “Default cost, number”"),
    "unknown counterparty": ("Default cost, number", "999999", "no counterparty with the number 999999"),
    "letters of a country": ("Tax number country", "Denmark", "two letters of a country"),
}


@pytest.mark.parametrize("name", ONE_CELL)
def test_a_cell_that_cannot_be_taken(sheet: Make, steward: User, name: str) -> None:
    header, value, sentence = ONE_CELL[name]
    book = sheet()
    book.put(2, header, value)
    book.put(3, "City", "Nyby")
    found = upload(steward, book.saved())
    [problem] = found.problems()
    assert sentence in problem.text
    place = book.cell(2, "Default cost, number") if header == "Default cost" else book.cell(2, header)
    assert (problem.line, problem.column) == (place.row, place.column_letter)
    assert [line.key for line in found.lines if not line.problems] == ["3"]


@pytest.mark.parametrize("word", ["ja", "Yes", "SAND", "1", 1, "x"])
def test_other_words_for_yes(sandbox: SandboxServer, sheet: Make, steward: User, word: object) -> None:
    sandbox.patch_row("counterparties", 2, {"cyclic": False})
    book = sheet("counterparties")
    book.put(2, "Recurring", word)
    [problem] = upload(steward, book.saved(), "counterparties").problems()
    assert "Choose TRUE or FALSE" in problem.text


def test_what_is_only_for_looking_at(sandbox: SandboxServer, sheet: Make, steward: User) -> None:
    book = sheet("counterparties")
    book.put(2, "Icon of the cost group", "star")
    [problem] = upload(steward, book.saved(), "counterparties").problems()
    assert "only for looking at" in problem.text


ONE_ROW: dict[str, tuple[Callable[[Book], object], str]] = {
    "number that is not in it": (lambda book: book.put(2, NUMBER, "99"), "99 is not in this sheet"),
    "number of another entity": (lambda book: book.put(2, NUMBER, "/counterparties/2"), "is not in this sheet"),
    "number that is none": (lambda book: book.put(2, NUMBER, 2.5), "cannot be read"),
    "number as a formula": (lambda book: book.put(2, NUMBER, "=1+1"), "cannot be read"),
}


@pytest.mark.parametrize("name", ONE_ROW)
def test_a_row_that_nobody_knows(sheet: Make, steward: User, name: str) -> None:
    change, sentence = ONE_ROW[name]
    book = sheet()
    line = book.line(2)
    change(book)
    [problem] = upload(steward, book.saved()).problems()
    assert (problem.line, problem.column) == (line, "A")
    assert sentence in problem.text


def test_a_number_that_stands_twice(sheet: Make, steward: User) -> None:
    book = sheet()
    first = book.line(2)
    second = book.append(**{NUMBER: "2", "Name": "Twice"})
    problems = upload(steward, book.saved()).problems()
    assert [problem.line for problem in problems] == [first, second]
    assert all(f"stands in the rows {first} and {second}" in problem.text for problem in problems)


HARMLESS: dict[str, tuple[Callable[[Book], object], str]] = {
    "column taken out": (lambda book: book.page.delete_cols(book.column("Currency")), ""),
    "rows taken out": (lambda book: book.page.delete_rows(2), ""),
    "columns swapped": (lambda book: book.page.move_range("B1:B4", cols=60), ""),
    "a row hidden": (
        lambda book: book.page.row_dimensions[3].__setattr__("hidden", True),
        "Hidden rows were read as well: 1.",
    ),
    "a page added": (
        lambda book: book.book.create_sheet("Mine").append(["sums"]),
        "Pages that were not read: Mine.",
    ),
    "a column added": (
        lambda book: book.page.cell(1, book.page.max_column + 1).__setattr__("value", "My notes"),
        "is not from this sheet and was not read.",
    ),
    "empty rows between": (lambda book: book.page.insert_rows(3, 5), ""),
    "the page about it lost": (lambda book: book.book.remove(book.book["About this sheet"]), ""),
    "the lists lost": (lambda book: book.book.remove(book.book["Lists"]), ""),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_no_harm(sheet: Make, steward: User, name: str) -> None:
    change, note = HARMLESS[name]
    book = sheet()
    change(book)
    found = upload(steward, book.saved())
    assert (found.lines, found.problems()) == ([], [])
    assert note in " ".join(found.notes)
    assert bool(note) is bool(found.notes)


def test_sheets_of_others(sheet: Make, steward: User, person: Callable[[str], User]) -> None:
    content = sheet().original
    assert "made for somebody else" in refusal(person("admin"), content)
    assert "a sheet of clients" in refusal(steward, content, "counterparties")


def test_sheets_whose_time_is_over(sheet: Make, steward: User) -> None:
    content = sheet().original
    Sheet.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "could be uploaded until" in refusal(steward, content)
    Sheet.objects.all().delete()
    assert "is not known here" in refusal(steward, content)


def test_more_rows_than_are_read(sheet: Make, steward: User, monkeypatch: pytest.MonkeyPatch) -> None:
    content = sheet().original
    monkeypatch.setattr("backoffice.services.transfer.reader.MOST_RECORDS", 2)
    assert "more than 2 rows" in refusal(steward, content)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_what_unpacks_to_far_too_much(steward: User, sandbox: SandboxServer, part: str) -> None:
    content = archive(**{part.replace("/", "__"): bytes(260 * 2**20 if "sheet1" in part else 90 * 2**20)})
    assert len(content) < 2**20
    assert "far larger than sheets that are made here" in refusal(steward, content)


def test_a_row_at_the_end_of_the_world(sheet: Make, steward: User) -> None:
    """Programs leave cells at the last row; the rows between are no rows."""
    book = sheet()
    book.page.cell(1_048_576, 2).value = "down here"
    [line] = upload(steward, book.saved()).lines
    assert (line.number, line.key) == (1_048_576, "")
