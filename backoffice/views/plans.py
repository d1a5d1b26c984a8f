"""What people do to a plan before it runs: take rows out, read it again, confirm it, give it up, take it away."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.models import Forecast, Job, JobState, Step
from backoffice.resources import PAGES, REGISTRY, Field, Kind
from backoffice.resources.redacted import is_redacted
from backoffice.services import bulk, selections
from backoffice.services.access import Permission
from backoffice.services.bulk import FieldChange
from backoffice.services.sheets import Column, write_xlsx
from backoffice.services.sheets import Kind as Holds
from backoffice.views import planning
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.planning import View
from backoffice.views.shared import SeeOther, is_fragment, names_for

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_ROWS = 1_000  # ticked at once on one page


@requires(Permission.BULK)
@require_POST
def plan_rows(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """`do` is "out" or "back": of the rows ticked, or of `all` that the filter names."""
    job, view = _plan(job_id), View.of(request, request.POST)
    out = request.POST.get("do", "").startswith("out")
    try:
        if request.POST.get("do", "").endswith("-all"):
            bulk.move_all(job=job, show=view.show, out=out)
        else:
            ticked = request.POST.getlist("row")[:_MOST_ROWS]
            numbers = [int(text) for text in ticked if text.isdecimal() and len(text) < 8]
            bulk.take_out(job=job, numbers=numbers) if out else bulk.put_back(job=job, numbers=numbers)
    except bulk.Frozen:
        return _too_late(request, job)
    if not is_fragment(request):
        return planning.back_to(job, view)
    form = planning.confirm_form(job, request.POST, keep=True)
    return planning.page(request, job, view=view, form=form)


@requires(Permission.BULK)
@require_POST
def plan_preview(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Everything is read from Flowtly once more."""
    job = _plan(job_id)
    if job.state == JobState.PLANNED:
        bulk.preview_again(job)
    return planning.back_to(job)


@requires(Permission.BULK)
@require_POST
def plan_arrivals(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """A new plan with the records that match by now as well; this one is given up."""
    job = _plan(job_id)
    changes = [FieldChange.read(kept) for kept in job.spec.get("changes", ())]
    if job.state != JobState.PLANNED or not changes or not job.spec.get("arrivals"):
        return planning.back_to(job)
    try:
        held = bulk.with_arrivals(job=job, owner=request.user)
    except selections.TooMany:
        messages.warning(request, _("That would be more records than a selection holds. Nothing was added."))
        return planning.back_to(job)
    wider = bulk.plan_change(
        actor=request.user,
        resource=REGISTRY[job.entity],
        selection=held,
        changes=changes,
        nonce=f"arrivals-{job.pk.hex}",
        request_id=request.id,
        reason=job.reason,
    )
    bulk.discard(job=job, actor=request.user)
    return planning.back_to(wider)


@requires(Permission.BULK)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_confirm(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Lets the plan run that the page showed, or asks a second person; a second click finds it on its way.

    Whoever loads the address of a page with errors again comes back to the plan.
    """
    job = _plan(job_id)
    if job.state != JobState.PLANNED or request.method != "POST":
        return planning.back_to(job)
    form = planning.confirm_form(job, request.POST)
    if form.is_valid():
        if request.POST.get("stamp", "") == bulk.stamp(job):
            if (answer := _confirmed(request, job, form)) is not None:
                return answer
        else:
            form.add_error(None, _("The plan has changed since this page was shown. Look again, then confirm."))
    return planning.page(request, job, view=View(), form=form, status=422)


def _confirmed(request: SignedInRequest, job: Job, form: Any) -> HttpResponse | None:
    """The way on, or None where the form now says what stands in the way."""
    message = form.cleaned_data.get("message", "")
    try:
        bulk.confirm(
            job=job, actor=request.user, reason=form.cleaned_data["reason"], at=form.moment, message=message
        )
    except bulk.ReasonNeeded:
        form.add_error("reason", _("Write why: it is needed for so many records."))
    except bulk.NothingToWrite:
        form.add_error(None, _("No record would be changed. Put rows back, or discard the plan."))
    except bulk.NotPreviewed:
        return planning.back_to(job)
    else:
        return planning.back_to(job)
    return None


@requires(Permission.BULK)
@require_POST
def plan_discard(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Gives the plan up; nothing of it was written."""
    job = bulk.discard(job=_plan(job_id), actor=request.user)
    if job.state != JobState.WITHDRAWN:
        return planning.back_to(job)
    messages.success(request, _("The plan was discarded. Nothing was written to Flowtly."))
    return SeeOther(reverse("list", args=[PAGES[job.entity]]) if job.entity in PAGES else reverse("jobs"))


def _plan(job_id: uuid.UUID) -> Job:
    found = get_object_or_404(Job.objects.select_related("actor", "undo_of", "made_from"), pk=job_id)
    if found.kind != bulk.KIND or found.entity not in REGISTRY:
        raise Http404
    return found


def _too_late(request: SignedInRequest, job: Job) -> HttpResponse:
    messages.warning(request, _("Nothing was moved: the plan is on its way already."))
    if is_fragment(request):
        answer = HttpResponse()
        answer["HX-Redirect"] = reverse("job", args=[job.pk])
        return answer
    return planning.back_to(job)


# As a file


@requires(Permission.EXPORT)
@require_GET
def plan_file(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """The whole preview: a row for each record and field."""
    job = _plan(job_id)
    if not planning.may_see(request.user, job):
        raise Http404
    if job.previewed_at is None:
        return planning.back_to(job)
    fields = bulk.touched(job)
    found = bulk.extract(job=job, actor=request.user, request_id=request.id)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_xlsx(file, _columns(), _rows(found, fields), title=_("Preview"))
    file.seek(0)
    name = f"preview-{job.entity}-{timezone.localdate().isoformat()}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=_XLSX)


def _columns() -> list[Column]:
    return [
        Column(_("Number in Flowtly")),
        Column(_("Name")),
        Column(_("Line of the sheet"), Holds.NUMBER),
        Column(_("Forecast")),
        Column(_("Field")),
        Column(_("Now")),
        Column(_("New")),
        Column(_("Message")),
    ]


def _rows(found: bulk.Extract, fields: list[Field]) -> Iterator[list[Any]]:
    for steps in found.portions:
        names = names_for(fields, [held for step in steps for held in (step.base, step.changes)])
        for step in steps:
            yield from _rows_of(step, {item.name: item for item in fields}, names)


def _rows_of(step: Step, fields: dict[str, Field], names: dict[str, str]) -> Iterator[list[Any]]:
    """One row where no field is touched, as of what is gone or deleted."""
    whole, problems = bulk.problems_of(step)
    warnings = step.context.get("warnings", {})
    out = _("Taken out") if bulk.is_out(step) and step.forecast != Forecast.EDITED else ""
    head = [step.key, step.label, step.context.get("line"), out or str(Forecast(step.forecast).label)]
    for name in [name for name in fields if name in step.changes] or [""]:
        item = fields.get(name)
        said = " ".join(filter(None, (whole, problems.get(name, ""), warnings.get(name, ""))))
        values = [_value(item, held.get(name), names) for held in (step.base, step.changes)] if item else ["", ""]
        yield [*head, str(item.label) if item else "", *values, said]


def _value(item: Field, value: Any, names: dict[str, str]) -> Any:
    if is_redacted(value):
        return _("Redacted")
    return names.get(str(value), value) if item.kind is Kind.REFERENCE and value else value
