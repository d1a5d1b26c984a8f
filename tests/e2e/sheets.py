"""A sheet for editing in the hands of a clerk: downloaded, edited, uploaded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import expect

from .clerk import Clerk

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet_of(clerk: Clerk, *numbers: str) -> Any:
    """The workbook of these clients, opened."""
    clerk.opens("/clients/")
    if clerk.page.get_by_role("button", name="Clear", exact=True).is_visible():
        clerk.clicks("Clear")
        expect(clerk.page.locator("#selection")).not_to_contain_text("on this page")
    clerk.opens("/clients/selection/paste/")
    clerk.page.get_by_label("Numbers, tax numbers or addresses").fill("\n".join(numbers))
    clerk.clicks("Select them")
    clerk.is_at("/clients/")
    clerk.clicks("Sheet for editing")
    clerk.is_at("/selections/*/export/?format=sheet")
    with clerk.page.expect_download() as download:
        clerk.clicks("Make the file")
    return load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))


def edited(book: Any) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def uploads(clerk: Clerk, content: bytes, name: str = "mine.xlsx") -> None:
    clerk.opens("/clients/sheet/")
    file = {"name": name, "mimeType": _TYPE, "buffer": content}
    clerk.page.get_by_label("Sheet (XLSX)").set_input_files(file)  # type: ignore[arg-type]
    clerk.clicks("Read the sheet")
