"""What the page of a job of many shows once its plan was confirmed (no view stands here)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.forms.basis import new_nonce
from backoffice.models import Forecast, Job, JobState, Outcome, User
from backoffice.models.jobs import WRITTEN
from backoffice.resources import REGISTRY, Resource
from backoffice.services import approvals, bulk, jobs, outcomes
from backoffice.services.access import Permission, can
from backoffice.services.jobs import Progress, Waiting
from backoffice.services.outcomes import LEFT, Line
from backoffice.views.guard import SignedInRequest
from backoffice.views.results import results
from backoffice.views.shared import is_fragment, page_number

_NOT_BEGUN = (JobState.PLANNED, JobState.AWAITING, JobState.SCHEDULED)
_UNDER_WAY = (JobState.RUNNING, JobState.PAUSED, JobState.STOPPED)
_NEVER_RUN = (JobState.REFUSED, JobState.WITHDRAWN, JobState.EXPIRED)

_SOON = timedelta(seconds=3)  # within which a worker that is free comes


@dataclass(frozen=True)
class Shown:
    """One row: its record's page, what became of it and why in words, and where more is to be seen of it.

    `intended`: the changes that it shows were not made.
    """

    line: Line
    url: str
    outcome: str
    words: list[str]
    intended: bool = False
    more_url: str = ""
    more: str = ""


@dataclass(frozen=True)
class Way:
    """What an undo of the job would do: so many rows go back, so many new records are deleted or have to stay."""

    back: int
    deleted: int
    staying: int

    @property
    def possible(self) -> bool:
        return self.back + self.deleted > 0


def batch_of(job_id: uuid.UUID, *, kinds: Collection[str] = ()) -> Job:
    """The job, where it is one of many, or of these `kinds`; else a 404."""
    return get_object_or_404(Job.objects.select_related("actor"), pk=job_id, kind__in=(bulk.KIND, *kinds))


def nonce_of(request: SignedInRequest, job: Job) -> str:
    """The same form sent twice makes one plan; a nonce of another form or person finds nothing."""
    sent = f"{job.pk} {request.path} {request.user.pk} {request.POST.get('nonce', '')}"
    return hashlib.sha256(sent.encode()).hexdigest()


def of_batch(request: SignedInRequest, job: Job) -> dict[str, Any]:
    """Context of jobs/batch.html. Flowtly is not asked."""
    shown = results(job, fate=request.GET.get("outcome", ""), page=page_number(request))
    under_way = job.state in _UNDER_WAY
    progress = jobs.progress(job) if under_way else None
    never_run = job.state in _NEVER_RUN
    context = {
        **shown,
        "rows": [_shown(job, shown["resource"], each, never_run) for each in shown["lines"]],
        "progress": progress,
        "waiting": progress is not None and goes_on(job, progress),
        "unattended": progress is not None and unattended(job, progress),
        "speed": _speed(progress) if progress else "",
        "can_steer": can(request.user, Permission.BULK),
        "not_begun": job.state in _NOT_BEGUN,
        "never_run": never_run,
    }
    context["name"] = jobs.name_of(job)
    return context | ({} if is_fragment(request) and context["waiting"] else _around(request, job))


def _around(request: SignedInRequest, job: Job) -> dict[str, Any]:
    """What stands still while the job goes on: people, relatives, and what can be done with it."""
    approval = approvals.of(job)
    may = can(request.user, Permission.BULK)
    over = job.final
    return {
        "approver": approval.decided_by if approval and approval.decision == "approved" else None,
        "relatives": relatives(job),
        "may_steer": may,
        "conflicts": bulk.open_conflicts(job) if over else 0,
        "retriable": bulk.retriable(job) if over and may else 0,
        "nonce": new_nonce(),
        "may_report": can(request.user, Permission.EXPORT),
        "undo_url": _undo_url(request.user, job),
    }


def _undo_url(user: User, job: Job) -> str:
    possible = may_undo(user, job) and way_back(job, user).possible
    return reverse("job_undo", args=[job.pk]) if possible else ""


def may_undo(user: User, job: Job) -> bool:
    """Whether this person may take the job back: stewards any, others their own."""
    own = job.actor_id == user.pk and can(user, Permission.UNDO_OWN)
    return own or can(user, Permission.UNDO_ANY)


def way_back(job: Job, user: User) -> Way:
    """What has no way back is known beforehand; what was edited since only the undo's own preview tells."""
    total = bulk.undoable(job)
    if not total:
        return Way(0, 0, 0)
    created = outcomes.counts(job).by.get(Outcome.CREATED, 0)
    deletable = REGISTRY[job.entity].deletable and can(user, Permission.DELETE)
    return Way(total - created, created if deletable else 0, 0 if deletable else created)


