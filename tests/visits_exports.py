"""The pages of exports, for tests that read them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client

from backoffice.models import Export
from backoffice.sandbox.server import SandboxServer
from tests.visiting import Visit, at


def _received(answer: HttpResponse) -> None:
    """A file is closed by reading it to its end."""
    if answer.streaming:
        list(answer)


def _exported(browser: Client, path: str, **chosen: str) -> str:
    """Makes a file and gives its page."""
    answer = browser.post(path, {"query": "", "format": "csv", "columns": "shown", **chosen})
    _received(answer)
    return answer.get("Location") or f"/exports/{Export.objects.latest('created_at').pk}/"


def _export(state: str = "", **held: Any) -> Callable[[Client, SandboxServer], HttpResponse]:
    """The page of an export; with a state as if it stood there."""

    def go(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
        there = _exported(browser, "/contacts/export/")
        if state:
            Export.objects.update(state=state, **held)
        return browser.get(there)

    return go


def _exports(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    Export.objects.all().delete()  # their titles are in the language in which they were asked for
    _exported(browser, "/clients/export/", query="status=active")
    _exported(browser, "/clients/export/", query="vatNumber__empty=true")
    return browser.get("/exports/")


EXPORTS = {
    "export": at("/clients/export/?status=active&sort=-name", role="viewer"),
    "export of what one must look at": at("/clients/export/?vatNumber__empty=true&sort=tin"),
    "export of what nobody can tell": at("/clients/export/?contacts__empty=true"),
    "export that makes no sense": Visit(
        lambda browser, _: browser.post("/clients/export/", {"format": "pdf"}), status=422
    ),
    "export made": Visit(_export()),
    "export waiting": Visit(_export("waiting")),
    "export running": Visit(_export("running", total=None, rows=12)),
    "export failed": Visit(_export("failed", problem="ShiftedPages")),
    "export broken off": Visit(_export("failed", problem="BrokenOff")),
    "export stopped": Visit(_export("stopped")),
    "exports": Visit(_exports),
    "no exports": at("/exports/"),
}
