"""Whatever stands in a cell comes back untouched: through programs that retype it, and in any spelling."""

from __future__ import annotations

import io
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from backoffice.models import User
from backoffice.resources import PAGES, Field, Kind
from backoffice.sandbox.server import SandboxServer
from backoffice.services import sheets
from backoffice.services.exports.cells import KINDS
from backoffice.services.transfer.cells import Unreadable, decoded, touched
from backoffice.services.transfer.files import opened, rows, text_of
from tests.transfer.conftest import Make
from tests.transfer.sheets import upload

FIELDS = {kind: Field(name="x", label="X", kind=kind) for kind in (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN)}
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.text("0123456789 .,-+/:%eE()'\u00a0", max_size=25),
    st.text(" \t\r\n_x000dDAF5", max_size=25),
    st.sampled_from(
        ["", " ", "_x000D_", "_x005F_x000D_", "_x0041_", "\r\n", " a ", "=1+1", "<r>a</r>", "0012", "1-2"]
    ),
)
INTEGERS = st.one_of(st.integers(), st.integers(-100, 100))


def through_a_program(kind: Kind, values: list[Any]) -> tuple[list[Any], list[Any]]:
    """What is read from the file as it was made, and after openpyxl opened and saved it."""
    held = io.BytesIO()
    column = sheets.Column("X", KINDS.get(kind, sheets.Kind.TEXT))
    sheets.write_xlsx(held, [sheets.Column("n"), column], [[str(at), value] for at, value in enumerate(values)])
    saved = io.BytesIO()
    load_workbook(held).save(saved)
    return _read(held), _read(saved)


def _read(file: io.BytesIO) -> list[Any]:
    with opened(file) as book:
        return [text_of(cells[1]) for _number, cells in rows(book.worksheets[0], most=10_000)][1:]


@settings(max_examples=30)
@given(st.lists(TEXTS, min_size=1, max_size=30))
@example(["\r", "a\r\nb", "\x0b", "\ufffe", "x" * 40_000, "_x000d_", "_xD800_", "\x85", "\u2028"])
def test_texts_come_back_untouched(values: list[str]) -> None:
    for found in through_a_program(Kind.TEXT, values):
        assert [touched(FIELDS[Kind.TEXT], new, old, {}) for old, new in zip(values, found, strict=True)] == [
            False
        ] * len(values)


@settings(max_examples=30)
@given(st.lists(st.one_of(INTEGERS, st.booleans(), st.floats(-1e300, 1e300), st.none()), min_size=1, max_size=30))
@pytest.mark.parametrize("kind", [Kind.INTEGER, Kind.BOOLEAN])
def test_numbers_and_yes_or_no_come_back_untouched(kind: Kind, values: list[Any]) -> None:
    for found in through_a_program(kind, values):
        assert not any(touched(FIELDS[kind], new, old, {}) for old, new in zip(values, found, strict=True))


@given(TEXTS, TEXTS)
def test_another_text_is_touched(old: str, new: str) -> None:
    """What differs in more than line ends is told, blanks at the ends too; nothing and blanks are the same."""

    def plain(text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n")

    printable = "".join(sign for sign in old if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))
    different = old != new and plain(printable) != plain(new) and bool(printable.strip() or new.strip())
    assert touched(FIELDS[Kind.TEXT], new, old, {}) is different


@given(st.integers(-(10**14), 10**14), st.integers(-(10**14), 10**14))
def test_another_number_is_touched(old: int, new: int) -> None:
    assert touched(FIELDS[Kind.INTEGER], new, old, {}) is (old != new)
    assert touched(FIELDS[Kind.TEXT], new, str(old), {}) is (old != new)


