"""What people said about pairs, as the groups need it: verdicts by pair, and what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.models import TOLD_APART, GroupState, Likeness, Verdict, VerdictKind

Pair = tuple[str, str]
T = TypeVar("T")
_AT_ONCE = 400  # values in one query


def pair_of(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def portions(items: Iterable[T], size: int = _AT_ONCE) -> Iterator[list[T]]:
    every = list(items)
    return (every[start : start + size] for start in range(0, len(every), size))


def touching(rows: QuerySet[Any], keys: Collection[str]) -> Iterator[QuerySet[Any]]:
    """The rows of pairs in which one of these keys stands; one with two of them comes twice."""
    for some in portions(sorted(keys)):
        # Not one condition with "or": databases would rather look at every row.
        yield rows.filter(a__in=some)
        yield rows.filter(b__in=some)


def said_since(entity: str, moment: datetime) -> set[str]:
    """The records about which somebody said or took back something, or which were added by hand."""
    since = Q(at__gte=moment) | Q(withdrawn_at__gte=moment)
    said = Verdict.objects.filter(since, entity=entity).values_list("a", "b")
    added = Likeness.objects.filter(entity=entity, found_at__gte=moment).exclude(added_by=None)
    return {key for pair in (*said, *added.values_list("a", "b")) for key in pair}


@dataclass(frozen=True)
class Word:
    """One verdict that was neither taken back nor carried on; `lapsed` where a change ended it, in `fields`."""

    kind: str
    lapsed: bool
    fields: Sequence[str] = ()


@dataclass
class Said:
    """The words about each pair, oldest first; those about the same records join in `same`."""

    words: dict[Pair, list[Word]] = field(default_factory=dict)
    _taken: set[int] = field(default_factory=set)

    def take(self, rows: QuerySet[Verdict], now: datetime | None = None) -> None:
        """Verdicts out of `rows`; those taken before are not taken twice."""
        now = now or timezone.now()
        found = rows.filter(withdrawn_at=None, carried_to=None).order_by("pk")
        for pk, a, b, kind, until, lapsed, fields in found.values_list(
            "pk", "a", "b", "kind", "until", "lapsed_at", "lapsed_fields"
        ):
            over = lapsed is not None or (kind == VerdictKind.LATER and until is not None and until <= now)
            if pk not in self._taken:
                self._taken.add(pk)
                self.words.setdefault((a, b), []).append(Word(kind, over, tuple(fields)))

    def kinds(self, pair: Pair) -> list[str]:
        """What holds, the newest last."""
        return [word.kind for word in self.words.get(pair, ()) if not word.lapsed]

    def barred(self, pair: Pair) -> bool:
        """Whether the two must not come together."""
        kinds = self.kinds(pair)
        return not TOLD_APART.isdisjoint(kinds) or kinds[-1:] == [VerdictKind.APART]

    def barred_pairs(self) -> list[Pair]:
        return [pair for pair in self.words if self.barred(pair)]

    def same(self) -> Joined:
        return Joined(pair for pair in self.words if VerdictKind.SAME in self.kinds(pair))

    def state(self, pair: Pair, same: Joined) -> str:
        if self.kinds(pair)[-1:] == [VerdictKind.LATER]:
            return GroupState.LATER
        return GroupState.DECIDED if same.together(*pair) else GroupState.OPEN

    def returned(self, pair: Pair) -> Sequence[str]:
        """The fields whose change brought a pair back about which nothing was said since."""
        words = self.words.get(pair, ())
        return words[-1].fields if words and words[-1].lapsed else ()


class Joined:
    """Which keys hang together by some pairs."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._parents: dict[str, str] = {}
        for a, b in pairs:
            self._parents[self.root(a)] = self.root(b)

    def root(self, key: str) -> str:
        while (parent := self._parents.get(key, key)) != key:
            self._parents[key] = self._parents.get(parent, parent)
            key = parent
        return key

    def together(self, *keys: str) -> bool:
        return len({self.root(key) for key in keys}) == 1
