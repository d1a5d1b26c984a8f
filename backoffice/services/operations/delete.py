"""Delete a record, after comparing it with what the person was shown; a full copy is kept."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_noop as _

from backoffice.flowtly import errors
from backoffice.models import Outcome, Step, Verb
from backoffice.resources.redacted import holds_redacted
from backoffice.services.operations.base import (
    Ready,
    Result,
    StepPlan,
    conflict,
    gone,
    not_written,
    read,
    resource_of,
    the_one_call,
    unavailable,
)
from backoffice.services.upstream import client


class Delete:
    def check(self, step: Step) -> Ready | Result:
        """What the confirmation showed must still be so; a record that is gone already is left alone."""
        try:
            now = read(step)
        except errors.NotFound:
            return gone()
        except errors.FlowtlyError as error:
            return unavailable(error)
        fields = resource_of(step).by_name
        theirs = {name: now[name] for name, seen in step.base.items() if not fields[name].same(now[name], seen)}
        if theirs:
            return conflict(step, now, theirs)
        kept = {"other": dict(now.other), "iri": now.iri}
        return Ready(before=dict(now.values), changes={}, context=kept, label=now.label)

    def write(self, step: Step) -> Result:
        resource = resource_of(step)
        with the_one_call(step):
            client().delete(resource.item_path(step.key), request_id=step.request_id)
        return Result(Outcome.DELETED)

    def settle(self, step: Step, *, final: bool) -> Result | None:
        """Gone: deleted. Still there at the second read: not deleted."""
        try:
            now = read(step)
        except errors.NotFound:
            return Result(Outcome.DELETED)
        if not final:
            return None
        message = _("Flowtly did not delete the record. It may be in use; look at what refers to it.")
        return replace(not_written(now), error={"message": message, "violations": []})

    def inverse(self, step: Step) -> StepPlan | None:
        """The same record created again from the copy, with a new number; None once the copy was redacted."""
        if step.outcome != Outcome.DELETED or step.before is None:
            return None
        resource = resource_of(step)
        kept = {item.name: step.before.get(item.name) for item in resource.editable_fields}
        if step.redacted or holds_redacted(kept):
            return None
        return StepPlan(
            verb=Verb.CREATE,
            entity=step.entity,
            label=step.label,
            changes={name: value for name, value in kept.items() if value not in (None, "")},
        )
