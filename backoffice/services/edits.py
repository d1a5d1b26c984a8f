"""Edits applied at once: plans of one step, their undo, and the order of records among each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.models import Job, Outcome, Redacted, Step, User, Verb
from backoffice.models.jobs import WRITTEN
from backoffice.resources import REGISTRY, Field, Record, Resource
from backoffice.services import jobs
from backoffice.services.access import Permission, can
from backoffice.services.operations import OPERATIONS, StepPlan
from backoffice.services.reading import get_record

find = jobs.find


def save(
    *,
    actor: User,
    resource: Resource,
    key: str,
    label: str,
    base: Mapping[str, Any],
    changes: Mapping[str, Any],
    nonce: str,
    request_id: str,
) -> Job:
    """Change `changes` of one record, where the same fields still hold what `base` says.

    Both map field names to values. A second call with the same nonce returns the first call's job.
    """
    plan = StepPlan(
        verb=Verb.UPDATE,
        entity=resource.slug,
        key=key,
        label=label,
        base={name: base.get(name) for name in changes},
        changes=changes,
    )
    return _run(actor=actor, kind="edit", plan=plan, nonce=nonce, request_id=request_id)


def create(*, actor: User, resource: Resource, values: Mapping[str, Any], nonce: str, request_id: str) -> Job:
    """One new record with `values`; a second call with the same nonce returns the first call's job."""
    plan = StepPlan(
        verb=Verb.CREATE,
        entity=resource.slug,
        label=resource.label_of(values),
        changes=values,
    )
    return _run(actor=actor, kind="create", plan=plan, nonce=nonce, request_id=request_id)


def delete(
    *,
    actor: User,
    resource: Resource,
    key: str,
    label: str,
    base: Mapping[str, Any],
    nonce: str,
    request_id: str,
) -> Job:
    """Delete one record, where every field still holds what `base` says the person was shown.

    The job's step keeps a full copy. A second call with the same nonce returns the first call's job.
    """
    plan = StepPlan(verb=Verb.DELETE, entity=resource.slug, key=key, label=label, base=base)
    return _run(actor=actor, kind="delete", plan=plan, nonce=nonce, request_id=request_id)


def _run(
    *, actor: User, kind: str, plan: StepPlan, nonce: str, request_id: str, undo_of: Job | None = None
) -> Job:
    job, made = jobs.store(
        actor=actor,
        kind=kind,
        entity=plan.entity,
        title=plan.label or plan.key,
        nonce=nonce,
        phases={"apply": [plan]},
        request_id=request_id,
        undo_of=undo_of,
    )
    return jobs.run(job) if made else job


# Undo


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


def undoable(job: Job) -> bool:
    """Whether there is anything to take back, and it was not taken back already. Of single edits only."""
    steps = list(Step.objects.filter(phase__job=job)[:2])
    if len(steps) != 1 or steps[0].outcome not in WRITTEN or OPERATIONS[steps[0].verb].inverse(steps[0]) is None:
        return False
    return not Step.objects.filter(phase__job__undo_of=job, outcome__in=_BACK).exists()


def redacted(job: Job) -> bool:
    """Whether values that taking this job back would need were redacted."""
    return Step.objects.filter(phase__job=job).exclude(redacted=Redacted.NO).exists()


def may_undo(user: User, job: Job) -> bool:
    own = job.actor_id == user.pk and can(user, Permission.UNDO_OWN)
    return own or can(user, Permission.UNDO_ANY)


def preview_undo(job: Job) -> UndoPreview:
    """What an undo would do, freshly read; writes nothing. One request, none for a record that is gone."""
    step, plan = _inverse(job)
    resource = REGISTRY[step.entity]
    if plan.verb == Verb.CREATE:
        kept = [(resource.by_name[name], value) for name, value in plan.changes.items()]
        return UndoPreview(None, [UndoRow(item, None, None, value, False, False) for item, value in kept])
    record = get_record(resource=resource, key=step.key)
    rows = []
    for name, back_to in plan.changes.items():
        item, now = resource.by_name[name], record[name]
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
    return UndoPreview(record, rows)


def undo(
    *, actor: User, job: Job, nonce: str, request_id: str, overwrite: Mapping[str, Any] | None = None
) -> Job | None:
    """Take a save back, as a new job with the same conflict check; what was deleted is created again.

    Fields edited since are left out unless `overwrite` names them with the value that the person saw there.
    None where no field is left. Raises NotUndoable.
    """
    if (first := find(nonce)) is not None:
        return first
    preview, (_step, plan) = preview_undo(job), _inverse(job)
    if preview.record is None:
        return _run(actor=actor, kind="undo", plan=plan, nonce=nonce, request_id=request_id, undo_of=job)
    chosen = overwrite or {}
    rows = [row for row in preview.rows if not row.blocked and (not row.edited_since or row.field.name in chosen)]
    if not rows:
        return None
    base = {row.field.name: chosen.get(row.field.name, row.written) for row in rows}
    changes = {row.field.name: row.back_to for row in rows}
    fresh = StepPlan(
        verb=Verb.UPDATE, entity=plan.entity, key=plan.key, label=preview.record.label, base=base, changes=changes
    )
    return _run(actor=actor, kind="undo", plan=fresh, nonce=nonce, request_id=request_id, undo_of=job)


def _inverse(job: Job) -> tuple[Step, StepPlan]:
    step = job.step
    plan = OPERATIONS[step.verb].inverse(step) if step is not None else None
    if step is None or plan is None:
        raise NotUndoable
    return step, plan


# Order


@dataclass(frozen=True)
class Place:
    """One record among its neighbours, as the person saw it: `at` is what its field of order holds."""

    key: str
    label: str
    at: int | None


def reorder(
    *,
    actor: User,
    resource: Resource,
    field: str,
    places: Sequence[Place],
    key: str,
    up: bool,
    nonce: str,
    request_id: str,
) -> Job | None:
    """Move one record a place up or down: a job that changes `field` of as few records as that takes.

    `places` are all of them in the order shown. None where the record stands at that end already.
    """
    needed = moved(places, key=key, up=up)
    if not needed:
        return None
    label = {place.key: place.label for place in places}
    was = {place.key: place.at for place in places}
    plans = [
        StepPlan(
            verb=Verb.UPDATE,
            entity=resource.slug,
            key=each,
            label=label[each],
            base={field: was[each]},
            changes={field: at},
        )
        for each, at in needed.items()
    ]
    job, made = jobs.store(
        actor=actor,
        kind="reorder",
        entity=resource.slug,
        title=label[key],
        nonce=nonce,
        phases={"apply": plans},
        request_id=request_id,
    )
    return jobs.run(job) if made else job


def moved(places: Sequence[Place], *, key: str, up: bool) -> dict[str, int]:
    """Key -> new value for the records whose value must change; two where the values are distinct."""
    index = next((number for number, place in enumerate(places) if place.key == key), None)
    other = None if index is None else index + (-1 if up else 1)
    if index is None or other is None or not 0 <= other < len(places):
        return {}
    wanted = list(places)
    wanted[index], wanted[other] = wanted[other], wanted[index]
    values = [place.at for place in places]
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values) or len(set(numbers)) < len(numbers):
        first = min(numbers, default=0)  # equal or empty places are numbered afresh
        numbers = list(range(first, first + len(places)))
    return {place.key: at for place, at in zip(wanted, numbers, strict=True) if place.at != at}
