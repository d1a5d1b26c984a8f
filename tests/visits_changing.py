"""From a selection to a plan that is confirmed, for tests that read every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client

from backoffice.models import Forecast, Job, Step
from backoffice.sandbox.server import SandboxServer
from tests.visiting import Visit

Way = Callable[[Client, SandboxServer], HttpResponse]
HTMX = {"HX-Request": "true"}
DAYS = {"field": "dueDays", "how-dueDays": "set", "value-dueDays": "21"}
EVERYTHING = {
    "field": ["dueDays", "invoiceComment", "tin", "defaultCost", "status"],
    "how-dueDays": "add",
    "number-dueDays": "7",
    "how-invoiceComment": "replace",
    "find-invoiceComment": "zzz",
    "with-invoiceComment": "zz",
    "how-tin": "copy",
    "from-tin": "vatNumber",
    "how-defaultCost": "clear",
    "how-status": "set",
    "value-status": "active",
}


def _url(browser: Client, *keys: str) -> str:
    browser.post("/clients/selection/", {"add": list(keys)}, headers=HTMX)
    return str(browser.post("/clients/selection/change/")["Location"])


def _form(posted: dict[str, Any], *keys: str) -> Way:
    return lambda browser, _box: browser.post(_url(browser, *(keys or ("1", "2"))), posted)


def _records(browser: Client, _box: SandboxServer) -> HttpResponse:
    return browser.get(_url(browser, "1", "2").removesuffix("change/"))


def _plan(browser: Client, posted: dict[str, Any]) -> str:
    return str(browser.post(_url(browser, "1", "2", "3"), posted)["Location"])


def _preview(posted: dict[str, Any], query: str = "") -> Way:
    return lambda browser, _box: browser.get(_plan(browser, posted) + query)


def _of_all_kinds(browser: Client, _box: SandboxServer) -> HttpResponse:
    """Each forecast once, as a sheet may have them."""
    place = str(browser.post(_url(browser, *map(str, range(1, 9))), DAYS)["Location"])
    steps = Step.objects.filter(phase__job=Job.objects.latest("created_at")).order_by("number")
    for step, forecast in zip(steps, [name for name in Forecast.values if name], strict=True):
        step.forecast = forecast
        step.context = {"line": 3, "seen": {"dueDays": 1}, "out": "edited", "warnings": {"dueDays": "X"}}
        step.save()
    job = Job.objects.latest("created_at")
    Job.objects.update(spec={**job.spec, "arrivals": ["50", "51"]})
    return browser.get(place)


def _waiting(browser: Client, _box: SandboxServer) -> HttpResponse:
    place = _plan(browser, DAYS)
    Job.objects.update(previewed_at=None)
    return browser.get(place)


def _unread(browser: Client, box: SandboxServer) -> HttpResponse:
    url = _url(browser, "1")
    box.fault("status", method="GET", status=503, detail="Ny by", times=None)
    place = str(browser.post(url, DAYS)["Location"])
    return browser.get(place)


def _confirmed(given: dict[str, str]) -> Way:
    return lambda browser, _box: browser.post(f"{_plan(browser, DAYS)}confirm/", given)


def _emptied(browser: Client, _box: SandboxServer) -> HttpResponse:
    place = _plan(browser, DAYS)
    browser.post(f"{place}rows/", {"do": "out-all", "show": "change"})
    return browser.get(f"{place}?show=out")


def _discarded(browser: Client, _box: SandboxServer) -> HttpResponse:
    return browser.post(f"{_plan(browser, DAYS)}discard/", follow=True)


CHANGING = {
    "change of fields begun": Visit(lambda browser, _box: browser.get(_url(browser, "1")), role="steward"),
    "change of all sorts": Visit(_form({**EVERYTHING, "add": "1", "added": "addressCity"}), role="steward"),
    "change that lacks everything": Visit(
        _form({"field": EVERYTHING["field"], "name": "x" * 300}), role="steward", status=422
    ),
    "change of nothing": Visit(_form({}), role="steward", status=422),
    "records of a selection": Visit(_records, role="steward"),
    "plan previewed": Visit(_preview(EVERYTHING), role="steward"),
    "plan previewed, no such rows": Visit(_preview(DAYS, "?show=delete"), role="steward"),
    "plan of all kinds": Visit(_of_all_kinds, role="steward"),
    "plan that is being read": Visit(_waiting, role="steward"),
    "plan that could not be read": Visit(_unread, role="steward"),
    "plan confirmed too late": Visit(_confirmed({"when": "at", "at": "2020-01-01T10:00"}), "steward", 422),
    "plan that changed meanwhile": Visit(_confirmed({"when": "now"}), role="steward", status=422),
    "plan of nothing": Visit(_emptied, role="steward"),
    "plan discarded": Visit(_discarded, role="steward"),
}
