"""The way back of a merge, as a plan: what went is created again, and what the merge moved is given back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.models import Job, JobState, Outcome, Step, User, Verb
from backoffice.models.jobs import FINAL_STATES
from backoffice.resources.rules import emptied
from backoffice.services import bulk, jobs
from backoffice.services.fresh import Reader
from backoffice.services.merges.composing import COUNTERPARTIES, Problem
from backoffice.services.merges.planning import KIND, REPAIR, Blocked, store
from backoffice.services.operations import StepPlan
from backoffice.services.operations.merge import read_there, recreation
from backoffice.services.operations.uses import CLIENTS, NAMED_IN

RESTORE = "restore"
CREATE, GIVE_BACK, SET_BACK = "create", "give back", "set back"


@dataclass
class _Lost:
    """A record that went: where it was, what creates it again, and its clients; `holders` may name them now."""

    key: str
    iri: str
    plan: StepPlan
    clients: list[str]
    holders: list[str]
    unsent: list[str] = field(default_factory=list)


def restorable(job: Job) -> int:
    """How many records a restore would create again, 1 where it would only set the survivor's fields back.

    0 while the merge runs, and once a restore of it was made.
    """
    if job.kind != KIND or not (job.final or job.state == JobState.STOPPED) or _restores(job).exists():
        return 0
    return len(list(_lost(job))) or int(bool(_written(job)))


def restore(*, job: Job, actor: User, nonce: str, request_id: str) -> Job:
    """A previewed plan of the way back. The records get new numbers.

    `spec` tells what does not go back: "edited" clients that name another record by now, "kept" fields of the
    survivor that hold something else by now, "unsent" members of the copies that Flowtly does not take.
    Raises bulk.StillRunning, bulk.NothingChosen, Blocked where a restore is under way, and the client's errors.
    """
    if (first := jobs.find(nonce)) is not None:
        return first
    if job.state == JobState.STOPPED:
        jobs.close_stopped(job)
        job.refresh_from_db()
    if not job.final:
        raise bulk.StillRunning
    _refuse_second(job)
    lost = list(_lost(job))
    clients, edited = _clients(lost)
    fields, kept = _fields(job)
    if not lost and not fields:
        raise bulk.NothingChosen
    title = _("Restoring %(title)s") % {"title": job.named}
    creates = {f"{CREATE} {number}": [each.plan] for number, each in enumerate(lost, start=1)}
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=job.pk)
        if (first := jobs.find(nonce)) is not None:
            return first
        _refuse_second(job)  # somebody else may have asked while Flowtly was read
        return store(
            actor=actor,
            kind=RESTORE,
            title=title,
            phases={**creates, GIVE_BACK: clients, SET_BACK: fields},
            spec={
                "source": {"kind": RESTORE, "job": str(job.pk)},
                "gates": list(creates),
                "restored": [each.key for each in lost],
                "edited": edited,
                "kept": kept,
                "unsent": {each.key: each.unsent for each in lost if each.unsent},
            },
            nonce=nonce,
            request_id=request_id,
            reason=f"{title}: {job.reason}" if job.reason else title,
            undo_of=job,
        )


def _refuse_second(job: Job) -> None:
    if _restores(job).exists():
        raise Blocked([Problem("busy", str(_("There is a restore of this merge already.")))])


def _restores(job: Job) -> Any:
    """Restores that wrote something, or still may."""
    made = Job.objects.filter(undo_of=job, kind=RESTORE)
    done = made.filter(phases__steps__outcome__in=(Outcome.CREATED, Outcome.CHANGED, Outcome.UNKNOWN))
    return made.filter(pk__in=done.values("pk")) | made.exclude(state__in=FINAL_STATES)


# The records


def _lost(job: Job) -> Iterator[_Lost]:
    for step in _merges(job):
        if step.outcome in (Outcome.MERGED, Outcome.ALREADY):
            yield from _gone(job, step, step.before or _seen_by_the_check(job, step.key))
        elif step.outcome == Outcome.WRONG:
            yield from _survivor(job, step)
            if step.after is None:
                yield from _gone(job, step, step.before)


def _gone(job: Job, step: Step, copy: Mapping[str, Any] | None) -> Iterator[_Lost]:
    iri = step.context["iri"]
    named = Step.objects.filter(phase__job__in=_with_later(job), phase__name=REPAIR, context__moved_from=step.key)
    clients = [each.key for each in named.exclude(outcome=Outcome.CONFLICT)]
    if plan := recreation(step, copy):
        other = step.context.get("other", {})
        holders = [step.context["into_iri"], iri]
        yield _Lost(step.key, iri, _as(plan, iri), list(dict.fromkeys(clients)), holders, sorted(other))


def _survivor(job: Job, step: Step) -> Iterator[_Lost]:
    """The one that was to stay, where Flowtly kept the other."""
    iri, key = step.context["into_iri"], step.context["into"]
    copy = step.context.get("survivor", {})
    if plan := recreation(step, copy if isinstance(copy, dict) else {}):
        known = {*COUNTERPARTIES.by_name, "@id", "id"}
        clients = (job.spec.get("uses") or {}).get(key, [])
        holders = [step.context["iri"], iri]
        yield _Lost(key, iri, _as(plan, iri), list(clients), holders, sorted(copy.keys() - known))


def _seen_by_the_check(job: Job, key: str) -> Mapping[str, Any] | None:
    """The copy of a record that went before we called."""
    looks = Step.objects.filter(phase__job=job, verb=Verb.COMPARE, key=key).exclude(after=None)
    step = looks.order_by("phase__number").first()
    return step.after if step else None


def _as(plan: StepPlan, iri: str) -> StepPlan:
    return StepPlan(plan.verb, plan.entity, "", plan.label, {}, plan.changes, {"new_of": iri})


def _with_later(job: Job) -> list[Any]:
    """The job, and those that finished what it had left."""
    return [job.pk, *Job.objects.filter(made_from=job, kind=KIND).values_list("pk", flat=True)]


def _merges(job: Job) -> Iterable[Step]:
    return Step.objects.filter(phase__job=job, verb=Verb.MERGE).order_by("phase__number")


# The clients


def _clients(lost: Sequence[_Lost]) -> tuple[list[StepPlan], list[str]]:
    """Steps that give clients back, as far as they still name who got them; and the keys of the others."""
    whose = {key: each for each in lost for key in each.clients}
    item = CLIENTS.by_name[NAMED_IN]
    steps, edited = [], []
    for seen in Reader(CLIENTS, list(whose), frozenset({NAMED_IN})).every():
        each, record = whose[seen.key], seen.record
        if record is None or not any(item.same(record[NAMED_IN], holder) for holder in each.holders):
            edited.append(seen.key)
            continue
        # Until the new record has an address, the old one stands for it; nothing is sent before.
        held = {NAMED_IN: record[NAMED_IN]}
        context = {"moved_to": each.iri}
        steps.append(
            StepPlan(Verb.UPDATE, CLIENTS.slug, record.key, record.label, held, {NAMED_IN: each.iri}, context)
        )
    return steps, sorted(edited)


# The survivor


def _fields(job: Job) -> tuple[list[StepPlan], list[str]]:
    """A step that sets back what the merge wrote into the survivor, and the names of fields edited since."""
    wrote = _written(job)
    if not wrote or (now := read_there(COUNTERPARTIES, job.spec.get("survivor", ""))) is None:
        return [], []
    fields = COUNTERPARTIES.by_name
    still = {name: pair for name, pair in wrote.items() if fields[name].same(now[name], pair[1])}
    back = {
        name: was for name, (was, _after) in still.items() if was not in (None, "") or not emptied(fields[name])
    }
    kept = sorted(wrote.keys() - back.keys())
    if not back:
        return [], kept
    base = {name: now[name] for name in back}
    return [StepPlan(Verb.UPDATE, COUNTERPARTIES.slug, now.key, now.label, base, back)], kept


def _written(job: Job) -> dict[str, tuple[Any, Any]]:
    """Field to what it held before the merge first wrote it, and what it held after the last time."""
    found: dict[str, tuple[Any, Any]] = {}
    key = job.spec.get("survivor", "")
    steps = Step.objects.filter(phase__job=job, verb__in=(Verb.UPDATE, Verb.MERGE), entity=COUNTERPARTIES.slug)
    for step in steps.order_by("phase__number"):
        before, after, names = _around(step, key)
        for name in names:
            if not COUNTERPARTIES.by_name[name].same(before.get(name), after.get(name)):
                found[name] = (found.get(name, (before.get(name),))[0], after.get(name))
    return found


def _around(step: Step, key: str) -> tuple[Mapping[str, Any], Mapping[str, Any], Iterable[str]]:
    """The survivor before and after a step, and the fields that the step may have written."""
    if step.verb == Verb.UPDATE:
        written = step.outcome == Outcome.CHANGED and step.key == key and not step.redacted
        return (step.before or {}, step.after or {}, step.changes) if written else ({}, {}, ())
    before, after = step.context.get("survivor"), step.context.get("survivor_after")
    if step.outcome != Outcome.MERGED or not _whole(before) or not _whole(after):
        return {}, {}, ()
    return before, after, [item.name for item in COUNTERPARTIES.editable_fields]


def _whole(copy: Any) -> bool:
    """Whether a copy is there and was not redacted."""
    return isinstance(copy, dict) and "@id" in copy and COUNTERPARTIES.label_field in copy
