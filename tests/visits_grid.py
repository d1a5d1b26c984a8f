"""The grid of selected records, for tests that read every page."""

from __future__ import annotations

import json
from collections.abc import Callable
from unittest.mock import patch

from django.http import HttpResponse
from django.test import Client

from backoffice.sandbox.server import SandboxServer
from backoffice.views import grid
from tests.records.pages import form_of
from tests.visiting import Visit

Way = Callable[[Client, SandboxServer], HttpResponse]


def _grid(browser: Client, *keys: str) -> str:
    browser.post("/clients/selection/none/")
    browser.post("/clients/selection/", {"add": keys})
    return str(browser.post("/clients/selection/grid/")["Location"])


def _opened(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    place = _grid(browser, "1", "2", "987654")
    return browser.get(
        f"{place}?column=country&column=currency&column=tinCountry&column=dueDays&column=costGroupIcon"
    )


def _of_nothing(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    place = _grid(browser, "987654")
    return browser.get(place)


def _sent(cells: dict[str, dict[str, str]], **spoilt: str) -> Way:
    def go(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
        place = _grid(browser, "1", "2")
        columns = "?column=name&column=dueDays&column=defaultCost&column=country"
        return browser.post(
            place, form_of(browser, place + columns, "grid-form") | {"cells": json.dumps(cells)} | spoilt
        )

    return go


def _too_many(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    with patch.object(grid, "MOST", 1):
        return browser.get(_grid(browser, "1", "2"))


_WRONG = {"1": {"name": "", "dueDays": "x", "defaultCost": "none-of-these", "country": "none-of-these"}}

GRID = {
    "grid": Visit(_opened, role="steward"),
    "grid of nothing": Visit(_of_nothing, role="steward"),
    "grid with errors": Visit(_sent(_WRONG), role="steward", status=422),
    "grid without a change": Visit(_sent({}), role="steward"),
    "grid with lost data": Visit(_sent({"1": {"dueDays": "5"}}, base="x"), role="steward", status=422),
    "grid of too many": Visit(_too_many, role="steward"),
}
