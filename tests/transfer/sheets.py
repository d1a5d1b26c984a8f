"""A sheet for editing in a person's hands: made, opened, edited, saved and uploaded."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import load_workbook

from backoffice.models import Export, ExportFormat, User
from backoffice.resources import PAGES, Resource
from backoffice.services import exports, selections, transfer
from backoffice.services.exports import files

NUMBER = "Number in Flowtly"


def download(owner: User, resource: Resource, keys: Iterable[str], columns: Sequence[str] = ()) -> bytes:
    """The file as the person gets it, made at once."""
    export = order(owner, resource, keys, columns)
    assert export.ready, export.problem
    return files.path_of(export.file).read_bytes()


def order(owner: User, resource: Resource, keys: Iterable[str], columns: Sequence[str] = ()) -> Export:
    selections.clear(owner=owner, resource=resource)
    selections.change(owner=owner, resource=resource, add=keys)
    frozen = selections.freeze(owner=owner, resource=resource)
    assert frozen is not None
    return exports.request(
        actor=owner,
        resource=resource,
        source=exports.of_selection(frozen),
        title="a sheet",
        columns=columns,
        file_format=ExportFormat.SHEET,
        language="en",
    )


class Book:
    """The workbook as a program has it open. `cell` is found by the record's number and a header."""

    def __init__(self, content: bytes) -> None:
        self.original = content
        self.book = load_workbook(io.BytesIO(content))
        self.page: Any = self.book.worksheets[0]

    @property
    def headers(self) -> list[str]:
        return [cell.value for cell in self.page[1]]

    def column(self, header: str) -> int:
        return self.headers.index(header) + 1

    def line(self, key: int | str) -> int:
        return next(
            row for row in range(2, self.page.max_row + 1) if str(self.page.cell(row, 1).value) == str(key)
        )

    def cell(self, key: int | str, header: str) -> Any:
        return self.page.cell(self.line(key), self.column(header))

    def put(self, key: int | str, header: str, value: Any) -> None:
        self.cell(key, header).value = value

    def append(self, **values: Any) -> int:
        """A new row below the others; its line."""
        line = self.page.max_row + 1
        for header, value in values.items():
            self.page.cell(line, self.column(header.replace("_", " "))).value = value
        return int(line)

    def saved(self) -> bytes:
        held = io.BytesIO()
        self.book.save(held)
        return held.getvalue()


def upload(actor: User, content: bytes, slug: str = "clients") -> transfer.Found:
    return transfer.read(actor=actor, resource=PAGES[slug], file=io.BytesIO(content))


def refusal(actor: User, content: bytes, slug: str = "clients") -> str:
    """Why the upload as a whole is refused."""
    try:
        found = upload(actor, content, slug)
    except transfer.Refused as refused:
        return " ".join(refused.sentences)
    raise AssertionError(f"not refused: {found.lines}")
