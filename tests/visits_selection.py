"""Lists with something selected, and the look-up of what is selected, for tests that read every page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.test import Client

from backoffice.models import Job
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs
from tests.visiting import Visit

Way = Callable[[Client, SandboxServer], HttpResponse]
HTMX = {"HX-Request": "true"}


def _selected(path: str, *, size: int = 2) -> Way:
    def go(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
        keys = [str(number) for number in range(1, size + 1)]
        browser.post("/counterparties/selection/", {"add": keys}, headers=HTMX)
        return browser.get(path)

    return go


def _refused(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    shown = '{"query": "displayName__contains=a"}'
    return browser.post("/counterparties/selection/all/", {"shown": shown}, follow=True)


def _asked(browser: Client, sandbox: SandboxServer, *, all_of_it: bool = False) -> str:
    if all_of_it:
        browser.post("/counterparties/selection/all/", {"shown": "{}"}, headers=HTMX)
    _selected("/counterparties/", size=60)(browser, sandbox)
    return str(browser.post("/counterparties/selection/enrichment/")["Location"])


def _job(browser: Client, sandbox: SandboxServer) -> str:
    return str(browser.post(_asked(browser, sandbox))["Location"])


def _ended(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    """One call done, one refused, one lost."""
    for key in range(1, 61):  # nothing is found, so that no address of a picture is taken for a text
        if sandbox.row("counterparties", key):
            sandbox.patch_row("counterparties", key, {"logoUrl": "x", "corporateWebsiteUrl": "x"})
    place = _job(browser, sandbox)
    sandbox.fault(
        "status", method="POST", path="*/enrich-branding-ai", status=422, detail="Ny by", skip=1, times=1
    )
    sandbox.fault("reset", method="POST", path="*/enrich-branding-ai", skip=1, times=1)
    if sandbox.row("counterparties", 3):
        sandbox.delete_row("counterparties", 3)
    jobs.sweep()
    sandbox.clear_faults()
    return browser.get(place)


def _looking(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    sandbox.set_profile(enrich_many_status=202, enrich_delay=600.0)
    place = _job(browser, sandbox)
    jobs.sweep()
    return browser.get(place)


def _kept_for_long(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    answer = _ended(browser, sandbox)
    for step in Job.objects.latest("created_at").phases.get().steps.all():
        step.redacted = "all"
        step.save()
    return browser.get(answer.wsgi_request.path)


SELECTION = {
    "counterparties selected": Visit(_selected("/counterparties/?cyclic=true"), role="steward"),
    "one counterparty selected": Visit(_selected("/counterparties/", size=1), role="steward"),
    "all refused": Visit(_refused, role="steward"),
    "look-up of many asked": Visit(lambda browser, box: browser.get(_asked(browser, box)), role="steward"),
    "look-up of all asked": Visit(
        lambda browser, box: browser.get(_asked(browser, box, all_of_it=True)), role="steward"
    ),
    "look-up of many waiting": Visit(lambda browser, box: browser.get(_job(browser, box)), role="steward"),
    "look-up of many ended": Visit(_ended, role="steward"),
    "look-up of many going on in Flowtly": Visit(_looking, role="steward"),
    "look-up of many kept for long": Visit(_kept_for_long, role="steward"),
}
