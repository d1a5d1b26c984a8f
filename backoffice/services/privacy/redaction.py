"""Redacting a person everywhere: look first, then do it, and record that it was done, without the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied

from backoffice.flowtly import errors
from backoffice.models import AuditEntry, Job, User
from backoffice.resources import Record
from backoffice.services import audit, reading
from backoffice.services.access import Permission, can
from backoffice.services.privacy import steps
from backoffice.services.privacy.counts import from_detail, in_detail
from backoffice.services.privacy.person import ACCOUNTS, ENTITIES, Person
from backoffice.services.privacy.rows import person_of
from backoffice.services.privacy.stores import STORES

ACTION = "privacy.redact"
THERE, GONE, SILENT, NEVER = "there", "gone", "silent", "never"


class Refused(Exception):
    """Nothing was redacted. `code`: unknown (no such person), reason, names_person, own_account, in_flight."""

    def __init__(self, code: str, job: Job | None = None) -> None:
        super().__init__(code)
        self.code, self.job = code, job


@dataclass(frozen=True)
class Preview:
    """What a redaction would do. `counts`: by the name of the store.

    `upstream`: there, gone, silent (Flowtly cannot be asked) or never (our own accounts).
    `undo_lost`: changes that can no longer be taken back afterwards. `blocking`: a job that must end first.
    """

    person: Person
    label: str
    counts: Mapping[str, int]
    upstream: str
    undo_lost: int
    blocking: Job | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Done:
    """A redaction that was recorded: when, by whom, why, and how many rows of each store."""

    at: datetime
    actor_name: str
    reason: str
    outcome: str
    counts: Mapping[str, int]


def preview(*, entity: str, key: str) -> Preview:
    """What would be redacted; changes nothing. One request to Flowtly. Raises Refused("unknown")."""
    record, upstream = _upstream(entity, key)
    person = person_of(entity=entity, key=key, record=record)
    label = record.label if record else _label(person)
    counts = {store.name: store.find(person) for store in STORES}
    return Preview(person, label or key, counts, upstream, steps.undo_lost(person), steps.blocking(person))


def redact(
    *, actor: User | None, actor_name: str = "", entity: str, key: str, reason: str, request_id: str = ""
) -> dict[str, int]:
    """Redact one person in every store; rows changed, by store.

    `actor` None is somebody with the command line. Raises Refused; PermissionDenied for who is no admin. May be
    repeated: what was redacted already is not touched again. A failure half-way is recorded with what was done.
    """
    if actor is not None and not can(actor, Permission.ADMIN):
        raise PermissionDenied
    record, _state = _upstream(entity, key)
    person = person_of(entity=entity, key=key, record=record)
    reason = " ".join(reason.split())
    _refuse(actor, person, reason)
    counts: dict[str, int] = {}
    outcome = "failed"
    try:
        for store in STORES:
            counts[store.name] = store.redact(person)
        outcome = "ok"
    finally:
        audit.append(
            action=ACTION,
            outcome=outcome,
            actor=actor,
            actor_name=actor_name,
            entity=entity,
            key=key,
            request_id=request_id,
            detail=in_detail(counts),
            changes={"reason": (None, reason)},
        )
    return counts


def _refuse(actor: User | None, person: Person, reason: str) -> None:
    if not reason:
        raise Refused("reason")
    if person.said_in(reason):
        raise Refused("names_person")
    if actor is not None and person.entity == ACCOUNTS and person.key == str(actor.pk):
        raise Refused("own_account")
    if (job := steps.blocking(person)) is not None:
        raise Refused("in_flight", job)


def done_before(*, entity: str, key: str) -> list[Done]:
    """The redactions of this person that were recorded, newest first."""
    rows = AuditEntry.objects.filter(entity=entity, key=key, action=ACTION).order_by("-seq")[:20]
    return [
        Done(
            entry.at,
            entry.actor_name,
            str(entry.values.get("reason.after", {}).get("value", "")),
            entry.outcome,
            from_detail(entry.detail),
        )
        for entry in rows
    ]


def _upstream(entity: str, key: str) -> tuple[Record | None, str]:
    """The record as Flowtly has it now, and what is known of it there."""
    if entity not in ENTITIES:
        raise Refused("unknown")
    if entity == ACCOUNTS:
        if not key.isdecimal() or len(key) > 9 or not User.objects.filter(pk=int(key)).exists():
            raise Refused("unknown")
        return None, NEVER
    try:
        return reading.read_quietly(slug=entity, key=key), THERE
    except (errors.NotFound, ValueError):
        return None, GONE
    except errors.FlowtlyError:
        return None, SILENT


def _label(person: Person) -> str:
    if person.entity == ACCOUNTS:
        return User.objects.get(pk=person.key).get_username()
    return reading.known_label(slug=person.entity, key=person.key)
