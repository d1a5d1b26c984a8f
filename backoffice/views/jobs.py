"""What became of a save, and taking it back."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from backoffice.flowtly import errors
from backoffice.forms.basis import new_nonce
from backoffice.models import Job, JobState, Outcome, Step, StepState, Verb
from backoffice.models.jobs import WRITTEN
from backoffice.resources import PAGES, REGISTRY
from backoffice.services import branding, edits, endings, jobs, notices, outcomes
from backoffice.services.access import Permission
from backoffice.templatetags.ui import detail_url
from backoffice.views import approving, planning
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.gone import gone_page
from backoffice.views.results import results
from backoffice.views.shared import SeeOther, is_fragment, names_for, page_number, show

_SALT = "backoffice.views.jobs.undo"


@requires(Permission.READ)
@require_safe
def job(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """One job and its steps; while it goes on the page asks again each second, then stops."""
    found = jobs.take_up(get_object_or_404(Job.objects.select_related("actor", "undo_of", "made_from"), pk=job_id))
    if planning.shows(found):
        return planning.page(request, found, view=planning.View.of(request))
    context = _of_many(request, found) if outcomes.several(found) else _of_few(request, found)
    context["waiting"] = context["waiting"] and found.state != JobState.AWAITING
    context |= {"job": found, "approval": {} if is_fragment(request) else approving.panel(request, found)}
    _seen(request, found)
    response = show(request, "jobs/job.html", context, part="state")
    if context["fragment"] and not context["waiting"]:
        response.status_code = HTMX_STOP_POLLING
    return response


def _seen(request: SignedInRequest, found: Job) -> None:
    """Whoever opens a job need not be told of it any more."""
    if found.final and found.actor_id == request.user.pk:
        endings.seen(found)
    else:
        notices.mark_read(user=request.user, job=found)


def _of_many(request: SignedInRequest, found: Job) -> dict[str, Any]:
    if found.final:
        outcomes.look_again(found)
    shown = results(found, fate=request.GET.get("outcome", ""), page=page_number(request))
    return {"many": shown, "waiting": not found.final, "undo_url": _undo_url(request, found), **shown}


def _of_few(request: SignedInRequest, found: Job) -> dict[str, Any]:
    steps = list(Step.objects.filter(phase__job=found).order_by("phase__number", "number"))
    waiting = any(step.state != StepState.DONE for step in steps) and not found.final
    return {
        "steps": [_call(step) if step.verb == Verb.CALL else _step(step) for step in steps],
        "waiting": waiting,
        "undo_url": _undo_url(request, found),
        "again": bool(steps) and steps[0].verb == Verb.DELETE,
        "by_deleting": bool(steps) and steps[0].verb == Verb.CREATE,
    }


def _step(step: Step) -> dict[str, Any]:
    resource = REGISTRY.get(step.entity)
    held = step.before or step.base
    after = step.after if step.outcome in WRITTEN and step.after else step.changes
    named = [name for name, value in held.items() if value not in (None, "", [])]
    named = named if step.verb == Verb.DELETE else list(step.changes)
    changes = [(name, held.get(name), after.get(name)) for name in named]
    fields = [item for item in (resource.fields if resource else ()) if item.name in named]
    url = detail_url(PAGES[step.entity], step.key) if step.entity in PAGES and step.key else ""
    names = names_for(fields, [held, after])
    return {
        "step": step,
        "resource": resource,
        "changes": changes,
        "names": names,
        "url": url,
        "written": step.outcome in WRITTEN,
    }


def _call(step: Step) -> dict[str, Any]:
    """A look-up of branding of one record: what it found, and whether Flowtly was still busy."""
    resource = REGISTRY.get(step.entity)
    paged = PAGES.get(step.entity)
    found = branding.found(step) if step.before else []
    nothing = not any(each.changes for each in found) and not step.redacted
    return {
        "step": step,
        "resource": resource,
        "changes": found[0].changes if found else [],
        "names": {},
        "url": detail_url(paged, step.key) if paged else "",
        "written": True,
        "called": step.outcome == Outcome.CALLED,
        "busy": nothing and bool(step.context.get("accepted")),
        "found_nothing": nothing,
    }


def _undo_url(request: SignedInRequest, found: Job) -> str:
    allowed = edits.may_undo(request.user, found) and edits.undoable(found)
    return reverse("job_undo", args=[found.pk]) if allowed else ""


@requires(Permission.UNDO_OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def job_undo(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Shows what would go back, freshly read; then does it, with the same check for conflicts as any save."""
    found = get_object_or_404(Job, pk=job_id)
    step = found.step
    if step is None or step.entity not in PAGES:
        raise Http404
    if not edits.may_undo(request.user, found):
        raise PermissionDenied
    if edits.undoable(found) and edits.back_by_deleting(found):
        return SeeOther(f"{detail_url(PAGES[step.entity], step.key)}delete/")
    try:
        if Step.objects.filter(phase__job=found).count() > 1:
            return _undo_together(request, found)
        if request.method == "POST":
            return _run_undo(request, found)
        if edits.undoable(found):
            return _undo_page(request, found)
    except edits.NotUndoable:
        pass  # it was redacted, or taken back, since the page was opened
    except errors.NotFound:
        return gone_page(request, PAGES[step.entity], step.key)
    context = {"job": found, "preview": None, "redacted": edits.redacted(found)}
    return show(request, "jobs/undo.html", context, status=409)


