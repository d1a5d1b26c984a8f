"""How far a job is, for a page that asks each second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count
from django.utils import timezone

from backoffice.models import Job, Outcome, Step, StepState


class Waiting(StrEnum):
    """What a running job waits for: nothing; Flowtly's rate limit; Flowtly to be back; answers in doubt."""

    NO = ""
    ASKED = "asked"
    AWAY = "away"
    CHECKING = "checking"


@dataclass(frozen=True)
class Progress:
    """`outcomes`: how many steps ended how. `left`: without an outcome, of which `in_hand` are under way and
    `checking` are read back. `rate`: steps per second lately. `seconds_left`: None where it cannot be told.
    `waiting_until`: when work goes on; `paused_until`: until when Flowtly asked us to be silent.
    """

    outcomes: Mapping[str, int]
    total: int
    left: int
    in_hand: int
    checking: int
    rate: float
    seconds_left: float | None
    waiting: Waiting
    waiting_until: datetime | None
    paused_until: datetime | None

    @property
    def done(self) -> int:
        """Steps with an outcome, those that were left out not counted."""
        return sum(count for outcome, count in self.outcomes.items() if outcome != Outcome.EXCLUDED)

    @property
    def attended(self) -> bool:
        """Whether somebody is at it right now."""
        return self.in_hand > 0


def progress(job: Job) -> Progress:
    """Counted in one query, whatever the size of the job."""
    counted = Step.objects.filter(phase__job=job).order_by().values_list("state", "outcome")
    outcomes: dict[str, int] = {}
    states: dict[str, int] = {}
    for state, outcome, count in counted.annotate(Count("pk")):
        states[state] = states.get(state, 0) + count
        if state == StepState.DONE:
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    total = sum(states.values())
    left = total - states.get(StepState.DONE, 0)
    held = bool(job.lease_until and job.lease_until > timezone.now())
    return Progress(
        outcomes, total, left, int(held and left > 0), states.get("settling", 0), 0, None, Waiting.NO, None, None
    )
