"""Storing a plan: a job, its phases and steps, and the fingerprint over what will be sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from backoffice.models import Job, Phase, Step, StepState, User
from backoffice.models.jobs import FORMAT_VERSION
from backoffice.services.operations import StepPlan, redacted_plan
from backoffice.services.upstream import current

_SENT = ("verb", "entity", "key", "label", "base", "changes")


class RedactedPlan(ValueError):
    """A plan that would send, or is based on, what was redacted; nothing of it is stored."""


def find(nonce: str) -> Job | None:
    """The job that this form made already, if it did."""
    return Job.objects.filter(nonce=nonce).first()


def store(
    *,
    actor: User,
    kind: str,
    entity: str,
    title: str,
    nonce: str,
    phases: Mapping[str, Sequence[StepPlan]],
    request_id: str,
    reason: str = "",
    undo_of: Job | None = None,
    made_from: Job | None = None,
    spec: Mapping[str, Any] | None = None,
) -> tuple[Job, bool]:
    """A new job with its steps, and True; or the job that the same nonce made before, and False.

    Raises RedactedPlan where a step holds a redaction mark: a mark never reaches Flowtly.
    """
    if any(redacted_plan(plan.base, plan.changes) for plans in phases.values() for plan in plans):
        raise RedactedPlan(kind)
    try:
        with transaction.atomic():
            job = Job.objects.create(
                upstream=current(),
                kind=kind,
                entity=entity,
                title=title[:300],
                reason=reason,
                actor=actor,
                nonce=nonce,
                fingerprint=fingerprint_of(phases),
                undo_of=undo_of,
                made_from=made_from,
                spec=dict(spec or {}),
            )
            for number, (name, plans) in enumerate(phases.items(), start=1):
                _store_phase(job, number, name, plans, request_id)
    except IntegrityError:
        if (first := find(nonce)) is None:
            raise
        return first, False
    return job, True


def _store_phase(job: Job, number: int, name: str, plans: Sequence[StepPlan], request_id: str) -> None:
    phase = Phase.objects.create(job=job, number=number, name=name)
    Step.objects.bulk_create(
        [
            Step(
                phase=phase,
                number=place,
                verb=plan.verb,
                entity=plan.entity,
                key=plan.key,
                label=plan.label[:500],
                base=dict(plan.base),
                changes=dict(plan.changes),
                context=dict(plan.context),
                request_id=request_id,
            )
            for place, plan in enumerate(plans, start=1)
        ],
        batch_size=500,
    )


def fingerprint_of(phases: Mapping[str, Sequence[StepPlan]]) -> str:
    """SHA-256 over everything that will be sent, in order, with the format version."""
    return _digest((name, map(_sent, plans)) for name, plans in phases.items())


def fingerprint_of_stored(job: Job) -> str:
    """The same over the stored steps that would still be run; of a plan as it was stored, its fingerprint.

    Rows that were taken out, or that cannot be written, are no part of it. Steps are read a portion at a time.
    """
    return _digest((phase.name, _still_planned(phase)) for phase in job.phases.all())


def _still_planned(phase: Phase) -> Iterator[Mapping[str, Any]]:
    steps = phase.steps.filter(state=StepState.PLANNED).order_by("number")
    yield from steps.values(*_SENT).iterator(chunk_size=500)


def _sent(plan: StepPlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in _SENT}


def _digest(phases: Iterable[tuple[str, Iterable[Mapping[str, Any]]]]) -> str:
    """Of the JSON of [version, [[phase, [step, ...]], ...]], which is never held whole."""
    digest = hashlib.sha256(f"[{FORMAT_VERSION},[".encode())
    for place, (name, steps) in enumerate(phases):
        digest.update(f"{',' * bool(place)}[{_json(name)},[".encode())
        for number, step in enumerate(steps):
            digest.update(f"{',' * bool(number)}{_json(step)}".encode())
        digest.update(b"]]")
    digest.update(b"]]")
    return digest.hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
