"""Whether a verdict contradicts earlier ones: A is B and B is C, so A cannot be told apart from C."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backoffice.models import TOLD_APART, Verdict, VerdictKind
from backoffice.resources import Resource
from backoffice.services import mapping
from backoffice.services.duplicates.said import Pair, pair_of, touching

MERGED = "merged"


@dataclass(frozen=True)
class Link:
    """One part of a chain: what was said of two records, by whom (a name to sign in with) and when; or that `a`
    was merged into `b` (kind "merged"). `verdict`: the id of the one to be taken back, None of a merge."""

    a: str
    b: str
    label_a: str
    label_b: str
    kind: str
    by: str
    at: datetime
    verdict: int | None = None


class Contradiction(Exception):
    """What was to be said cannot be true beside `chain`, the earlier verdicts that stand against it."""

    def __init__(self, chain: Sequence[Link]) -> None:
        super().__init__(" ".join(f"{link.a} {link.kind} {link.b}" for link in chain))
        self.chain = chain


def refuse_contradiction(resource: Resource, kind: str, pairs: Sequence[Pair]) -> None:
    """Raise Contradiction where these pairs cannot all be of this kind. Apart and later contradict nothing."""
    if kind not in (VerdictKind.SAME, *TOLD_APART):
        return
    claims = _claims(resource, {key for pair in pairs for key in pair})
    for pair in pairs:
        against = claims.against_same(pair) if kind == VerdictKind.SAME else claims.way(*pair)
        if against is not None:
            raise Contradiction([link for verdict in against for link in _links(resource, verdict)])
        if kind == VerdictKind.SAME:
            claims.join(pair, None)


@dataclass
class _Claims:
    """Open verdicts as a graph: `same` leads from a record to those that are the same, by None where that is what
    is about to be said."""

    same: dict[str, list[tuple[str, Verdict | None]]] = field(default_factory=dict)
    apart: dict[Pair, Verdict] = field(default_factory=dict)

    def join(self, pair: Pair, verdict: Verdict | None) -> None:
        for one, other in (pair, pair[::-1]):
            self.same.setdefault(one, []).append((other, verdict))

    def way(self, start: str, end: str) -> list[Verdict] | None:
        """The fewest verdicts by which the two are the same; None where they are not."""
        return self._ways(start).get(end)

    def against_same(self, pair: Pair) -> list[Verdict] | None:
        """The verdicts against making one of all that is the same as either."""
        ours, theirs = self._ways(pair[0]), self._ways(pair[1])
        if pair[1] in ours:
            return None
        found = [
            [*way, self.apart[pair_of(one, other)], *reversed(back)]
            for one, way in ours.items()
            for other, back in theirs.items()
            if pair_of(one, other) in self.apart
        ]
        return min(found, key=len, default=None)

    def _ways(self, start: str) -> dict[str, list[Verdict]]:
        """From a record to all that are the same, with the verdicts in between."""
        ways: dict[str, list[Verdict]] = {start: []}
        left = deque([start])
        while left:
            one = left.popleft()
            for other, verdict in self.same.get(one, ()):
                if other not in ways:
                    ways[other] = [*ways[one], verdict] if verdict else ways[one]
                    left.append(other)
        return ways


def _claims(resource: Resource, keys: Collection[str]) -> _Claims:
    """What was said about these records and about those that are the same as they are."""
    claims, seen, fresh = _Claims(), set[str](), set(keys)
    rows = Verdict.objects.open().filter(entity=resource.slug).select_related("by").order_by("pk")
    known: set[int] = set()
    while fresh:
        seen |= fresh
        met: set[str] = set()
        for some in touching(rows.filter(kind=VerdictKind.SAME), fresh):
            for verdict in some:
                met |= {verdict.a, verdict.b}
                if verdict.pk not in known:
                    known.add(verdict.pk)
                    claims.join((verdict.a, verdict.b), verdict)
        fresh = met - seen
    for some in touching(rows.filter(kind__in=TOLD_APART), seen):
        claims.apart |= {(verdict.a, verdict.b): verdict for verdict in some}
    return claims


def _links(resource: Resource, verdict: Verdict) -> list[Link]:
    """As it was said; with the merges since, where it was said about numbers that are others now."""
    said = verdict
    while before := said.carried_from.select_related("by").order_by("pk").first():
        said = before
    name = verdict.by.get_username()
    own = Link(said.a, said.b, said.label_a, said.label_b, said.kind, name, said.at, verdict.pk)
    if said == verdict:
        return [own]
    moved = [each for each in mapping.mapping() if each.old in (said.a, said.b)]
    labels = {verdict.a: verdict.label_a, verdict.b: verdict.label_b}
    merges = [
        Link(each.old, each.new, each.label, labels.get(each.new, each.new), MERGED, each.by, each.at)
        for each in moved
    ]
    return [own, *merges]
