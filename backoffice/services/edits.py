"""Edits applied at once: plans of one step, and the order of records among each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.models import Job, User, Verb
from backoffice.resources import Resource
from backoffice.services import jobs
from backoffice.services.operations import StepPlan

find = jobs.find
IN_A_REQUEST = 5.0  # seconds that somebody waits for an answer in doubt; then it is the worker's


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
    return run_one(actor=actor, kind="edit", plan=plan, nonce=nonce, request_id=request_id)


def create(*, actor: User, resource: Resource, values: Mapping[str, Any], nonce: str, request_id: str) -> Job:
    """One new record with `values`; a second call with the same nonce returns the first call's job."""
    plan = StepPlan(
        verb=Verb.CREATE,
        entity=resource.slug,
        label=resource.label_of(values),
        changes=values,
    )
    return run_one(actor=actor, kind="create", plan=plan, nonce=nonce, request_id=request_id)


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
    return run_one(actor=actor, kind="delete", plan=plan, nonce=nonce, request_id=request_id)


def run_one(
    *, actor: User, kind: str, plan: StepPlan, nonce: str, request_id: str, undo_of: Job | None = None
) -> Job:
    """A job of one step, stored and run; the job that the nonce made before, where it did."""
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
    return jobs.run(job, patience=IN_A_REQUEST) if made else job


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
