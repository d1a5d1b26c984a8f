"""Jobs of many after they were confirmed, for tests that read every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from backoffice.models import Job, JobState, Outcome, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, doubts
from backoffice.services.access import give_roles
from tests.bulk.cast import chosen, planned, put, run
from tests.visiting import Visit

Way = Callable[[Client, SandboxServer], HttpResponse]
_KEYS = tuple("12345678")


def steward() -> User:
    user, made = User.objects.get_or_create(username="steward")
    if made:
        give_roles(user=user, roles=["steward"])
    return user


def _plan() -> Job:
    owner = steward()
    return planned(owner, chosen(owner, *_KEYS), put("dueDays", 21))


def _ran(sandbox: SandboxServer) -> Job:
    """Rows of every kind, said in numbers where Flowtly or a person says anything."""
    for key in filter(lambda key: sandbox.row("clients", key), _KEYS):
        sandbox.patch_row("clients", key, {"dueDays": 14})
    sandbox.patch_row("clients", 2, {"dueDays": 21})
    job = _plan()
    bulk.take_out(job=job, numbers=[6])
    sandbox.patch_row("clients", 3, {"dueDays": 99})
    sandbox.patch_row("clients", 4, {"dueDays": 98})
    if sandbox.row("clients", 5):  # pages are visited more than once
        sandbox.delete_row("clients", 5)
    job = run(job, job.actor, reason="12345")
    steps = Step.objects.filter(phase__job=job)
    error = {"message": "", "violations": [["dueDays", "12345"]]}
    steps.filter(key="7").update(outcome=Outcome.REJECTED, after=None, error=error)
    steps.filter(key__in=["1", "8"]).update(outcome=Outcome.UNKNOWN, after=None)
    return job


def _result(path: str = "") -> Way:
    return lambda browser, sandbox: browser.get(f"/jobs/{_ran(sandbox).pk}/{path}")


def _in_state(state: str) -> Way:
    def go(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
        job = _plan()
        Job.objects.filter(pk=job.pk).update(state=state, scheduled_for=timezone.now() + timedelta(hours=9))
        return browser.get(f"/jobs/{job.pk}/")

    return go


def _decided(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    """Conflicts and unknown rows that people decided about."""
    job = _ran(sandbox)
    bulk.keep_theirs(job=job, actor=job.actor, numbers=[3])
    bulk.apply_mine(job=job, actor=job.actor, nonce="m", request_id="t", numbers=[4])
    for number, written in ((1, True), (8, False)):
        step = Step.objects.select_related("phase__job").get(phase__job=job, number=number)
        doubts.settle(step=step, actor=job.actor, written=written, request_id="t")
    return browser.get(f"/jobs/{job.pk}/")


def _decided_conflicts(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    _decided(browser, sandbox)
    job = Job.objects.filter(state=JobState.DONE).latest("created_at")
    return browser.get(f"/jobs/{job.pk}/conflicts/")


def _looked_at(days: int) -> Way:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        job = _ran(sandbox)
        sandbox.patch_row("clients", 1, {"dueDays": days})
        return browser.get(f"/jobs/{job.pk}/rows/1/")

    return go


def _steered(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    """Each thing that people do with a job, in the history."""
    job = bulk.confirm(job=_plan(), actor=steward(), reason="12345")
    for deed in ("pause", "go-on", "stop", "close"):
        browser.post(f"/jobs/{job.pk}/{deed}/")
    for deed in ("begin", "call-off"):
        later = _plan()
        Job.objects.filter(pk=later.pk).update(state=JobState.SCHEDULED)
        browser.post(f"/jobs/{later.pk}/{deed}/")
    _decided(browser, sandbox)
    return browser.get("/history/")


def _undone(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    job = _ran(sandbox)
    Step.objects.filter(phase__job=job).update(outcome=Outcome.ALREADY)
    return browser.get(f"/jobs/{job.pk}/undo/")


def _saved(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    job = _ran(sandbox)
    Step.objects.filter(phase__job=job, key="7").update(outcome=Outcome.CHANGED)
    return browser.get(f"/jobs/{job.pk}/undo/")


RESULTS = {
    f"job of many, {state}": Visit(_in_state(state), role="steward")
    for state in ("scheduled", "running", "paused", "stopped", "refused", "withdrawn", "expired", "failed")
} | {
    "result": Visit(_result(), role="steward"),
    "result of others": Visit(_result("?outcome=excluded"), role="viewer"),
    "result, decided": Visit(_decided, role="steward"),
    "conflicts": Visit(_result("conflicts/"), role="steward"),
    "conflicts, decided": Visit(_decided_conflicts, role="steward"),
    "nothing to take back": Visit(_undone, role="steward", status=409),
    "undo of many": Visit(_saved, role="steward"),
    "unknown, written": Visit(_looked_at(21), role="steward"),
    "unknown, as before": Visit(_looked_at(14), role="steward"),
    "unknown, something else": Visit(_looked_at(77), role="steward"),
    "jobs done in part": Visit(lambda b, s: (_ran(s), b.get("/jobs/?group=partly"))[1], role="steward"),
    "history of a job of many": Visit(_steered, role="steward"),
}
