"""From the number of a record that was merged away to the one that stands for it now."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from backoffice.models import Outcome, Step, Verb
from backoffice.resources import Resource
from backoffice.resources.schema import key_of_iri

_ENTITY = "counterparties"


@dataclass(frozen=True)
class Moved:
    """`old` was merged into, or (`again`) created again as, `into`; `new`: what it is today."""

    old: str
    into: str
    new: str
    label: str
    at: datetime.datetime
    by: str
    job: uuid.UUID
    again: bool = False


def concerns(resource: Resource) -> bool:
    """Whether records of this entity can be merged at all."""
    return resource.slug == _ENTITY


def mapping() -> list[Moved]:
    """All of them, by the old number; the latest word on each."""
    latest = {_old(step): step for step in _steps()}
    to = {old: _into(step) for old, step in latest.items()}
    return [_moved(step, new=_end(old, to)) for old, step in sorted(latest.items())]


def moved(key: str) -> Moved | None:
    """The latest word on one number; None where it leads to no other today."""
    new = successor(key)
    step = _steps(key).last() if new else None
    return _moved(step, new=new) if step and new != key else None


def _moved(step: Step, *, new: str) -> Moved:
    return Moved(
        old=_old(step),
        into=_into(step),
        new=new,
        label=step.label,
        at=step.finished_at,  # type: ignore[arg-type]  # a step with an outcome has ended
        by=step.phase.job.actor.get_username(),
        job=step.phase.job_id,
        again=step.verb != Verb.MERGE,
    )


def moves() -> dict[str, str]:
    """Old number to the one that stands for it today, without names and times: of many at once."""
    found = _steps().values_list("verb", "key", "context__into", "context__new_of")
    to = {
        (key if verb == Verb.MERGE else key_of_iri(new_of)): (str(into) if verb == Verb.MERGE else key)
        for verb, key, into, new_of in found
    }
    return {old: _end(old, to) for old in to}


def successor(key: str) -> str:
    """What stands for a merged record now; "" where it was not merged here. A query for each merge on the way."""
    seen: list[str] = []
    while key not in seen:
        seen.append(key)
        step = _steps(key).last()
        if step is None:
            break
        key = _into(step)
    return key if len(seen) > 1 else ""


def _steps(key: str = "") -> QuerySet[Step]:
    merged = Q(verb=Verb.MERGE, outcome__in=(Outcome.MERGED, Outcome.ALREADY))
    again = Q(verb=Verb.CREATE, outcome=Outcome.CREATED, context__has_key="new_of")
    if key:
        merged &= Q(key=key)
        again &= Q(context__new_of__endswith=f"/{key}")
    steps = Step.objects.filter(merged | again, entity=_ENTITY, phase__job__kind__in=("merge", "restore"))
    return steps.select_related("phase__job__actor").order_by("finished_at", "pk")


def _old(step: Step) -> str:
    return step.key if step.verb == Verb.MERGE else key_of_iri(step.context["new_of"])


def _into(step: Step) -> str:
    return str(step.context["into"]) if step.verb == Verb.MERGE else step.key


def _end(key: str, to: dict[str, str]) -> str:
    seen = set()
    while key in to and key not in seen:
        seen.add(key)
        key = to[key]
    return key
