"""Making the plan of a merge: everything is read afresh, judged, and kept under one fingerprint."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.models import Forecast, Job, Step, User, Verb
from backoffice.resources import Record
from backoffice.services import jobs
from backoffice.services.merges.composing import COUNTERPARTIES, Composition, Problem, compose, trial
from backoffice.services.operations import StepPlan
from backoffice.services.operations.merge import copy_of, editable
from backoffice.services.operations.uses import CLIENTS, NAMED_IN

KIND = "merge"
CHECK, PREPARE, MERGE, REPAIR, VERIFY = "check", "prepare", "merge", "repair", "verify"
_FORECASTS = {Verb.UPDATE: Forecast.CHANGE, Verb.MERGE: Forecast.DELETE, Verb.CREATE: Forecast.CREATE}
Phases = dict[str, Sequence[StepPlan]]


class Blocked(ValueError):
    """The merge cannot be planned; `problems` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems


class TrialFirst(Exception):
    """No merge was verified at this Flowtly yet, so there is no batch: merge one group and look at it."""


@dataclass(frozen=True)
class Group:
    """One merge of a batch."""

    survivor: str
    gone: Sequence[str]
    changes: Mapping[str, Any] = field(default_factory=dict)
    score: float | None = None


def plan(
    *,
    actor: User,
    survivor: str,
    gone: Sequence[str],
    changes: Mapping[str, Any],
    nonce: str,
    request_id: str,
    reason: str = "",
    score: float | None = None,
    even_so: Collection[str] = (),
    batch: str = "",
) -> Job:
    """A previewed plan that merges the records `gone` into `survivor`; its `changes` (field to value) come first.

    `score`: how sure the matching is of the least sure of them. `even_so`: names of contradictions that a person
    overruled. The nonce's first plan is given again. Raises Blocked, RedactedPlan and the client's errors.
    """
    if (first := jobs.find(nonce)) is not None:
        return first
    composed = compose(survivor=survivor, gone=gone, changes=changes)
    problems = [p for p in composed.problems if p.code != "contradiction" or p.name not in even_so]
    if problems:
        raise Blocked(problems)
    spec = _spec(composed) | {"score": score, "even_so": sorted(even_so), "batch": batch}
    return store(
        actor=actor,
        kind=KIND,
        title=_title(composed),
        phases=phases_of(composed),
        spec=spec,
        nonce=nonce,
        request_id=request_id,
        reason=reason,
    )


def plan_batch(
    *, actor: User, groups: Sequence[Group], nonce: str, request_id: str, reason: str = ""
) -> list[Job]:
    """A plan for each group, to be shown together; each is confirmed, runs, ends and is restored by itself.

    `spec["batch"]` names the batch. Raises TrialFirst, and Blocked for all where one group cannot be planned.
    """
    if trial():
        raise TrialFirst
    named = [key for group in groups for key in (group.survivor, *group.gone)]
    if len(set(named)) != len(named):
        raise Blocked([Problem("twice", _("A record is named twice."))])
    batch = str(uuid.uuid5(uuid.NAMESPACE_OID, nonce))
    found = [(group, compose(survivor=group.survivor, gone=group.gone, changes=group.changes)) for group in groups]
    if problems := [problem for _group, composed in found for problem in composed.problems]:
        raise Blocked(problems)
    return [
        store(
            actor=actor,
            kind=KIND,
            title=_title(composed),
            phases=phases_of(composed),
            spec=_spec(composed) | {"score": group.score, "even_so": [], "batch": batch},
            nonce=f"{batch}-{number}",
            request_id=request_id,
            reason=reason,
        )
        for number, (group, composed) in enumerate(found, start=1)
    ]


def store(
    *,
    actor: User,
    kind: str,
    title: str,
    phases: Phases,
    spec: Mapping[str, Any],
    nonce: str,
    request_id: str,
    reason: str,
    undo_of: Job | None = None,
    made_from: Job | None = None,
) -> Job:
    """Keep a plan whose records were just read, as previewed."""
    job, made = jobs.store(
        actor=actor,
        kind=kind,
        entity=COUNTERPARTIES.slug,
        title=title,
        nonce=nonce,
        phases={name: steps for name, steps in phases.items() if steps},
        request_id=request_id,
        reason=reason,
        undo_of=undo_of,
        made_from=made_from,
        spec=spec,
    )
    if made:
        for verb, forecast in _FORECASTS.items():
            Step.objects.filter(phase__job=job, verb=verb).update(forecast=forecast)
        job.previewed_at = timezone.now()
        job.save(update_fields=["previewed_at"])
    return job


