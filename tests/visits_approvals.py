"""Plans that wait for a second person, and what people are told, for tests that read every page."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from backoffice.models import Approval, Job, Notice, NoticeKind, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import approvals, jobs, notices
from backoffice.services.access import give_roles
from backoffice.services.operations import StepPlan
from tests.visiting import Visit

_numbers = itertools.count(100)
Way = Callable[[Client, SandboxServer], HttpResponse]


def _person(role: str) -> User:
    user, made = User.objects.get_or_create(username=role)
    if made:
        give_roles(user=user, roles=[role])
    return user


def _asked(sandbox: SandboxServer, *, alone: bool = False) -> Job:
    """By a policy that finds both causes; `alone`: nobody has the role."""
    number = next(_numbers)  # so that no two plans have the same fingerprint
    steps = [
        StepPlan(
            verb="update",
            entity="clients",
            key=str(key),
            label=sandbox.row("clients", key)["name"],
            base={"dueDays": sandbox.row("clients", key)["dueDays"]},
            changes={"dueDays": number},
        )
        for key in range(1, 4)
    ]
    job, _made = jobs.store(
        actor=_person("steward"),
        kind="bulk",
        entity="clients",
        title="12345",
        nonce=uuid.uuid4().hex,
        phases={"apply": steps},
        request_id="r",
    )
    if not alone:
        _person("approver")
    kept = settings.APPROVAL_REQUIRED_ABOVE, settings.APPROVAL_SENSITIVE
    settings.APPROVAL_REQUIRED_ABOVE, settings.APPROVAL_SENSITIVE = 2, True
    approvals.request(job=job, actor=job.actor, message="12345")
    settings.APPROVAL_REQUIRED_ABOVE, settings.APPROVAL_SENSITIVE = kept
    return job


def _page(path: str = "", **options: Any) -> Way:
    return lambda browser, sandbox: browser.get(path or f"/jobs/{_asked(sandbox, **options).pk}/")


def _sent(what: str, *, before: Callable[[Job], object] = lambda job: None, **fields: Any) -> Way:
    """A decision that is posted from a page, after something else happened to the plan."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        job = _asked(sandbox)
        before(job)
        shown = {"fingerprint": job.fingerprint, **fields}
        return browser.post(f"/jobs/{job.pk}/approval/{what}/", shown, follow=True)

    return go


def _late(job: Job) -> None:
    Approval.objects.filter(job=job).update(expires_at=timezone.now())


def _scheduled(**late: int) -> Callable[[Job], object]:
    return lambda job: Job.objects.filter(pk=job.pk).update(scheduled_for=timezone.now() + timedelta(**late))


def _at_its_time(browser: Client, sandbox: SandboxServer, **late: int) -> HttpResponse:
    job = _asked(sandbox)
    _scheduled(**late)(job)
    return browser.get(f"/jobs/{job.pk}/")


def _refuse(job: Job) -> None:
    approvals.refuse(job=job, approver=_person("approver"), reason="12345")


def _told(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    """One notice of each kind, and one that is settled."""
    job, user = _asked(sandbox), _person("steward")
    facts = {"rows": 3, "out": 2, "total": 9, "done": 3, "conflict": 1, "failed": 2, "unknown": 3}
    for kind in NoticeKind:
        notices.tell(users=[user], job=job, kind=kind, by=_person("approver"), facts=facts)
    notices.settle(job=job, kind=NoticeKind.ASKED)
    Notice.objects.filter(kind=NoticeKind.COMMENT).update(by=None)
    notices.tell(users=[user], job=job, kind=NoticeKind.ASKED, by=_person("approver"), facts=facts)
    return browser.get("/notices/")


def _recorded(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    """Each kind of decision in the history."""
    _refuse(_asked(sandbox))
    approvals.withdraw(job=_asked(sandbox), author=_person("steward"))
    approvals.comment(job=_asked(sandbox), author=_person("steward"), text="12345")
    approvals.approve(job=_asked(sandbox), approver=_person("approver"), excluded=[2])
    return browser.get("/history/")


APPROVALS = {
    "plan to approve": Visit(_page(), role="approver"),
    "plan to approve, at its time": Visit(lambda b, s: _at_its_time(b, s, hours=5), role="approver"),
    "plan to approve, too late for its time": Visit(lambda b, s: _at_its_time(b, s, hours=-5), role="approver"),
    "plan of one's own that waits": Visit(_page(), role="steward"),
    "plan that nobody may decide about": Visit(_page(alone=True), role="viewer"),
    "plans to approve": Visit(_page("/jobs/?group=to_approve"), role="approver"),
    "home of an approver": Visit(lambda b, s: (_asked(s), b.get("/"))[1], role="approver"),
    "home of an author": Visit(lambda b, s: (_asked(s), b.get("/"))[1], role="steward"),
    "approved": Visit(_sent("approve", out=["2"], comment="12345"), role="approver"),
    "approved for later": Visit(_sent("approve", before=_scheduled(hours=5)), role="approver"),
    "approved too late": Visit(_sent("approve", before=_late), role="approver", status=409),
    "approved after another": Visit(_sent("approve", before=_refuse), role="approver", status=409),
    "approved on another page": Visit(_sent("approve", fingerprint="x", out=["1"]), role="approver", status=409),
    "approved without what is not there": Visit(_sent("approve", out=["77"]), role="approver", status=409),
    "approved without anything": Visit(_sent("approve", out=["1", "2", "3"]), role="approver", status=409),
    "commented on": Visit(_sent("comment", text="12345"), role="steward"),
    "refused": Visit(_sent("refuse", reason="12345"), role="approver"),
    "refused without a reason": Visit(_sent("refuse", reason=""), role="approver", status=422),
    "commented on without words": Visit(_sent("comment", text=""), role="approver", status=422),
    "commented on by somebody else": Visit(_sent("comment", text="12345"), role="viewer", status=409),
    "withdrawn": Visit(_sent("withdraw"), role="steward"),
    "withdrawn by somebody else": Visit(_sent("withdraw"), role="viewer", status=409),
    "no notices": Visit(_page("/notices/"), role="viewer"),
    "notices": Visit(_told, role="steward"),
    "history of decisions": Visit(_recorded, role="steward"),
}
