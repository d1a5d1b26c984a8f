"""Create a record. A lost answer is settled by looking for exactly one new record that equals what was sent."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from backoffice.flowtly import errors
from backoffice.models import Outcome, Step
from backoffice.resources import PAGES, Kind, Record
from backoffice.services.operations.base import (
    Ready,
    Result,
    StepPlan,
    answered,
    resource_of,
    the_one_call,
    unavailable,
)
from backoffice.services.reading.capabilities import capabilities
from backoffice.services.reading.decoding import decoded
from backoffice.services.routes import write_path
from backoffice.services.upstream import client

# A list that cannot be narrowed by name is read whole before a creation only up to this many records.
_READ_WHOLE = 1_000


class Create:
    def check(self, step: Step) -> Ready | Result:
        """Remember the keys of the look-alikes that are there before the call."""
        try:
            known = _keys_before(step)
        except errors.FlowtlyError as error:
            return unavailable(error)
        label = resource_of(step).label_of(step.changes)
        return Ready(before=None, changes=dict(step.changes), context={"known_keys": known}, label=label)

    def write(self, step: Step) -> Result:
        resource = resource_of(step)
        path = write_path(resource, None)
        with the_one_call(step):
            written = client().create(path, dict(step.changes), request_id=step.request_id)
        return _created(answered(resource, written.payload))

    def settle(self, step: Step, *, final: bool) -> Result | None:
        candidates = list(_candidates(step))
        if len(candidates) == 1 and step.context.get("known_keys") is not None:
            return _created(candidates[0])
        if not final:
            return None
        return Result(
            Outcome.UNKNOWN,
            error={
                "message": _("Flowtly's answer was lost. Look in the list before you create it again."),
                "violations": [],
                "candidates": [[record.key, record.label] for record in candidates[:10]],
            },
        )

    def inverse(self, step: Step) -> StepPlan | None:
        """None: what was created is not deleted without the confirmation that names what is lost."""
        return None


def _created(record: Record) -> Result:
    kept = {"iri": record.iri}
    return Result(Outcome.CREATED, after=dict(record.values), key=record.key, label=record.label, context=kept)


def _keys_before(step: Step) -> list[str] | None:
    """The keys of records that a new one could be taken for; None where there are too many to read, or where their
    list never stands still."""
    narrowed = _narrowed(step)
    first = client().page(resource_of(step).path, narrowed, request_id=step.request_id)
    if first.total is not None and first.total <= len(first.members):
        return [decoded(resource_of(step), member).key for member in first.members]
    if first.total is None or first.total > _READ_WHOLE:
        return None
    try:
        return [record.key for record in _walk(step)]
    except errors.ShiftedPages:
        return None


def _candidates(step: Step) -> Iterator[Record]:
    """New records that equal every field that was sent."""
    fields = resource_of(step).by_name
    known = set(step.context.get("known_keys") or ())
    if step.context.get("known_keys") is None and not _narrowed(step):
        return
    for record in _walk(step):
        if record.key not in known and all(
            fields[name].same(record[name], sent) for name, sent in step.changes.items()
        ):
            yield record


def _narrowed(step: Step) -> dict[str, str]:
    """A filter that certainly holds the record that was sent, where the API declares one.

    On the name: exact or not, it finds it. Else, and for long texts, on the record that it belongs to.
    """
    resource = resource_of(step)
    able = capabilities(resource).filters
    names = [resource.label_field] if resource.by_name[resource.label_field].kind is not Kind.LONG_TEXT else []
    names += [item.name for item in resource.fields if item.kind is Kind.REFERENCE and item.references in PAGES]
    found = ((name, str(step.changes.get(name) or "")) for name in names if name in able)
    return dict(next(([pair] for pair in found if pair[1]), []))


def _walk(step: Step) -> Iterator[Record]:
    resource = resource_of(step)
    for member in client().walk(resource.path, _narrowed(step)):
        yield decoded(resource, member)
