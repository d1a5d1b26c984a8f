"""How far a job is, for a page that asks each second."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db.models import Count
from django.utils import timezone

from backoffice.models import Job, JobState, Outcome, Runner, Step, StepState, Upstream
from backoffice.services.jobs.runners import LEASE, alive

_STEADY = 1.5  # seconds after which a runner's own rate says something


class Waiting(StrEnum):
    """What a running job waits for: nothing; Flowtly's rate limit; Flowtly to be back; answers in doubt."""

    NO = ""
    ASKED = "asked"
    AWAY = "away"
    CHECKING = "checking"


@dataclass(frozen=True)
class Progress:
    """`attended`: whether a worker is at it right now. `outcomes`: how many steps ended how. `left`: steps without
    an outcome, of which `in_hand` are under way and `checking` are read back. `rate`: steps per second lately.
    `seconds_left`: None where it cannot be told. `waiting_until`: when work goes on; `paused_until`: until when
    Flowtly asked us to be silent.
    """

    attended: bool
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


def progress(job: Job) -> Progress:
    """Counted in one query, whatever the size of the job; two more for who is at it and for Flowtly's pause."""
    counted = Step.objects.filter(phase__job=job).order_by().values_list("state", "outcome")
    outcomes: dict[str, int] = {}
    states: dict[str, int] = {}
    for state, outcome, count in counted.annotate(Count("pk")):
        states[state] = states.get(state, 0) + count
        if state == StepState.DONE:
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    total = sum(states.values())
    left = total - states.get(StepState.DONE, 0)
    runners = list(alive(job))
    paused = _paused_until()
    rate = _rate(job, runners)
    waiting, until = _waiting(job, runners, paused)
    return Progress(
        attended=bool(runners),
        outcomes=outcomes,
        total=total,
        left=left,
        in_hand=min(sum(runner.hands for runner in runners), left),
        checking=states.get(StepState.SETTLING, 0),
        rate=rate,
        seconds_left=left / rate if rate and job.state == JobState.RUNNING and not waiting else None,
        waiting=waiting,
        waiting_until=until,
        paused_until=paused,
    )


def _rate(job: Job, runners: list[Runner]) -> float:
    """What the runners did since they came; in their first moments what was done by the slice before."""
    told_at = [(runner, runner.lease_until - LEASE) for runner in runners]  # with its last beat
    steady = [(runner.done, (at - runner.began_at).total_seconds()) for runner, at in told_at]
    told = sum(done / seconds for done, seconds in steady if seconds > _STEADY)
    return told or job.pace


def _waiting(job: Job, runners: list[Runner], paused: datetime | None) -> tuple[Waiting, datetime | None]:
    if job.state != JobState.RUNNING:
        return Waiting.NO, None
    if paused:
        return Waiting.ASKED, paused
    if job.put_off_until and job.put_off_until > timezone.now() and not any(each.hands for each in runners):
        return (Waiting.AWAY if job.setbacks else Waiting.CHECKING), job.put_off_until
    return Waiting.NO, None


def _paused_until() -> datetime | None:
    until = Upstream.objects.values_list("paused_until", flat=True).first() or 0.0
    return datetime.fromtimestamp(until, UTC) if until > time.time() else None
