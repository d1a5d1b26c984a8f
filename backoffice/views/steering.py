"""What people do with a confirmed job of many: begin, pause, go on, stop, end, call off, try again."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.models import Job
from backoffice.services import bulk, jobs, merges
from backoffice.services.access import Permission
from backoffice.views.batch import batch_of, nonce_of
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther

_DEEDS: dict[str, Callable[..., Job]] = {
    "begin": bulk.begin,
    "call-off": bulk.call_off,
    "pause": bulk.pause,
    "go-on": bulk.go_on,
    "stop": bulk.stop,
    "close": bulk.close,
}


@requires(Permission.BULK)
@require_POST
def steer(request: SignedInRequest, job_id: uuid.UUID, deed: str) -> HttpResponse:
    """One of the deeds of the address; the page then says how the job stands."""
    job = batch_of(job_id, kinds=merges.KINDS)
    if deed == "go-on" and job.kind in merges.KINDS:
        return _finish(request, job)
    _DEEDS[deed](job=job, actor=request.user)
    return SeeOther(reverse("job", args=[job_id]))


@requires(Permission.BULK)
@require_POST
def retry(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """A new plan of the rows that failed, on its own page; of a merge what is left of it."""
    job = batch_of(job_id, kinds=merges.KINDS)
    if job.kind in merges.KINDS:
        return _finish(request, job)
    try:
        plan = bulk.retry(job=job, actor=request.user, nonce=nonce_of(request, job), request_id=request.id)
    except (bulk.NothingChosen, bulk.StillRunning, jobs.RedactedPlan):
        messages.error(request, _("There is nothing that can be tried again."))
        return SeeOther(reverse("job", args=[job_id]))
    return SeeOther(reverse("job", args=[plan.pk]))


def _finish(request: SignedInRequest, job: Job) -> HttpResponse:
    """What is left of a merge: the stopped job goes on, of one that ended a new plan is made."""
    try:
        job = merges.finish(job=job, actor=request.user, nonce=nonce_of(request, job), request_id=request.id)
    except merges.Changed:
        messages.error(request, _("It cannot go on: a record is not as the plan knows it. Make a new plan."))
    except merges.Blocked as blocked:
        messages.error(request, str(blocked))
    except (bulk.NothingChosen, bulk.StillRunning, jobs.RedactedPlan):
        messages.info(request, _("There is nothing left to finish."))
    return SeeOther(reverse("job", args=[job.pk]))
