"""What is remembered of verdicts when records change: which of them still hold, and about which numbers.

A verdict ends when an identifying field of either record holds something else, unless a merge of ours wrote that.
It follows a record to the number that a merge or a restore gave it. That records are read otherwise from a scan on
(a list of countries is known, a field is left out) ends none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.matching import Record
from backoffice.models import Outcome, Step, Verb, Verdict, VerdictKind
from backoffice.resources import Resource
from backoffice.services.duplicates import groups, records
from backoffice.services.duplicates.carrying import carry
from backoffice.services.duplicates.digests import baseline, differing, digest
from backoffice.services.duplicates.records import Context, Frozen
from backoffice.services.duplicates.said import portions, touching

_AT_ONCE = 100  # verdicts written at once
_WRITERS = ("merge", "restore")  # kinds of jobs whose writes do not tell another story about a record


def refresh(resource: Resource, keys: Collection[str] | None = None) -> None:
    """These records (None: any, as `refresh_all`) changed, came or went: what was said of them is looked at, the
    groups are made."""
    if keys is None:
        refresh_all(resource)
        return
    with transaction.atomic():
        groups.hold(resource)
        touched = carry(resource) | _over(resource) | changed(resource, keys)
        groups.rebuild(resource, {*keys, *touched})


def refresh_all(resource: Resource, under: Frozen | None = None, look: Callable[[], None] = lambda: None) -> None:
    """The same of all records, in portions: see groups.rebuild_all. Broken off it is begun anew."""
    with transaction.atomic():
        groups.hold(resource)
        carry(resource)
        _over(resource)
    rows = Verdict.objects.open().filter(entity=resource.slug)
    for some in portions(sorted({key for pair in rows.values_list("a", "b") for key in pair})):
        look()
        with transaction.atomic():
            groups.hold(resource)
            changed(resource, some)
    groups.rebuild_all(resource, under, look)


@transaction.atomic
def look(resource: Resource) -> bool:
    """What comes about without a record being read: "later" is over, a number became another. Whether anything."""
    groups.hold(resource)
    touched = carry(resource) | _over(resource)
    if touched:
        groups.rebuild(resource, touched)
    return bool(touched)


def _over(resource: Resource) -> set[str]:
    """End what was put off until now."""
    rows = Verdict.objects.open().filter(entity=resource.slug, kind=VerdictKind.LATER, until__lte=timezone.now())
    met = {key for pair in rows.values_list("a", "b") for key in pair}
    rows.update(lapsed_at=timezone.now())
    return met


def read_otherwise(resource: Resource, context: Context) -> set[str]:
    """Records are about to be read under another context: what holds until then is taken as given of what is
    read from then on. A field that was left out until then is compared with what it held before that.

    In a transaction; the keys of the pairs whose verdicts end.
    """
    before, after = records.frozen(resource), Frozen(resource, context)
    if before.context == context:
        return set()
    groups.hold(resource)
    carry(resource)
    met = changed(resource)
    anew, writes = _Anew(before, after), _Writes(after)
    for some in portions(Verdict.objects.open().filter(entity=resource.slug).order_by("pk")):
        now = after.records(sorted({key for verdict in some for key in (verdict.a, verdict.b)}))
        met |= {key for verdict in some if anew.ends(verdict, now, writes) for key in (verdict.a, verdict.b)}
        others = [verdict for verdict in some if verdict.lapsed_at is None and anew.take(verdict, now)]
        Verdict.objects.bulk_update(others, ["digests_a", "digests_b"], batch_size=_AT_ONCE)
    return met


class _Anew:
    """What becomes of digests where records are read otherwise.

    One of a field that is left out now stands for what it held until then, as long as it can be compared one day:
    with what is read from the same fields by the same codes.
    """

    def __init__(self, before: Frozen, after: Frozen) -> None:
        names = {item.matchable for item in after.resource.fields if item.matchable}
        alike = {name for name in names if before.codes_of(name) == after.codes_of(name)}
        self.names = after.names()
        self.compared = {n for n in self.names & alike if not before.told_by(n) and after.tells_all(n)}
        as_before = {name for name in alike if before.told_by(name) == after.told_by(name)}
        self.taken = self.names - self.compared - as_before
        kept = {name for name in alike if before.tells_all(name) or not before.told_by(name)}
        self.dropped = {name for name in names - kept if not after.told_by(name)}

    def ends(self, verdict: Verdict, now: Mapping[str, Record], writes: _Writes) -> bool:
        """Whether the verdict ends by what comes to light."""
        return any(
            _compare(verdict, side, now[key], self.compared, writes)
            for side, key in (("a", verdict.a), ("b", verdict.b))
            if key in now and verdict.lapsed_at is None
        )

    def take(self, verdict: Verdict, now: Mapping[str, Record]) -> bool:
        """Have it stand for what is read from now on, not saved yet; whether that is anything else."""
        was = (verdict.digests_a, verdict.digests_b)
        # Without any digests nothing ends it: retention took them.
        if verdict.a in now and verdict.digests_a:
            verdict.digests_a = self._of(verdict.digests_a, now[verdict.a], verdict.salt)
        if verdict.b in now and verdict.digests_b:
            verdict.digests_b = self._of(verdict.digests_b, now[verdict.b], verdict.salt)
        return was != (verdict.digests_a, verdict.digests_b)

    def _of(self, held: Mapping[str, str], record: Record, salt: str) -> dict[str, str]:
        left = {name: digest for name, digest in held.items() if name not in self.dropped}
        return left | baseline(self.taken | (self.names - held.keys()), record, salt)


def changed(resource: Resource, keys: Collection[str] | None = None) -> set[str]:
    """End verdicts about these records (None: all) that were given of something else; the keys of their pairs.

    What a merge of ours wrote into a record is taken as what the verdict was given of.
    """
    rows = Verdict.objects.open().filter(entity=resource.slug).order_by("pk")
    found = list(rows) if keys is None else [verdict for some in touching(rows, keys) for verdict in some]
    wanted = {key for verdict in found for key in (verdict.a, verdict.b)}
    now = _read(resource, wanted if keys is None else wanted & set(keys))
    met: set[str] = set()
    under = records.frozen(resource)
    writes, names = _Writes(under), under.names()
    for verdict in {verdict.pk: verdict for verdict in found}.values():
        for side, key in (("a", verdict.a), ("b", verdict.b)):
            if key in now and verdict.lapsed_at is None and _compare(verdict, side, now[key], names, writes):
                met |= {verdict.a, verdict.b}
    return met


def _read(resource: Resource, keys: Collection[str]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for some in portions(sorted(keys)):
        found |= records.record_in_index(resource, some)
    return found


def _compare(verdict: Verdict, side: str, record: Record, names: Collection[str], writes: _Writes) -> bool:
    """Whether the verdict ends with what one of its records holds now."""
    column = f"digests_{side}"
    held: dict[str, str] = getattr(verdict, column)
    other = differing(names, record, held, verdict.salt)
    left = [name for name in other if not writes.explain(record, name, held[name], verdict)]
    if left:
        verdict.lapsed_at, verdict.lapsed_key, verdict.lapsed_fields = timezone.now(), record.id, left
        verdict.save(update_fields=["lapsed_at", "lapsed_key", "lapsed_fields"])
    elif other:
        setattr(verdict, column, held | {name: digest(record, name, verdict.salt) for name in other})
        verdict.save(update_fields=[column])
    return bool(left)


@dataclass
class _Writes:
    """What merges and restores wrote into records, read (`under`) when it is first asked for."""

    under: Frozen

    def __post_init__(self) -> None:
        self._known: dict[str, list[tuple[datetime, Record, Record]]] = {}

    def explain(self, record: Record, name: str, before: str, verdict: Verdict) -> bool:
        """Whether writes of ours since the verdict lead from what a field held (`before`) to what it holds now."""
        salt = verdict.salt
        for at, old, new in self._of(record.id):
            if at > verdict.at and digest(old, name, salt) == before:
                before = digest(new, name, salt)
        return before == digest(record, name, salt)

    def _of(self, key: str) -> list[tuple[datetime, Record, Record]]:
        """(when, before, after) of each write into a record, in order."""
        if key not in self._known:
            steps = Step.objects.filter(entity=self.under.resource.slug, phase__job__kind__in=_WRITERS)
            steps = steps.filter(outcome__in=(Outcome.CHANGED, Outcome.MERGED, Outcome.ALREADY))
            own = steps.filter(key=key, verb=Verb.UPDATE) | steps.filter(context__into=key, verb=Verb.MERGE)
            own = own.order_by("finished_at", "pk")
            copies = [(step.finished_at, *_copies(step)) for step in own if step.finished_at]
            self._known[key] = [
                (at, self.under.record(key, old), self.under.record(key, new)) for at, old, new in copies if new
            ]
        return self._known[key]


def _copies(step: Step) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if step.verb == Verb.UPDATE:
        return step.before or {}, step.after or {}
    return step.context.get("survivor") or {}, step.context.get("survivor_after") or {}