RETYPED: list[tuple[str, Any]] = [
    ("0012", 12),
    ("46584837", 46584837),
    ("46584837", 46584837.0),
    ("+4512345678", 4512345678),
    ("12345678901234567890", 1.2345678901234567e19),
    ("12345678901234567890", 1.23456789012345e19),
    ("1,234", 1234),
    ("1.234", 1234),
    ("1.234,5", 1234.5),
    ("1 234", 1234),
    ("50%", 0.5),
    ("(5)", -5),
    ("1e5", 100000.0),
    ("TRUE", True),
    ("false", False),
    ("1-2", datetime(2026, 2, 1)),
    ("12-14", datetime(2026, 12, 14)),
    ("1/2", datetime(2026, 1, 2)),
    ("2024-01-05", datetime(2024, 1, 5)),
    ("5.1.24", datetime(2024, 1, 5)),
    ("SEPT2", datetime(2026, 9, 2)),
    ("12:30", time(12, 30)),
    ("30:15", timedelta(hours=30, minutes=15)),
]
NOT_RETYPED: list[tuple[str, Any]] = [
    ("0012", 13),
    ("123456789012345", 123456789012346),
    ("Acme", 1),
    ("Acme", True),
    ("1-2", datetime(2026, 3, 1)),
    ("5", datetime(2026, 1, 5)),
    ("Acme", datetime(2026, 1, 5)),
    ("30", 31),
    ("50%", 50),
    ("", 1),
]


@pytest.mark.parametrize(("old", "new"), RETYPED)
def test_a_text_that_a_program_retyped_is_untouched(old: str, new: Any) -> None:
    assert not touched(FIELDS[Kind.TEXT], new, old, {})


@pytest.mark.parametrize(("old", "new"), NOT_RETYPED)
def test_another_value_is_no_retyped_text(old: str, new: Any) -> None:
    assert touched(FIELDS[Kind.TEXT], new, old, {})


@given(st.one_of(TEXTS, st.integers(), st.floats(), st.booleans(), st.datetimes(), st.timedeltas(), st.none()))
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.LIST, Kind.TIMESTAMP)])
def test_a_cell_gives_a_value_of_its_kind_or_a_sentence(kind: Kind, value: Any) -> None:
    try:
        found = decoded(Field(name="x", label="X", kind=kind, references="clients"), value, {})
    except Unreadable:
        return
    wanted = {Kind.INTEGER: int, Kind.BOOLEAN: bool}.get(kind, str)
    assert found is None or type(found) is wanted


@pytest.mark.django_db(transaction=True)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=9, max_size=9))
def test_wild_records_come_back_untouched(
    sandbox: SandboxServer, sheet: Make, steward: User, texts: list[str]
) -> None:
    names = [item.name for item in PAGES["clients"].fields if item.personal and item.kind is not Kind.LIST][:9]
    sandbox.patch_row("clients", 1, dict(zip(names, texts, strict=True)))
    book = sheet(keys=(1, 2))
    for content in (book.original, book.saved()):
        found = upload(steward, content)
        assert (found.lines, found.rows_read) == ([], 2)


@pytest.mark.django_db(transaction=True)
def test_whatever_a_person_types_is_told(sheet: Make, steward: User, sandbox: SandboxServer) -> None:
    """Of each field that may be edited: another value, and what stood there as its basis."""
    sandbox.patch_row("clients", 1, {"dueDays": 14, "country": "1", "defaultCost": "3", "tin": "0012"})
    book = sheet(keys=(1,))
    typed = {"Due days": 21, "Country": "PL", "Default cost, number": 5, "Tax number": "0013", "City": "Ny by"}
    for header, value in typed.items():
        book.put(1, header, value)
    [line] = upload(steward, book.saved()).lines
    country = line.changes.pop("country")
    assert country.startswith("/countries/")
    assert line.changes == {
        "dueDays": 21,
        "defaultCost": "/counterparties/5",
        "tin": "0013",
        "addressCity": "Ny by",
    }
    assert line.base["defaultCost"] == "/counterparties/3"
    assert (line.base["tin"], line.base["dueDays"]) == ("0012", 14)
