"""Plans made of jobs that ran: retry, apply mine, undo. Each is previewed, confirmed and run like any other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice.models import Job, Outcome, Step, StepState, User, Verb
from backoffice.models.jobs import FINAL_STATES, JobState
from backoffice.resources import REGISTRY
from backoffice.resources.redacted import holds_redacted
from backoffice.services import audit, jobs
from backoffice.services.access import Permission, can
from backoffice.services.bulk.plans import NothingChosen, store
from backoffice.services.operations import OPERATIONS, StepPlan

# What is worth another try: refused or not written for sure, not reached, or nobody knows.
RETRIED = (Outcome.REJECTED, Outcome.NOT_WRITTEN, Outcome.NOT_REACHED, Outcome.UNKNOWN)
_SETTLED = "settled"


class StillRunning(Exception):
    """The job has not ended, so nothing can be made of it yet."""


def ended(job: Job) -> bool:
    """Whether nothing more will happen to it by itself."""
    return job.state in FINAL_STATES or job.state == JobState.STOPPED


def retriable(job: Job) -> int:
    """How many rows a retry would take up."""
    return _steps(job, RETRIED).count() + (_left(job).count() if job.state == JobState.STOPPED else 0)


def retry(*, job: Job, actor: User, nonce: str, request_id: str) -> Job:
    """A new plan of the rows that failed, based on what the person saw then; rows edited since are shown as such.

    Raises NothingChosen, StillRunning, RedactedPlan. The nonce's first plan is given again.
    """
    _close(job)
    return _again(job, actor, _steps(job, RETRIED), _as_before, "retry", nonce, request_id)


def open_conflicts(job: Job) -> int:
    """Rows that were changed elsewhere and that nobody has decided about."""
    return sum(1 for step in _steps(job, (Outcome.CONFLICT,)).only("context") if not settled(step))


def settled(step: Step) -> str:
    """What a person decided about a conflict: "theirs", "mine" or ""."""
    return str(step.context.get(_SETTLED, ""))


def apply_mine(
    *, job: Job, actor: User, nonce: str, request_id: str, numbers: Collection[int] | None = None
) -> Job:
    """A new plan that writes over what others wrote, as far as it is still what this page showed of it.

    `numbers` are rows of the job, None for all open conflicts. Raises as `retry`.
    """
    if (first := jobs.find(nonce)) is not None:
        return first
    _close(job)
    steps = [step for step in _conflicts(job, numbers) if not settled(step)]
    if not steps:
        raise NothingChosen
    plan = _again(job, actor, steps, _over_theirs, "mine", nonce, request_id)
    _settle(steps, "mine")
    return plan


def keep_theirs(*, job: Job, actor: User, numbers: Collection[int] | None = None) -> int:
    """Decide for what others wrote: nothing is sent, and it is recorded. Returns how many rows that settled."""
    steps = [step for step in _conflicts(job, numbers) if not settled(step)]
    _settle(steps, "theirs")
    for step in steps:
        audit.append(
            action=f"{step.entity}.keep_theirs",
            outcome=Outcome.ALREADY,
            actor=actor,
            entity=step.entity,
            key=step.key,
            label=step.label,
            action_id=job.action_id,
            job_id=job.pk,
        )
    return len(steps)


def undoable(job: Job) -> int:
    """How many rows an undo would take back; 0 while it runs, or once an undo of it wrote anything."""
    if job.kind != "bulk" or not ended(job):
        return 0
    done = (Outcome.CHANGED, Outcome.CREATED, Outcome.DELETED, Outcome.ALREADY)
    if Job.objects.filter(undo_of=job, phases__steps__outcome__in=done).exclude(state=JobState.WITHDRAWN).exists():
        return 0
    return _steps(job, (Outcome.CHANGED, Outcome.CREATED, Outcome.DELETED)).count()


def undo(*, job: Job, actor: User, nonce: str, request_id: str) -> Job:
    """A new plan back to the saved values. Rows edited since are shown and left out until somebody takes them in.

    New records are deleted, where Flowtly can and the person may; what has no way back is not part of the plan.
    Raises as `retry`.
    """
    _close(job)
    steps = _steps(job, (Outcome.CHANGED, Outcome.CREATED, Outcome.DELETED))
    inverse = _Inverse(may_delete=can(actor, Permission.DELETE))
    return _again(job, actor, steps, inverse, "undo", nonce, request_id, undo_of=job)


class _Inverse:
    def __init__(self, *, may_delete: bool) -> None:
        self._may_delete = may_delete

    def __call__(self, step: Step) -> StepPlan | None:
        if step.outcome == Outcome.CREATED:
            return self._deletion(step)
        plan = OPERATIONS[step.verb].inverse(step)
        if plan is None or plan.verb == Verb.CREATE:
            return plan
        return _with(plan, plan.base, plan.changes)

    def _deletion(self, step: Step) -> StepPlan | None:
        if not self._may_delete or not REGISTRY[step.entity].deletable or step.after is None or step.redacted:
            return None
        plan = StepPlan(verb=Verb.DELETE, entity=step.entity, key=step.key, label=step.label)
        return _with(plan, step.after, {})


def _as_before(step: Step) -> StepPlan | None:
    """What was to be written, based on what was shown."""
    if step.redacted:
        return None
    plan = StepPlan(verb=step.verb, entity=step.entity, key=step.key, label=step.label)
    return _with(plan, step.base, step.changes)


def _over_theirs(step: Step) -> StepPlan | None:
    if step.redacted:
        return None
    fields = (step.error or {}).get("fields", {})
    seen = {**step.base, **{name: held["theirs"] for name, held in fields.items()}}
    plan = StepPlan(verb=step.verb, entity=step.entity, key=step.key, label=step.label)
    return _with(plan, {name: seen.get(name) for name in step.changes}, step.changes)


def _with(plan: StepPlan, seen: Mapping[str, Any], changes: Mapping[str, Any]) -> StepPlan:
    """The same step on what the person saw; a creation is based on nothing."""
    context = {} if plan.verb == Verb.CREATE else {"seen": dict(seen)}
    return StepPlan(
        verb=plan.verb,
        entity=plan.entity,
        key=plan.key if plan.verb != Verb.CREATE else "",
        label=plan.label,
        base=dict(seen) if context else {},
        changes=dict(changes),
        context=context,
    )


def _again(
    job: Job,
    actor: User,
    steps: QuerySet[Step] | list[Step],
    made: Callable[[Step], StepPlan | None],
    kind: str,
    nonce: str,
    request_id: str,
    undo_of: Job | None = None,
) -> Job:
    if (first := jobs.find(nonce)) is not None:
        return first
    plans = [plan for plan in map(made, _one_by_one(steps)) if plan is not None and not _redacted(plan)]
    if not plans:
        raise NothingChosen
    scope = _said(kind) % {"title": job.named}
    return store(
        actor=actor,
        resource=REGISTRY[job.entity],
        plans=plans,
        spec={"scope": scope, "source": {"kind": kind, "job": str(job.pk)}},
        nonce=nonce,
        request_id=request_id,
        reason=f"{scope}: {job.reason}" if job.reason else scope,
        undo_of=undo_of,
        made_from=None if undo_of else job,
    )


def _said(kind: str) -> str:
    return {
        "retry": _("Another try of %(title)s"),
        "mine": _("Our values over those of others, of %(title)s"),
        "undo": _("Taking back %(title)s"),
    }[kind]


def _redacted(plan: StepPlan) -> bool:
    return holds_redacted([plan.base, plan.changes])


def _one_by_one(steps: QuerySet[Step] | list[Step]) -> Iterator[Step]:
    return iter(steps) if isinstance(steps, list) else steps.iterator(chunk_size=200)


def _steps(job: Job, outcomes: Collection[str]) -> QuerySet[Step]:
    return Step.objects.filter(phase__job=job, outcome__in=outcomes).order_by("phase__number", "number")


def _left(job: Job) -> QuerySet[Step]:
    return Step.objects.filter(phase__job=job, state=StepState.PLANNED)


def _conflicts(job: Job, numbers: Collection[int] | None) -> list[Step]:
    found = _steps(job, (Outcome.CONFLICT,))
    return list(found if numbers is None else found.filter(number__in=list(numbers)))


def _settle(steps: Collection[Step], word: str) -> None:
    for step in steps:
        step.context = {**step.context, _SETTLED: word}
    Step.objects.bulk_update(list(steps), ["context"], batch_size=200)


def _close(job: Job) -> None:
    """A stopped job ends for good once something is made of it. Raises StillRunning."""
    if job.state == JobState.STOPPED:
        jobs.close_stopped(job)
        job.refresh_from_db()
    if not ended(job):
        raise StillRunning
