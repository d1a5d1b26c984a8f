"""From a preview to a run: rows taken out and put back, what a run would take, and the word that starts it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backoffice.models import Forecast, Job, JobState, Outcome, Step, StepState, User
from backoffice.resources import REGISTRY, Field
from backoffice.services import approvals, audit, jobs, pulse
from backoffice.services.bulk.counting import counts

_SECONDS = 0.2  # of one request, before any was seen
# What a person may take out of a plan, and put back: what would be written, and what was edited since.
CHOOSABLE = (Forecast.CHANGE, Forecast.CREATE, Forecast.DELETE, Forecast.EDITED, Forecast.ALREADY)


class Frozen(Exception):
    """The plan is no longer being put together: it awaits a second person, runs, or ran."""


class NothingToWrite(Exception):
    """No row of the plan would change anything."""


class ReasonNeeded(Exception):
    """A plan of so many records is not run without a reason."""


class NotPreviewed(Exception):
    """The plan has not been read and judged yet."""


@dataclass(frozen=True)
class Effort:
    """What a run would take: `rows` that would be written, `calls` to Flowtly, about so many `seconds`.

    `fields`: those that change; `sensitive` among them.
    """

    rows: int
    calls: int
    seconds: float
    fields: list[Field] = field(default_factory=list)

    @property
    def sensitive(self) -> list[Field]:
        return [item for item in self.fields if item.sensitive]


def take_out(*, job: Job, numbers: Collection[int]) -> None:
    """Leave these rows out. Raises Frozen."""
    _move(job, numbers, out=True)


def put_back(*, job: Job, numbers: Collection[int]) -> None:
    """Take these rows in again, also those that were edited since: what the preview shows is written over then.

    Raises Frozen.
    """
    _move(job, numbers, out=False)


def every_number(*, job: Job, forecast: str = "") -> list[int]:
    """The rows of a plan that can be taken out and put back, or those of one forecast."""
    rows = Step.objects.filter(phase__job=job, forecast__in=[forecast] if forecast else CHOOSABLE)
    return list(rows.values_list("number", flat=True))


def effort(job: Job) -> Effort:
    """Counted in two queries."""
    left = Step.objects.filter(phase__job=job, state=StepState.PLANNED)
    already = left.filter(forecast=Forecast.ALREADY).count()
    rows = left.count() - already
    calls = 2 * rows + already
    seen = pulse.pulse()
    each = seen.median if seen and seen.median else _SECONDS
    return Effort(rows, calls, calls * each / settings.FLOWTLY_MAX_CONNECTIONS, touched(job))


def touched(job: Job) -> list[Field]:
    """The fields that a plan is about, in the order of the entity."""
    named = {change["field"] for change in job.spec.get("changes", ())}
    if not named:
        for held in Step.objects.filter(phase__job=job).values_list("changes", flat=True).iterator(chunk_size=500):
            named.update(held)
    return [item for item in REGISTRY[job.entity].fields if item.name in named]


def confirm(
    *,
    job: Job,
    actor: User,
    reason: str,
    at: datetime | None = None,
    message: str = "",
    even_nothing: bool = False,
) -> Job:
    """Let the plan run, now or `at` a time; where the policy asks for a second person, ask one (with `message`).

    `even_nothing`: run it also where no row would be written, to have each looked at once more.

    Harmless on a plan that was confirmed already. Raises NotPreviewed, NothingToWrite, ReasonNeeded.
    """
    with transaction.atomic():
        held = Job.objects.select_for_update().get(pk=job.pk)
        if held.state != JobState.PLANNED:
            return held
        _check(held, reason, even_nothing)
        held.reason = reason.strip()
        held.scheduled_for = at if at and at > timezone.now() else None
        held.fingerprint = jobs.fingerprint_of_stored(held)
        held.save(update_fields=["reason", "scheduled_for", "fingerprint"])
        note(held, actor, "plan.confirm", counts(held).writes)
        if approvals.needed(held):
            approvals.request(job=held, actor=actor, message=message)
            held.refresh_from_db()
            return held
    return jobs.schedule(held, held.scheduled_for) if held.scheduled_for else jobs.hand_over(held)


def discard(*, job: Job, actor: User) -> Job:
    """Give a plan up before it was confirmed; nothing of it was written."""
    with transaction.atomic():
        held = Job.objects.select_for_update().get(pk=job.pk)
        if held.state == JobState.PLANNED:
            held.state, held.finished_at = JobState.WITHDRAWN, timezone.now()
            held.save(update_fields=["state", "finished_at"])
            note(held, actor, "plan.discard", counts(held).writes)
    return held


def _check(job: Job, reason: str, even_nothing: bool) -> None:
    if job.previewed_at is None:
        raise NotPreviewed
    if not even_nothing and not counts(job).writes:
        raise NothingToWrite
    if approvals.reason_required(job) and not reason.strip():
        raise ReasonNeeded


@contextmanager
def _open(job: Job) -> Iterator[None]:
    """Holds a plan that is still being put together, so that it is not confirmed meanwhile. Raises Frozen."""
    with transaction.atomic():
        if Job.objects.select_for_update().get(pk=job.pk).state != JobState.PLANNED:
            raise Frozen
        yield


def _move(job: Job, numbers: Collection[int], *, out: bool) -> None:
    rows = Step.objects.filter(phase__job=job, number__in=list(numbers), forecast__in=CHOOSABLE)
    with _open(job):
        rows = rows.filter(state=StepState.PLANNED) if out else rows.filter(outcome=Outcome.EXCLUDED)
        state, outcome = (StepState.DONE, Outcome.EXCLUDED) if out else (StepState.PLANNED, Outcome.NONE)
        mark: dict[str, str] = {"out": "author"} if out else {}
        # Most rows have nothing else to remember: one statement for all of them.
        bare = rows.filter(context={} if out else {"out": "author"})
        bare.update(state=state, outcome=outcome, context=mark)
        steps = list(rows)
        for step in steps:
            step.state, step.outcome = state, outcome
            step.context = {name: value for name, value in step.context.items() if name != "out"} | mark
        _keep_moved(steps)


def _keep_moved(steps: Sequence[Step]) -> None:
    """As an upsert: a bulk_update of thousands of rows that differ takes seconds."""
    Step.objects.bulk_create(
        steps,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["state", "outcome", "context"],
        batch_size=100,
    )


def note(job: Job, actor: User, action: str, rows: int) -> None:
    """What somebody did with a plan of many, and how many rows it was about."""
    audit.append(
        action=action,
        outcome=Outcome.CALLED,
        actor=actor,
        entity=job.entity,
        action_id=job.action_id,
        job_id=job.pk,
        detail=f"{rows}",
    )
