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
from backoffice.services import bulk, jobs
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
    _DEEDS[deed](job=batch_of(job_id), actor=request.user)
    return SeeOther(reverse("job", args=[job_id]))


@requires(Permission.BULK)
@require_POST
def retry(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """A new plan of the rows that failed, on its own page."""
    job = batch_of(job_id)
    try:
        plan = bulk.retry(job=job, actor=request.user, nonce=nonce_of(request, job), request_id=request.id)
    except (bulk.NothingChosen, bulk.StillRunning, jobs.RedactedPlan):
        messages.error(request, _("There is nothing that can be tried again."))
        return SeeOther(reverse("job", args=[job_id]))
    return SeeOther(reverse("job", args=[plan.pk]))
