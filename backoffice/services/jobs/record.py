"""Writing down what became of a step: its row, the audit trail, and the names and values it teaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.models import AuditEntry, Job, Outcome, Step, StepState, Verb
from backoffice.models.jobs import WRITTEN
from backoffice.resources import REGISTRY, Record
from backoffice.services import audit, index
from backoffice.services.jobs import follow
from backoffice.services.operations import Result
from backoffice.services.operations.call import branding
from backoffice.services.reading import remember

Changes = dict[str, tuple[Any, Any]]  # field to (before, after)


@dataclass(frozen=True)
class Kept:
    """What `write_down` wrote: the steps, and their audit entries."""

    steps: list[Step]
    entries: list[AuditEntry]


def finish(job: Job, step: Step, result: Result) -> None:
    """The step is done: row and audit entry in one transaction, so that neither is without the other."""
    with transaction.atomic():
        kept = write_down(job, [(step, result)])
    afterwards(kept)


def write_down(job: Job, ended: Sequence[tuple[Step, Result]], *, runner: str = "") -> Kept:
    """These steps are done, with an audit entry each; within the caller's transaction.

    Only those that `runner` has in hand and nobody ended: who was taken for dead writes over nobody's word.
    """
    mine = Step.objects.filter(runner=runner).exclude(state=StepState.DONE)
    steps = []
    for step, result in ended:
        _end(step, result)
        if mine.filter(pk=step.pk).update(**{name: getattr(step, name) for name in _ENDED}):
            steps.append(step)
    follow.up(job, steps)
    return Kept(steps, audit.append_all([new for step in steps for new in _news(job, step)]))


def afterwards(kept: Kept) -> None:
    """Once it is kept for good: anchors of the trail, and what names and index learn from it."""
    audit.anchor_due(kept.entries)
    _teach(kept.steps)


_ENDED = (
    *("key", "label", "base", "changes", "before", "after", "context", "state", "outcome", "error", "attempts"),
    *("due_at", "written_at", "finished_at", "runner"),
)


def _end(step: Step, result: Result) -> None:
    step.state, step.outcome, step.runner = StepState.DONE, result.outcome, ""
    step.after = dict(result.after) if result.after is not None else None
    step.error = dict(result.error) if result.error is not None else None
    step.context = {**step.context, **result.context}
    step.key = result.key or step.key
    step.label = (result.label or step.label)[:500]
    step.finished_at, step.due_at = timezone.now(), None


def _news(job: Job, step: Step) -> list[audit.New]:
    return [
        audit.New(
            action=f"{step.entity}.{_verb(job, step)}",
            outcome=step.outcome,
            actor=job.actor,
            entity=step.entity,
            key=key,
            label=label,
            request_id=step.request_id,
            action_id=job.action_id,
            job_id=job.pk,
            changes=changes,
        )
        for key, label, changes in _entries(step)
    ]


def _entries(step: Step) -> list[tuple[str, str, Changes]]:
    """Key, label and changes of each audit entry: one for a step, for each record of a call, none for a look."""
    if step.verb == Verb.COMPARE:
        return []
    if step.verb != Verb.CALL:
        return [(step.key, step.label, _changes(step))]
    before, after = branding(step, step.before), branding(step, step.after)
    found = [
        (key, str(held.get("displayName") or step.label), _differing(held, after.get(key, held)))
        for key, held in before.items()
    ]
    return found or [(step.key, step.label, {})]


def _differing(before: dict[str, Any], after: dict[str, Any]) -> Changes:
    return {name: (old, after.get(name)) for name, old in before.items() if old != after.get(name)}


def _verb(job: Job, step: Step) -> str:
    if not job.undo_of_id:
        return step.verb
    return "recreate" if step.verb == Verb.CREATE else "undo"


def _changes(step: Step) -> Changes:
    """Field to (before, after) of what was sent; `after` is what was observed where it was, else what was sent.

    Of what is gone: the whole copy, to nothing.
    """
    if step.verb in (Verb.DELETE, Verb.MERGE):
        copy = (step.before or {}) if step.outcome in WRITTEN else {}
        return {name: (value, None) for name, value in copy.items() if value not in (None, "", [])}
    before, after = step.before or step.base, step.after if step.outcome in WRITTEN else None
    return {
        name: (before.get(name), after.get(name) if after is not None else sent)
        for name, sent in step.changes.items()
    }


def _teach(steps: Sequence[Step]) -> None:
    """Names and index learn what was observed of the records; those asked for at the same time together."""
    read: dict[tuple[str, datetime], list[Record]] = {}
    for step in steps:
        resource, read_at = REGISTRY[step.entity], step.written_at or timezone.now()
        if step.verb == Verb.MERGE:
            _teach_merge(step)
        elif step.outcome in (Outcome.DELETED, Outcome.GONE):
            index.remove(resource, step.key)
        elif step.verb == Verb.CALL:
            for key, values in branding(step, step.after).items():
                index.patch(resource, key, values, read_at=read_at)
        elif step.outcome in WRITTEN and step.after is not None:
            iri = step.context.get("iri") or resource.item_path(step.key)
            record = Record(resource=resource, key=step.key, iri=iri, values=step.after)
            read.setdefault((step.entity, read_at), []).append(record)
    for (slug, read_at), records in read.items():
        remember(records)
        index.put_all(REGISTRY[slug], records, read_at=read_at)


def _teach_merge(step: Step) -> None:
    resource, into = REGISTRY[step.entity], str(step.context["into"])
    if step.outcome in (Outcome.MERGED, Outcome.ALREADY):
        index.remove(resource, step.key)
    elif step.outcome in (Outcome.WRONG, Outcome.GONE):
        index.remove(resource, into)
    if step.outcome == Outcome.WRONG and step.after is None:
        index.remove(resource, step.key)
