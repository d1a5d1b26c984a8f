"""The preview: every record of a plan is read afresh and judged; nothing is written to Flowtly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from backoffice.flowtly import errors
from backoffice.models import Forecast, Job, JobState, Outcome, Phase, Step, StepState, Verb
from backoffice.resources import REGISTRY, Kind, Resource
from backoffice.services import lease, reading
from backoffice.services.access import Permission, can
from backoffice.services.bulk.changes import FieldChange, fields_read, wanted
from backoffice.services.bulk.judging import Draft, judge, judge_deletion, judge_gone, judge_new, judge_refused
from backoffice.services.bulk.twins import Twins
from backoffice.services.fresh import Reader, Seen
from backoffice.services.reading import ListQuery

AT_ONCE = 30  # requests that a person waits for; a longer preview is the worker's
_ROWS_AT_ONCE = 2_000
_CHUNK = 500
_UNCONFIRMED = timedelta(days=7)
_ORPHANED = timedelta(hours=1)
KIND = "bulk"
_CONFIRMED = (KIND, "merge", "restore")  # kinds of plans that a person confirms when they want
_JUDGED = ["label", "base", "changes", "context", "forecast", "state", "outcome", "error"]
_ONCE = ("given", "doubts", "seen")  # what a row came with, kept for the next preview
log = structlog.get_logger("backoffice.bulk")


def prepare_if_short(job: Job) -> Job:
    """Preview it here where somebody can wait for it; else leave it to the worker."""
    steps = Step.objects.filter(phase__job=job)
    number = steps.count()
    if number > _ROWS_AT_ONCE:
        return job
    keys = list(steps.exclude(verb=Verb.CREATE).order_by("number").values_list("key", flat=True))
    try:
        short = _reader(job, keys).requests() <= AT_ONCE
    except errors.FlowtlyError:
        return job  # the worker says what is wrong, if it still is
    return prepare(job) if short else job


def prepare_due(stop: Callable[[], bool]) -> int:
    """The worker's duty: preview what waits for it; returns how many plans."""
    done = 0
    for job in Job.objects.filter(_waiting(), lease.free()).order_by("created_at"):
        if stop():
            break
        prepare(job)
        done += 1
    return done


def expire_due() -> int:
    """Plans that nobody confirmed for a week, and edits whose process died before their first call.

    Nothing of them was written, and nothing will be; what they hold of people must not wait for ever.
    """
    now = timezone.now()
    unconfirmed = Q(kind__in=_CONFIRMED, created_at__lt=now - _UNCONFIRMED)
    orphaned = ~Q(kind__in=_CONFIRMED) & Q(created_at__lt=now - _ORPHANED)
    old = Job.objects.filter(unconfirmed | orphaned, lease.free(), state=JobState.PLANNED)
    return old.update(state=JobState.EXPIRED, finished_at=now)


def preview_again(job: Job) -> Job:
    """Read and judge everything once more; what was taken out by hand stays out."""
    if Job.objects.filter(pk=job.pk, state=JobState.PLANNED).update(previewed_at=None, problem=""):
        Step.objects.filter(phase__job=job).update(forecast=Forecast.NONE)  # so that the progress can be counted
    job.refresh_from_db()
    return prepare_if_short(job)


def prepare(job: Job) -> Job:
    """Read and judge every record; harmless where it is done already, or somebody else is at it.

    Where Flowtly cannot be read, `problem` says so and the plan waits to be previewed again.
    """
    with lease.hold(Job.objects.filter(_waiting()), job.pk, claimed={}) as held:
        if held:
            language = job.actor.language or translation.get_language() or settings.LANGUAGE_CODE
            with translation.override(language):
                _prepare(job)
    job.refresh_from_db()
    return job


def _waiting() -> Q:
    return Q(kind=KIND, state=JobState.PLANNED, previewed_at=None, problem="")


def _prepare(job: Job) -> None:
    try:
        arrivals = _judge_all(job)
    except errors.FlowtlyError as error:
        log.info("a preview could not be read", job=str(job.pk), error=str(error))
        words = _("Flowtly could not be read, so there is no preview yet.")
        Job.objects.filter(pk=job.pk).update(problem=f"{words} {error.message}".strip())
        return
    job.spec = {**job.spec, "arrivals": arrivals}
    job.previewed_at = timezone.now()
    job.save(update_fields=["spec", "previewed_at"])


