"""One row whose outcome nobody knows: what the record holds now, and a person's word on it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backoffice.models import Job, Step, Verb
from backoffice.resources import PAGES, REGISTRY
from backoffice.services import doubts, jobs, merges
from backoffice.services.access import Permission, can
from backoffice.templatetags.ui import detail_url
from backoffice.views.batch import batch_of
from backoffice.views.guard import SignedInRequest, refuse, requires
from backoffice.views.shared import SeeOther, names_for, show


@requires(Permission.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def job_row(request: SignedInRequest, job_id: uuid.UUID, number: int) -> HttpResponse:
    """Reads the record again; nothing is sent to it, now or later."""
    job = batch_of(job_id, kinds=merges.KINDS)
    step = _step(job, number, request.GET.get("phase", ""))
    if not doubts.is_open(step):
        return SeeOther(reverse("job", args=[job.pk]))
    if request.method == "POST":
        if not can(request.user, Permission.BULK):
            refuse(request, Permission.BULK)
        return _settle(request, job, step)
    return _page(request, job, step)


def _step(job: Job, number: int, phase: str) -> Step:
    """The row; of a job of several phases, whose rows are numbered in each, that of this one."""
    steps = Step.objects.select_related("phase__job").filter(phase__job=job, number=number)
    steps = steps.filter(phase__number=int(phase)) if phase.isdecimal() and len(phase) < 5 else steps
    found = steps.order_by("phase__number").first()
    if found is None:
        raise Http404
    return found


def _page(request: SignedInRequest, job: Job, step: Step, *, problem: str = "", status: int = 200) -> HttpResponse:
    seen = doubts.look(step)
    values = [{row.field.name: getattr(row, which) for row in seen.rows} for which in ("before", "sent", "now")]
    paged = PAGES.get(step.entity)
    context = {
        "job": job,
        "name": jobs.name_of(job),
        "step": step,
        "resource": REGISTRY[step.entity],
        "seen": seen,
        "names": names_for([row.field for row in seen.rows], values),
        "url": detail_url(paged, step.key) if paged and seen.record else "",
        "candidates": _candidates(step),
        "creating": step.verb == Verb.CREATE,
        "deleting": step.verb == Verb.DELETE,
        "may_settle": can(request.user, Permission.BULK),
        "problem": problem,
    }
    return show(request, "jobs/row.html", context, status=status)


def _candidates(step: Step) -> list[tuple[str, str]]:
    """The records that a lost creation may have made."""
    return [(str(key), str(label)) for key, label in (step.error or {}).get("candidates", ())]


def _settle(request: SignedInRequest, job: Job, step: Step) -> HttpResponse:
    written, key = request.POST.get("written", ""), request.POST.get("key", "")
    if written not in ("yes", "no"):
        return _page(request, job, step, problem=_("Say whether it was saved."), status=422)
    if step.verb == Verb.CREATE and written == "yes" and key not in dict(_candidates(step)):
        return _page(request, job, step, problem=_("Choose which record it is."), status=422)
    key = key if step.verb == Verb.CREATE and written == "yes" else ""
    doubts.settle(step=step, actor=request.user, written=written == "yes", request_id=request.id, key=key)
    messages.success(request, _("Recorded. Nothing was sent to Flowtly."))
    return SeeOther(reverse("job", args=[job.pk]))
