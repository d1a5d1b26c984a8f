"""What a scan found, put into the tables in small portions: others write meanwhile, and most of it is there.

A pair that somebody added by hand stays, whatever its score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backoffice.matching import Facts, Pair, Record, Statistics, fingerprint, normalise
from backoffice.matching.blocking import keys as codes_of
from backoffice.models import Block, Compared, Likeness
from backoffice.models.index import ROWS
from backoffice.resources import Resource
from backoffice.services.duplicates import groups

_PORTION = 250  # records in one transaction
_AT_ONCE = 500  # rows of a statement
_TOGETHER = 2000  # pairs in one transaction
T = TypeVar("T")
# Pairs to their scores, of those that can be compared.
ScoreNow = Callable[[Sequence[tuple[str, str]]], Mapping[tuple[str, str], int]]


@dataclass(frozen=True)
class Seen:
    """A record as it is compared, with what is kept of it."""

    facts: Facts
    codes: frozenset[int]
    fingerprint: str
    digest: str

    @property
    def key(self) -> str:
        return self.facts.id


def seen(record: Record, digest: str, statistics: Statistics) -> Seen:
    facts = normalise(record)
    return Seen(facts, frozenset(codes_of(facts, statistics)), fingerprint(record), digest)


def portions(items: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(items)
    while portion := list(islice(left, size)):
        yield portion


def keep_records(resource: Resource, every: Iterable[Seen], tell: Callable[[int], None]) -> None:
    """Blocks and fingerprints of all these records."""
    done = 0
    for portion in portions(every, _PORTION):
        with transaction.atomic():
            put(resource, portion)
        done += len(portion)
        tell(done)


def put(resource: Resource, some: Sequence[Seen]) -> None:
    """The same for a few, in the transaction of the caller."""
    keys = [each.key for each in some]
    held = {row.key: row for row in Compared.objects.filter(entity=resource.slug, key__in=keys)}
    another = [each for each in some if each.key not in held or not _same(each, held[each.key])]
    Compared.objects.bulk_create(
        [
            Compared(entity=resource.slug, key=each.key, fingerprint=each.fingerprint, digest=each.digest)
            for each in another
        ],
        update_conflicts=True,
        unique_fields=["entity", "key"],
        update_fields=["fingerprint", "digest"],
    )
    _put_blocks(resource, some, keys)


def _same(one: Seen, other: Compared) -> bool:
    return (one.fingerprint, one.digest) == (other.fingerprint, other.digest)


def _put_blocks(resource: Resource, some: Sequence[Seen], keys: Sequence[str]) -> None:
    blocks = Block.objects.filter(entity=resource.slug, key__in=keys)
    there = {(key, code): pk for pk, key, code in blocks.values_list("pk", "key", "code")}
    wanted = {(each.key, code) for each in some for code in each.codes}
    _delete(Block.objects.all(), [pk for pair, pk in there.items() if pair not in wanted])
    _insert_blocks([(resource.slug, code, key) for key, code in sorted(wanted - there.keys())])


def _insert_blocks(rows: Sequence[tuple[str, int, str]]) -> None:
    # A dozen of them for each record: made as objects they took longer than all the rest.
    if rows:
        table = connection.ops.quote_name(Block._meta.db_table)
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} (entity, code, key) VALUES (%s, %s, %s)", rows)  # noqa: S608


def keep_pairs(resource: Resource, pairs: Iterable[Pair], score_now: ScoreNow, about: Q | None = None) -> None:
    """These are the pairs there are, of all records or of those that `about` tells; others go. What was added by
    hand and is found no more stays, by hand alone, with its score of today (`score_now`; none: as it was)."""
    now = timezone.now()
    rows = Likeness.objects.filter(about or Q(), entity=resource.slug)
    there = {
        (a, b): (pk, score, tier, added)
        for pk, a, b, score, tier, added in rows.values_list("pk", "a", "b", "score", "tier", "added_by")
    }
    wanted = {(pair.a, pair.b): pair for pair in pairs}
    _delete(
        Likeness.objects.filter(added_by=None),
        [pk for names, (pk, _score, _tier, added) in there.items() if names not in wanted and added is None],
    )
    _leave_to_hands(rows, [names for names, held in there.items() if names not in wanted and held[3]], score_now)
    new = [
        pair
        for names, pair in sorted(wanted.items())
        if names not in there or there[names][1:3] != (pair.score, pair.tier)
    ]
    for portion in portions(new, _TOGETHER):
        with transaction.atomic():
            groups.hold(resource)
            _put_pairs(resource, portion, now)


def _leave_to_hands(rows: QuerySet[Likeness], pairs: Sequence[tuple[str, str]], score_now: ScoreNow) -> None:
    scores = score_now(pairs) if pairs else {}
    for a, b in pairs:
        held = rows.filter(a=a, b=b)
        held.exclude(tier="").update(tier="")
        if (a, b) in scores:
            held.exclude(score=scores[a, b]).update(score=scores[a, b])


def _put_pairs(resource: Resource, pairs: Sequence[Pair], now: datetime) -> None:
    Likeness.objects.bulk_create(
        [
            Likeness(entity=resource.slug, a=pair.a, b=pair.b, score=pair.score, tier=pair.tier, found_at=now)
            for pair in pairs
        ],
        batch_size=_AT_ONCE,
        update_conflicts=True,
        unique_fields=["entity", "a", "b"],
        update_fields=["score", "tier"],
    )


def gone(resource: Resource) -> list[str]:
    """Records that were compared and are in the index no more."""
    there = ROWS[resource.slug]._default_manager.filter(key=OuterRef("key"))
    left = Compared.objects.filter(~Exists(there), entity=resource.slug)
    return list(left.order_by("key").values_list("key", flat=True))


def drop(resource: Resource, keys: Sequence[str]) -> None:
    """Forget what was kept of these records, and their pairs but for those added by hand."""
    for portion in portions(keys, _AT_ONCE):
        mine = Q(entity=resource.slug)
        with transaction.atomic():
            Compared.objects.filter(mine, key__in=portion).delete()
            Block.objects.filter(mine, key__in=portion).delete()
            Likeness.objects.filter(mine, Q(a__in=portion) | Q(b__in=portion), added_by=None).delete()


def _delete(rows: QuerySet[Any], numbers: Sequence[int]) -> None:
    for portion in portions(numbers, _AT_ONCE):
        rows.filter(pk__in=portion).delete()