def _judge_all(job: Job) -> list[str]:
    """Judge all steps; the keys of records that match by now and were not chosen."""
    phase, resource = job.phases.get(), REGISTRY[job.entity]
    changes = [FieldChange.read(kept) for kept in job.spec.get("changes", ())]
    steps = Step.objects.filter(phase=phase)
    numbers = dict(steps.exclude(verb=Verb.CREATE).values_list("key", "number"))
    reader = _reader(job, list(numbers))
    court = _Court(job, resource, phase, changes)
    for portion in _portions(reader.every()):
        court.judge({numbers[seen.key]: seen for seen in portion})
    new = steps.filter(verb=Verb.CREATE).order_by("number").values_list("number", flat=True)
    for numbered in _portions(new.iterator(chunk_size=_CHUNK)):
        court.judge(dict.fromkeys(numbered))
    return reader.arrivals


def _portions(found: Iterator[Any]) -> Iterator[list[Any]]:
    while portion := list(islice(found, _CHUNK)):
        yield portion


def _reader(job: Job, keys: Sequence[str]) -> Reader:
    resource, source = REGISTRY[job.entity], job.spec.get("source", {})
    query = ListQuery.read(source["query"]) if source.get("query") else None
    return Reader(resource, keys, _needed(job, resource), query)


def _needed(job: Job, resource: Resource) -> frozenset[str]:
    """The fields that judging reads of each record."""
    steps = Step.objects.filter(phase__job=job)
    if changes := job.spec.get("changes"):
        return fields_read(FieldChange.read(kept) for kept in changes)
    if steps.filter(verb=Verb.DELETE).exists():
        return frozenset(resource.by_name)
    named: set[str] = set()
    for held in steps.values_list("changes", flat=True).iterator(chunk_size=_CHUNK):
        named.update(held)
    return frozenset(named) & frozenset(resource.by_name)


class _Court:
    """Judges portions of a plan and writes down what came of it."""

    def __init__(self, job: Job, resource: Resource, phase: Phase, changes: Sequence[FieldChange]) -> None:
        self._resource, self._phase, self._changes = resource, phase, changes
        self._may_create = can(job.actor, Permission.EDIT)
        by_country = any(resource.by_name[name].kind is Kind.TAX_ID for name in _needed(job, resource))
        self._countries = reading.codes("countries") if by_country else {}
        self._twins = Twins(resource)

    def judge(self, portion: dict[int, Seen | None]) -> None:
        steps = list(Step.objects.filter(phase=self._phase, number__in=list(portion)))
        drafts = [self._draft(step) for step in steps]
        for draft in drafts:
            self._judge_one(draft, portion[draft.number])
        self._twins.warn(drafts)
        self._keep(steps, drafts)

    def _draft(self, step: Step) -> Draft:
        context = step.context
        return Draft(
            number=step.number,
            verb=step.verb,
            key=step.key,
            wanted=step.changes,
            seen=context.get("seen"),
            label=step.label,
            line=context.get("line"),
            problems=dict(context.get("given", {})),
            warnings=dict(context.get("doubts", {})),
        )

    def _judge_one(self, draft: Draft, seen: Seen | None) -> None:
        if draft.verb == Verb.CREATE:
            judge_new(draft, self._resource, permitted=self._may_create, countries=self._countries)
        elif seen is None or (seen.record is None and not seen.refused):
            judge_gone(draft)
        elif seen.record is None:
            judge_refused(draft, seen.refused)
        elif draft.verb == Verb.DELETE:
            judge_deletion(draft, seen.record)
        else:
            if self._changes:
                draft.wanted, found = wanted(self._changes, seen.record)
                draft.problems.update(found)
            judge(draft, seen.record, countries=self._countries)

    def _keep(self, steps: Sequence[Step], drafts: Sequence[Draft]) -> None:
        for step, draft in zip(steps, drafts, strict=True):
            by_hand = step.context.get("out") == "author"
            once = {name: step.context[name] for name in _ONCE if name in step.context}
            step.label, step.base, step.changes = draft.label[:500], dict(draft.base), dict(draft.wanted)
            step.forecast, step.error = draft.forecast, draft.error
            step.state, step.outcome = draft.state, draft.outcome
            step.context = {**once, **draft.context}
            if by_hand and step.state == StepState.PLANNED:
                step.state, step.outcome = StepState.DONE, Outcome.EXCLUDED
                step.context["out"] = "author"
        with transaction.atomic():
            Step.objects.bulk_create(
                steps,
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=_JUDGED,
                batch_size=100,
            )
