"""Redaction of what is kept of duplicates: groups, verdicts, and what a record was compared by.

That somebody told two records apart stays, by their numbers; what was said of the person goes. Without the digests
no change of the record ends such a verdict any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from backoffice.models import Block, Compared, GroupMember, Likeness, Scan, Verdict
from backoffice.resources import PAGES
from backoffice.services import duplicates
from backoffice.services.duplicates import groups
from backoffice.services.privacy.person import Person

_AT_ONCE = 200


def find(person: Person) -> int:
    return sum(rows.count() for rows in _own(person)) + sum(1 for _verdict in _verdicts(person))


def redact(person: Person) -> int:
    """The person's records leave their groups, which are made anew of the others."""
    done = 0
    with transaction.atomic():
        if person.entity in {resource.slug for resource in duplicates.queued()}:
            groups.hold(
                PAGES[person.entity]
            )  # first, as whoever looks at records does: else each waits for the other
        for rows in _own(person):
            done += rows.delete()[0] if rows.model is not GroupMember else _leave(person, rows)
    for verdict in list(_verdicts(person)):
        _quiet(person, verdict).save(update_fields=_QUIET)
        done += 1
    return done


def _own(person: Person) -> list[QuerySet[Any]]:
    """Pairs, blocks and fingerprints say nothing by themselves, but much to who can guess the values."""
    if person.entity not in PAGES:
        return []
    pairs = Likeness.objects.filter(Q(a__in=person.keys) | Q(b__in=person.keys), entity=person.entity)
    compared = [
        model._default_manager.filter(entity=person.entity, key__in=person.keys) for model in (Compared, Block)
    ]
    return [pairs, *compared, GroupMember.objects.filter(group__entity=person.entity, key__in=person.keys)]


def _leave(person: Person, rows: QuerySet[GroupMember]) -> int:
    """Their pairs are gone by now, so that the groups come out without them."""
    count = rows.count()
    if count:
        duplicates.rebuild(PAGES[person.entity], sorted(person.keys))
    return count


# Words and values that several records share: they go on being counted, since the scores of others depend on it.


def find_statistics(person: Person) -> int:
    return sum(1 for _scan in duplicates.veiling.readable(person.compared))


def redact_statistics(person: Person) -> int:
    """What the person stands by can be read no more. A scan that is being made begins anew: it has read it."""
    for resource in duplicates.queued():
        if resource.slug == person.entity:
            duplicates.begin_anew(resource)
    done = 0
    for number, veiled in list(duplicates.veiling.readable(person.compared)):
        done += Scan.objects.filter(pk=number).exclude(statistics="").update(statistics=veiled)
    return done


_QUIET = ("label_a", "label_b", "reason", "digests_a", "digests_b")


def _verdicts(person: Person) -> Iterator[Verdict]:
    """Those that say something of the person: by name, by digests, or in the reason."""
    own = Q(entity=person.entity) & (Q(a__in=person.keys) | Q(b__in=person.keys))
    for verdict in Verdict.objects.filter(own | ~Q(reason="")).iterator(chunk_size=_AT_ONCE):
        before = _values(verdict)
        if before != _values(_quiet(person, verdict)):
            yield verdict


def _values(verdict: Verdict) -> Sequence[Any]:
    return [getattr(verdict, name) for name in _QUIET]


def _quiet(person: Person, verdict: Verdict) -> Verdict:
    """The verdict without the person; not saved yet."""
    own = verdict.entity == person.entity
    if own and verdict.a in person.keys:
        verdict.label_a, verdict.digests_a = "", {}
    if own and verdict.b in person.keys:
        verdict.label_b, verdict.digests_b = "", {}
    if person.said_in(verdict.reason) or (own and {verdict.a, verdict.b} & person.keys):
        verdict.reason = ""
    return verdict
