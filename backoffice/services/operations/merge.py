"""Merge one counterparty into another: one call for each that goes, read back on both sides afterwards.

A step is about the record that goes (`key`), whose editable fields are `base` as the plan knows them. Its context
has "iri", its address, and of the survivor "into" (key), "into_iri" (address) and "expected" (as the plan knows
it). After the check `before` is the record that goes, context["other"] its undeclared members and
context["survivor"] the whole survivor, so that both copies outlive the call; "asked" says that we called for it,
or were about to, and "asked_before" whether an earlier attempt did; "later" that Flowtly was seen to answer 202.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_noop as _

from backoffice.flowtly import errors
from backoffice.models import Outcome, Step, Verb
from backoffice.resources import Record, Resource
from backoffice.resources.redacted import holds_redacted
from backoffice.services.operations.base import (
    Lost,
    NotCarriedOut,
    Ready,
    Result,
    StepPlan,
    conflict,
    not_written,
    resource_of,
    the_one_call,
    unavailable,
)
from backoffice.services.operations.base import gone as record_gone
from backoffice.services.reading.decoding import decoded
from backoffice.services.upstream import client, merge_way

# Looks at a merge that Flowtly took on and has not carried out: some FLOWTLY_SETTLE_SECONDS apart.
_LOOKS = 20
Pair = tuple[Record | None, Record | None]  # the one that goes, and the survivor


class Merge:
    def check(self, step: Step) -> Ready | Result:
        """Both as the plan knows them? One that went already is done; one that Flowtly still has in work waits."""
        try:
            source, survivor = pair = _both(step)
            if source is None or survivor is None:
                return _absent(step, pair, asked=_asked(step))
        except errors.FlowtlyError as error:
            return unavailable(error)
        if step.context.get("accepted"):
            return _accepted(step)
        theirs = _differing(source, step.base)
        if theirs:
            return conflict(step, source, theirs)
        expected = step.context.get("expected", {})
        if theirs := _overwritten(survivor, expected):
            return _survivor_changed(survivor, expected, theirs)
        kept: dict[str, Any] = {"asked": True, "asked_before": _asked(step)}
        kept |= {"other": dict(source.other), "iri": source.iri, "survivor": copy_of(survivor)}
        return Ready(before=dict(source.values), changes={}, context=kept, label=source.label)

    def write(self, step: Step) -> Result:
        """The call, then a look; both still there is for `settle`, as a lost answer is."""
        try:
            with the_one_call(step):
                written = client().merge(step.context["into_iri"], step.context["iri"], request_id=step.request_id)
        except NotCarriedOut as refused:
            return self._refused(step, refused)
        if written.status == HTTPStatus.ACCEPTED:
            step.context = {**step.context, "accepted": True}
        try:
            found = _came_of(step, _both(step))
        except errors.FlowtlyError as error:
            raise Lost from error
        if found is None:
            raise Lost
        return found

    def settle(self, step: Step, *, final: bool) -> Result | None:
        """The other gone: merged. The survivor gone: the wrong one. Both there: later, or it was not done."""
        source, _survivor = pair = _both(step)
        if (found := _came_of(step, pair)) is not None:
            return found
        looks = int(step.context.get("looks", 0)) + 1
        step.context = {**step.context, "looks": looks}
        # Where merges are taken on for later, a lost answer may have been such a one.
        later = step.context.get("accepted") or step.context.get("later")
        if not final or (later and looks < _LOOKS):
            return None
        assert source is not None
        if step.context.get("accepted"):
            return _accepted(step)
        return not_written(source)

    def inverse(self, step: Step) -> StepPlan | None:
        """The record that went created again from its copy, with a new number; None once that was redacted."""
        return recreation(step, step.before) if step.outcome in (Outcome.MERGED, Outcome.ALREADY) else None

    def _refused(self, step: Step, refused: NotCarriedOut) -> Result:
        """What Flowtly refuses may have been done by somebody else since the check."""
        try:
            source, survivor = pair = _both(step)
            if source is None or survivor is None:
                return _absent(step, pair, asked=step.context["asked_before"])
        except errors.FlowtlyError:
            raise refused from None
        if refused.result.outcome != Outcome.GONE:
            raise refused
        message = _("Flowtly says that there is nothing to merge, but both records are there.")
        return Result(Outcome.REJECTED, error={"message": message, "violations": []})


def copy_of(record: Record) -> dict[str, Any]:
    """A whole record for a step's context, in a form that redaction knows."""
    return {"@id": record.iri, "id": record.key, **record.values, **record.other}


