"""What follows from steps that have just ended, in the transaction that writes them down.

Of merges: what this Flowtly was seen to do. Of a restore: the steps that wait for the address of a new record.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from backoffice.models import Job, Outcome, Step, StepState, Upstream, Verb
from backoffice.services.jobs import gates

log = structlog.get_logger("backoffice.jobs")


def up(job: Job, steps: Sequence[Step]) -> None:
    for step in steps:
        if step.verb == Verb.MERGE and step.outcome in (Outcome.MERGED, Outcome.WRONG):
            _learn(job, step)
        elif step.verb == Verb.CREATE and step.outcome == Outcome.CREATED and "new_of" in step.context:
            _name(job, step)


def _learn(job: Job, step: Step) -> None:
    """What was meant happened: merges of this kind are known to work. The wrong one went: no more of them."""
    way, row = step.context.get("way", ""), Upstream.objects.filter(pk=job.upstream_id)
    if step.outcome == Outcome.MERGED:
        row.update(merge_verified=way)
        _expect(job, step)
        return
    row.update(merge_wrong=way, merge_verified="")
    gates.stop_all(job)
    log.error("a merge took the wrong record; all merges are stopped", job=str(job.pk), step=step.pk)


def _expect(job: Job, step: Step) -> None:
    """What a merge itself changed in the survivor is no edit by somebody else to the merges after it."""
    before, after = step.context.get("survivor", {}), step.context.get("survivor_after", {})
    filled = {name: value for name, value in after.items() if value != before.get(name)}
    later = Step.objects.filter(phase__job=job, verb=Verb.MERGE, state=StepState.PLANNED)
    for each in later if filled else ():
        each.context = {**each.context, "expected": {**each.context.get("expected", {}), **filled}}
        each.save(update_fields=["context"])


def _name(job: Job, step: Step) -> None:
    """Clients that are given back to a record that is created again learn its address."""
    waiting = Step.objects.filter(phase__job=job, state=StepState.PLANNED, verb=Verb.UPDATE)
    for each in waiting.filter(context__moved_to=step.context["new_of"]):
        each.changes = dict.fromkeys(each.changes, step.context["iri"])
        each.save(update_fields=["changes"])
