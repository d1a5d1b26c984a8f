"""Batches of merges, for tests that read every page."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpResponse
from django.test import Client

from backoffice.models import DuplicateGroup, Job, JobState, Likeness, Upstream
from backoffice.sandbox.server import SandboxServer
from backoffice.services.upstream import current, merge_way
from tests.merges.cast import sure_group
from tests.visiting import Visit

Way = Callable[[Client, SandboxServer], HttpResponse]


def _groups(*, verified: bool = True) -> list[DuplicateGroup]:
    DuplicateGroup.objects.all().delete()
    Likeness.objects.all().delete()
    Job.objects.update(state=JobState.WITHDRAWN)  # pages are visited more than once
    Upstream.objects.filter(pk=current().pk).update(merge_verified=merge_way() if verified else "")
    return [sure_group("30", "31"), sure_group("32", "33")]


def _offered(*, verified: bool) -> Way:
    def go(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
        _groups(verified=verified)
        return browser.get("/merges/batches/")

    return go


def _none(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    _groups()
    DuplicateGroup.objects.all().delete()
    return browser.get("/merges/batches/")


def _all_left_out(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    groups = _groups()
    if sandbox.row("counterparties", 31):
        sandbox.delete_row("counterparties", 31)
    return browser.post("/merges/batches/", {"nonce": uuid.uuid4().hex, "group": [str(groups[0].pk)]})


def _planned(state: str = JobState.PLANNED, reason: str = "") -> Way:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        if sandbox.row("counterparties", 31):
            sandbox.delete_row("counterparties", 31)
        asked = {"nonce": uuid.uuid4().hex, "group": [str(group.pk) for group in _groups()]}
        address = browser.post("/merges/batches/", asked)["Location"]
        Job.objects.filter(state=JobState.PLANNED).update(state=state)
        if reason == "asked":
            return browser.post(f"{address}confirm/", {"reason": ""})
        return browser.get(address)

    return go


BATCHES = {
    "batches": Visit(_offered(verified=True), role="steward"),
    "batches before the trial": Visit(_offered(verified=False), role="steward"),
    "batches, none": Visit(_none, role="steward"),
    "batches, all left out": Visit(_all_left_out, role="steward", status=422),
    "batch planned": Visit(_planned(), role="steward"),
    "batch without a reason": Visit(_planned(reason="asked"), role="steward", status=422),
    "batch running": Visit(_planned(JobState.RUNNING), role="steward"),
    "batch done": Visit(_planned(JobState.DONE), role="steward"),
    "batch stopped": Visit(_planned(JobState.STOPPED), role="steward"),
}
