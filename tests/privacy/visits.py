"""The pages about personal data with their texts, for tests that read them all."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.test import Client

from backoffice.models import Job, Label, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import privacy
from backoffice.services.access import give_roles
from tests.records.pages import submit
from tests.visits import Visit, at


def _asked(how: str, **typed: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    return lambda browser, _sandbox: browser.post("/privacy/", {"find": how, **typed})


def _found_by_text(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    browser.get("/contacts/1/")
    browser.get("/clients/1/")
    name = Label.objects.get(entity="contacts", key="1").label
    return browser.post("/privacy/", {"find": "text", "text": name})


def _saved_by_another(sandbox: SandboxServer) -> Job:
    """A change of client 1 by an editor, for pages that an admin looks at."""
    editor = Client()
    who, _made = User.objects.get_or_create(username="steward")
    give_roles(user=who, roles=["steward"])
    editor.force_login(who, backend="backoffice.backends.RoleBackend")
    sandbox.patch_row("clients", 1, {"addressCity": None})
    submit(editor, "/clients/1/edit/", addressCity="Ny by")
    return Job.objects.latest("created_at")


def _redaction(browser: Client) -> HttpResponse:
    return browser.post("/privacy/clients/1/", {"reason": "2026-14", "sure": "on"})


def _redacted(path: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        job = _saved_by_another(sandbox)
        _redaction(browser)
        privacy.clear_all(actor_name="worker")
        return browser.get(path.replace("JOB", str(job.pk)))

    return go


def _undo_of_redacted(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    job = _saved_by_another(sandbox)
    privacy.redact(actor=None, actor_name="worker", entity="clients", key="1", reason="2026-14")
    return browser.get(f"/jobs/{job.pk}/undo/")


def _without_a_reason(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    _saved_by_another(sandbox)
    return browser.post("/privacy/clients/1/", {})


def _while_a_job_runs(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    Job.objects.filter(pk=_saved_by_another(sandbox).pk).update(state="paused")
    answer = _redaction(browser)
    Job.objects.update(state="done")
    return answer


def _own_account(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    own = User.objects.get(username="admin").pk
    return browser.post(f"/privacy/users/{own}/", {"reason": "2026-14", "sure": "on"})


def _silent_redaction(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    sandbox.fault("status", status=503, times=None)
    answer = browser.get("/privacy/clients/1/")
    sandbox.clear_faults()
    return answer


def _changed(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    _saved_by_another(sandbox)
    return browser.get("/privacy/clients/1/")


PERSONAL_DATA = {
    "personal data": at("/privacy/", role="admin"),
    "personal data searched": Visit(_found_by_text, role="admin"),
    "personal data of nobody": Visit(_asked("text", text="nobody-of-this-name"), role="admin"),
    "personal data asked for wrongly": Visit(_asked("key", entity="x", key="a b"), role="admin", status=422),
    "redaction of a client": Visit(_changed, role="admin"),
    "redaction of somebody gone": at("/privacy/contacts/987654/", role="admin"),
    "redaction without a reason": Visit(_without_a_reason, role="admin", status=422),
    "redaction that waits": Visit(_while_a_job_runs, role="admin", status=409),
    "redaction of an account": Visit(_own_account, role="admin", status=409),
    "redaction while Flowtly is silent": Visit(_silent_redaction, role="admin"),
    "redacted": Visit(_redacted("/privacy/clients/1/"), role="admin"),
    "redacted in the history": Visit(_redacted("/history/"), role="admin"),
    "job that was redacted": Visit(_redacted("/jobs/JOB/"), role="admin"),
    "undo of what was redacted": Visit(_undo_of_redacted, role="steward", status=409),
}
