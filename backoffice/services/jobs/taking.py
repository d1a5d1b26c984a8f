"""Taking rows of a job and changing their state, each time only where they are still ours."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.models import Job, Outcome, Phase, Runner, Step, StepState
from backoffice.services.jobs.ending import OPEN
from backoffice.services.jobs.hands import Deed, Row
from backoffice.services.operations import Ready

_DOUBTS_EVERY = 0.5  # seconds between two looks for rows whose second look is due


class Taker:
    """The pen of one runner; each method belongs into the caller's transaction."""

    def __init__(self, job: Job, owner: str) -> None:
        self._job, self._owner = job, owner
        self._phase: Phase | None = None
        self._doubts_looked = 0.0
        self._now = timezone.now()

    def state(self) -> str:
        """The job's state as a turn begins; "" where we were taken for dead, and nothing is ours any more."""
        self._now = timezone.now()  # one moment for all that is marked together
        ours = Runner.objects.filter(owner=self._owner)
        if connection.features.has_select_for_update_of:
            ours = ours.select_for_update(of=("self",))
        return ours.values_list("job__state", flat=True).first() or ""

    # Taking

    def more(self, room: int, *, planned: bool) -> list[tuple[Deed, Row]]:
        """Up to `room` rows of the phase that is under way: doubts that are due, then what is planned."""
        phase = self._current()
        if phase is None:
            return []
        taken: list[tuple[Deed, Row]] = []
        due = Q(due_at=None) | Q(due_at__lte=timezone.now())
        free = Step.objects.filter(due, phase=phase, runner="")
        if time.monotonic() - self._doubts_looked > _DOUBTS_EVERY:
            self._doubts_looked = time.monotonic()
            doubts = free.filter(state=StepState.SETTLING).order_by("due_at", "pk")
            taken += [(Deed.LOOK, row) for row in self._take(doubts, room)]
        if planned and room > len(taken):
            plans = free.filter(state=StepState.PLANNED, outcome=Outcome.NONE).order_by("number")
            taken += [(Deed.EXAMINE, row) for row in self._take(plans, room - len(taken))]
        if not taken:
            self._phase = None  # look again which phase it is
        return taken

    def _current(self) -> Phase | None:
        if self._phase is None:
            self._phase = current_phase(self._job)
        return self._phase

    def _take(self, rows: QuerySet[Step], number: int) -> list[Row]:
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        found = list(rows[:number])
        if found:
            Step.objects.filter(pk__in=[step.pk for step in found]).update(runner=self._owner)
        for step in found:
            step.runner = self._owner
        return [Row(step) for step in found]

    def anything_left(self) -> bool:
        """Whether a row of the job has no outcome yet, whoever has it."""
        return current_phase(self._job) is not None

    # Changing

    def mark(self, row: Row, ready: Ready) -> bool:
        """Written down before the call; False where the row is not ours any more."""
        step = row.step
        step.before, step.changes = ready.before, dict(ready.changes)
        step.label, step.context = (ready.label or step.label)[:500], {**step.context, **ready.context}
        step.state, step.written_at, step.attempts = StepState.WRITING, self._now, step.attempts + 1
        names = ("before", "changes", "label", "context", "state", "written_at", "attempts")
        return self._change(step, StepState.PLANNED, names)

    def put_back(self, row: Row, *, due: datetime | None = None) -> bool:
        """As planned again, where it is certain that nothing was done; not before `due`."""
        step, was = row.step, row.step.state
        for name, value in row.planned.items():
            kept = step.context.get("away") if name == "context" else None
            setattr(step, name, {**value, "away": kept} if kept else value)
        step.before, step.written_at, step.due_at = None, None, due
        step.state, step.runner = StepState.PLANNED, ""
        names = (*row.planned, "before", "written_at", "due_at", "state", "runner")
        return self._change(step, was, names)

    def in_doubt(self, row: Row) -> bool:
        """The answer was lost; the row stays ours for the first look."""
        row.step.state = StepState.SETTLING
        return self._change(row.step, StepState.WRITING, ("state", "context"))

    def look_later(self, row: Row) -> bool:
        """The look decided nothing; the next one is anybody's."""
        row.step.runner = ""
        return self._change(row.step, StepState.SETTLING, ("attempts", "context", "due_at", "runner"))

    def _change(self, step: Step, was: str, names: Sequence[str]) -> bool:
        mine = Step.objects.filter(pk=step.pk, runner=self._owner, state=was)
        return bool(mine.update(**{name: getattr(step, name) for name in names}))


def current_phase(job: Job) -> Phase | None:
    """The first phase with a step that has no outcome yet; those after it have not begun."""
    return next((phase for phase in job.phases.order_by("number") if _open(phase)), None)


def _open(phase: Phase) -> bool:
    return Step.objects.filter(phase=phase, state__in=OPEN).exists()