def _undo_page(request: SignedInRequest, found: Job, *, problem: str = "", status: int = 200) -> HttpResponse:
    preview = edits.preview_undo(found)
    values = [
        {row.field.name: getattr(row, which) for row in preview.rows} for which in ("now", "back_to", "written")
    ]
    seen = {row.field.name: row.now for row in preview.rows}
    context = {
        "job": found,
        "preview": preview,
        "names": names_for([row.field for row in preview.rows], values),
        "seen": signing.dumps([str(found.pk), new_nonce(), seen], salt=_SALT, compress=True),
        "url": _record_url(preview) or reverse("job", args=[found.pk]),
        "problem": problem,
        "possible": any(not row.blocked and not row.already for row in preview.rows),
    }
    return show(request, "jobs/undo.html", context, status=status)


def _record_url(preview: edits.UndoPreview) -> str:
    return detail_url(preview.record.resource, preview.record.key) if preview.record else ""


def _run_undo(request: SignedInRequest, found: Job) -> HttpResponse:
    try:
        held_job, nonce, seen = signing.loads(request.POST.get("seen", ""), salt=_SALT)
    except signing.BadSignature:
        held_job, nonce, seen = "", "", {}
    if held_job != str(found.pk):
        problem = _("This page had lost its own data. Look again, then take it back.")
        return _undo_page(request, found, problem=problem, status=422)
    overwrite = {name: seen[name] for name in sorted(request.POST.getlist("overwrite")) if name in seen}
    undo = edits.undo(
        actor=request.user,
        job=found,
        nonce=hashlib.sha256(f"{nonce} {list(overwrite)}".encode()).hexdigest(),
        request_id=request.id,
        overwrite=overwrite,
    )
    if undo is None or (undo.step and undo.step.outcome == Outcome.CONFLICT):
        problem = _("Nothing was taken back: each field was changed since. Choose what is to be overwritten.")
        return _undo_page(request, found, problem=problem, status=409)
    return _after_undo(request, undo)


def _undo_together(request: SignedInRequest, found: Job) -> HttpResponse:
    """The same for a job that changed several records: all of it, or nothing."""
    if request.method == "POST":
        return _run_together(request, found)
    if not edits.undoable(found):
        raise edits.NotUndoable
    return _together_page(request, found)


def _together_page(request: SignedInRequest, found: Job, *, problem: str = "", status: int = 200) -> HttpResponse:
    parts = edits.preview_undo_together(found)
    fields = {row.field.name: row.field for part in parts for row in part.rows}
    values = [
        {row.field.name: getattr(row, which) for row in part.rows}
        for part in parts
        for which in ("now", "back_to", "written")
    ]
    context = {
        "job": found,
        "parts": parts,
        "names": names_for(fields.values(), values),
        "seen": signing.dumps([str(found.pk), new_nonce()], salt=_SALT),
        "url": reverse("job", args=[found.pk]),
        "problem": problem,
        "possible": bool(parts) and all(part.possible for part in parts),
    }
    return show(request, "jobs/undo.html", context, status=status)


def _run_together(request: SignedInRequest, found: Job) -> HttpResponse:
    try:
        held_job, nonce = signing.loads(request.POST.get("seen", ""), salt=_SALT)
    except (signing.BadSignature, ValueError):
        held_job, nonce = "", ""
    if held_job != str(found.pk):
        problem = _("This page had lost its own data. Look again, then take it back.")
        return _together_page(request, found, problem=problem, status=422)
    undo = edits.undo_together(actor=request.user, job=found, nonce=nonce, request_id=request.id)
    if undo is None:
        problem = _("Nothing was taken back: something was changed since.")
        return _together_page(request, found, problem=problem, status=409)
    steps = Step.objects.filter(phase__job=undo)
    if all(step.outcome in (Outcome.CHANGED, Outcome.ALREADY) for step in steps):
        messages.success(request, _("%(name)s is back to what it was.") % {"name": undo.title})
    return SeeOther(reverse("job", args=[undo.pk]))


def _after_undo(request: SignedInRequest, undo: Job) -> HttpResponse:
    step = undo.step
    if step is not None and step.outcome in (Outcome.CHANGED, Outcome.ALREADY):
        messages.success(request, _("%(name)s is back to what it was.") % {"name": step.label})
        return SeeOther(detail_url(PAGES[step.entity], step.key))
    if step is not None and step.outcome == Outcome.CREATED:
        text = _("%(name)s was created again. Its number in Flowtly is now %(number)s.")
        messages.success(request, text % {"name": step.label, "number": step.key})
        return SeeOther(detail_url(PAGES[step.entity], step.key))
    return SeeOther(reverse("job", args=[undo.pk]))
