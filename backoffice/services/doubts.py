"""Outcomes that nobody knows: looking at the record again, and a person's word on what became of the write.

Nothing is sent again. What Flowtly holds now is read and shown; whether our write was carried out is for a person
to say, and their word stands in the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction

from backoffice.flowtly import errors
from backoffice.models import Job, Outcome, Step, StepState, User, Verb
from backoffice.resources import REGISTRY, Field, Record
from backoffice.services import audit
from backoffice.services.reading import get_record

SETTLED = "settled"  # where a step's context says that a person decided
_DONE = {Verb.UPDATE: Outcome.CHANGED, Verb.CREATE: Outcome.CREATED, Verb.DELETE: Outcome.DELETED}


class Holds(StrEnum):
    """What the record holds in the fields that were written. `absent`: there is no such record (any more)."""

    NEW = "new"
    OLD = "old"
    NEITHER = "neither"
    ABSENT = "absent"


@dataclass(frozen=True)
class Row:
    """One field: what it held before our write, what we sent, what it holds now."""

    field: Field
    before: Any
    sent: Any
    now: Any


@dataclass(frozen=True)
class Look:
    """The record as just read, None where there is none; `rows` are empty where there is nothing to compare."""

    step: Step
    record: Record | None
    holds: Holds
    rows: list[Row]


def is_open(step: Step) -> bool:
    """Whether a person may say what became of it; of a merge only reading both records again can."""
    return step.state == StepState.DONE and step.outcome == Outcome.UNKNOWN and step.verb in _DONE


def look(step: Step) -> Look:
    """One request; raises the errors of the client but for NotFound. A record that was to be created has none."""
    resource = REGISTRY[step.entity]
    if not step.key:
        return Look(step, None, Holds.ABSENT, [])
    try:
        record = get_record(resource=resource, key=step.key)
    except errors.NotFound:
        return Look(step, None, Holds.ABSENT, [])
    before = step.before or step.base
    fields = [resource.by_name[name] for name in step.changes if name in resource.by_name]
    rows = [Row(item, before.get(item.name), step.changes[item.name], record[item.name]) for item in fields]
    return Look(step, record, _holds(rows), rows)


def _holds(rows: list[Row]) -> Holds:
    if rows and all(row.field.same(row.now, row.sent) for row in rows):
        return Holds.NEW
    return Holds.OLD if all(row.field.same(row.now, row.before) for row in rows) else Holds.NEITHER


def settle(*, step: Step, actor: User, written: bool, request_id: str, key: str = "") -> bool:
    """Record what a person says became of it; False where somebody had said so already.

    `key`: of a creation, which record it was. Where it was written, what we sent counts as what it left there, so
    that an undo finds whatever was changed since.
    """
    outcome = _DONE[Verb(step.verb)] if written else Outcome.NOT_WRITTEN
    after = {**(step.after or step.before or {}), **step.changes} if written else step.after
    context = {**step.context, SETTLED: "written" if written else "not written"}
    open_step = Step.objects.filter(pk=step.pk, state=StepState.DONE, outcome=Outcome.UNKNOWN)
    with transaction.atomic():
        if not open_step.update(outcome=outcome, after=after, context=context, key=key or step.key):
            return False
        audit.append(
            action=f"{step.entity}.settle",
            outcome=outcome,
            actor=actor,
            entity=step.entity,
            key=key or step.key,
            label=step.label,
            request_id=request_id,
            action_id=_job(step).action_id,
            job_id=_job(step).pk,
            changes=_changes(step) if written else {},
        )
    step.refresh_from_db()
    return True


def _job(step: Step) -> Job:
    return step.phase.job


def _changes(step: Step) -> Mapping[str, tuple[Any, Any]]:
    before = step.before or step.base
    return {name: (before.get(name), sent) for name, sent in step.changes.items()}