def recreation(step: Step, copy: Mapping[str, Any] | None) -> StepPlan | None:
    """A step that creates the record of `copy` again; None where there is none, or where it was redacted."""
    kept = editable(resource_of(step), copy or {})
    if not any(kept.values()) or holds_redacted(kept):
        return None
    changes = {name: value for name, value in kept.items() if value not in (None, "")}
    label = resource_of(step).label_of(kept)
    return StepPlan(verb=Verb.CREATE, entity=step.entity, label=label, changes=changes)


def editable(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any]:
    return {item.name: values.get(item.name) for item in resource.editable_fields}


def read_there(resource: Resource, key: str, *, request_id: str | None = None) -> Record | None:
    """The record, or None where there is none, or another in its place: of one that was merged the survivor."""
    try:
        record = decoded(resource, client().get(resource.item_path(key), request_id=request_id))
    except errors.NotFound:
        return None
    return record if record.key == key else None


def _both(step: Step) -> Pair:
    resource = resource_of(step)
    source = read_there(resource, step.key, request_id=step.request_id)
    return source, read_there(resource, step.context["into"], request_id=step.request_id)


def _came_of(step: Step, pair: Pair) -> Result | None:
    """What a look after the call says; None where both are there."""
    source, survivor = pair
    if survivor is None:
        return _wrong(step, source)
    if source is not None:
        return None
    after = {"survivor_after": copy_of(survivor), "way": merge_way()}
    return Result(Outcome.MERGED, context={**step.context, **after})


def _asked(step: Step) -> bool:
    """Whether we called for this merge in an earlier attempt, or were about to: it is kept before each call."""
    return bool(step.context.get("asked"))


def _absent(step: Step, pair: Pair, *, asked: bool) -> Result:
    """At least one is not there, and we did not call for it now. Without having `asked` before, it is this merge
    only where the number that is gone leads to the survivor: others may have merged it into whatever they like.
    Raises the client's errors."""
    source, survivor = pair
    if survivor is None:
        message = _("The record that was to stay is not there, so nothing was merged into it.")
        return Result(Outcome.GONE, error={"message": message, "violations": []}) if source else record_gone()
    if not asked and not _leads_on(step):
        message = _("Somebody took the record away that was to go, and it does not lead to the one that stays.")
        return Result(Outcome.GONE, error={"message": message, "violations": []})
    kept = {**step.context, "survivor_after": copy_of(survivor)}
    return Result(Outcome.ALREADY, context=kept)


def _leads_on(step: Step) -> bool:
    """Whether Flowtly answers with the survivor where the other is asked for."""
    resource = resource_of(step)
    try:
        record = decoded(resource, client().get(resource.item_path(step.key), request_id=step.request_id))
    except errors.NotFound:
        return False
    return record.key == str(step.context["into"])


def _wrong(step: Step, source: Record | None) -> Result:
    message = (
        _("Flowtly kept the other record: the one that was to stay is gone. A copy of both was kept.")
        if source
        else _("Both records are gone from Flowtly. A copy of both was kept.")
    )
    after = dict(source.values) if source else None
    context = {**step.context, "way": merge_way()}
    return Result(Outcome.WRONG, after=after, error={"message": message, "violations": []}, context=context)


def _accepted(step: Step) -> Result:
    message = _("Flowtly took the merge on and has not carried it out so far. It is not asked again.")
    return Result(Outcome.UNKNOWN, error={"message": message, "violations": []}, context=step.context)


def _differing(record: Record, base: Mapping[str, Any]) -> dict[str, Any]:
    fields = record.resource.by_name
    return {name: record[name] for name, seen in base.items() if not fields[name].same(record[name], seen)}


def _overwritten(survivor: Record, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that held something and hold something else; a merge may fill what was empty."""
    fields = survivor.resource.editable_fields
    held = {item.name: expected[item.name] for item in fields if expected.get(item.name) not in (None, "")}
    return _differing(survivor, held)


def _survivor_changed(survivor: Record, expected: Mapping[str, Any], theirs: Mapping[str, Any]) -> Result:
    message = _("Somebody changed the record that stays in the meantime. Nothing was merged.")
    fields = {name: {"base": expected.get(name), "theirs": value, "yours": None} for name, value in theirs.items()}
    error = {"message": message, "record": survivor.key, "fields": fields}
    return Result(Outcome.CONFLICT, error=error)
