"""Redaction of what is kept beside plans and trail: names, recently opened records, messages, accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet

from backoffice.models import Label, Notice, RecentRecord, User
from backoffice.resources.schema import key_of_iri
from backoffice.services import reading
from backoffice.services.approvals import DRAFT
from backoffice.services.privacy.person import ACCOUNTS, Person

SIGN_INS = (AccessAttempt, AccessFailureLog, AccessLog)
_MESSAGES = "_messages"


def labels(person: Person) -> QuerySet[Label]:
    return Label.objects.filter(entity=person.entity, key__in=person.keys)


def redact_labels(person: Person) -> int:
    """Names go from the table, from what this process remembers, and from the lists that are kept for minutes."""
    done, _ = labels(person).delete()
    reading.unlearn(slug=person.entity, keys=person.keys)
    if person.resource is not None and person.resource.short:
        cache.clear()
    return done


def opened(person: Person) -> QuerySet[RecentRecord]:
    if person.entity == ACCOUNTS:
        return RecentRecord.objects.filter(user__pk=person.key)
    return RecentRecord.objects.filter(entity=person.entity, key__in=person.keys)


def redact_opened(person: Person) -> int:
    return opened(person).delete()[0]


def notices(person: Person) -> QuerySet[Notice]:
    """What an account of ours was told. Of records a notice holds nothing: it names its job."""
    return Notice.objects.filter(user__pk=person.key) if person.entity == ACCOUNTS else Notice.objects.none()


def redact_notices(person: Person) -> int:
    return notices(person).delete()[0]


# Sessions hold messages that nobody has read yet, such as "Anna was saved", and comments that somebody began.


def find_sessions(person: Person) -> int:
    return sum(1 for _session in _sessions(person))


def redact_sessions(person: Person) -> int:
    done = 0
    for session in _sessions(person):
        done += 1
        if person.entity == ACCOUNTS:
            session.delete()
            continue
        held = session.get_decoded()
        for name in _naming(person, held):
            held.pop(name)
        session.session_data = SessionStore().encode(held)
        session.save(update_fields=["session_data"])
    return done


def _sessions(person: Person) -> Iterator[Session]:
    for session in Session.objects.iterator(chunk_size=200):
        held = session.get_decoded()
        if person.entity == ACCOUNTS:
            if str(held.get("_auth_user_id", "")) == person.key:
                yield session
        elif _naming(person, held):
            yield session


def _naming(person: Person, held: dict[str, Any]) -> list[str]:
    """The parts of a session in which the person stands."""
    drafts = [
        name for name in held if name.startswith(DRAFT) and person.said_in(str(held[name].get("comment", "")))
    ]
    return [*drafts, *([_MESSAGES] if _MESSAGES in held and _says(person, held[_MESSAGES]) else [])]


def _says(person: Person, messages: str) -> bool:
    text = json.dumps(json.loads(messages), ensure_ascii=False)
    return person.said_in(text) or any(f"/{person.entity}/{key}/" in text for key in person.keys)


# People who sign in here. The name they sign in with stays: it is who did what in the trail.


def accounts(person: Person) -> QuerySet[User]:
    if person.entity == "employees":
        linked = [
            user.pk for user in User.objects.exclude(employee="") if key_of_iri(user.employee) in person.keys
        ]
        return User.objects.filter(pk__in=linked)
    if person.entity != ACCOUNTS:
        return User.objects.none()
    nothing_left = Q(first_name="", last_name="", email="", employee="", is_active=False)
    return User.objects.filter(pk=person.key).exclude(nothing_left)


def redact_accounts(person: Person) -> int:
    """An employee is no longer linked; an account loses what it says of its person and is shut."""
    done = 0
    for user in accounts(person):
        user.employee = ""
        if person.entity == ACCOUNTS:
            user.first_name = user.last_name = user.email = ""
            user.is_active = False
            user.set_unusable_password()
        user.save()
        done += 1
    return done


def sign_ins(person: Person) -> list[QuerySet[Any]]:
    """Who tried to sign in from where, and what the Django admin wrote about the account."""
    if person.entity != ACCOUNTS:
        return []
    names = User.objects.filter(pk=person.key).values("username")
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=person.key)
    return [*(model.objects.filter(username__in=names) for model in SIGN_INS), about]


def find_sign_ins(person: Person) -> int:
    return sum(rows.count() for rows in sign_ins(person))


@transaction.atomic
def redact_sign_ins(person: Person) -> int:
    return sum(rows.delete()[0] for rows in sign_ins(person))
