"""One job: what became of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import HTMX_STOP_POLLING

from backoffice.models import Job, JobState, Outcome, Step, StepState, Verb
from backoffice.models.jobs import WRITTEN
from backoffice.resources import PAGES, REGISTRY
from backoffice.services import branding, bulk, endings, jobs, merges, notices, outcomes, undoing
from backoffice.services.access import Permission
from backoffice.templatetags.ui import detail_url
from backoffice.views import approving, mergejobs, planning
from backoffice.views.batch import of_batch
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.results import results
from backoffice.views.shared import is_fragment, names_for, page_number, show

_TEMPLATES = {bulk.KIND: "jobs/batch.html", **dict.fromkeys(merges.KINDS, "merges/job.html")}


@requires(Permission.READ)
@require_safe
def job(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponse:
    """One job and its steps; while it goes on the page asks again each second, then stops."""
    found = jobs.take_up(get_object_or_404(Job.objects.select_related("actor", "undo_of", "made_from"), pk=job_id))
    if planning.shows(found):
        return planning.page(request, found, view=planning.View.of(request))
    if mergejobs.shows_plan(found):
        return mergejobs.plan_page(request, found)
    template = _TEMPLATES.get(found.kind, "jobs/job.html")
    context = _context(request, found)
    # Each page of a plan that waits has boxes of the approver's; a poll of one that runs needs no panel.
    shown = found.state == JobState.AWAITING or not is_fragment(request)
    context |= {"job": found, "approval": approving.panel(request, found) if shown else {}}
    _seen(request, found)
    response = show(request, template, context, part="state")
    if context["fragment"] and not context["waiting"]:
        response.status_code = HTMX_STOP_POLLING
    return response


def _context(request: SignedInRequest, found: Job) -> dict[str, Any]:
    if found.kind == bulk.KIND:
        return of_batch(request, found)
    if found.kind in merges.KINDS:
        return mergejobs.of_merge(request, found)
    context = _of_many(request, found) if outcomes.several(found) else _of_few(request, found)
    context["waiting"] = context["waiting"] and found.state != JobState.AWAITING
    return context


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
    allowed = undoing.may_undo(request.user, found) and undoing.undoable(found)
    return reverse("job_undo", args=[found.pk]) if allowed else ""
