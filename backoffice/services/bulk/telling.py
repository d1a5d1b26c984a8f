"""A job of many as plain data, for the command line and for whoever reads its JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from backoffice.models import Job, JobState, Outcome, Step, StepState
from backoffice.models.jobs import FINAL_STATES

# What was certainly not written, whatever kept it from being, was not reached.
_TOLD_AS = {Outcome.NOT_WRITTEN: Outcome.NOT_REACHED}


def tell(job: Job) -> dict[str, Any]:
    """The job without its rows: identity, state, people, times, and how many rows came to what.

    `counters` by outcome, with "total" and "left"; `forecast` by what the preview said.
    """
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "entity": job.entity,
        "title": job.named,
        "state": str(job.state),
        "reason": job.reason,
        "author": job.actor.get_username(),
        "problem": job.problem,
        "previewed_at": _moment(job.previewed_at),
        "scheduled_for": _moment(job.scheduled_for),
        "started_at": _moment(job.started_at),
        "finished_at": _moment(job.finished_at),
        "undo_of": str(job.undo_of_id) if job.undo_of_id else None,
        "made_from": str(job.made_from_id) if job.made_from_id else None,
        "counters": counters(job),
        "forecast": forecasts(job),
    }


def counters(job: Job) -> dict[str, int]:
    """Rows by outcome. What a job that ended or was stopped did not get to, was not reached."""
    rows = Step.objects.filter(phase__job=job).values_list("state", "outcome")
    found: Counter[str] = Counter()
    for state, outcome, number in rows.annotate(n=Count("pk")).order_by():
        found[_outcome(job, state, outcome) or "left"] += number
    return {"total": found.total(), "left": found.pop("left", 0), **{name: found[name] for name in sorted(found)}}


def forecasts(job: Job) -> dict[str, int]:
    rows = Step.objects.filter(phase__job=job).exclude(forecast="").values_list("forecast")
    return dict(rows.annotate(n=Count("pk")).order_by("forecast"))


def rows(job: Job) -> Iterator[dict[str, Any]]:
    """Each row: its `id` and `outcome`, the touched fields `before` and `after`, `error` and forecast."""
    steps = Step.objects.filter(phase__job=job).order_by("phase__number", "number")
    for step in steps.iterator(chunk_size=500):
        before, written = step.before or step.base, step.outcome in (Outcome.CHANGED, Outcome.CREATED)
        after = step.after if written and step.after else step.changes
        yield {
            "id": step.key,
            "name": step.label,
            "line": step.context.get("line"),
            "forecast": step.forecast,
            "outcome": _outcome(job, step.state, step.outcome),
            "before": {name: before.get(name) for name in step.changes},
            "after": {name: after.get(name) for name in step.changes},
            "error": step.error,
        }


def _outcome(job: Job, state: str, outcome: str) -> str:
    if outcome:
        return str(_TOLD_AS.get(Outcome(outcome), outcome))
    over = job.state in FINAL_STATES or job.state == JobState.STOPPED
    return str(Outcome.NOT_REACHED) if over and state == StepState.PLANNED else ""


def _moment(value: Any) -> str | None:
    return value.isoformat() if value else None
