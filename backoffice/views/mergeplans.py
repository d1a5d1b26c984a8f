"""The last word on the plan of a merge or of its way back: confirm it, or give it up."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.forms.confirming import ConfirmForm
from backoffice.models import Job, JobState
from backoffice.services import bulk, merges
from backoffice.services.access import Permission
from backoffice.views import mergejobs
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther


@requires(Permission.BULK)
@require_http_methods(["GET", "HEAD", "POST"])
def merge_confirm(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Lets the plan run, or asks a second person; a second click finds it on its way."""
    job = _plan(job_id)
    if job.state != JobState.PLANNED or request.method != "POST":
        return SeeOther(reverse("job", args=[job.pk]))
    form = mergejobs.confirm_form(job, request.POST)
    if form.is_valid() and _confirmed(request, job, form):
        return SeeOther(reverse("job", args=[job.pk]))
    return mergejobs.plan_page(request, job, form=form, status=422)


def _confirmed(request: SignedInRequest, job: Job, form: ConfirmForm) -> bool:
    """Whether it is on its way; else the form says what stands in the way."""
    typed = form.cleaned_data
    try:
        merges.confirm(
            job=job,
            actor=request.user,
            reason=typed["reason"],
            at=form.moment,
            message=typed.get("message", ""),
        )
    except merges.Blocked as blocked:
        form.add_error(None, [problem.text for problem in blocked.problems])
        return False
    return True


@requires(Permission.BULK)
@require_POST
def merge_discard(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Gives the plan up; nothing of it was written."""
    job = bulk.discard(job=_plan(job_id), actor=request.user)
    if job.state != JobState.WITHDRAWN:
        return SeeOther(reverse("job", args=[job.pk]))
    messages.success(request, _("The plan was discarded. Nothing was written to Flowtly."))
    return SeeOther(reverse("list", args=[merges.COUNTERPARTIES]))


def _plan(job_id: uuid.UUID) -> Job:
    plans = Job.objects.select_related("actor", "undo_of", "made_from")
    return get_object_or_404(plans, pk=job_id, kind__in=merges.KINDS)
