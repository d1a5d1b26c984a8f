"""Change some fields of a record: PATCH with what differs, after reading the record again."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_noop as _

from backoffice.flowtly import Written, errors
from backoffice.models import Outcome, Step, Verb
from backoffice.resources import Record
from backoffice.resources.redacted import holds_redacted
from backoffice.services.operations.base import (
    Lost,
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
from backoffice.services.reading.decoding import decoded_as
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
        after = _confirmed(step, written)
        return Result(Outcome.CHANGED, after=dict(after.values), label=after.label)

    def settle(self, step: Step, *, final: bool) -> Result | None:
        """Sent values there: changed. Old ones still there at the second read: not changed. Else: unknown.

        After an answer that did not show what it did, old values that stay are a refusal, or not carried out yet.
        """
        try:
            now = read(step)
        except errors.NotFound:
            return gone()
        fields = resource_of(step).by_name
        if all(fields[name].same(now[name], new) for name, new in step.changes.items()):
            return Result(Outcome.CHANGED, after=dict(now.values), label=now.label)
        if not final:
            return None
        return _judged(step, now)

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


def _confirmed(step: Step, written: Written) -> Record:
    """The record as the write answered it; raises Lost where that does not show what became of each value.

    A value that Flowtly made another one of, as by trimming it, was saved. One that is missing or is the old one
    may have been passed over; then only reading tells, and `context` keeps that Flowtly did answer.
    """
    try:
        after = decoded_as(step.key, resource_of(step), written.payload)
    except errors.FlowtlyError:
        after = None
    if after is not None and all(_shows(step, after, name) for name in step.changes):
        return after
    if after is not None or written.status in (HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT):
        step.context = {**step.context, "answered": written.status}
    raise Lost


def _shows(step: Step, after: Record, name: str) -> bool:
    same = after.resource.by_name[name].same(after[name], step.changes[name])
    return same or (name in after.present and not _kept(step, after, name))


def _kept(step: Step, now: Record, name: str) -> bool:
    """Whether a field holds what it held before the write."""
    return now.resource.by_name[name].same(now[name], (step.before or {}).get(name))


def _judged(step: Step, now: Record) -> Result:
    """What the last look says of a record that does not hold all that was sent."""
    answer, fields = step.context.get("answered"), now.resource.by_name
    old = [name for name in step.changes if _kept(step, now, name)]
    new = [name for name, sent in step.changes.items() if fields[name].same(now[name], sent)]
    if not answer and len(old) == len(step.changes):
        return not_written(now)
    if not answer:
        words = _("Flowtly's answer was lost, and the record now holds neither the old nor the new value.")
        return _told(Outcome.UNKNOWN, now, words)
    if len(old) + len(new) < len(step.changes):
        words = _("Flowtly accepted the change, but the record holds neither the old nor the new value.")
        return _told(Outcome.UNKNOWN, now, words)
    if answer == HTTPStatus.ACCEPTED:
        words = _("Flowtly accepted the change, but has not carried it out so far.")
        return _told(Outcome.UNKNOWN, now, words)
    words = _("Flowtly accepted the change, but kept what it had.")
    return _told(Outcome.CHANGED if new else Outcome.REJECTED, now, words)


def _told(outcome: Outcome, now: Record, words: str) -> Result:
    return Result(outcome, after=dict(now.values), error={"message": words, "violations": []}, label=now.label)