def phases_of(composed: Composition) -> Phases:
    """The numbered steps: look, prepare, merge one by one, repair, verify."""
    keeps = composed.keeps
    assert keeps is not None
    merges = {
        f"{MERGE} {number}": [_merge(other, keeps, composed.changes)]
        for number, other in enumerate(composed.others, start=1)
    }
    return {
        CHECK: list(_looks(composed)),
        PREPARE: [_prepare(keeps, composed.changes)] if composed.changes else [],
        **merges,
        REPAIR: [step for other in composed.others for step in _repairs(composed, other, keeps)],
        VERIFY: list(verifications(keeps.key, composed.changes, composed.others, known=composed.uses.known)),
    }


def verifications(
    keeps: str, changes: Mapping[str, Any], others: Sequence[Record], *, known: bool
) -> Iterator[StepPlan]:
    """The last looks; `others` need to be records only in their key, name and address."""
    slug = COUNTERPARTIES.slug
    yield StepPlan(Verb.COMPARE, slug, keeps, base=dict(changes), context={"expects": "same"})
    for other in others:
        yield StepPlan(Verb.COMPARE, slug, other.key, other.label, context={"expects": "absent"})
    if known:
        uses: dict[str, list[str]] = {other.iri: [] for other in others}
        yield StepPlan(Verb.COMPARE, CLIENTS.slug, context={"expects": "unused", "uses": uses})


def repair(key: str, label: str, *, gone: str, old: str, new: str) -> StepPlan:
    """Point a client that names `old`, the address of `gone`, to `new`; Flowtly may have done so itself."""
    return StepPlan(
        Verb.UPDATE, CLIENTS.slug, key, label, {NAMED_IN: old}, {NAMED_IN: new}, context={"moved_from": gone}
    )


def _looks(composed: Composition) -> Iterator[StepPlan]:
    slug = COUNTERPARTIES.slug
    for record in composed.records:
        base = editable(COUNTERPARTIES, record.values)
        yield StepPlan(Verb.COMPARE, slug, record.key, record.label, base, context={"expects": "same"})
    if composed.uses.known:
        uses = {other.iri: composed.uses.keys(other.iri) for other in composed.others}
        yield StepPlan(Verb.COMPARE, CLIENTS.slug, context={"expects": "uses", "uses": uses})


def _prepare(keeps: Record, changes: Mapping[str, Any]) -> StepPlan:
    base = {name: keeps[name] for name in changes}
    return StepPlan(Verb.UPDATE, COUNTERPARTIES.slug, keeps.key, keeps.label, base, dict(changes))


def _merge(other: Record, keeps: Record, changes: Mapping[str, Any]) -> StepPlan:
    base = editable(COUNTERPARTIES, other.values)
    context: dict[str, Any] = {"iri": other.iri, "into": keeps.key, "into_iri": keeps.iri}
    context |= {"expected": {**copy_of(keeps), **changes}}
    return StepPlan(Verb.MERGE, COUNTERPARTIES.slug, other.key, other.label, base, context=context)


def _repairs(composed: Composition, other: Record, keeps: Record) -> Iterator[StepPlan]:
    for key, label in composed.uses.by.get(other.iri, ()):
        yield repair(key, label, gone=other.key, old=other.iri, new=keeps.iri)


def _spec(composed: Composition) -> dict[str, Any]:
    keys = [record.key for record in composed.others]
    gates = [CHECK, PREPARE, *(f"{MERGE} {number}" for number in range(1, len(keys) + 1))]
    uses = {record.key: composed.uses.keys(record.iri) for record in composed.records}
    return {
        "scope": _title(composed),
        "source": {"kind": KIND},
        "gates": gates,
        "survivor": composed.survivor,
        "gone": keys,
        "clients": composed.moved,
        "uses": uses if composed.uses.known else None,
        "trial": trial(),
        "members": sorted({name for other in composed.others for name in other.other}),
    }


def _title(composed: Composition) -> str:
    keeps = composed.keeps
    said = {"others": ", ".join(other.label for other in composed.others), "name": keeps.label if keeps else ""}
    return _("%(others)s into %(name)s") % said
