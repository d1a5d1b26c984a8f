"""The rows of a plan as its preview shows them: narrowed, page by page, moved together, and whole for a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Cast

from backoffice.models import Forecast, Job, Outcome, Selection, Step, StepState, User, Verb
from backoffice.resources import REGISTRY, Field
from backoffice.services import audit, reading, selections
from backoffice.services.bulk.confirming import CHOOSABLE, put_back, take_out
from backoffice.services.reading import ListQuery

OUT, WARNED = "out", "warned"
_AT_ONCE = 5_000  # rows that are moved in one transaction
_CHUNK = 500


def rows(job: Job, show: str = "") -> QuerySet[Step]:
    """The rows of one forecast without those that were taken out, those taken out (OUT), those with a WARNED
    field, or all; in the order of the plan."""
    found = Step.objects.filter(phase__job=job).order_by("phase__number", "number")
    if show == OUT:
        return found.filter(outcome=Outcome.EXCLUDED, context__out="author")
    if show == WARNED:
        return found.filter(context__has_key="warnings")
    in_it = ~Q(outcome=Outcome.EXCLUDED) | Q(context__out="edited")
    return found.filter(in_it, forecast=show) if show in Forecast.values and show else found


def choosable(step: Step) -> bool:
    """Whether a person may take this row out or put it back."""
    return step.forecast in CHOOSABLE


def is_out(step: Step) -> bool:
    """Whether a run would leave a row alone that it could write."""
    return step.outcome == Outcome.EXCLUDED


def move_all(*, job: Job, show: str, out: bool) -> int:
    """Take all out that `show` names, or put them back; how many rows that moved. Raises Frozen."""
    held = rows(job, show).filter(forecast__in=CHOOSABLE)
    held = held.filter(state=StepState.PLANNED) if out else held.filter(outcome=Outcome.EXCLUDED)
    numbers = list(held.values_list("number", flat=True))
    for portion in _portions(numbers):
        take_out(job=job, numbers=portion) if out else put_back(job=job, numbers=portion)
    return len(numbers)


def _portions(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), _AT_ONCE):
        yield numbers[start : start + _AT_ONCE]


@dataclass(frozen=True)
class Writes:
    """How many records a run would change, create and delete; `fields`: what it would change of the former."""

    changed: int = 0
    created: int = 0
    deleted: int = 0
    fields: list[Field] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.changed + self.created + self.deleted


def writes(job: Job) -> Writes:
    """Two queries."""
    left = Step.objects.filter(phase__job=job, state=StepState.PLANNED).exclude(forecast=Forecast.ALREADY)
    by = dict(left.order_by().values_list("verb").annotate(n=Count("pk")))
    fields = _changed(job, left.filter(verb=Verb.UPDATE))
    return Writes(by.get(Verb.UPDATE, 0), by.get(Verb.CREATE, 0), by.get(Verb.DELETE, 0), fields)


def _changed(job: Job, steps: QuerySet[Step]) -> list[Field]:
    named = {change["field"] for change in job.spec.get("changes", ())}
    if not named:
        for held in steps.values_list("changes", flat=True).iterator(chunk_size=_CHUNK):
            named.update(held)
    return [item for item in REGISTRY[job.entity].fields if item.name in named]


def stamp(job: Job) -> str:
    """What a page shows of a plan, so that nobody confirms another one: it differs once it was read again or rows
    were moved. One query."""
    number = Cast(F("number"), BigIntegerField())
    left = Step.objects.filter(phase__job=job, state=StepState.PLANNED)
    held = left.aggregate(n=Count("pk"), sum=Sum(number), squares=Sum(number * number))
    read = job.previewed_at.isoformat() if job.previewed_at else ""
    return f"{read} {held['n']} {held['sum'] or 0} {held['squares'] or 0}"


def read_so_far(job: Job) -> int:
    """Of a preview that is being made."""
    return Step.objects.filter(phase__job=job).exclude(forecast=Forecast.NONE).count()


# Records that match by now


@dataclass(frozen=True)
class Arrivals:
    """Records that match what was selected and came later; `names` of the first of them."""

    number: int
    names: list[str]


def arrivals(job: Job, *, named: int = 10) -> Arrivals:
    keys = [str(key) for key in job.spec.get("arrivals", ())]
    known = reading.known(slug=job.entity, keys=keys[:named])
    return Arrivals(len(keys), [known.get(key, ("", ""))[1] or key for key in keys[:named]])


def with_arrivals(*, job: Job, owner: User) -> Selection:
    """A new frozen selection of the records of the plan and those that match by now. Raises TooMany."""
    source = job.spec.get("source", {})
    chosen = Step.objects.filter(phase__job=job).order_by("phase__number", "number").values_list("key", flat=True)
    return selections.of(
        owner=owner,
        resource=REGISTRY[job.entity],
        keys=[*chosen, *job.spec.get("arrivals", ())],
        scope=str(job.spec.get("scope", "")),
        query=ListQuery.read(source["query"]) if source.get("query") else None,
    )


# As a file


@dataclass(frozen=True)
class Extract:
    """The rows of a preview for a file, read from the database as they are asked for, some at a time."""

    count: int
    portions: Iterator[list[Step]]


def extract(*, job: Job, actor: User, request_id: str) -> Extract:
    """The whole preview; that it was taken is an entry of the audit trail, written here."""
    found = rows(job)
    count = found.count()
    audit.append(
        action=f"{job.entity}.export",
        outcome="ok",
        actor=actor,
        entity=job.entity,
        label=job.title,
        request_id=request_id,
        action_id=job.action_id,
        job_id=job.pk,
        detail=f"xlsx, {count}",
    )
    return Extract(count, _in_portions(found.iterator(chunk_size=_CHUNK)))


def _in_portions(steps: Iterable[Step]) -> Iterator[list[Step]]:
    held: list[Step] = []
    for step in steps:
        held.append(step)
        if len(held) == _CHUNK:
            yield held
            held = []
    if held:
        yield held


def problems_of(step: Step) -> tuple[str, Mapping[str, Any]]:
    """What stands in the way of a row: of the whole of it, and by name of the field."""
    error = step.error or {}
    return str(error.get("message", "")), {name: text for name, text in error.get("violations", ()) if name}
