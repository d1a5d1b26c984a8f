"""What a merge comes to: references counted, phase by phase what is done and what is not, and its way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.models import Job, Outcome, Step, StepState, Verdict
from backoffice.models.jobs import WRITTEN
from backoffice.services.jobs import gates
from backoffice.services.jobs.ending import ACHIEVED
from backoffice.services.merges.composing import Problem, of_member, told_apart
from backoffice.services.merges.planning import KIND, REPAIR

_FAILED = (Outcome.REJECTED, Outcome.NOT_WRITTEN, Outcome.CONFLICT, Outcome.GONE, Outcome.UNKNOWN)


@dataclass(frozen=True)
class References:
    """Clients that named a record that goes: planned = moved + failed + left. None is told where `known` is False.

    `by_flowtly` were moved by the merge itself, `by_us` by our repair; `failed` includes those that somebody else
    changed meanwhile; `left` were not begun.
    """

    known: bool
    planned: int = 0
    by_flowtly: int = 0
    by_us: int = 0
    failed: int = 0
    left: int = 0

    @property
    def moved(self) -> int:
        return self.by_flowtly + self.by_us


@dataclass(frozen=True)
class Part:
    """One phase: its steps that were achieved, that failed and that are still to be done."""

    name: str
    done: int
    failed: int
    left: int
    steps: Sequence[Step]


def references(job: Job) -> References:
    """One query."""
    if job.spec.get("clients") is None:
        return References(known=False)
    rows = Step.objects.filter(phase__job=job, phase__name=REPAIR).values_list("state", "outcome")
    found = [str(outcome) if state == StepState.DONE else "" for state, outcome in rows]
    return References(
        known=True,
        planned=len(found),
        by_flowtly=found.count(Outcome.ALREADY),
        by_us=found.count(Outcome.CHANGED),
        failed=sum(map(found.count, map(str, _FAILED))),
        left=found.count("") + found.count(Outcome.NOT_REACHED),
    )


def parts(job: Job) -> list[Part]:
    """The phases in their order, with what became of each."""
    return [_part(phase.name, list(phase.steps.order_by("number"))) for phase in job.phases.order_by("number")]


def _part(name: str, steps: list[Step]) -> Part:
    ended = [step for step in steps if step.state == StepState.DONE]
    left = sum(step.state != StepState.DONE or step.outcome == Outcome.NOT_REACHED for step in steps)
    done = sum(step.outcome in ACHIEVED for step in ended)
    return Part(name, done, len(steps) - done - left, left, steps)


def wrote(job: Job) -> bool:
    """Whether anything was written to Flowtly, or may have been."""
    may = (*WRITTEN, Outcome.WRONG, Outcome.UNKNOWN)
    steps = Step.objects.filter(phase__job=job)
    return steps.filter(outcome__in=may).exists() or steps.exclude(written_at=None).exclude(state="done").exists()


def verified(job: Job) -> bool:
    """Whether the last looks found everything as planned."""
    phase = job.phases.order_by("-number").first()
    return phase is not None and not phase.steps.exclude(outcome=Outcome.ALREADY).exists()


def overruled(job: Job) -> list[Problem]:
    """What stood in the way of this merge, and whoever planned it looked at and overruled."""
    said = Verdict.objects.filter(pk__in=job.spec.get("overruled", ())).select_related("by").order_by("at", "pk")
    apart = {(verdict.a, verdict.b): [verdict] for verdict in said}
    keys = [job.spec.get("survivor", ""), *job.spec.get("gone", ())]
    pairs = {f"{one}-{other}" for one in keys for other in keys}
    members = [name for name in job.spec.get("even_so", ()) if name not in pairs]
    return [*told_apart(apart), *map(of_member, members)]


def said_since(job: Job) -> list[Problem]:
    """What people said after the plan was made that keeps it from going on, until they take it back."""
    return [] if job.final else told_apart(gates.told_apart(job))


def reversible(job: Job) -> dict[str, Any]:
    """What is said before a merge of its way back, which is there in part only.

    The records get new numbers; `clients`: whether those that were moved are given back; `members` of the records
    that go that Flowtly does not take in a new record. What only Flowtly sees stays with the survivor.
    """
    members = job.spec.get("members", [])
    return {"how": "partly", "new_numbers": True, "clients": references(job).known, "members": members}


def lines_of_plan(job: Job) -> list[str]:
    """The impact of a plan, in lines for a terminal."""
    found, spec = references(job), job.spec
    lines = [f"stays          {spec['survivor']}", f"goes           {', '.join(spec['gone'])}"]
    lines.append(f"clients moved  {found.planned if found.known else 'unknown; clients are not repaired'}")
    if found.known:
        lines += [f"  {key}: {len(spec['uses'][key])}" for key in (spec["survivor"], *spec["gone"])]
    lines += [f"overruled      {problem.text}" for problem in overruled(job)]
    lines.append("elsewhere      unknown: what only Flowtly sees, Flowtly moves")
    lost = f"; without {', '.join(spec['members'])}" if spec["members"] else ""
    lines.append(f"reversible     partly: what goes comes back with a new number{lost}")
    if spec["trial"]:
        lines.append("trial          no merge was verified at this Flowtly yet; look at this one first")
    return lines


def lines_of(job: Job) -> list[str]:
    """What became of it, in lines for a terminal."""
    told = tell(job)
    lines = [
        f"{name:14} {' '.join(f'{what} {n}' for what, n in part.items())}" for name, part in told["parts"].items()
    ]
    if counted := told.get("clients"):
        lines.append(f"{'clients':14} {' '.join(f'{what} {n}' for what, n in counted.items())}")
    lines += [f"{name:14} {told[name]}" for name in ("restored", "edited", "kept", "unsent") if name in told]
    return [*lines, *([job.problem] if job.problem else [])]


def tell(job: Job) -> dict[str, Any]:
    """A merge or a restore as plain data, for the command line."""
    found = references(job)
    told: dict[str, Any] = {
        "survivor": job.spec.get("survivor", ""),
        "gone": job.spec.get("gone", []),
        "trial": job.spec.get("trial", False),
        "verified": verified(job),
        "parts": {part.name: {"done": part.done, "failed": part.failed, "left": part.left} for part in parts(job)},
    }
    if job.kind == KIND:
        counted = {
            "planned": found.planned,
            "by_flowtly": found.by_flowtly,
            "by_us": found.by_us,
            "failed": found.failed,
            "left": found.left,
        }
        told["clients"] = counted if found.known else None
    for name in ("restored", "edited", "kept", "unsent"):
        if job.spec.get(name):
            told[name] = job.spec[name]
    return told
