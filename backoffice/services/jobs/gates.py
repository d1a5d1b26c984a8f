"""Phases that have to come out as planned before anything after them is begun.

A job names them in `spec["gates"]`. They are looked at, and the job is stopped, in the transaction that would take
the next rows, so no crash and no second worker gets past a gate.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from backoffice.models import (
    Job,
    JobState,
    NoticeKind,
    Outcome,
    Phase,
    Step,
    StepState,
    Upstream,
    User,
    Verb,
    Verdict,
)
from backoffice.resources import PAGES
from backoffice.services import apart, notices
from backoffice.services.access import Permission, holders
from backoffice.services.jobs.ending import ACHIEVED
from backoffice.services.upstream import merge_way

SHUT = gettext_noop("A step did not come out as planned. Nothing after it was begun.")
WRONG_WAY = gettext_noop(
    "Flowtly kept the wrong record of a merge. Nothing is merged until the way we ask for it is corrected."
)

TOLD_APART = gettext_noop(
    "Somebody said after this was planned that two of the records are not one firm. Nothing more was merged."
)


def shut(job: Job, phase: Phase) -> bool:
    """Whether this phase may not begin; the job is stopped then, with words."""
    gates = job.spec.get("gates")
    if not gates:
        return False
    problem = _problem(job, phase)
    if problem:
        _stop(Job.objects.filter(pk=job.pk, state=JobState.RUNNING), problem)
    return bool(problem)


def _problem(job: Job, phase: Phase) -> str:
    if job.kind == "merge" and wrong_way(job):
        return WRONG_WAY
    begun = phase.steps.exclude(state=StepState.PLANNED).exists()  # then it is carried to its end
    if job.kind == "merge" and not begun and told_apart(job):
        return TOLD_APART
    return SHUT if failed(job).filter(phase__number__lt=phase.number).exists() else ""


def failed(job: Job) -> QuerySet[Step]:
    """The steps of the job's gates that ended and were not achieved."""
    done = Step.objects.filter(phase__job=job, phase__name__in=job.spec.get("gates", ()), state=StepState.DONE)
    return done.exclude(outcome__in=ACHIEVED)


def wrong_way(job: Job) -> bool:
    """Whether a merge that was asked for as we do now took the wrong record."""
    wrong = Upstream.objects.filter(pk=job.upstream_id).values_list("merge_wrong", flat=True).first()
    return wrong == merge_way()


def told_apart(job: Job) -> dict[apart.Pair, list[Verdict]]:
    """What holds against this merge and was not overruled in its plan: two of its records are not one firm.

    Nothing once all are merged.
    """
    merges = list(Step.objects.filter(phase__job=job, verb=Verb.MERGE))
    if all(step.state == StepState.DONE and step.outcome in ACHIEVED for step in merges):
        return {}
    keys = {key for step in merges for key in (step.key, str(step.context["into"]))}
    found = apart.told_apart(PAGES[job.entity], keys)
    overruled = apart.standing_for(job.spec.get("overruled", ()))
    left = {pair: [each for each in said if each.pk not in overruled] for pair, said in found.items()}
    return {pair: said for pair, said in left.items() if said}


def stop_all(job: Job) -> None:
    """No merge goes on, of whatever job, this one among them."""
    going = (JobState.RUNNING, JobState.SCHEDULED)
    merges = Job.objects.filter(kind="merge", upstream=job.upstream_id, state__in=going)
    _stop(merges, WRONG_WAY, [*holders(Permission.ADMIN)])


def _stop(going: QuerySet[Job], problem: str, others: Iterable[User] = ()) -> None:
    """Whoever planned it is told, and `others`."""
    for job in going.select_related("actor"):
        if going.filter(pk=job.pk).update(state=JobState.STOPPED, problem=problem):
            notices.tell(users=[job.actor, *others], job=job, kind=NoticeKind.STOPPED)


def reopen(steps: QuerySet[Step]) -> int:
    """Let these steps be tried again: each reads first, and none repeats what was carried out."""
    found = list(steps)
    for step in found:
        step.state, step.outcome, step.error = StepState.PLANNED, Outcome.NONE, None
        step.context = {name: value for name, value in step.context.items() if name not in ("looked", "away")}
        step.due_at = step.finished_at = step.written_at = None
        step.attempts = 0
    names = ["state", "outcome", "error", "context", "due_at", "finished_at", "written_at", "attempts"]
    Step.objects.bulk_update(found, names, batch_size=200)
    return len(found)
