"""A process that serves pages, makes one export of all clients as the worker does, and hands it out.

All of it in one process, so that its memory is an upper bound for the web server's and for the worker's.
"""

from __future__ import annotations

import csv
import io
import time
import zipfile
from typing import Any

import django

from bench.question import answer, question
from bench.walker import peak

COLUMNS = 19  # fields; the record's number is the twentieth column
CSV_SAMPLE = 65536


def main() -> None:
    asked = question()
    django.setup()
    answer(_prepare() if asked["deed"] == "prepare" else _export(asked["source"], asked["format"]))


def _prepare() -> dict[str, Any]:
    """Our tables, somebody who exports, and the copy of all clients."""
    from django.core.management import call_command

    from backoffice.models import User
    from backoffice.resources import PAGES
    from backoffice.services import access, index
    from backoffice.services.upstream import claim_upstream

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    claim_upstream()
    access.give_roles(user=User.objects.create_user("measure"), roles=["viewer"])
    index.refresh(PAGES["counterparties"])
    began = time.perf_counter()
    index.refresh(PAGES["clients"])
    return {"seconds": time.perf_counter() - began, "peak": peak()}


def _export(source: str, ending: str) -> dict[str, Any]:
    from django.test import Client

    from backoffice.models import Export, ExportFormat, User
    from backoffice.resources import PAGES
    from backoffice.resources.criteria import Criterion, Operator
    from backoffice.services import exports
    from backoffice.services.reading import ListQuery

    browser, owner = Client(), User.objects.get(username="measure")
    browser.force_login(owner, backend="backoffice.backends.RoleBackend")
    browser.get("/clients/")
    clients = PAGES["clients"]
    # Flowtly cannot filter by what is empty, so this one is answered by the copy; it leaves nobody out.
    everybody = (Criterion("name", Operator.EMPTY, ("false",)),) if source == "copy" else ()
    before, began = peak(), time.perf_counter()
    export = exports.request(
        actor=owner,
        resource=clients,
        source=exports.of_list(ListQuery(criteria=everybody), ""),
        title="All clients",
        columns=[item.name for item in clients.fields][:COLUMNS],
        file_format=ExportFormat(ending),
        language="en",
    )
    exports.work()
    seconds = time.perf_counter() - began
    export = Export.objects.get(pk=export.pk)
    response = browser.get(f"/exports/{export.pk}/file/")
    first = b""
    size = 0
    for piece in response.streaming_content:  # type: ignore[attr-defined]
        size += len(piece)
        first = first if len(first) > CSV_SAMPLE else first + piece
    return {
        "seconds": seconds,
        "before": before,
        "peak": peak(),  # before the file is looked into
        "size": size,
        "rows": export.rows,
        "columns": _columns(export, first),
        "fresh": export.read_at is None,
    }


def _columns(export: Any, first: bytes) -> int:
    if export.format == "csv":
        return len(next(csv.reader(io.StringIO(first.decode("utf-8", "ignore")))))
    from backoffice.services.exports.files import path_of

    with zipfile.ZipFile(path_of(export.file)) as book, book.open("xl/worksheets/sheet1.xml") as sheet:
        head = sheet.read(CSV_SAMPLE).decode("utf-8", "ignore")
    return head.partition("<sheetData>")[2].partition("</row>")[0].count("<c ")


if __name__ == "__main__":
    main()
