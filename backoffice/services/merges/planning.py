"""Making the plan of a merge: everything is read afresh, judged, and kept under one fingerprint."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.models import Forecast, Job, Step, User, Verb
from backoffice.resources import Record
from backoffice.services import jobs
from backoffice.services.merges.composing import COUNTERPARTIES, Composition, Problem, compose, identifiers, trial
from backoffice.services.merges.sureness import sureness
from backoffice.services.operations import StepPlan
from backoffice.services.operations.merge import copy_of, editable
from backoffice.services.operations.uses import CLIENTS, NAMED_IN
from backoffice.services.upstream import current

KIND = "merge"
CHECK, PREPARE, MERGE, REPAIR, VERIFY = "check", "prepare", "merge", "repair", "verify"
_FORECASTS = {Verb.UPDATE: Forecast.CHANGE, Verb.MERGE: Forecast.DELETE, Verb.CREATE: Forecast.CREATE}
Phases = dict[str, Sequence[StepPlan]]


class Blocked(ValueError):
    """The merge cannot be planned; `problems` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems


class Stale(Exception):
    """Records are not as the page showed them. `fields`: the names of those that differ, by key."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def plan(
    *,
    actor: User,
    survivor: str,
    gone: Sequence[str],
    changes: Mapping[str, Any],
    nonce: str,
    request_id: str,
    reason: str = "",
    even_so: Collection[str] = (),
    shown: Sequence[Record] = (),
) -> Job:
    """A previewed plan that merges the records `gone` into `survivor`; its `changes` (field to value) come first.

    `even_so`: names of the problems that a person overruled; those that were none are forgotten. `shown`: the
    records as that person saw them. The nonce's first plan is given again.
    Raises Stale, Blocked, RedactedPlan and the client's errors.
    """
    if (first := jobs.find(nonce)) is not None:
        return first
    composed = compose(survivor=survivor, gone=gone, changes=changes)
    if stale := _changed_since(shown, composed.records):
        raise Stale(stale)
    overruled = [p for p in composed.problems if p.overrulable and p.name in even_so]
    if problems := [p for p in composed.problems if p not in overruled]:
        raise Blocked(problems)
    told = {
        "even_so": sorted(p.name for p in overruled),
        "overruled": sorted(pk for p in overruled for pk in p.verdicts),
    }
    return store_merge(composed, actor=actor, told=told, nonce=nonce, request_id=request_id, reason=reason)


def store_merge(
    composed: Composition,
    *,
    actor: User,
    told: Mapping[str, Any],
    nonce: str,
    request_id: str,
    reason: str,
) -> Job:
    """Keep the plan of a merge nothing stands in the way of; `told` goes into its spec."""
    return store(
        actor=actor,
        kind=KIND,
        title=_title(composed),
        phases=phases_of(composed),
        spec=_spec(composed) | {"even_so": [], "overruled": [], "batch": ""} | dict(told),
        nonce=nonce,
        request_id=request_id,
        reason=reason,
    )


def _changed_since(shown: Sequence[Record], now: Sequence[Record]) -> dict[str, list[str]]:
    """The fields, and the numbers that tell firms apart, that a record holds otherwise now; one gone is none."""
    there = {record.key: record for record in now}
    pairs = [(record, there[record.key]) for record in shown if record.key in there]
    found = {seen.key: _differing(seen, record) for seen, record in pairs}
    return {key: names for key, names in found.items() if names}


def _differing(seen: Record, now: Record) -> list[str]:
    names = [
        item.name for item in COUNTERPARTIES.fields if not item.same(seen.values.get(item.name), now[item.name])
    ]
    held, holds = identifiers(seen), identifiers(now)
    return [*names, *(name for name in sorted({*held, *holds}) if held.get(name) != holds.get(name))]


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
    context |= {"expected": {**copy_of(keeps), **changes}, "later": _later()}
    return StepPlan(Verb.MERGE, COUNTERPARTIES.slug, other.key, other.label, base, context=context)


def _later() -> bool:
    """Whether a merge was ever taken on for later here."""
    return Step.objects.filter(verb=Verb.MERGE, context__accepted=True, phase__job__upstream=current()).exists()


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
        "score": sureness([composed.survivor, *keys]),
        "uses": uses if composed.uses.known else None,
        "trial": trial(),
        "members": sorted({name for other in composed.others for name in other.other}),
    }


def _title(composed: Composition) -> str:
    keeps = composed.keeps
    said = {"others": ", ".join(other.label for other in composed.others), "name": keeps.label if keeps else ""}
    return _("%(others)s into %(name)s") % said
