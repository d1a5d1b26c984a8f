"""Jobs: those that run, wait, failed, or whose outcome nobody knows; and all."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.models import Job
from backoffice.resources import REGISTRY
from backoffice.services import jobs
from backoffice.services.access import Permission, can
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import page_number, show

_SIZE = 50
_TONES = {
    "done": "good",
    "failed": "bad",
    "refused": "bad",
    "running": "busy",
    "scheduled": "busy",
    "awaiting": "warn",
    "paused": "warn",
    "stopped": "warn",
}


@requires(Permission.READ)
@require_safe
def joblist(request: SignedInRequest) -> HttpResponse:
    """Everybody's for who looks after them, else one's own."""
    path, asked = reverse("jobs"), request.GET.get("group", "")
    group = jobs.Group(asked) if asked in list(jobs.Group) else None
    groups = [
        each for each in jobs.Group if each != jobs.Group.TO_APPROVE or can(request.user, Permission.APPROVE)
    ]
    page = Paginator(jobs.listed(viewer=request.user, group=group), _SIZE).get_page(page_number(request))
    own = f"?group={group}&page=" if group else "?page="
    context = {
        "page": page,
        "rows": [
            (job, jobs.name_of(job), REGISTRY.get(job.entity), _kind(job), _tone(job, group))
            for job in page.object_list
        ],
        "tabs": [(_name(each), f"?group={each}" if each else path, each == group) for each in (None, *groups)],
        "lately": group in (jobs.Group.FAILED, jobs.Group.PARTLY, jobs.Group.UNKNOWN),
        "days": jobs.LATELY.days,
        "sees_all": jobs.sees_all(request.user),
        "previous_url": f"{own}{page.number - 1}" if page.has_previous() else "",
        "next_url": f"{own}{page.number + 1}" if page.has_next() else "",
    }
    return show(request, "jobs/list.html", context)


def _name(group: jobs.Group | None) -> str:
    if group is None:
        return _("All jobs")
    return {
        jobs.Group.TO_APPROVE: _("For you to approve"),
        jobs.Group.RUNNING: _("Running"),
        jobs.Group.AWAITING: _("Awaiting approval"),
        jobs.Group.SCHEDULED: _("Scheduled"),
        jobs.Group.PAUSED: _("Paused or stopped"),
        jobs.Group.PARTLY: _("Done in part"),
        jobs.Group.FAILED: _("Failed"),
        jobs.Group.UNKNOWN: _("Unknown"),
    }[group]


def _kind(job: Job) -> str:
    """What the job is, in words."""
    if job.kind == "bulk" and job.undo_of_id:
        return _("Undo of many")
    return {
        "edit": _("Change"),
        "create": _("New record"),
        "delete": _("Deletion"),
        "undo": _("Undo"),
        "reorder": _("Order"),
        "enrich": _("Logo and website"),
        "bulk": _("Change of many"),
    }.get(job.kind, job.kind)


def _tone(job: Job, group: jobs.Group | None) -> str:
    if group in (jobs.Group.UNKNOWN, jobs.Group.PARTLY):
        return f"status status-{'bad' if group is jobs.Group.UNKNOWN else 'warn'}"
    tone = _TONES.get(job.state, "off")
    return f"status status-{tone}"
