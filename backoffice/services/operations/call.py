"""Ask Flowtly to look up branding: of one counterparty, or of several in one call.

A step with a key is about that record and sends an empty body; one without a key is about those that its `base`
names and sends its `changes`, {"counterparties": [IRI, ...]}: those of them that are still there. `before` and
`after` map the branding fields to values, for several records within a map by key. What Flowtly finds is its own
business, so nothing here can conflict, and nothing is taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _

from backoffice.flowtly import Written, errors
from backoffice.models import Outcome, Step
from backoffice.resources import Record
from backoffice.resources.schema import key_of_iri
from backoffice.services.operations.base import (
    Ready,
    Result,
    StepPlan,
    gone,
    resource_of,
    the_one_call,
    unavailable,
)
from backoffice.services.reading.decoding import decoded
from backoffice.services.upstream import client

BRANDING = ("displayName", "logoUrl", "corporateWebsiteUrl", "costGroupIcon")
MEMBER = "counterparties"
# What a call about several that was carried out may mean for one of them: something was found, or nothing; Flowtly
# had taken the request and found nothing yet; it could not be read afterwards; it was not there any more.
FATES = ("found", "nothing", "looking", "unseen", "gone")
Seen = dict[str, dict[str, Any]]  # branding fields by key


class Call:
    def check(self, step: Step) -> Ready | Result:
        """What there is before; a record that is gone is gone, and of several the others are looked up."""
        try:
            records = _read(step)
        except errors.FlowtlyError as error:
            return unavailable(error)
        if not records:
            return gone()
        label = records[0].label if step.key else ""
        before = _shaped(step, _seen(records))
        context = {} if step.key else {"gone": [key for key in _keys(step) if key not in before]}
        return Ready(before=before, changes=_left(step, records), context=context, label=label)

    def write(self, step: Step) -> Result:
        with the_one_call(step):
            written = _send(step)
        after = _answered(step, written) or _read_after(step)
        busy = written.status == HTTPStatus.ACCEPTED and after in (None, step.before)
        step.context = {**step.context, **({"accepted": True} if busy else {})}
        return Result(Outcome.CALLED, after=after, context=told(step, after))

    def settle(self, step: Step, *, final: bool) -> Result | None:
        """Something was found: it was done. Nothing at the second look: who knows; it is not asked again."""
        after = _shaped(step, _seen(_read(step)))
        if after != step.before:
            return Result(Outcome.CALLED, after=after, context=told(step, after))
        if not final:
            return None
        message = _("Flowtly's answer was lost, and nothing has been found so far. It may still be looking.")
        return Result(Outcome.UNKNOWN, after=after, error={"message": message, "violations": []})

    def inverse(self, step: Step) -> StepPlan | None:
        """None: what was found is changed like any other field."""
        return None


def branding(step: Step, which: Mapping[str, Any] | None) -> Seen:
    """`before` or `after` of a step by key, whether it is about one record or several."""
    if not which:
        return {}
    return {step.key: dict(which)} if step.key else {key: dict(held) for key, held in which.items()}


def asked(step: Step) -> list[str]:
    """The addresses of all the records that a step is about, whether they were there or not."""
    return list(step.base.get(MEMBER) or step.changes.get(MEMBER, ()))


def fate(step: Step, after: Mapping[str, Any] | None, key: str) -> str:
    """What became of one record of a call about several that was carried out: see FATES."""
    before = step.before or {}
    if key not in before or (after is not None and key not in after):
        return "gone"
    if after is None:
        return "unseen"
    if before[key] != after[key]:
        return "found"
    return "looking" if step.context.get("accepted") else "nothing"


def told(step: Step, after: Mapping[str, Any] | None) -> dict[str, Any]:
    """How many records came to which fate, kept with the step, so that counting needs none of the records."""
    if step.key:
        return dict(step.context)
    fates = Counter(fate(step, after, key_of_iri(iri)) for iri in asked(step))
    return {**step.context, "fates": dict(fates)}


def read_branding(step: Step) -> Seen:
    """What the records of a step hold now; raises the errors of the client."""
    return _seen(_read(step))


def _read(step: Step) -> list[Record]:
    """The records of a step that are still there, in its order."""
    keys = _keys(step)
    resource, api = resource_of(step), client()

    def read(key: str) -> Record | None:
        try:
            return decoded(resource, api.get(resource.item_path(key), request_id=step.request_id))
        except errors.NotFound:
            return None

    if len(keys) == 1:
        return [record for record in map(read, keys) if record]
    with ThreadPoolExecutor(settings.FLOWTLY_MAX_CONNECTIONS) as pool:
        return [record for record in pool.map(read, keys) if record]


def _keys(step: Step) -> list[str]:
    return [step.key] if step.key else [key_of_iri(iri) for iri in step.changes.get(MEMBER, ())]


def _seen(records: list[Record]) -> Seen:
    return {record.key: _held(record) for record in records}


def _held(record: Record) -> dict[str, Any]:
    return {name: record.values.get(name, record.other.get(name)) for name in BRANDING}


def _shaped(step: Step, seen: Seen) -> dict[str, Any]:
    return seen.get(step.key, {}) if step.key else dict(seen)


def _left(step: Step, records: list[Record]) -> dict[str, Any]:
    return {} if step.key else {MEMBER: [record.iri for record in records]}


def _send(step: Step) -> Written:
    resource = resource_of(step)
    if step.key:
        return client().enrich(resource.item_path(step.key), request_id=step.request_id)
    return client().enrich_many(resource.path, step.changes[MEMBER], request_id=step.request_id)


def _answered(step: Step, written: Written) -> dict[str, Any] | None:
    """The record as the answer has it; None where it is another one, or there is none."""
    if written.payload is None or not step.key or written.status == HTTPStatus.ACCEPTED:
        return None
    try:
        record = decoded(resource_of(step), written.payload)
    except errors.BadResponse:
        return None
    return _held(record) if record.key == step.key else None


def _read_after(step: Step) -> dict[str, Any] | None:
    try:
        return _shaped(step, _seen(_read(step))) or None
    except errors.FlowtlyError:
        return None  # it was done; that it cannot be shown is no reason to call that into question
