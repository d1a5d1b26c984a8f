"""What the pages of a merge, and of its way back, show: the plan, and the job (no view stands here)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from backoffice.formats.words import integer
from backoffice.forms.basis import new_nonce
from backoffice.forms.confirming import ConfirmForm
from backoffice.models import Job, JobState, Outcome, Step, StepState
from backoffice.services import approvals, jobs, merges
from backoffice.services.access import Permission, can
from backoffice.services.merges import COUNTERPARTIES
from backoffice.services.merges.planning import CHECK
from backoffice.templatetags.ui import detail_url
from backoffice.views.batch import goes_on, relatives, unattended
from backoffice.views.guard import SignedInRequest
from backoffice.views.mergeform import address_of
from backoffice.views.mergewords import called, facts, sections
from backoffice.views.planning import may_see
from backoffice.views.shared import is_fragment, names_for, show

_SHORT = 12  # characters of a fingerprint
_UNDER_WAY = (JobState.RUNNING, JobState.PAUSED, JobState.STOPPED)
_NEVER_RUN = (JobState.REFUSED, JobState.WITHDRAWN, JobState.EXPIRED)


def shows_plan(job: Job) -> bool:
    """Whether the page of this job is that of a merge's plan."""
    return job.kind in merges.KINDS and job.state == JobState.PLANNED


def plan_page(
    request: SignedInRequest, job: Job, *, form: ConfirmForm | None = None, status: int = 200
) -> HttpResponse:
    """The plan and the last word on it. Raises Http404."""
    if not may_see(request.user, job):
        raise Http404
    causes = approvals.needed(job)
    context = {
        **_about(job),
        "causes": [cause.text for cause in causes],
        "form": form or confirm_form(job, asks=bool(causes)),
        "operates": can(request.user, Permission.BULK),
        "zone": timezone.get_current_timezone_name(),
        "new_url": address_of(job) if job.kind == merges.KIND and job.spec.get("gates") else "",
        "may_report": can(request.user, Permission.EXPORT),
    }
    return show(request, "merges/plan.html", context, status=status)


def confirm_form(job: Job, data: Any = None, *, asks: bool | None = None) -> ConfirmForm:
    """The form of the last word, which always asks why."""
    asks = bool(approvals.needed(job)) if asks is None else asks
    return ConfirmForm(data, initial={"reason": job.reason}, reason_required=True, asks=asks)


def _about(job: Job) -> dict[str, Any]:
    """What plan and job say alike."""
    spec, restoring = job.spec, job.kind == merges.RESTORE
    found = sections(job)
    held = [
        {name: value} for part in found for line in part.lines for name, *both in line.changes for value in both
    ]
    kept = [COUNTERPARTIES.by_name[name] for name in spec.get("kept", ()) if name in COUNTERPARTIES.by_name]
    return {
        "job": job,
        "name": jobs.name_of(job),
        "restoring": restoring,
        "finishing": not restoring and not spec.get("gates"),
        "sections": found,
        "names": names_for(COUNTERPARTIES.fields, held),
        "fingerprint": job.fingerprint,
        "short": job.fingerprint[:_SHORT],
        "survivor": _survivor(job),
        "survivor_url": detail_url(COUNTERPARTIES, str(spec["survivor"])) if spec.get("survivor") else "",
        "impact": [] if restoring else _impact(job),
        "references": merges.references(job),
        "reversible": merges.reversible(job),
        "overruled": [] if restoring else merges.overruled(job),
        "since": [] if restoring else merges.said_since(job),
        "trial": bool(spec.get("trial")),
        "edited": [(key, detail_url("clients", key)) for key in spec.get("edited", ())],  # type: ignore[arg-type]
        "kept": kept,
        "unsent": sorted((key, ", ".join(names)) for key, names in spec.get("unsent", {}).items()),
        "first": job.undo_of or job.made_from,
    }


def _survivor(job: Job) -> str:
    key = str(job.spec.get("survivor", ""))
    looks = Step.objects.filter(phase__job=job, phase__name=CHECK, key=key, entity=COUNTERPARTIES.slug)
    step = looks.first()
    return called(step.label if step else "", key)


def _impact(job: Job) -> list[tuple[str, str]]:
    """Who names each record, as the walk of the plan counted."""
    uses = job.spec.get("uses")
    if uses is None:
        return []
    labels = dict(Step.objects.filter(phase__job=job, phase__name=CHECK).values_list("key", "label"))
    found = []
    for key, clients in uses.items():
        words = ngettext("%(n)s client names it", "%(n)s clients name it", len(clients))
        found.append((called(labels.get(key, ""), key), words % {"n": integer(len(clients))}))
    return found


# The job


def of_merge(request: SignedInRequest, job: Job) -> dict[str, Any]:
    """Context of merges/job.html. Flowtly is not asked."""
    under_way = job.state in _UNDER_WAY
    progress = jobs.progress(job) if under_way else None
    waiting = progress is not None and goes_on(job, progress)
    context = {
        **_about(job),
        "progress": progress,
        "waiting": waiting,
        "unattended": progress is not None and unattended(job, progress),
        "facts": facts(job),
        "never_run": job.state in _NEVER_RUN,
        "here": reverse("job", args=[job.pk]),
        "verified": job.final and (merges.verified(job) if job.kind == merges.KIND else _whole(job)),
        "wrote": merges.wrote(job),
        "stop": merges.hindrance(job) if job.state == JobState.STOPPED else "",
        "wrong": _wrong(job),
        "can_steer": can(request.user, Permission.BULK),
    }
    return context | ({} if is_fragment(request) and waiting else _around(request, job))


def _around(request: SignedInRequest, job: Job) -> dict[str, Any]:
    """People, relatives, and what can be made of a job that rests."""
    approval, may = approvals.of(job), can(request.user, Permission.BULK)
    rests = job.final or job.state == JobState.STOPPED
    restorable = merges.restorable(job) if rests and may else 0
    return {
        "approver": approval.decided_by if approval and approval.decision == "approved" else None,
        "relatives": relatives(job),
        "nonce": new_nonce(),
        "restorable": restorable,
        "undo_url": reverse("job_undo", args=[job.pk]) if restorable else "",
        "finishable": may and job.final and _left_over(job),
        "new_url": address_of(job) if may and job.kind == merges.KIND and not job.final else "",
        "may_report": can(request.user, Permission.EXPORT),
    }


def _whole(job: Job) -> bool:
    """Whether each step of a restore was achieved."""
    steps = Step.objects.filter(phase__job=job)
    return steps.exists() and not steps.exclude(outcome__in=jobs.ACHIEVED).exists()


def _left_over(job: Job) -> bool:
    """Whether clients may still name what is gone, after a merge that ended."""
    if job.kind != merges.KIND or job.state in _NEVER_RUN:
        return False
    counted = merges.references(job)
    merged = Step.objects.filter(phase__job=job, outcome__in=(Outcome.MERGED, Outcome.ALREADY), verb="merge")
    named = Step.objects.filter(phase__job=job, state=StepState.DONE, outcome=Outcome.NOT_WRITTEN, verb="compare")
    left = any(any(found.values()) for found in named.values_list("context__left", flat=True) if found)
    return merged.exists() and bool(counted.failed or counted.left or left)


def _wrong(job: Job) -> str:
    """The record that Flowtly took away instead, "" where it did not."""
    step = Step.objects.filter(phase__job=job, outcome=Outcome.WRONG).first()
    return str(step.context.get("into", "")) if step else ""
