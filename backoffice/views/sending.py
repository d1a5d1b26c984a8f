"""Sending a finished file to its owner (no view stands here)."""

from __future__ import annotations

from typing import BinaryIO
from urllib.parse import quote

from django.http import FileResponse
from django.utils.text import slugify

from backoffice.models import Export
from backoffice.services import exports
from backoffice.views.guard import SignedInRequest

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def file_answer(request: SignedInRequest, export: Export) -> FileResponse | None:
    """The file as a download, in pieces; None where there is none (any more)."""
    path = exports.download(export, request_id=request.id)
    if path is None:
        return None
    answer = FileResponse(path.open("rb"), content_type=_TYPES[export.name.rpartition(".")[2]])
    answer["Content-Disposition"] = _disposition(export.name)
    return answer


def table_answer(held: BinaryIO, name: str) -> FileResponse:
    """A workbook that was made in memory, as a download under this name."""
    held.seek(0)
    answer = FileResponse(held, content_type=_TYPES["xlsx"])
    answer["Content-Disposition"] = _disposition(f"{name}.xlsx")
    return answer


def _disposition(name: str) -> str:
    """The name in ASCII for old programs, and as it is."""
    stem, _dot, ending = name.rpartition(".")
    plain = f"{slugify(stem) or 'export'}.{ending}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
