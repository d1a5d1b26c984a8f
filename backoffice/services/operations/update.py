"""Change some fields of a record: PATCH with what differs, after reading the record again."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from backoffice.flowtly import errors
from backoffice.models import Outcome, Step, Verb
from backoffice.resources.redacted import holds_redacted
from backoffice.services.operations.base import (
    Ready,
    Result,
    StepPlan,
    answered,
    conflict,
    gone,
    not_written,
    read,
    resource_of,
    the_one_call,
    unavailable,
)
from backoffice.services.routes import write_path
from backoffice.services.upstream import client


class Update:
    def check(self, step: Step) -> Ready | Result:
        """Only a field that the operator touches can conflict; a value already there is not sent."""
        try:
            now = read(step)
        except errors.NotFound:
            return gone()
        except errors.FlowtlyError as error:
            return unavailable(error)
        fields = resource_of(step).by_name
        left = {name: new for name, new in step.changes.items() if not fields[name].same(now[name], new)}
        theirs = {name: now[name] for name in left if not fields[name].same(now[name], step.base.get(name))}
        if theirs:
            return conflict(step, now, theirs)
        if not left:
            return Result(Outcome.ALREADY, after=dict(now.values), label=now.label)
        return Ready(before=dict(now.values), changes=left, label=now.label)

    def write(self, step: Step) -> Result:
        resource = resource_of(step)
        path = write_path(resource, step.key)
        with the_one_call(step):
            written = client().patch(path, dict(step.changes), request_id=step.request_id)
        after = answered(resource, written.payload)
        return Result(Outcome.CHANGED, after=dict(after.values), label=after.label)

    def settle(self, step: Step, *, final: bool) -> Result | None:
        """Sent values there: changed. Old ones still there at the second read: not changed. Else: unknown."""
        try:
            now = read(step)
        except errors.NotFound:
            return gone()
        fields = resource_of(step).by_name
        if all(fields[name].same(now[name], new) for name, new in step.changes.items()):
            return Result(Outcome.CHANGED, after=dict(now.values), label=now.label)
        if not final:
            return None
        before = step.before or {}
        if all(fields[name].same(now[name], before.get(name)) for name in step.changes):
            return not_written(now)
        return Result(
            Outcome.UNKNOWN,
            after=dict(now.values),
            error={
                "message": _(
                    "Flowtly's answer was lost, and the record now holds neither the old nor the new value."
                ),
                "violations": [],
            },
        )

    def inverse(self, step: Step) -> StepPlan | None:
        """Back to what the fields held, based on what this step left there; None once that was redacted."""
        if step.outcome != Outcome.CHANGED or step.before is None or step.after is None:
            return None
        plan = StepPlan(
            verb=Verb.UPDATE,
            entity=step.entity,
            key=step.key,
            label=step.label,
            base={name: step.after.get(name) for name in step.changes},
            changes={name: step.before.get(name) for name in step.changes},
        )
        return None if step.redacted or holds_redacted([plan.base, plan.changes]) else plan
