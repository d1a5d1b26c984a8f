"""The log of merges, and where the number of each record that was merged away leads now."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.models import Job, JobState
from backoffice.services import audit, jobs, merges
from backoffice.services.access import Permission, can
from backoffice.services.merges import COUNTERPARTIES, Moved
from backoffice.services.sheets import DIALECTS, Column, csv_lines
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import page_number, show

_SIZE = 50
_LONGEST = 200  # characters of what is looked for
# Other programs read the file by these names, whatever language the person has.
_COLUMNS = ("old", "into", "new", "name", "at", "by", "job")


@requires(Permission.READ)
@require_safe
def merge_log(request: SignedInRequest) -> HttpResponse:
    """Merges and restores, newest first; `?q=` narrows by number or name and says where an old number leads."""
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:_LONGEST]
    page = Paginator(merges.log(text), _SIZE).get_page(page_number(request))
    own, moved = f"?{urlencode({'q': text})}&page=" if text else "?page=", merges.moved(text) if text else None
    context = {
        "text": text,
        "page": page,
        "rows": [(job, jobs.name_of(job), job.kind == merges.RESTORE, *_came_of(job)) for job in page.object_list],
        "moved": moved,
        "moved_url": detail_url(COUNTERPARTIES, moved.new) if moved else "",
        "may": can(request.user, Permission.BULK),
        "trial": merges.trial(),
        "wrong_job": merges.wrong_job(),
        "previous_url": f"{own}{page.number - 1}" if page.has_previous() else "",
        "next_url": f"{own}{page.number + 1}" if page.has_next() else "",
        "path": reverse("merges"),
    }
    return show(request, "merges/log.html", context)


def _came_of(job: Job) -> tuple[str, str]:
    """What became of it in words, and their tone."""
    short = getattr(job, "short", False)
    if job.state == JobState.DONE:
        return (_("Not all as planned"), "warn") if short else (_("As planned"), "good")
    tones = {JobState.FAILED: "bad", JobState.STOPPED: "warn", JobState.PAUSED: "warn", JobState.AWAITING: "warn"}
    return str(job.get_state_display()), tones.get(JobState(job.state), "busy")


@requires(Permission.READ)
@require_safe
def merge_mapping(request: SignedInRequest) -> HttpResponse:
    """Old numbers to new ones, for other systems; that it was taken is an entry of the history."""
    found = merges.mapping()
    pieces = csv_lines([Column(name) for name in _COLUMNS], map(_row, found), DIALECTS["plain"])
    audit.append(
        action=f"{COUNTERPARTIES.slug}.download",
        outcome="ok",
        actor=request.user,
        entity=COUNTERPARTIES.slug,
        request_id=request.id,
        detail=f"csv · {len(found)}",
    )
    headers = {"Content-Disposition": 'attachment; filename="mapping.csv"'}
    return HttpResponse("".join(pieces), content_type="text/csv; charset=utf-8", headers=headers)


def _row(moved: Moved) -> list[str]:
    at = moved.at.isoformat(timespec="seconds")
    return [moved.old, moved.into, moved.new, moved.label, at, moved.by, str(moved.job)]
