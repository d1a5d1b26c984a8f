"""Rows that were not written as somebody had changed them since the preview: three values each, and a decision."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from backoffice.formats import words
from backoffice.forms.basis import new_nonce
from backoffice.models import Job, Outcome, Step
from backoffice.resources import PAGES, REGISTRY, Field
from backoffice.services import bulk, jobs
from backoffice.services.access import Permission, can
from backoffice.templatetags.ui import detail_url
from backoffice.views.batch import batch_of, nonce_of
from backoffice.views.guard import SignedInRequest, refuse, requires
from backoffice.views.shared import SeeOther, names_for, page_number, show

_PAGE = 20


@dataclass(frozen=True)
class Side:
    """One field three times: as the plan was made on it, as the run found it, as the plan would have it."""

    field: Field
    base: Any
    theirs: Any
    yours: Any
    clashes: bool


@dataclass(frozen=True)
class Conflict:
    step: Step
    url: str
    sides: list[Side]
    decided: str


@requires(Permission.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def job_conflicts(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Shows them page by page; takes decisions one by one, or one for all that are open."""
    job = batch_of(job_id)
    if request.method == "POST":
        if not can(request.user, Permission.BULK):
            refuse(request, Permission.BULK)
        return _decide(request, job)
    return _page(request, job)


def _page(request: SignedInRequest, job: Job) -> HttpResponse:
    steps = Step.objects.filter(phase__job=job, outcome=Outcome.CONFLICT).order_by("number")
    page = Paginator(steps, _PAGE).get_page(page_number(request))
    found = [_conflict(step) for step in page.object_list]
    fields = {side.field.name: side.field for each in found for side in each.sides}
    held = [
        {side.field.name: getattr(side, which) for side in each.sides}
        for each in found
        for which in ("base", "theirs", "yours")
    ]
    context = {
        "job": job,
        "name": jobs.name_of(job),
        "page": page,
        "conflicts": found,
        "names": names_for(fields.values(), held),
        "open": bulk.open_conflicts(job),
        "may_decide": can(request.user, Permission.BULK),
        "nonce": new_nonce(),
        "previous_url": f"?page={page.number - 1}" if page.has_previous() else "",
        "next_url": f"?page={page.number + 1}" if page.has_next() else "",
    }
    return show(request, "jobs/conflicts.html", context, part="rows")


def _conflict(step: Step) -> Conflict:
    fields = REGISTRY[step.entity].by_name
    clashing = (step.error or {}).get("fields", {})
    sides = [
        Side(
            field=fields[name],
            base=step.base.get(name),
            theirs=clashing[name]["theirs"] if name in clashing else step.base.get(name),
            yours=yours,
            clashes=name in clashing,
        )
        for name, yours in step.changes.items()
        if name in fields
    ]
    url = detail_url(PAGES[step.entity], step.key) if step.entity in PAGES else ""
    return Conflict(step, url, sides, bulk.settled(step))


def _decide(request: SignedInRequest, job: Job) -> HttpResponse:
    """Whatever is chosen for theirs is settled; whatever is chosen for ours becomes one plan, shown next."""
    theirs, mine = _chosen(request)
    if theirs == [] and mine == []:
        messages.error(request, _("Choose for at least one record."))
        return SeeOther(request.get_full_path())
    if theirs != []:
        kept = bulk.keep_theirs(job=job, actor=request.user, numbers=theirs)
        said = ngettext("%(n)s record stays as others wrote it.", "%(n)s records stay as others wrote them.", kept)
        messages.success(request, said % {"n": words.integer(kept)})
    if mine != []:
        return _apply_mine(request, job, mine)
    return SeeOther(reverse("job_conflicts" if bulk.open_conflicts(job) else "job", args=[job.pk]))


def _chosen(request: SignedInRequest) -> tuple[list[int] | None, list[int] | None]:
    """Rows for theirs and for ours; None is all that are open."""
    if (everything := request.POST.get("all")) in ("theirs", "mine"):
        return (None, []) if everything == "theirs" else ([], None)
    found: dict[str, list[int]] = {"theirs": [], "mine": []}
    for name, value in request.POST.items():
        number = name.removeprefix("decide-")
        if number != name and number.isdecimal() and value in found:
            found[str(value)].append(int(number))
    return found["theirs"], found["mine"]


def _apply_mine(request: SignedInRequest, job: Job, numbers: list[int] | None) -> HttpResponse:
    try:
        plan = bulk.apply_mine(
            job=job,
            actor=request.user,
            nonce=nonce_of(request, job),
            request_id=request.id,
            numbers=numbers,
        )
    except (bulk.NothingChosen, bulk.StillRunning, jobs.RedactedPlan):
        messages.error(request, _("There is nothing left to decide, or its values were redacted."))
        return SeeOther(reverse("job", args=[job.pk]))
    return SeeOther(reverse("job", args=[plan.pk]))
