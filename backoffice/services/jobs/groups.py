"""Jobs by what they want of people: nothing but time, a look, or a word."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.models import Approval, Forecast, Job, JobState, Outcome, Step, StepState, User
from backoffice.services.access import Permission, can

LATELY = timedelta(days=7)  # after that a failed job is history
MANY = ("bulk", "merge", "restore")  # kinds of jobs about many records
_SEES_ALL = (Permission.UNDO_ANY, Permission.APPROVE, Permission.ADMIN)


class Group(StrEnum):
    """`to_approve`: this person may decide about them; `awaiting`: their own, about which others decide.

    `paused`: also stopped ones; somebody has to let them go on, or end them. `partly`: ended with rows that failed
    in the run, or conflicts that nobody has decided, and nothing was made of them yet. `unknown`: nobody knows
    whether Flowtly saved, or it is being found out.
    """

    TO_APPROVE = "to_approve"
    RUNNING = "running"
    SCHEDULED = "scheduled"
    PAUSED = "paused"
    AWAITING = "awaiting"
    PARTLY = "partly"
    FAILED = "failed"
    UNKNOWN = "unknown"


def sees_all(viewer: User) -> bool:
    """Whether this person is shown other people's jobs; everybody else their own."""
    return any(can(viewer, permission) for permission in _SEES_ALL)


def listed(*, viewer: User, group: Group | None = None) -> QuerySet[Job]:
    """The jobs that this person is shown, newest first; those of a group, or all."""
    jobs = Job.objects.all() if sees_all(viewer) else Job.objects.filter(actor=viewer)
    jobs = jobs if group is None else jobs.filter(_of(group, viewer))
    return jobs.select_related("actor").order_by("-created_at", "pk")


def _of(group: Group, viewer: User) -> Q:
    lately = Q(created_at__gte=timezone.now() - LATELY)
    open_steps = Step.objects.filter(Q(outcome=Outcome.UNKNOWN) | Q(state=StepState.SETTLING))
    # A job of many that still runs finds out by itself what became of single rows.
    busy = Q(kind__in=MANY, state=JobState.RUNNING)
    unknown = Q(pk__in=open_steps.values("phase__job")) & ~busy
    asked = Approval.objects.filter(decision=Approval.Decision.OPEN)
    own = Q(actor=viewer) | Q(pk__in=asked.filter(requested_by=viewer).values("job"))
    decidable = Q(pk__in=asked.filter(expires_at__gt=timezone.now()).values("job")) & ~own
    return {
        Group.SCHEDULED: Q(state=JobState.SCHEDULED),
        Group.PAUSED: Q(state__in=[JobState.PAUSED, JobState.STOPPED]),
        Group.PARTLY: _unfinished(Job.objects.filter(lately, kind__in=MANY, state=JobState.DONE)),
        Group.RUNNING: Q(state=JobState.RUNNING) & ~unknown,
        Group.TO_APPROVE: Q(state=JobState.AWAITING)
        & (decidable if can(viewer, Permission.APPROVE) else Q(pk=None)),
        Group.AWAITING: Q(state=JobState.AWAITING) & own,
        Group.FAILED: Q(state=JobState.FAILED) & ~unknown & lately,
        Group.UNKNOWN: unknown & lately,
    }[group]


def _unfinished(ended: QuerySet[Job]) -> Q:
    """Those of these jobs of many that left something for a person to decide.

    What the preview had said already was confirmed with it, and what a later job took up is its matter.
    """
    steps = Step.objects.filter(phase__job__in=ended).exclude(
        forecast__in=[Forecast.INVALID, Forecast.NOT_PERMITTED, Forecast.GONE]
    )
    failed = steps.filter(outcome__in=[Outcome.REJECTED, Outcome.NOT_WRITTEN, Outcome.NOT_REACHED])
    conflicts = steps.filter(outcome=Outcome.CONFLICT).exclude(context__has_key="settled")
    given_up = [JobState.WITHDRAWN, JobState.REFUSED, JobState.EXPIRED]
    taken_up = Job.objects.exclude(made_from=None).exclude(state__in=given_up)
    open_failed = Q(pk__in=failed.values("phase__job")) & ~Q(pk__in=taken_up.values("made_from"))
    return open_failed | Q(pk__in=conflicts.values("phase__job"))
