"""Home, branding, jobs, and what our copy tells of references, for tests that read them all."""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from backoffice.models import Job, JobState, Outcome, Snapshot, Step
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index
from tests.records.pages import form_of, submit
from tests.visiting import Visit, at


def _copied(
    path: str, *, again: bool = False, missing: bool = False
) -> Callable[[Client, SandboxServer], HttpResponse]:
    """With our copy of everything; `again`: asked for anew, `missing`: without what the lists leave out."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        for key in range(1, 121):
            sandbox.patch_row("clients", key, {"defaultCost": 5 if key < 8 else None})
        sandbox.patch_row("counterparties", 3, {"type": None})
        cache.clear()
        for resource in PAGES.values():
            index.refresh(resource)
        if missing:
            Snapshot.objects.filter(entity="counterparties").update(missing=["logoUrl"], problem="Forbidden")
        if again:
            browser.post("/refresh/")
        return browser.get(path)

    return go


def _worked(path: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    """After jobs of each kind, and a deletion."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        for key in range(1, 5):
            submit(browser, f"/clients/{key}/edit/", dueDays="31", addressCity="Ny by", invoiceComment="Ny by")
        key = next(n for n in range(1, 9) if sandbox.row("client-contacts", n))  # another one at the second visit
        browser.post(f"/contacts/{key}/delete/", form_of(browser, f"/contacts/{key}/delete/"))
        jobs = list(Job.objects.order_by("created_at")[:4])
        states = (JobState.RUNNING, JobState.FAILED, JobState.AWAITING, JobState.DONE)
        for job, state in zip(jobs, states, strict=True):
            Job.objects.filter(pk=job.pk).update(state=state)
        Step.objects.filter(phase__job=jobs[3]).update(outcome=Outcome.UNKNOWN)
        return browser.get(path)

    return go


HOME = {
    "home with its numbers": Visit(_copied("/")),
    "home while copies are made": Visit(_copied("/", again=True)),
    "home without some numbers": Visit(_copied("/", missing=True)),
    "home of what was done": Visit(_worked("/"), role="steward"),
    "jobs": Visit(_worked("/jobs/"), role="steward"),
    "jobs of one's own": at("/jobs/?group=failed", role="viewer"),
    "branding": Visit(_copied("/branding/")),
    "branding without some numbers": Visit(_copied("/branding/", missing=True)),
    "branding not counted yet": at("/branding/"),
    "clients of a counterparty, by our copy": Visit(_copied("/counterparties/5/clients/")),
    "delete by our copy": Visit(_copied("/counterparties/5/delete/"), role="steward"),
    "delete by our copy, none": Visit(_copied("/counterparties/4/delete/"), role="steward"),
}
