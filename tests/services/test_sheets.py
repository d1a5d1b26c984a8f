"""Tables as files, read back by programs that had no part in writing them."""

from __future__ import annotations

import csv
import gc
import io
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from backoffice.services.sheets import DIALECTS, Column, Kind, csv_lines, harmless, write_csv, write_xlsx

DIGITS, WORDS, ANSWER = Column("Count", Kind.NUMBER), Column("Name"), Column("Active", Kind.BOOLEAN)
WILD = (
    st.text(st.characters(), max_size=60)
    | st.from_regex(r"\A\s?[=+\-@\t\r＝＋].{0,20}\Z")
    | st.text("<r>/=x_0041")
)
XML_LOSES = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))


def workbook(columns: list[Column], rows: list[list[Any]], **options: Any) -> Any:
    held = io.BytesIO()
    write_xlsx(held, columns, iter(rows), **options)
    return load_workbook(held)


def cells(columns: list[Column], rows: list[list[Any]], **options: Any) -> list[list[Any]]:
    found = workbook(columns, rows, **options).worksheets
    lines = [row for sheet in found for row in sheet.iter_rows(values_only=True)]
    return [[unescape(value) if isinstance(value, str) else value for value in row] for row in lines]


def in_csv(columns: list[Column], rows: list[list[Any]], dialect: str = "plain") -> list[list[str]]:
    text = "".join(csv_lines(columns, iter(rows), DIALECTS[dialect])).encode().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=DIALECTS[dialect].delimiter))


def kept(text: str) -> str:
    return "".join(sign for sign in text if sign not in XML_LOSES and not "\ud800" <= sign <= "\udfff")


# XLSX


def test_text_stays_text_and_numbers_are_numbers() -> None:
    when = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    columns = [WORDS, WORDS, DIGITS, DIGITS, ANSWER, WORDS, DIGITS]
    row = ["0012345674", 7, 14, Decimal("1.50"), True, when, None]
    head, found = cells(columns, [row])
    assert head == ["Name", "Name", "Count", "Count", "Active", "Name", "Count"]
    assert found == ["0012345674", "7", 14, 1.5, True, "2026-11-22T08:30:00+00:00", None]


def test_nothing_is_a_formula_or_a_link() -> None:
    row = ["=1+1", "https://example.com", "{=A1}", "<r><t>x</t></r>", "internal:A1"]
    sheet = workbook([WORDS] * 5, [row]).active
    assert [cell.value for cell in sheet[2]] == row
    assert [cell.data_type for cell in sheet[2]] == ["s"] * 5
    assert not any(cell.hyperlink for cell in sheet[2])


def test_a_number_with_more_digits_than_a_spreadsheet_holds_stays_whole() -> None:
    long = [10**15, Decimal("1234567890.1234567"), float("inf")]
    assert cells([DIGITS] * 3, [long])[1] == ["1000000000000000", "1234567890.1234567", "inf"]
    assert cells([DIGITS], [[10**15 - 1]])[1] == [10**15 - 1]


def test_the_header_is_bold_frozen_and_filters() -> None:
    sheet = workbook([WORDS, DIGITS], [["Acme", 1], ["Bravo", 2]]).active
    assert (sheet["A1"].font.b, sheet["A2"].font.b, sheet.freeze_panes) == (True, False, "A2")
    assert sheet.auto_filter.ref == "A1:B3"
    assert 8 <= sheet.column_dimensions["A"].width <= 62


def test_an_empty_table_has_its_header() -> None:
    assert cells([WORDS], []) == [["Name"]]
    assert in_csv([WORDS], []) == [["Name"]]


def test_rows_beyond_a_sheet_go_on_in_the_next() -> None:
    rows = [[str(number)] for number in range(7)]
    book = workbook([WORDS], rows, title="Clients", rows_per_sheet=3)
    assert book.sheetnames == ["Clients", "Clients 2", "Clients 3"]
    assert [[row[0] for row in sheet.values] for sheet in book] == [
        ["Name", "0", "1", "2"],
        ["Name", "3", "4", "5"],
        ["Name", "6"],
    ]
    assert len(workbook([WORDS], rows[:6], rows_per_sheet=3).worksheets) == 2


@pytest.mark.parametrize("title", ["History", "historik: a/b [c] * ? 'x'", "", "Clients " * 9, "'", "\x00"])
def test_any_title_gives_a_sheet(title: str) -> None:
    assert cells([WORDS], [["Acme"]], title=title)[1] == ["Acme"]


def test_a_text_too_long_for_a_cell_is_cut_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    written = write_xlsx(path, [WORDS, WORDS], [["x" * 32_767, "x" * 32_768], ["😀" * 16_384, "😀" * 16_383]])
    assert (written.rows, written.shortened) == (2, 2)
    first, second = list(load_workbook(path).active.iter_rows(min_row=2, values_only=True))  # type: ignore[union-attr]
    assert first == ("x" * 32_767, "x" * 32_766 + "…")
    assert second == ("😀" * 16_383 + "…", "😀" * 16_383)


