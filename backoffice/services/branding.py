"""Looking up logos and websites: one counterparty at once, a selection by the worker."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from backoffice.flowtly import errors
from backoffice.models import Job, Step, User, Verb
from backoffice.resources import REGISTRY, Resource
from backoffice.resources.redacted import is_redacted
from backoffice.services import jobs, reading
from backoffice.services.operations import StepPlan
from backoffice.services.operations.call import MEMBER, branding, read_branding
from backoffice.services.outcomes import Change, changed

KIND = "enrich"
CHUNK = 25  # counterparties in one call of the worker
_SLUG = "counterparties"


@dataclass(frozen=True)
class Found:
    """What a look-up did to one record. `changes` hold only what differs."""

    key: str
    label: str
    changes: list[Change]


def resource() -> Resource:
    return REGISTRY[_SLUG]


def enrich(*, actor: User, key: str, nonce: str, request_id: str) -> Job:
    """Look up one, here and now. A second call with the same nonce returns the first call's job."""
    iri = reading.known_iri(slug=_SLUG, key=key)
    label = reading.names([iri]).get(iri, "")
    plan = StepPlan(verb=Verb.CALL, entity=_SLUG, key=key, label=label)
    job, made = _store(actor, label or key, [plan], nonce, request_id)
    return jobs.run(job) if made else job


def enrich_many(*, actor: User, iris: Sequence[str], nonce: str, request_id: str) -> Job:
    """Look up these (IRIs as the server gave them), CHUNK in a call; the worker does it."""
    unique = list(dict.fromkeys(iris))
    if not unique:
        raise ValueError("a selection to look up is not empty")
    chunks = [unique[start : start + CHUNK] for start in range(0, len(unique), CHUNK)]
    plans = [
        StepPlan(
            verb=Verb.CALL, entity=_SLUG, label=_counted(len(chunk)), base={MEMBER: chunk}, changes={MEMBER: chunk}
        )
        for chunk in chunks
    ]
    job, made = _store(actor, _counted(len(unique)), plans, nonce, request_id)
    return jobs.hand_over(job) if made else job


def calls(number: int) -> int:
    """How many requests a look-up of so many takes: each is read before and after, and asked about with others."""
    return 2 * number + -(-number // CHUNK)


def found(step: Step) -> list[Found]:
    """Before and after of each record of a CALL step.

    Where Flowtly took the call and had found nothing yet, the records are read again, one request for each.
    """
    before, after = branding(step, step.before), branding(step, step.after)
    if step.context.get("accepted"):
        # Where they cannot be read now, what was known when the step ended is shown.
        with contextlib.suppress(errors.FlowtlyError):
            after |= read_branding(step)
    return [Found(key, _label(held, key), changed(held, after.get(key, held))) for key, held in before.items()]


def _label(held: dict[str, Any], key: str) -> str:
    name = held.get("displayName")
    return key if is_redacted(name) else str(name or "") or key


def _counted(number: int) -> str:
    return ngettext("%(number)s counterparty", "%(number)s counterparties", number) % {"number": number}


def _store(actor: User, title: str, plans: Sequence[StepPlan], nonce: str, request_id: str) -> tuple[Job, bool]:
    return jobs.store(
        actor=actor,
        kind=KIND,
        entity=_SLUG,
        title=title,
        nonce=nonce,
        phases={"look up": plans},
        request_id=request_id,
    )
