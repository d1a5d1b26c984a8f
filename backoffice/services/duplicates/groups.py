"""The groups of the queue, made of the pairs that were found, of what people said, and of the records there are.

They can be made anew at any time, all of them or those around some records, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from backoffice import matching
from backoffice.models import DuplicateGroup, GroupMember, GroupState, Likeness, Snapshot, Verdict
from backoffice.models.index import ROWS, column
from backoffice.resources import Resource
from backoffice.services.duplicates import records, uses
from backoffice.services.duplicates.records import Frozen
from backoffice.services.duplicates.said import Joined, Pair, Said, pair_of, portions, touching

CAP = 30  # members of a group
PART = 300  # records whose groups are made in one transaction, if no more hang together
_TYPE = "type"
_AT_ONCE = 500
_TELLS = ("state", "score", "tier", "size", "uses", "apart", "returned")  # of a group; what may change
_SHOWS = ("label", "type", "has_logo", "uses", "search")  # of a member


def hold(resource: Resource) -> None:
    """Within a transaction: nobody else makes groups of this entity, or says something about its records."""
    Snapshot.objects.get_or_create(entity=resource.slug)
    Snapshot.objects.select_for_update().get(entity=resource.slug)


def rebuild(resource: Resource, keys: Collection[str] | None = None) -> None:
    """Make the groups anew: all (`rebuild_all`), or at once those of these records and whatever hangs together
    with them.

    A group whose members are the same keeps its row. What is not in the index is in no group.
    """
    if keys is None:
        rebuild_all(resource)
        return
    with transaction.atomic():
        hold(resource)
        _planned(resource, keys, records.frozen(resource)).write()


def rebuild_all(resource: Resource, under: Frozen | None = None, look: Callable[[], None] = lambda: None) -> None:
    """Make all groups anew, part by part: others write in between, and where nothing differs nobody waits.

    Records are read under `under`, else under the scan in force. `look` is called between two parts and ends it by
    raising. What is said meanwhile counts: each part is worked out again where it is written.
    """
    under = under or records.frozen(resource)
    for keys in _parts(resource):
        look()
        if _planned(resource, keys, under).differs:
            with transaction.atomic():
                hold(resource)
                _planned(resource, keys, under).write()


def _parts(resource: Resource) -> Iterator[set[str]]:
    """Every record that is in a pair or a group, some hundred at a time; what hangs together comes at once."""
    pairs: list[Pair] = list(Likeness.objects.filter(entity=resource.slug).values_list("a", "b"))
    first: dict[object, str] = {}
    for group, key in GroupMember.objects.filter(group__entity=resource.slug).values_list("group", "key"):
        pairs.append((first.setdefault(group, key), key))
    joined, together = Joined(pairs), dict[str, set[str]]()
    for pair in pairs:
        together.setdefault(joined.root(pair[0]), set()).update(pair)
    part = set[str]()
    for keys in together.values():
        part |= keys
        if len(part) >= PART:
            yield part
            part = set()
    if part:
        yield part


def recount(resource: Resource, stop: Callable[[], bool] = lambda: False) -> int:
    """Have the groups tell how often their members are used by now; how many members told another number.

    What differs is found without keeping others from writing, and written in portions.
    """
    found = uses.differing(resource)
    for some in portions(sorted(found)):
        if stop():
            break
        with transaction.atomic():
            hold(resource)
            _use(some, found)
    return len(found)


def _use(members: Collection[int], found: Mapping[int, int | None]) -> None:
    held = list(GroupMember.objects.filter(pk__in=members).order_by("pk"))
    for member in held:
        member.uses = found[member.pk]
    GroupMember.objects.bulk_update(held, ["uses"], batch_size=_AT_ONCE // 5)
    theirs = DuplicateGroup.objects.filter(pk__in={member.group_id for member in held})
    groups = list(theirs.prefetch_related("members").order_by("pk"))
    for group in groups:
        group.uses = uses.total(member.uses for member in group.members.all())
    DuplicateGroup.objects.bulk_update(groups, ["uses"], batch_size=_AT_ONCE // 5)


@dataclass
class _Region:
    """Pairs that hang together, what was said about them, and the groups that they are in so far."""

    keys: set[str] = field(default_factory=set)
    pairs: dict[Pair, matching.Pair] = field(default_factory=dict)
    said: Said = field(default_factory=Said)
    groups: list[DuplicateGroup] = field(default_factory=list)

    def take(self, rows: Iterable[tuple[str, str, int, str]]) -> set[str]:
        """Pairs out of the table, but for those that are barred; their keys."""
        met: set[str] = set()
        for a, b, score, tier in rows:
            if not self.said.barred((a, b)):
                self.pairs[a, b] = matching.Pair(a, b, score, cast("matching.Tier", tier))
                met |= {a, b}
        return met

    def take_groups(self, resource: Resource, keys: Collection[str]) -> set[str]:
        """The groups that these are in, once each; the keys of all their members."""
        known, met = {group.pk for group in self.groups}, set[str]()
        mine = DuplicateGroup.objects.filter(entity=resource.slug).prefetch_related("members")
        for some in portions(sorted(keys)):
            for group in mine.filter(pk__in=GroupMember.objects.filter(key__in=some).values("group")):
                met |= {member.key for member in group.members.all()}
                if group.pk not in known:
                    known.add(group.pk)
                    self.groups.append(group)
        return met


_PAIR = ("a", "b", "score", "tier")


def _around(resource: Resource, keys: Collection[str]) -> _Region:
    """What hangs together with these records by pairs that nobody told apart, or did when the groups were made."""
    region, fresh = _Region(), set(keys)
    while fresh:
        beside = fresh
        while beside := region.take_groups(resource, beside) - fresh - region.keys:
            fresh |= beside
        region.keys |= fresh
        met: set[str] = set()
        for rows in touching(Verdict.objects.filter(entity=resource.slug), fresh):
            region.said.take(rows)
        for rows in touching(Likeness.objects.filter(entity=resource.slug), fresh):
            met |= region.take(rows.values_list(*_PAIR))
        fresh = met - region.keys
    return region


@dataclass(frozen=True)
class Row:
    """What the queue needs of a record in the index."""

    key: str
    label: str
    iri: str
    search: str
    type: str
    has_logo: bool


def _rows(resource: Resource, keys: Collection[str]) -> dict[str, Row]:
    extra = [name for name in (_TYPE, resource.image_field) if name in resource.by_name]
    names = ["key", "label", "iri", "search", *map(column, extra)]
    found: dict[str, Row] = {}
    for some in portions(sorted(keys)):
        for row in ROWS[resource.slug]._default_manager.filter(key__in=some).values(*names):
            of: Any = {name: row[column(name)] for name in extra}
            found[row["key"]] = Row(
                row["key"],
                row["label"],
                row["iri"],
                row["search"],
                str(of.get(_TYPE) or "")[:100],
                bool(of.get(resource.image_field)),
            )
    return found


def _facts(under: Frozen, keys: Collection[str]) -> Mapping[str, matching.Facts]:
    """Only tax numbers are looked at when groups are made."""
    if not any(item.matchable == "tax_id" for item in under.fields):
        return {}
    held = under.records(sorted(keys))
    return {key: matching.normalise(record) for key, record in held.items() if record.tax_id}


def _planned(resource: Resource, keys: Collection[str], under: Frozen) -> _Plan:
    region = _around(resource, keys)
    rows = _rows(resource, region.keys)
    pairs = [pair for pair in region.pairs.values() if pair.a in rows and pair.b in rows]
    facts = _facts(under, {key for pair in pairs for key in (pair.a, pair.b)})
    plan = _Plan(resource, region, rows)
    plan.take(matching.grouped(pairs, facts, cap=CAP, barred=region.said.barred_pairs()))
    return plan


class _Plan:
    """Groups in the place of those there are: what has to be written. Rows in one order, as others may wait."""

    def __init__(self, resource: Resource, region: _Region, rows: Mapping[str, Row]) -> None:
        self.resource, self.said, self.rows = resource, region.said, rows
        self.same, self.now = region.said.same(), timezone.now()
        self.old = {frozenset(member.key for member in group.members.all()): group for group in region.groups}
        self.gone: list[DuplicateGroup] = []
        self.new: list[tuple[DuplicateGroup, list[GroupMember]]] = []
        self.told: list[DuplicateGroup] = []
        self.shown: list[GroupMember] = []

    @property
    def differs(self) -> bool:
        return bool(self.gone or self.new or self.told or self.shown)

    def take(self, found: Sequence[matching.Group]) -> None:
        used = uses.counted(self.resource, [self.rows[key].iri for group in found for key in group.members])
        kept = set[frozenset[str]]()
        for each in found:
            members = [self._member(self.rows[key], used) for key in each.members]
            group, keys = self._group(each, members), frozenset(each.members)
            if keys in self.old:
                kept.add(keys)
                self._compare(self.old[keys], group, members)
            else:
                self.new.append((group, members))
        self.gone = [group for keys, group in self.old.items() if keys not in kept]

    def _compare(self, held: DuplicateGroup, group: DuplicateGroup, members: Sequence[GroupMember]) -> None:
        if _take(held, group, _TELLS):
            self.told.append(held)
        there = {member.key: member for member in held.members.all()}
        self.shown += [there[each.key] for each in members if _take(there[each.key], each, _SHOWS)]

    def write(self) -> None:
        for some in portions(sorted(group.pk for group in self.gone)):
            GroupMember.objects.filter(group__in=some).delete()
            DuplicateGroup.objects.filter(pk__in=some).delete()
        self.told.sort(key=lambda group: group.pk)
        self.shown.sort(key=lambda member: member.pk)
        DuplicateGroup.objects.bulk_update(self.told, _TELLS, batch_size=_AT_ONCE // 5)
        GroupMember.objects.bulk_update(self.shown, _SHOWS, batch_size=_AT_ONCE // 5)
        DuplicateGroup.objects.bulk_create([group for group, _members in self.new], batch_size=_AT_ONCE)
        for group, members in self.new:
            for member in members:
                member.group = group
        GroupMember.objects.bulk_create(
            [member for _group, members in self.new for member in members], batch_size=_AT_ONCE
        )

    def _group(self, group: matching.Group, members: Sequence[GroupMember]) -> DuplicateGroup:
        pairs = [pair_of(pair.a, pair.b) for pair in group.pairs]
        sure = Joined((pair.a, pair.b) for pair in group.pairs if pair.tier == "sure")
        returned = {name for pair in pairs for name in self.said.returned(pair)}
        return DuplicateGroup(
            entity=self.resource.slug,
            state=self._state(pairs),
            score=group.score,
            tier="sure" if sure.together(*group.members) else "likely",
            size=len(members),
            uses=uses.total(member.uses for member in members),
            apart=group.apart,
            returned=sorted(returned),
            found_at=self.now,
        )

    def _state(self, pairs: Sequence[Pair]) -> str:
        """What is to be looked at, or was put off, outweighs what is decided."""
        states = {self.said.state(pair, self.same) for pair in pairs}
        return next(state for state in (GroupState.OPEN, GroupState.LATER, GroupState.DECIDED) if state in states)

    def _member(self, row: Row, used: Mapping[str, int] | None) -> GroupMember:
        return GroupMember(
            key=row.key,
            label=row.label,
            type=row.type,
            has_logo=row.has_logo,
            uses=None if used is None else used.get(row.iri, 0),
            search=row.search,
        )


def _take(held: Any, new: Any, names: Iterable[str]) -> bool:
    """Have a row tell what a new one does; whether it did not already."""
    differing = [name for name in names if getattr(held, name) != getattr(new, name)]
    for name in differing:
        setattr(held, name, getattr(new, name))
    return bool(differing)
