"""Deciding about a plan: approve, refuse, comment, withdraw. Each comes from a form on the plan's page."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.forms.approvals import Approve, Comment, Refuse
from backoffice.models import Job, JobState
from backoffice.services import approvals
from backoffice.services.access import Permission
from backoffice.views import approving
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther, show


@requires(Permission.APPROVE)
@require_POST
def approve(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Lets the plan go its way, without the rows of `out`."""
    job, form = _job(job_id), Approve(request.POST, auto_id="approve_%s")
    if not form.is_valid():
        return _again(request, job, form)
    try:
        approvals.approve(
            job=job,
            approver=request.user,
            fingerprint=form.cleaned_data["fingerprint"],
            excluded=form.cleaned_data["out"],
            comment=form.cleaned_data["comment"],
            request_id=request.id,
        )
    except approvals.Refused as refused:
        return _again(request, job, form, refused)
    approving.drop_draft(request, job)
    later = job.state == JobState.SCHEDULED
    messages.success(request, _("Approved. It runs at its time.") if later else _("Approved. It runs now."))
    return _back(job)


@requires(Permission.APPROVE)
@require_POST
def refuse(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Ends the plan, with a reason."""
    job, form = _job(job_id), Refuse(request.POST, auto_id="refuse_%s")
    if not form.is_valid():
        return _again(request, job, form)
    try:
        approvals.refuse(
            job=job,
            approver=request.user,
            fingerprint=form.cleaned_data["fingerprint"],
            reason=form.cleaned_data["reason"],
            request_id=request.id,
        )
    except approvals.Refused as refused:
        return _again(request, job, form, refused)
    messages.success(request, _("Refused. Nothing was changed, and the author is told."))
    return _back(job)


@requires(Permission.APPROVE)
@require_POST
def rows(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Puts the ticked rows aside while the approver looks at other pages; `do` is "back": all come back."""
    job, form = _job(job_id), Approve(request.POST, auto_id="approve_%s")
    if not form.is_valid():
        return _again(request, job, form)
    out = [] if request.POST.get("do") == "back" else form.cleaned_data["out"]
    approving.keep_draft(request, job, out=out, comment=form.cleaned_data["comment"])
    shown = QueryDict(request.POST.get("query", "")).urlencode()
    return SeeOther(f"{reverse('job', args=[job.pk])}?{shown}" if shown else reverse("job", args=[job.pk]))


@requires(Permission.READ)
@require_POST
def comment(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """A word between author and approvers; the service knows who they are."""
    job, form = _job(job_id), Comment(request.POST, auto_id="comment_%s")
    if not form.is_valid():
        return _again(request, job, form)
    try:
        approvals.comment(job=job, author=request.user, text=form.cleaned_data["text"], request_id=request.id)
    except approvals.Refused as refused:
        return _again(request, job, form, refused)
    return _back(job)


@requires(Permission.READ)
@require_POST
def withdraw(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """The author gives the plan up."""
    job = _job(job_id)
    try:
        approvals.withdraw(job=job, author=request.user, request_id=request.id)
    except approvals.Refused as refused:
        return _again(request, job, None, refused)
    messages.success(request, _("Withdrawn. Nothing was changed."))
    return _back(job)


def _job(job_id: uuid.UUID) -> Job:
    return get_object_or_404(Job.objects.select_related("actor"), pk=job_id)


def _back(job: Job) -> HttpResponse:
    return SeeOther(reverse("job", args=[job.pk]))


def _again(
    request: SignedInRequest, job: Job, form: forms.Form | None, refused: approvals.Refused | None = None
) -> HttpResponse:
    """What was decided is nothing; what was typed stands in its form again."""
    job.refresh_from_db()
    context = {
        "job": job,
        "form": form,
        "approval": approving.panel(request, job, filled=form),
        "problem": approving.in_words(refused) if refused else "",
    }
    return show(request, "jobs/decision.html", context, status=409 if refused else 422)
