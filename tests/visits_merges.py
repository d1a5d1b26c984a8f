"""Merges on every page that they have, for tests that read every page."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import Client, override_settings

from backoffice.environment import MergeApproval
from backoffice.models import Job, JobState, Outcome, Step, Upstream
from backoffice.models.jobs import FINAL_STATES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs
from tests.records.pages import form_of
from tests.visiting import Visit

Way = Callable[[Client, SandboxServer], HttpResponse]
_NEW = "/merges/new/"
_numbers = count(1)
_THREE = f"{_NEW}?ids=12,15,18&survivor=12"


def _website() -> str:
    """Another one each time, so that it is not taken for a text that was not translated."""
    return f"https://{next(_numbers)}.example/"


def _stage(sandbox: SandboxServer) -> None:
    """As on the first day; pages are visited more than once."""
    sandbox.reset()
    sandbox.clear_faults()
    Upstream.objects.update(merge_wrong="", merge_verified="")
    # What an earlier visit planned is neither under way nor told in the words of its author.
    Job.objects.exclude(state__in=FINAL_STATES).update(state=JobState.WITHDRAWN)
    Job.objects.update(title="")
    for client in range(1, 30):
        sandbox.patch_row("clients", client, {"defaultCost": 15 if client < 4 else 1})


def _seen(url: str, **chosen: Any) -> Way:
    """The page that composes; with `chosen` as it comes back."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        _stage(sandbox)
        if not chosen:
            return browser.get(url)
        return browser.post(_NEW, {**form_of(browser, url, "merge-form"), **chosen})

    return go