@given(texts=st.lists(WILD, min_size=1, max_size=5))
def test_any_text_comes_back_from_xlsx(texts: list[str]) -> None:
    """But for what XML cannot carry."""
    found = cells([WORDS] * len(texts), [list(texts)])
    nothing: list[Any] = [None] * len(texts)
    assert [*found, nothing][1] == [kept(text) or None for text in texts]


@given(numbers=st.lists(st.integers(-(10**15) + 1, 10**15 - 1) | st.booleans(), min_size=1, max_size=5))
def test_any_number_comes_back_from_xlsx(numbers: list[int]) -> None:
    found = cells([DIGITS] * len(numbers), [list(numbers)])[1]
    assert (found, list(map(type, found))) == (numbers, list(map(type, numbers)))


# CSV


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        ("plain", b'Name,Count,Active\r\n"M\xc3\xb8ller, A",-1.5,true\r\n007,14,false\r\n'),
        ("da", "\ufeffName;Count;Active\r\nMøller, A;-1,5;SAND\r\n007;14;FALSK\r\n".encode()),
        ("pl", "\ufeffName;Count;Active\r\nMøller, A;-1,5;PRAWDA\r\n007;14;FAŁSZ\r\n".encode()),
    ],
)
def test_each_dialect(tmp_path: Path, dialect: str, line: bytes) -> None:
    rows = [["Møller, A", Decimal("-1.5"), True], ["007", 14, False]]
    path = tmp_path / "clients.csv"
    written = write_csv(path, [WORDS, DIGITS, ANSWER], iter(rows), DIALECTS[dialect])
    assert (path.read_bytes(), written.rows) == (line, 2)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+45 12", "-5", "@x", "\tx", "\rx", "\nx", " =x", "\u00a0=x", "\u200b=x", "\ufeff+1", "＝1", "－1",
     "＠a", "\u3000＋1", "\x00=1", " \u202e\u2066-x"],
)  # fmt: skip
def test_what_would_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{kept(text)}"
    assert in_csv([Column(text)], [[text]]) == [[f"'{kept(text)}"]] * 2


@pytest.mark.parametrize("text", ["", "a=1", "'=1", "1-2", "(=1)", "Møller & Søn", "–", " x"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert harmless(text) == text


def test_a_text_among_numbers_is_a_text() -> None:
    assert in_csv([DIGITS, ANSWER], [["-5", "=x"], [-5, None]], "da")[1:] == [["'-5", "'=x"], ["-5", ""]]


@given(text=WILD)
def test_no_text_begins_as_a_formula(text: str) -> None:
    found = harmless(text)
    assert found.lstrip()[:1] not in ("=", "+", "-", "@", "＝", "＋", "－", "＠")
    assert found[:1] not in ("\t", "\r")
    assert found in (kept(text), f"'{kept(text)}")


@given(texts=st.lists(WILD, min_size=1, max_size=5), dialect=st.sampled_from(sorted(DIALECTS)))
def test_any_text_comes_back_from_csv(texts: list[str], dialect: str) -> None:
    columns = [WORDS] * len(texts)
    assert in_csv(columns, [list(texts), [*reversed(texts)]], dialect)[1:] == [
        [harmless(text) for text in texts],
        [harmless(text) for text in reversed(texts)],
    ]


# Many rows


def plenty(number: int) -> Iterator[list[Any]]:
    return ([f"Client {at}", at, at % 2 == 0] for at in range(number))


def save_csv(path: Path, rows: Iterator[list[Any]], **options: Any) -> None:
    write_csv(path, [WORDS, DIGITS, ANSWER], rows, DIALECTS["da"], **options)


def save_xlsx(path: Path, rows: Iterator[list[Any]], **options: Any) -> None:
    write_xlsx(path, [WORDS, DIGITS, ANSWER], rows, **options)


SAVES = pytest.mark.parametrize("save", [save_csv, save_xlsx])


@SAVES
def test_memory_does_not_grow_with_the_rows(save: Callable[..., None], tmp_path: Path) -> None:
    def peak(number: int) -> int:
        gc.collect()
        tracemalloc.start()
        try:
            save(tmp_path / "rows", plenty(number))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is loaded once
    assert peak(100_000) < 1.5 * peak(10_000)


@SAVES
def test_progress_is_told_to_the_end(save: Callable[..., None], tmp_path: Path) -> None:
    told: list[int] = []
    save(tmp_path / "rows", plenty(1_200), progress=told.append)
    assert told == [500, 1_000, 1_200]
    told.clear()
    save(tmp_path / "rows", plenty(1_000), progress=told.append)
    assert told == [500, 1_000]
    told.clear()
    save(tmp_path / "rows", plenty(0), progress=told.append)
    assert told == [0]


@SAVES
def test_stopped_half_way_it_leaves_nothing(
    save: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def stop(done: int) -> None:
        raise InterruptedError(done)

    with pytest.raises(InterruptedError):
        save(tmp_path / "rows", plenty(1_000), progress=stop)
    assert list(tmp_path.iterdir()) == []