def relatives(job: Job) -> list[tuple[str, Job, str]]:
    """The jobs that this one comes from, and those made of it, each with what it is to this one."""
    found = [(_("Takes back"), job.undo_of), (_said_of(job), job.made_from)]
    found += [(_("Taken back by"), each) for each in undone_by(job)]
    found += [(_("Taken up again by"), each) for each in _lived(job.led_to)]
    return [(words, each, jobs.name_of(each)) for words, each in found if each is not None]


def undone_by(job: Job) -> list[Job]:
    return _lived(job.undone_by)


def _lived(related: Any) -> list[Job]:
    return list(related.exclude(state__in=[JobState.WITHDRAWN, JobState.EXPIRED]).order_by("created_at"))


def _said_of(job: Job) -> str:
    kind = job.spec.get("source", {}).get("kind")
    return _("Our values over those of others, of") if kind == "mine" else _("Another try of")


# How far it is


def goes_on(job: Job, progress: Progress) -> bool:
    """Whether the page changes by itself: what is paused or stopped still finishes the records in hand."""
    return job.state == JobState.RUNNING or progress.attended


def unattended(job: Job, progress: Progress) -> bool:
    """Whether it could go on and nobody has come for it; between two slices a worker is only just asked to."""
    going = job.state == JobState.RUNNING and progress.left > 0
    asked = job.woken_at is not None and timezone.now() - job.woken_at < _SOON
    return going and not progress.attended and not asked and progress.waiting == Waiting.NO


def _speed(progress: Progress) -> str:
    """ "About 14 rows a second, about 2 minutes left." as far as it can be told."""
    if progress.seconds_left is None or not progress.rate:
        return ""
    pace = round(progress.rate) or 1
    rate = ngettext("About %(n)s row a second", "About %(n)s rows a second", pace) % {"n": pace}
    return f"{rate}, {_left(progress.seconds_left)}."


def _left(seconds: float) -> str:
    if seconds < 50:
        number = max(5, round(seconds / 5) * 5)
        return ngettext("about %(n)s second left", "about %(n)s seconds left", number) % {"n": number}
    number = round(seconds / 60) or 1
    return ngettext("about %(n)s minute left", "about %(n)s minutes left", number) % {"n": number}


# Rows


def _shown(job: Job, resource: Resource | None, each: tuple[Line, str, str], never_run: bool) -> Shown:
    line, url, outcome = each
    if line.fate == LEFT and job.state in _NOT_BEGUN:
        outcome = str(Forecast(line.forecast).label)
    elif line.fate == LEFT and (never_run or job.final):
        outcome = _("Not run")
    url = "" if line.fate in (Outcome.GONE, Outcome.DELETED) else url
    more_url, more = _more(job, line)
    intended = line.fate not in (*WRITTEN, LEFT, Outcome.ALREADY)
    return Shown(line, url, outcome, why(resource, line), intended, more_url, more)


def _more(job: Job, line: Line) -> tuple[str, str]:
    if line.fate == Outcome.CONFLICT and not line.decided:
        return f"{reverse('job_conflicts', args=[job.pk])}#row-{line.number}", _("Compare")
    if line.fate == Outcome.UNKNOWN:
        return reverse("job_row", args=[job.pk, line.number]), _("Look at it again")
    return "", ""


def why(resource: Resource | None, line: Line) -> list[str]:
    """Why a row came to what it came to, in sentences; Flowtly's own words where it said anything."""
    if line.fate == Outcome.EXCLUDED:
        return [_OUT[line.out]()] if line.out in _OUT else []
    if line.fate == Outcome.GONE:
        return [_("The record no longer exists in Flowtly.")]
    found = [_DECIDED[line.decided]()] if line.decided in _DECIDED else []
    if line.error and not found and line.fate != Outcome.CONFLICT:  # that page compares
        found = said(resource, line.error)
    return found


_OUT = {
    "author": lambda: _("The author left it out."),
    "approver": lambda: _("The approver left it out."),
    "edited": lambda: _("It was edited since, and nobody took it in."),
}
_DECIDED = {
    "theirs": lambda: _("Decided: what others wrote stays."),
    "mine": lambda: _("Decided: our values were taken up in a new plan."),
    "written": lambda: _("A person looked and said that it was saved."),
    "not written": lambda: _("A person looked and said that it was not saved."),
}


def said(resource: Resource | None, error: Mapping[str, Any]) -> list[str]:
    """The sentences of an error, each that is about a field with the field's label."""
    known = resource.by_name if resource else {}
    message = str(error.get("message") or "")
    found = [_(message)] if message else []
    about = []
    for path, text in error.get("violations", ()):
        name = str(known[path].label) if path in known else path
        about.append(f"{name}: {text}" if name else str(text))
    # The message of a refusal is often nothing but its violations once more.
    return about if about and all(text in message for _path, text in error["violations"]) else [*found, *about]
