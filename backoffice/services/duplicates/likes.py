"""Which records look like this one, and why two look like one: from the index and the tables, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.matching import Contribution, Explanation, Facts, Pair, Record, Statistics, explain
from backoffice.matching.pairs import judge
from backoffice.matching.scoring import Tier
from backoffice.models import Block
from backoffice.resources import Resource
from backoffice.services.duplicates.keeping import Seen, seen
from backoffice.services.duplicates.records import Frozen, frozen
from backoffice.services.duplicates.words import field_label, in_words, sentence


@dataclass(frozen=True)
class Line:
    """One contribution to a score, in words; `weight` in hundredths. `raw` and `normalised` are of (a, b)."""

    field_label: str
    words: str
    weight: int
    raw: tuple[str, str]
    normalised: tuple[str, str]

    @property
    def speaks_for(self) -> bool:
        return self.weight > 0


@dataclass(frozen=True)
class Explained:
    """Why two records have their score: the lines sum to it. `contradictions` in words, outweighed or not.

    What weighs nothing is no line.
    """

    a: str
    b: str
    score: int
    threshold: int
    tier: Tier
    contributions: Sequence[Line]
    contradictions: Sequence[str]


@dataclass(frozen=True)
class Like:
    """A record that looks like the one in question; `reasons` are what speaks for it, the strongest first.

    `label` is its name.
    """

    key: str
    label: str
    score: int
    tier: Tier
    reasons: Sequence[str]
    explanation: Explanation


def explained(resource: Resource, a: str, b: str) -> Explained | None:
    """None where the index does not hold both. `a` and `b` stand as they are given."""
    under = frozen(resource)
    held = under.records([a, b])
    if not {a, b} <= held.keys():
        return None
    return explained_by(resource, under.statistics, held[a], held[b])


def explained_by(resource: Resource, statistics: Statistics, one: Record, other: Record) -> Explained:
    """The account of two records at hand."""
    found = explain(one, other, statistics)
    return Explained(
        a=one.id,
        b=other.id,
        score=found.score,
        threshold=found.threshold,
        tier=found.tier,
        contributions=[line(resource, each) for each in found.contributions if each.weight],
        contradictions=[sentence(code) for code in found.contradictions],
    )


def line(resource: Resource, found: Contribution) -> Line:
    return Line(
        field_label(resource, found.field), sentence(found.code), found.weight, found.raw, found.normalised
    )


def like(resource: Resource, values: Mapping[str, Any], *, leave_out: str = "", most: int = 5) -> list[Like]:
    """Records that look like one with these values, the most alike first; none before the first scan."""
    under = frozen(resource)
    if under.scan is None:
        return []
    record = under.record(leave_out, values)
    one = seen(record, "", under.statistics)
    pairs = sorted(pairs_of(under, [one])[one.key], key=lambda pair: (-pair.score, pair.a, pair.b))[:most]
    others = [pair.b if pair.a == one.key else pair.a for pair in pairs]
    held = under.records(others)
    found = []
    for pair, key in zip(pairs, others, strict=True):
        if key in held:
            explanation = explain(record, held[key], under.statistics)
            speaking, _against = in_words(explanation)
            label = held[key].name or key
            found.append(Like(key, label, pair.score, pair.tier, speaking, explanation))
    return found


def pairs_of(under: Frozen, some: Sequence[Seen]) -> dict[str, list[Pair]]:
    """The pairs of each of these records with all others, as a full scan under the same statistics finds them.

    Of the others what the tables hold counts, of these what is given: they need not be there.
    """
    ours = {each.key: each for each in some}
    meeting = _meeting(under.resource, ours)
    strangers = sorted(set().union(*meeting.values()) - ours.keys())
    theirs = {record.id: seen(record, digest, under.statistics).facts for record, digest in under.held(strangers)}
    return {
        key: list(
            _judged(each.facts, (_facts(ours, theirs, other) for other in sorted(meeting[key])), under.statistics)
        )
        for key, each in ours.items()
    }


def _meeting(resource: Resource, ours: Mapping[str, Seen]) -> dict[str, set[str]]:
    """Who shares a block with each of them."""
    holders: dict[int, set[str]] = {}
    for each in ours.values():
        for code in each.codes:
            holders.setdefault(code, set()).add(each.key)
    there: dict[int, set[str]] = {code: set(keys) for code, keys in holders.items()}
    blocks = Block.objects.filter(entity=resource.slug)
    codes = sorted(holders)
    for start in range(0, len(codes), 500):
        for code, key in blocks.filter(code__in=codes[start : start + 500]).values_list("code", "key"):
            if key not in ours:
                there[code].add(key)
    return {key: set().union(*(there[code] for code in each.codes)) - {key} for key, each in ours.items()}


def _facts(ours: Mapping[str, Seen], theirs: Mapping[str, Facts], key: str) -> Facts | None:
    return ours[key].facts if key in ours else theirs.get(key)


def _judged(one: Facts, others: Iterable[Facts | None], statistics: Statistics) -> Iterable[Pair]:
    for other in others:
        if other is not None and (pair := judge(one, other, statistics, statistics.threshold)):
            yield pair
