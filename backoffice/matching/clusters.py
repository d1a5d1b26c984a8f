"""From pairs to groups: the surest first, never too large, never through contradicting numbers or verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from backoffice.matching.normalise import Facts
from backoffice.matching.pairs import Pair
from backoffice.matching.validity import contradicting

Apart = Literal["", "size", "tax_id", "verdict"]


@dataclass(frozen=True, slots=True)
class Group:
    """Records that look like one, with the pairs between them, highest score first; members by id.

    apart says why a pair of two other groups is shown by itself: joining them would make a group that is too large
    ("size"), or bring together two contradicting tax numbers ("tax_id") or two records of which somebody said that
    they are not to be together ("verdict"). Other groups have "".
    """

    members: tuple[str, ...]
    pairs: tuple[Pair, ...]
    apart: Apart = ""

    @property
    def score(self) -> int:
        """The highest score of its pairs, in hundredths."""
        return self.pairs[0].score


def grouped(
    pairs: Iterable[Pair],
    facts: Mapping[str, Facts],
    *,
    cap: int = 30,
    barred: Collection[tuple[str, str]] = (),
) -> list[Group]:
    """Groups of at most `cap` members, ordered by score and members. Each pair is in exactly one group.

    facts: the records of the pairs by id; one that is missing has no tax number. barred: records that must not
    come together, as (a, b) in either order; a pair that is barred itself is in no group.
    """
    joined = _Joined(facts, cap, barred)
    allowed = (pair for pair in pairs if pair.b not in joined.barred.get(pair.a, ()))
    ordered = sorted(allowed, key=lambda pair: (-pair.score, pair.a, pair.b))
    apart: list[Group] = []
    inside: list[Pair] = []
    for pair in ordered:
        why = joined.join(pair)
        if why:
            apart.append(Group((pair.a, pair.b), (pair,), why))
        else:
            inside.append(pair)
    together: dict[str, list[Pair]] = {}
    for pair in inside:
        together.setdefault(joined.root(pair.a), []).append(pair)
    groups = [Group(tuple(sorted(joined.members[root])), tuple(found)) for root, found in together.items()]
    return sorted([*groups, *apart], key=lambda group: (-group.score, group.members))


class _Joined:
    """Union-find with guards."""

    def __init__(self, facts: Mapping[str, Facts], cap: int, barred: Collection[tuple[str, str]]) -> None:
        self.facts, self.cap = facts, cap
        self.barred: dict[str, set[str]] = {}
        for a, b in barred:
            self.barred.setdefault(a, set()).add(b)
            self.barred.setdefault(b, set()).add(a)
        self.parents: dict[str, str] = {}
        self.members: dict[str, list[str]] = {}

    def root(self, name: str) -> str:
        while (parent := self.parents.get(name, name)) != name:
            self.parents[name] = self.parents.get(parent, parent)
            name = parent
        return name

    def join(self, pair: Pair) -> Apart:
        ours, theirs = self.root(pair.a), self.root(pair.b)
        if ours == theirs:
            return ""
        left, right = self.members.get(ours, [ours]), self.members.get(theirs, [theirs])
        if any(not self.barred[name].isdisjoint(right) for name in left if name in self.barred):
            return "verdict"
        if len(left) + len(right) > self.cap:
            return "size"
        if self._contradict(left, right):
            return "tax_id"
        self.parents[theirs] = ours
        self.members[ours] = left + right
        self.members.pop(theirs, None)
        return ""

    def _contradict(self, left: list[str], right: list[str]) -> bool:
        ours = [found for found in map(self.facts.get, left) if found and found.tax_id]
        theirs = [found for found in map(self.facts.get, right) if found and found.tax_id]
        return any(contradicting(one, other) for one in ours for other in theirs)
