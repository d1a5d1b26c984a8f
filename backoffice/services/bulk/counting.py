"""How many rows of a plan are forecast to come to what, and what the fields of chosen records hold now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from backoffice.models import ROWS, Forecast, Job, Outcome, SelectedKey, Selection, Step, StepState
from backoffice.models.index import column
from backoffice.resources import REGISTRY
from backoffice.services import index
from backoffice.services.index import Age

_WRITES = (Forecast.CHANGE, Forecast.CREATE, Forecast.DELETE, Forecast.EDITED)


@dataclass(frozen=True)
class Counts:
    """Rows by forecast, without those `taken_out`; `edited` are out by themselves until somebody takes them in.

    `writes`: how many would be written. `warned`: rows with a warning.
    """

    by: Mapping[str, int]
    taken_out: int
    writes: int

    @property
    def total(self) -> int:
        return sum(self.by.values()) + self.taken_out


def counts(job: Job) -> Counts:
    """One query."""
    rows = Step.objects.filter(phase__job=job).values_list("forecast", "state", "outcome", "context__out")
    by: dict[str, int] = {}
    out = writes = 0
    for forecast, state, outcome, by_whom, number in rows.annotate(n=Count("pk")).order_by():
        if outcome == Outcome.EXCLUDED and by_whom != "edited":
            out += number
            continue
        by[forecast] = by.get(forecast, 0) + number
        if forecast in _WRITES and (state != StepState.DONE or outcome != Outcome.EXCLUDED):
            writes += number
    return Counts(by, out, writes)


@dataclass(frozen=True)
class Distribution:
    """The values of one field among the chosen records, the most frequent first; None is empty.

    `unknown`: chosen records that the copy does not hold. `age` is that of the copy.
    """

    values: list[tuple[Any, int]]
    others: int
    unknown: int
    age: Age


def distribution(selection: Selection, name: str, *, most: int = 8) -> Distribution | None:
    """From our copy, without a request; None where it cannot tell. The preview reads afresh."""
    resource = REGISTRY[selection.entity]
    age = index.age(resource)
    if age is None or name in index.left_out(resource):
        return None
    chosen = SelectedKey.objects.filter(selection=selection)
    rows = ROWS[resource.slug]._default_manager.filter(key__in=chosen.values("key"))
    held = rows.values_list(column(name)).annotate(n=Count("pk")).order_by("-n", column(name))
    values = list(held[:most])
    known = rows.count()
    shown = sum(number for _value, number in values)
    return Distribution(values, known - shown, chosen.count() - known, age)
