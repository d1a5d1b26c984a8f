"""The pages of sheets for editing and of selecting by numbers, for tests that read them all."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

from backoffice.models import Export
from backoffice.sandbox.server import SandboxServer
from tests.visiting import Visit, at

Way = Callable[[Client, SandboxServer], HttpResponse]
HTMX = {"HX-Request": "true"}


def _asked(browser: Client) -> str:
    browser.post("/clients/selection/", {"add": ["1", "2", "3"]}, headers=HTMX)
    return str(browser.post("/clients/selection/sheet/")["Location"])


def _made(browser: Client) -> Any:
    """The workbook, opened."""
    answer = browser.post(_asked(browser).split("?")[0], {"format": "sheet", "columns": "all"})
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]


def _uploaded(change: Callable[[Any], None]) -> Way:
    def go(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
        book, held = _made(browser), io.BytesIO()
        change(book.worksheets[0])
        book.save(held)
        file = SimpleUploadedFile("1.x", held.getvalue())
        return browser.post("/clients/sheet/", {"file": file}, follow=True)

    return go


def _edit(page: Any) -> None:
    """A cell, a problem, a new record that looks like another one, and a row that is hidden."""
    page.cell(2, 2).value = "X"
    page.cell(3, 2).value = None
    page.cell(5, 2).value = page.cell(4, 2).value
    page.row_dimensions[4].hidden = True


def _ready(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    _made(browser)
    return browser.get(f"/exports/{Export.objects.latest('created_at').pk}/")


def _pasted(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    return browser.post("/clients/selection/paste/", {"terms": "1\n999999\n/1/2/\n?"})


TRANSFER = {
    "sheet of a selection": Visit(lambda browser, _box: browser.get(_asked(browser)), role="steward"),
    "sheet made": Visit(_ready, role="steward"),
    "sheet to upload": at("/clients/sheet/", role="steward"),
    "sheet refused": Visit(
        lambda browser, _box: browser.post("/clients/sheet/", {"file": SimpleUploadedFile("x", b"1;2")}),
        role="steward",
        status=422,
    ),
    "sheet found": Visit(_uploaded(_edit), role="steward"),
    "sheet without changes": Visit(_uploaded(lambda _page: None), role="steward"),
    "select by numbers": at("/clients/selection/paste/", role="viewer"),
    "select by numbers that nobody has": Visit(_pasted, role="viewer", status=422),
}
