"""Taking a save back."""

from __future__ import annotations

import hashlib
import uuid

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backoffice.flowtly import errors
from backoffice.forms.basis import new_nonce
from backoffice.models import Job, Outcome, Step
from backoffice.resources import PAGES
from backoffice.services import bulk, jobs, merges, undoing
from backoffice.services.access import Permission
from backoffice.templatetags.ui import detail_url
from backoffice.views.batch import Way, may_undo, nonce_of, undone_by, way_back
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.gone import gone_page
from backoffice.views.shared import SeeOther, names_for, show

_SALT = "backoffice.views.undoing"


@requires(Permission.UNDO_OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def job_undo(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """Shows what would go back, freshly read; then does it, with the same check for conflicts as any save."""
    found = get_object_or_404(Job, pk=job_id)
    if found.kind == bulk.KIND:
        return _undo_batch(request, found)
    if found.kind in merges.KINDS:
        return _undo_merge(request, found)
    step = found.step
    if step is None or step.entity not in PAGES:
        raise Http404
    if not undoing.may_undo(request.user, found):
        raise PermissionDenied
    if undoing.undoable(found) and undoing.back_by_deleting(found):
        return SeeOther(f"{detail_url(PAGES[step.entity], step.key)}delete/")
    try:
        if Step.objects.filter(phase__job=found).count() > 1:
            return _undo_together(request, found)
        if request.method == "POST":
            return _run_undo(request, found)
        if undoing.undoable(found):
            return _undo_page(request, found)
    except undoing.NotUndoable:
        pass  # it was redacted, or taken back, since the page was opened
    except errors.NotFound:
        return gone_page(request, PAGES[step.entity], step.key)
    context = {"job": found, "preview": None, "redacted": undoing.redacted(found)}
    return show(request, "jobs/undo.html", context, status=409)


def _undo_batch(request: SignedInRequest, found: Job) -> HttpResponse:
    """Of a job of many: says what has a way back and what has none, then makes the plan that is previewed."""
    if not may_undo(request.user, found):
        raise PermissionDenied
    way = way_back(found, request.user)
    if request.method == "POST":
        try:
            plan = bulk.undo(job=found, actor=request.user, nonce=nonce_of(request, found), request_id=request.id)
        except (bulk.NothingChosen, bulk.StillRunning, jobs.RedactedPlan):
            way = Way(0, 0, 0)
        else:
            return SeeOther(reverse("job", args=[plan.pk]))
    context = {
        "job": found,
        "name": jobs.name_of(found),
        "way": way,
        "nonce": new_nonce(),
        "undone_by": undone_by(found),
    }
    return show(request, "jobs/undo_batch.html", context, status=200 if way.possible else 409)


def _undo_merge(request: SignedInRequest, found: Job) -> HttpResponse:
    """Says what can come back of a merge, then makes the plan of it."""
    if not may_undo(request.user, found):
        raise PermissionDenied
    problem = ""
    if request.method == "POST":
        try:
            plan = merges.restore(
                job=found, actor=request.user, nonce=nonce_of(request, found), request_id=request.id
            )
        except (bulk.NothingChosen, bulk.StillRunning, jobs.RedactedPlan):
            pass
        except merges.Blocked as blocked:
            problem = str(blocked)
        else:
            return SeeOther(reverse("job", args=[plan.pk]))
    found.refresh_from_db()
    possible = merges.restorable(found)
    context = {
        "job": found,
        "name": jobs.name_of(found),
        "records": possible if merges.wrote(found) else 0,
        "reversible": merges.reversible(found),
        "nonce": new_nonce(),
        "undone_by": undone_by(found),
        "problem": problem,
    }
    return show(request, "merges/restore.html", context, status=200 if possible else 409)


def _undo_page(request: SignedInRequest, found: Job, *, problem: str = "", status: int = 200) -> HttpResponse:
    preview = undoing.preview_undo(found)
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


def _record_url(preview: undoing.UndoPreview) -> str:
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
    undo = undoing.undo(
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
    if not undoing.undoable(found):
        raise undoing.NotUndoable
    return _together_page(request, found)


def _together_page(request: SignedInRequest, found: Job, *, problem: str = "", status: int = 200) -> HttpResponse:
    parts = undoing.preview_undo_together(found)
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
    undo = undoing.undo_together(actor=request.user, job=found, nonce=nonce, request_id=request.id)
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
