"""Verdicts follow their records: to the one a record was merged into, and to the number it has after a restore.

What somebody said stays as it was said. What stands for it about other numbers is a verdict of its own, made from
it (`carried_to`); one that somebody said himself was not made from any. So a restore finds its way back: where a
chain ends is compared with where it ought to end today.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from django.utils import timezone

from backoffice.models import Verdict, VerdictKind
from backoffice.models.index import ROWS
from backoffice.resources import Resource
from backoffice.services import mapping
from backoffice.services.duplicates import records
from backoffice.services.duplicates.digests import baseline
from backoffice.services.duplicates.said import Pair, pair_of, portions

# Of two records that are one by now: a restore brings these back, as nobody took them back. That they were the
# same was the reason of the merge that is no more.
_COME_BACK = (VerdictKind.SEPARATE, VerdictKind.RELATED, VerdictKind.APART)


def carry(resource: Resource) -> set[str]:
    """Make what was said hold for the numbers of today; the keys of the pairs that changed. In a transaction."""
    now = mapping.moves() if mapping.concerns(resource) else {}
    if not now:
        return set()
    met: set[str] = set()
    for said, end in _chains(resource, now):
        pair = pair_of(now.get(said.a, said.a), now.get(said.b, said.b))
        if end.withdrawn_at is None and (end.lapsed_at is None or _was_one(end)):
            met |= _carry(resource, said, end, pair)
    return met


def _chains(resource: Resource, now: Mapping[str, str]) -> Iterable[tuple[Verdict, Verdict]]:
    """Each verdict that somebody gave about a number that is another by now, with what stands for it so far."""
    given = Verdict.objects.filter(entity=resource.slug, carried_from=None, withdrawn_at=None)
    wanted = [pk for pk, a, b in given.order_by("pk").values_list("pk", "a", "b") if a in now or b in now]
    for some in portions(wanted):
        chains = {verdict.pk: [verdict] for verdict in Verdict.objects.filter(pk__in=some).order_by("pk")}
        while following := {
            pk: chain[-1].carried_to_id for pk, chain in chains.items() if chain[-1].carried_to_id
        }:
            rows = Verdict.objects.in_bulk([pk for pk in following.values() if pk])
            for pk, after in following.items():
                chains[pk].append(rows[after or 0])
        yield from ((chain[0], chain[-1]) for chain in chains.values())


def _was_one(verdict: Verdict) -> bool:
    """Whether it ended because its two records became one, and not because a field changed or time was over."""
    return bool(verdict.lapsed_at and verdict.lapsed_key and not verdict.lapsed_fields)


def _carry(resource: Resource, said: Verdict, end: Verdict, pair: Pair) -> set[str]:
    if pair == (end.a, end.b):
        return set()
    if pair[0] == pair[1]:
        return _end(end, pair[0])
    if _was_one(end) and said.kind not in _COME_BACK:
        return set()
    made = _about(resource, end, pair)
    if made is None:
        return set()
    made.save()
    end.carried_to = made
    end.save(update_fields=["carried_to"])
    return {end.a, end.b, made.a, made.b}


def _end(end: Verdict, into: str) -> set[str]:
    """The two are one: nothing is left to be said about them."""
    if not end.open:
        return set()
    end.lapsed_at, end.lapsed_key = timezone.now(), end.b if end.a == into else end.a
    end.save(update_fields=["lapsed_at", "lapsed_key"])
    return {end.a, end.b}


def _about(resource: Resource, end: Verdict, pair: Pair) -> Verdict | None:
    """The same words about another pair, given of what the new record holds; None while it is not read yet."""
    salt = end.salt or secrets.token_hex(16)  # retention took it, with all that was made with it
    held = {end.a: (end.label_a, end.digests_a), end.b: (end.label_b, end.digests_b)}
    fresh = [key for key in pair if key not in held]
    read = records.record_in_index(resource, fresh)
    if len(read) < len(fresh):
        return None
    labels = dict(ROWS[resource.slug]._default_manager.filter(key__in=fresh).values_list("key", "label"))
    names = records.frozen(resource).names()
    held |= {key: (labels[key], baseline(names, record, salt)) for key, record in read.items()}
    (label_a, digests_a), (label_b, digests_b) = held[pair[0]], held[pair[1]]
    return Verdict(
        entity=end.entity,
        a=pair[0],
        b=pair[1],
        label_a=label_a,
        label_b=label_b,
        kind=end.kind,
        reason=end.reason,
        by=end.by,
        at=end.at,
        act=end.act,
        until=end.until,
        salt=salt,
        digests_a=digests_a,
        digests_b=digests_b,
    )
