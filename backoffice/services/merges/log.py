"""The log of merges: what was merged, and restored, newest first."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from backoffice.models import Job, JobState, Outcome, Step, Verb
from backoffice.services.jobs import ACHIEVED
from backoffice.services.merges.composing import COUNTERPARTIES, is_wrong
from backoffice.services.merges.steering import KINDS
from backoffice.services.upstream import current

_NEVER = (JobState.PLANNED, JobState.WITHDRAWN, JobState.EXPIRED, JobState.REFUSED)


def log(text: str = "") -> QuerySet[Job]:
    """Merges and restores that were begun, or still may be; with a text those about such a record.

    `short`: not every step was achieved.
    """
    found = Job.objects.filter(kind__in=KINDS).exclude(state__in=_NEVER).select_related("actor")
    if text:
        about = Q(verb__in=(Verb.MERGE, Verb.CREATE)) & (Q(key=text) | Q(label__icontains=text))
        steps = Step.objects.filter(about, entity=COUNTERPARTIES.slug, phase__job__kind__in=KINDS)
        named = Q(pk__in=steps.values("phase__job")) | Q(title__icontains=text) | Q(spec__survivor=text)
        found = found.filter(named)
    undone = Step.objects.filter(phase__job=OuterRef("pk")).exclude(outcome__in=ACHIEVED)
    return found.annotate(short=Exists(undone)).order_by("-created_at", "pk")


def wrong_job() -> Job | None:
    """The merge that took the wrong record, while merges are asked for as they were then."""
    if not is_wrong():
        return None
    steps = Step.objects.filter(verb=Verb.MERGE, outcome=Outcome.WRONG, phase__job__upstream=current().pk)
    latest = steps.select_related("phase__job").order_by("-finished_at", "-pk").first()
    return latest.phase.job if latest else None
