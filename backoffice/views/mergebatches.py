"""Several sure groups merged together: chosen, previewed, confirmed, followed; each is a job of its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from backoffice.formats.words import integer
from backoffice.forms.mergebatches import BatchForm
from backoffice.models import Job, JobState
from backoffice.services import approvals, merges
from backoffice.services.access import Permission, can
from backoffice.services.merges import References
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther, show


@dataclass(frozen=True)
class Line:
    """One merge of a batch. `causes`: why a second person has to agree to it, while it is a plan."""

    job: Job
    references: References
    causes: Sequence[str]
    verified: bool

    @property
    def gone(self) -> str:
        return ", ".join(self.job.spec["gone"])


@requires(Permission.BULK)
@require_http_methods(["GET", "HEAD", "POST"])
def batches(request: SignedInRequest) -> HttpResponse:
    """The sure groups of the queue, to be ticked; the preview of those that are."""
    if request.method != "POST":
        return _groups(request)
    if not (ticked := _ids(request.POST.getlist("group"))):
        messages.warning(request, _("Tick at least one group."))
        return SeeOther(reverse("merge_batches"))
    try:
        groups = merges.groups_of(ticked, actor=request.user)
        batch = merges.plan_batch(actor=request.user, groups=groups, nonce=_nonce(request), request_id=request.id)
    except merges.TrialFirst:
        return _groups(request, status=422)
    except (merges.NotSure, merges.Blocked):
        messages.warning(request, _("The queue has changed since this page was shown. Tick the groups again."))
        return SeeOther(reverse("merge_batches"))
    if not batch.jobs:
        return _groups(request, left_out=batch.left_out, status=422)
    for left in batch.left_out:
        why = " ".join(problem.text for problem in left.problems)
        messages.warning(request, _("Left out: %(names)s. %(why)s") % {"names": ", ".join(left.names), "why": why})
    return SeeOther(reverse("merge_batch", args=[batch.id]))


def _groups(
    request: SignedInRequest, *, left_out: Sequence[merges.LeftOut] = (), status: int = 200
) -> HttpResponse:
    found = merges.offered(request.user)
    context = {
        "groups": found[: merges.MOST],
        "total": found.count(),
        "most": merges.MOST,
        "trial": merges.trial(),
        "left_out": left_out,
        "nonce": uuid.uuid4().hex,
    }
    return show(request, "merges/batches.html", context, status=status)


@requires(Permission.READ)
@require_safe
def batch(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """The preview of a batch; once it was confirmed, how its merges stand, asked again each second."""
    return _page(request, batch_id, BatchForm())


@requires(Permission.BULK)
@require_POST
def batch_confirm(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Lets the ticked merges run and gives up the others."""
    form = BatchForm(request.POST)
    keep = _ids(request.POST.getlist("job"))
    if form.is_valid() and not keep:
        form.add_error(None, _("Tick at least one merge, or discard the batch."))
    if not form.is_valid():
        return _page(request, batch_id, form, keep=keep, status=422)
    stopped = merges.confirm_batch(
        batch=batch_id, actor=request.user, reason=form.cleaned_data["reason"], keep=keep
    )
    for job, problem in stopped:
        messages.warning(request, f"{job.named}: {problem}")
    return SeeOther(reverse("merge_batch", args=[batch_id]))


@requires(Permission.BULK)
@require_POST
def batch_discard(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Gives up what was not confirmed."""
    number = merges.discard_batch(batch=batch_id, actor=request.user)
    words = ngettext("%(n)s merge was given up.", "%(n)s merges were given up.", number)
    messages.info(request, words % {"n": integer(number)})
    return SeeOther(reverse("merge_batches"))


def _page(
    request: SignedInRequest,
    batch_id: uuid.UUID,
    form: BatchForm,
    *,
    keep: Sequence[uuid.UUID] | None = None,
    status: int = 200,
) -> HttpResponse:
    jobs = merges.jobs_of(batch_id)
    if not jobs:
        raise Http404
    planned = [job for job in jobs if job.state == JobState.PLANNED]
    waiting = not planned and any(job.state in (JobState.RUNNING, JobState.SCHEDULED) for job in jobs)
    lines = [_line(job) for job in jobs]
    context = {
        "batch_id": batch_id,
        "first": jobs[0],
        "lines": lines,
        "planned": planned,
        "operates": bool(planned) and can(request.user, Permission.BULK),
        "kept": {job.pk for job in planned} if keep is None else set(keep),
        "waiting": waiting,
        "ended": sum(job.final for job in jobs),
        "over": all(job.final for job in jobs),
        "asked": sum(job.state != JobState.WITHDRAWN for job in jobs),
        "verified": sum(line.verified for line in lines),
        "stopped": sum(job.state == JobState.STOPPED for job in jobs),
        "go": _go(len(planned)),
        "form": form,
    }
    response = show(request, "merges/batch.html", context, part="state", status=status)
    if context["fragment"] and not waiting:
        response.status_code = HTMX_STOP_POLLING
    return response


def _line(job: Job) -> Line:
    planned = job.state == JobState.PLANNED
    causes = [cause.text for cause in approvals.needed(job)] if planned else []
    return Line(job, merges.references(job), causes, job.state == JobState.DONE and merges.verified(job))


def _go(number: int) -> str:
    words = ngettext("Merge the ticked of %(n)s group", "Merge the ticked of %(n)s groups", number)
    return words % {"n": integer(number)}


def _nonce(request: SignedInRequest) -> str:
    """The same form sent twice makes one batch; one that carries none, and another person's, make their own."""
    return f"{request.user.pk} {request.POST.get('nonce') or uuid.uuid4().hex}"


def _ids(texts: Sequence[str]) -> list[uuid.UUID]:
    """Those that are ids; whatever else a request carries names nothing."""
    found = []
    for text in texts[: merges.MOST]:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found
