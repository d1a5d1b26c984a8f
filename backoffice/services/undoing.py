"""Taking single edits back: what can go back, what it would do, and doing it. Plans of many have `bulk.undo`."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from backoffice.flowtly import errors
from backoffice.models import Job, Outcome, Redacted, Step, User, Verb
from backoffice.models.jobs import WRITTEN
from backoffice.resources import PAGES, REGISTRY, Field, Record
from backoffice.services import jobs
from backoffice.services.access import Permission, can
from backoffice.services.edits import IN_A_REQUEST, run_one
from backoffice.services.operations import OPERATIONS, StepPlan
from backoffice.services.reading import get_record

_BULK = "bulk"  # its way back is a plan of its own


@dataclass(frozen=True)
class UndoRow:
    """One field of an undo. `edited_since`: it no longer holds what was written; `blocked`: it cannot be empty."""

    field: Field
    written: Any
    now: Any
    back_to: Any
    edited_since: bool
    blocked: bool

    @property
    def already(self) -> bool:
        return self.field.same(self.now, self.back_to)


@dataclass(frozen=True)
class UndoPreview:
    """`record` as it is now; None where it was deleted and would be created again."""

    record: Record | None
    rows: list[UndoRow]


class NotUndoable(ValueError):
    """There is nothing to take back: it changed nothing, has no way back, or its values were redacted."""


_BACK = (Outcome.CHANGED, Outcome.ALREADY, Outcome.CREATED)
MOST_TOGETHER = 50  # steps of a job that is taken back while somebody waits


def undoable(job: Job) -> bool:
    """Whether there is anything to take back, and it was not taken back already."""
    return job.pk in undoable_among({job.pk})


def undoable_among(job_ids: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """The same for several jobs, in three queries."""
    single = Job.objects.filter(pk__in=job_ids).exclude(kind=_BULK)
    short = single.annotate(n=Count("phases__steps")).filter(n__lte=MOST_TOGETHER)
    steps: dict[uuid.UUID, list[Step]] = {}
    for step in Step.objects.filter(phase__job__in=short).select_related("phase").order_by("number"):
        steps.setdefault(step.phase.job_id, []).append(step)
    found = {job: held for job, held in steps.items() if _reversible(held)}
    undone = Job.objects.filter(undo_of__in=found, phases__steps__outcome__in=_BACK).values_list(
        "undo_of", flat=True
    )
    created = {job: held[0] for job, held in found.items() if held[0].verb == Verb.CREATE}
    deleted = _deleted(created.values())
    again = {job for job, step in created.items() if (step.entity, step.key) in deleted}
    return frozenset(found) - set(undone) - again


def _reversible(steps: Sequence[Step]) -> bool:
    """Whether the API has a way back: of one step its own, of several only where all are changes of fields."""
    written = [step for step in steps if step.outcome in WRITTEN]
    if not written or any(step.entity not in PAGES for step in steps):
        return False
    if len(steps) > 1 and any(step.verb != Verb.UPDATE for step in steps):
        return False
    if steps[0].verb == Verb.CREATE:
        return REGISTRY[steps[0].entity].deletable
    return all(OPERATIONS[step.verb].inverse(step) is not None for step in written)


def _deleted(steps: Collection[Step]) -> set[tuple[str, str]]:
    """Which records of these steps were deleted here, as (entity, key)."""
    keys = {step.key for step in steps}
    rows = Step.objects.filter(verb=Verb.DELETE, outcome=Outcome.DELETED, key__in=keys)
    return set(rows.values_list("entity", "key")) if keys else set()


def back_by_deleting(job: Job) -> bool:
    """Whether taking it back is a deletion, with the question that each deletion begins with."""
    step = job.step
    return step is not None and step.verb == Verb.CREATE


def redacted(job: Job) -> bool:
    """Whether values that taking this job back would need were redacted."""
    return Step.objects.filter(phase__job=job).exclude(redacted=Redacted.NO).exists()


def may_undo(user: User, job: Job) -> bool:
    own = job.actor_id == user.pk and can(user, Permission.UNDO_OWN)
    allowed = own or can(user, Permission.UNDO_ANY)
    return allowed and (can(user, Permission.DELETE) or not back_by_deleting(job))


def preview_undo(job: Job) -> UndoPreview:
    """What an undo would do, freshly read; writes nothing. One request, none for a record that is gone."""
    step, plan = _inverse(job)
    resource = REGISTRY[step.entity]
    if plan.verb == Verb.CREATE:
        kept = [(resource.by_name[name], value) for name, value in plan.changes.items()]
        return UndoPreview(None, [UndoRow(item, None, None, value, False, False) for item, value in kept])
    record = get_record(resource=resource, key=step.key)
    return UndoPreview(record, _rows(record, plan))


def _rows(record: Record, plan: StepPlan) -> list[UndoRow]:
    rows = []
    for name, back_to in plan.changes.items():
        item, now = record.resource.by_name[name], record[name]
        rows.append(
            UndoRow(
                field=item,
                written=plan.base.get(name),
                now=now,
                back_to=back_to,
                edited_since=not item.same(now, plan.base.get(name)),
                blocked=back_to in (None, "") and not item.clearable,
            )
        )
    return rows


def undo(
    *, actor: User, job: Job, nonce: str, request_id: str, overwrite: Mapping[str, Any] | None = None
) -> Job | None:
    """Take a save back, as a new job with the same conflict check; what was deleted is created again.

    Fields edited since are left out unless `overwrite` names them with the value that the person saw there.
    None where no field is left. Raises NotUndoable.
    """
    if (first := jobs.find(nonce)) is not None:
        return first
    preview, (_step, plan) = preview_undo(job), _inverse(job)
    if preview.record is None:
        return run_one(actor=actor, kind="undo", plan=plan, nonce=nonce, request_id=request_id, undo_of=job)
    chosen = overwrite or {}
    rows = [row for row in preview.rows if not row.blocked and (not row.edited_since or row.field.name in chosen)]
    if not rows:
        return None
    base = {row.field.name: chosen.get(row.field.name, row.written) for row in rows}
    changes = {row.field.name: row.back_to for row in rows}
    fresh = StepPlan(
        verb=Verb.UPDATE, entity=plan.entity, key=plan.key, label=preview.record.label, base=base, changes=changes
    )
    return run_one(actor=actor, kind="undo", plan=fresh, nonce=nonce, request_id=request_id, undo_of=job)


@dataclass(frozen=True)
class UndoPart:
    """One of several records that go back together; `record` is None where it is gone."""

    plan: StepPlan
    record: Record | None
    rows: list[UndoRow]

    @property
    def possible(self) -> bool:
        blocked = any(row.blocked or row.edited_since for row in self.rows if not row.already)
        return self.record is not None and not blocked


def preview_undo_together(job: Job) -> list[UndoPart]:
    """What an undo of a job of several changes would do: one request for each record that it changed.

    Raises NotUndoable where the way back of one of them is gone.
    """
    steps = Step.objects.filter(phase__job=job, outcome__in=WRITTEN).order_by("phase__number", "number")
    plans = [OPERATIONS[step.verb].inverse(step) for step in steps]
    if None in plans:
        raise NotUndoable
    return [_part(plan) for plan in plans if plan is not None]


def _part(plan: StepPlan) -> UndoPart:
    try:
        record = get_record(resource=REGISTRY[plan.entity], key=plan.key)
    except errors.NotFound:
        return UndoPart(plan, None, [])
    return UndoPart(plan, record, _rows(record, plan))


def undo_together(*, actor: User, job: Job, nonce: str, request_id: str) -> Job | None:
    """Take all changes of a job back, or none: None where one of them no longer holds what the job left there.

    An order that is only half brought back would be a third order. Raises NotUndoable.
    """
    if (first := jobs.find(nonce)) is not None:
        return first
    parts = preview_undo_together(job)
    if not parts or not all(part.possible for part in parts):
        return None
    undo_job, made = jobs.store(
        actor=actor,
        kind="undo",
        entity=job.entity,
        title=job.title,
        nonce=nonce,
        phases={"apply": [part.plan for part in parts]},
        request_id=request_id,
        undo_of=job,
    )
    return jobs.run(undo_job, patience=IN_A_REQUEST) if made else undo_job


def _inverse(job: Job) -> tuple[Step, StepPlan]:
    step = job.step
    plan = OPERATIONS[step.verb].inverse(step) if step is not None else None
    if step is None or plan is None:
        raise NotUndoable
    return step, plan