def _stale(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    _stage(sandbox)
    form = form_of(browser, _THREE, "merge-form")
    sandbox.patch_row("counterparties", 15, {"cyclic": not (sandbox.row("counterparties", 15) or {})["cyclic"]})
    return browser.post(_NEW, {**form, "do": "plan"})


def _planned(browser: Client, sandbox: SandboxServer, typed: dict[str, str] | None = None) -> Job:
    _stage(sandbox)
    website = {"pick-corporateWebsiteUrl": "typed", "value-corporateWebsiteUrl": _website()}
    typed = website if typed is None else typed
    browser.post(_NEW, {**form_of(browser, _THREE, "merge-form"), **typed, "do": "plan"})
    return Job.objects.latest("created_at")


def _confirmed(browser: Client, job: Job, reason: str = "12345") -> HttpResponse:
    return browser.post(f"/jobs/{job.pk}/merge/confirm/", {"reason": reason, "when": "now", "message": "12345"})


def _ran(browser: Client, job: Job) -> HttpResponse:
    _confirmed(browser, job)
    job.refresh_from_db()
    jobs.run(job)
    return browser.get(f"/jobs/{job.pk}/")


def _plan(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    return browser.get(f"/jobs/{_planned(browser, sandbox).pk}/")


def _asking(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    with override_settings(MERGE_APPROVAL=MergeApproval(always=True)):
        job = _planned(browser, sandbox)
        return _confirmed(browser, job, reason="")


def _result(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    return _ran(browser, _planned(browser, sandbox))


def _in_state(state: str) -> Way:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        job = _planned(browser, sandbox)
        Job.objects.filter(pk=job.pk).update(state=state, scheduled_for=job.created_at)
        return browser.get(f"/jobs/{job.pk}/")

    return go


def _changed(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    job = _planned(browser, sandbox)
    sandbox.patch_row("counterparties", 15, {"cyclic": not (sandbox.row("counterparties", 15) or {})["cyclic"]})
    sandbox.patch_row("clients", 1, {"defaultCost": 1})
    sandbox.patch_row("clients", 9, {"defaultCost": 15})
    return _ran(browser, job)


def _refused(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    job = _planned(browser, sandbox)
    sandbox.fault("status", method="POST", path="/counterparties/12/merge", status=422, skip=1, detail="12345")
    answer = _ran(browser, job)
    sandbox.clear_faults()
    return answer


def _in_part(path: str) -> Way:
    """Some clients failed, one is unknown."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        sandbox.set_profile(merge_moves_references=False)
        job = _planned(browser, sandbox)
        sandbox.fault("status", method="PATCH", path="/clients/1", status=422, detail="12345")
        _ran(browser, job)
        sandbox.clear_faults()
        repairs = Step.objects.filter(phase__job=job, phase__name="repair")
        repairs.filter(key="2").update(outcome=Outcome.UNKNOWN)
        if path == "retry/":
            return browser.post(f"/jobs/{job.pk}/retry/", {"nonce": "n"}, follow=True)
        return browser.get(f"/jobs/{job.pk}/{path}")

    return go


def _wrong(path: str) -> Way:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        sandbox.set_profile(merge_keeps="body")
        job = _planned(browser, sandbox, typed={})
        if path:  # where titles of older jobs stand, too, in the language of their day
            Job.objects.filter(pk=job.pk).update(title="12345")
        answer = _ran(browser, job)
        sandbox.set_profile(merge_keeps="path")
        return browser.get(path) if path else answer

    return go


def _restored(step: str) -> Way:
    """`step`: asked, planned, done, or asked again."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        _result(browser, sandbox)
        merge = Job.objects.latest("created_at")
        sandbox.patch_row("clients", 1, {"defaultCost": 1})
        sandbox.patch_row("counterparties", 12, {"corporateWebsiteUrl": _website()})
        if step == "asked":
            return browser.get(f"/jobs/{merge.pk}/undo/")
        browser.post(f"/jobs/{merge.pk}/undo/", {"nonce": "n"})
        plan = Job.objects.latest("created_at")
        if step == "planned":
            return browser.get(f"/jobs/{plan.pk}/")
        answer = _ran(browser, plan)
        return answer if step == "done" else browser.get(f"/jobs/{merge.pk}/undo/")

    return go


def _afterwards(path: str) -> Way:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        _result(browser, sandbox)
        return browser.get(path, follow=True)

    return go


def _steward(go: Way, status: int = 200) -> Visit:
    return Visit(go, role="steward", status=status)


MERGES = {
    "merge, nothing chosen": _steward(_seen(_NEW)),
    "merge of one": _steward(_seen(f"{_NEW}?ids=12")),
    "merge composed": _steward(_seen(f"{_THREE},999999")),
    "merge of a viewer": Visit(_seen(_THREE), role="viewer"),
    "merge chosen": _steward(_seen(_THREE, **{"pick-logoUrl": "15", "pick-type": "typed", "value-type": "12345"})),
    "merge with errors": _steward(_seen(_THREE, **{"pick-displayName": "typed", "do": "plan"}), 422),
    "merge, another stays": _steward(_seen(_THREE, survivor="15", do="plan"), 422),
    "merge, nothing found": _steward(_seen(_THREE, other="zzzzz"), 422),
    "merge, several found": _steward(_seen(_THREE, other="log")),
    "merge, changed meanwhile": _steward(_stale, 422),
    "plan of a merge": _steward(_plan),
    "plan of a merge to be approved": _steward(_asking, 422),
    "merged": _steward(_result),
    "merge that others changed": _steward(_changed),
    "merge that was refused": _steward(_refused),
    "merge done in part": _steward(_in_part("")),
    "rest of a merge": _steward(_in_part("retry/")),
    "merge of the wrong record": _steward(_wrong("")),
    "home, the wrong record": _steward(_wrong("/")),
    "merges, the wrong record": _steward(_wrong("/merges/")),
    "restore": _steward(_restored("asked")),
    "plan of a restore": _steward(_restored("planned")),
    "restored": _steward(_restored("done")),
    "nothing to restore": _steward(_restored("again"), 409),
    "merges": _steward(_afterwards("/merges/?q=15")),
    "merges, none": _steward(_seen("/merges/")),
    "merges, none found": _steward(_afterwards("/merges/?q=zzzzz")),
    "record of an old number": _steward(_afterwards("/counterparties/15/")),
    "history of an old number": _steward(_afterwards("/counterparties/15/history/"), 404),
    "list by an old number": _steward(_afterwards("/counterparties/?q=15")),
    "search by an old number": _steward(_afterwards("/search/?q=15")),
    **{
        f"merge, {state}": _steward(_in_state(state))
        for state in ("scheduled", "running", "paused", "stopped", "refused", "expired", "withdrawn")
    },
}
