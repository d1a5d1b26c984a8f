"""The queue as it is worked through: counted, filtered, page by page, card by card."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from backoffice.models import DuplicateGroup, GroupMember, GroupState, Likeness, User, Verdict
from backoffice.models.index import ROWS
from backoffice.resources import PAGES, Record, Resource
from backoffice.services.duplicates import leases
from backoffice.services.duplicates.said import portions, touching
from backoffice.services.duplicates.versions import fingerprints, version_of
from backoffice.services.index.rows import record_of

_ORDER = (F("score").desc(), F("uses").desc(nulls_last=True), F("id").asc())


@dataclass(frozen=True)
class Filters:
    """Which groups: those in a state, with a member of a type, of a tier, with or without any logo, with a member
    that holds every word of a text."""

    state: str = GroupState.OPEN
    type: str = ""
    tier: str = ""
    logo: bool | None = None
    text: str = ""


@dataclass(frozen=True)
class Member:
    """`record` is what the copy holds, None where it is gone from it; `uses` None where nobody can tell."""

    key: str
    label: str
    record: Record | None
    type: str
    has_logo: bool
    uses: int | None

    @property
    def there(self) -> bool:
        return self.record is not None


@dataclass(frozen=True)
class Card:
    """`pairs`: highest score first. `verdicts`: what was said about its members among each other, newest first.
    `version` goes with a verdict, so that it is about what was seen."""

    group: DuplicateGroup
    members: Sequence[Member]
    pairs: Sequence[Likeness]
    verdicts: Sequence[Verdict]
    holder: User | None
    version: str

    @property
    def returned(self) -> Sequence[str]:
        """Fields (of matching.Record) whose change brought it back."""
        found: Sequence[str] = self.group.returned
        return found


@dataclass(frozen=True)
class Page:
    groups: Sequence[Card]
    total: int
    number: int
    size: int

    @property
    def has_next(self) -> bool:
        return self.number * self.size < self.total


def page(resource: Resource, filters: Filters, *, number: int = 1, size: int = 25) -> Page:
    """A page of groups, the likeliest and the most used first; a number beyond the end gives the last page."""
    rows = _filtered(resource, filters)
    total = rows.count()
    number = max(1, min(number, -(-total // size)))
    shown = rows.order_by(*_ORDER)[(number - 1) * size : number * size]
    return Page(_cards(resource, list(shown)), total, number, size)


def counts(resource: Resource) -> dict[str, int]:
    """How many groups in each state; every state is there."""
    rows = DuplicateGroup.objects.filter(entity=resource.slug).values_list("state")
    return dict.fromkeys(GroupState.values, 0) | dict(rows.annotate(n=Count("pk")).order_by())


def types(resource: Resource) -> list[str]:
    """The types that members have."""
    rows = GroupMember.objects.filter(group__entity=resource.slug).exclude(type="")
    return sorted(rows.order_by().values_list("type", flat=True).distinct())


def find(group_id: uuid.UUID) -> DuplicateGroup | None:
    return DuplicateGroup.objects.select_related("holder").filter(pk=group_id).first()


def card(group: DuplicateGroup) -> Card:
    return _cards(PAGES[group.entity], [group])[0]


def after(group: DuplicateGroup, filters: Filters, *, viewer: User) -> DuplicateGroup | None:
    """The next group that nobody else has in hand, from the beginning again after the last; never this one.

    `group` may be gone by now: it tells where somebody was.
    """
    rows = _filtered(PAGES[group.entity], filters).exclude(pk=group.pk)
    rows = rows.exclude(leases.held_by_others(viewer)).order_by(*_ORDER)
    return rows.filter(_behind(group)).first() or rows.first()


def first(resource: Resource, filters: Filters, *, viewer: User) -> DuplicateGroup | None:
    """The first group that nobody else has in hand."""
    rows = _filtered(resource, filters).exclude(leases.held_by_others(viewer))
    return rows.order_by(*_ORDER).first()


def before(group: DuplicateGroup, filters: Filters, *, viewer: User) -> DuplicateGroup | None:
    """The one that stands in front of it, of those that nobody else has in hand."""
    rows = _filtered(PAGES[group.entity], filters).exclude(pk=group.pk)
    rows = rows.exclude(leases.held_by_others(viewer)).exclude(_behind(group))
    return rows.order_by(*_ORDER).last()


def _behind(group: DuplicateGroup) -> Q:
    same = Q(score=group.score, uses=group.uses) if group.uses is not None else Q(score=group.score, uses=None)
    fewer = Q(pk=None)
    if group.uses is not None:
        fewer = Q(score=group.score) & (Q(uses__lt=group.uses) | Q(uses=None))
    return Q(score__lt=group.score) | fewer | same & Q(pk__gt=group.pk)


def _filtered(resource: Resource, filters: Filters) -> QuerySet[DuplicateGroup]:
    rows = DuplicateGroup.objects.filter(entity=resource.slug).select_related("holder")
    members = GroupMember.objects.filter(group=OuterRef("pk"))
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.tier:
        rows = rows.filter(tier=filters.tier)
    if filters.type:
        rows = rows.filter(Exists(members.filter(type=filters.type)))
    if filters.logo is not None:
        with_logo = Exists(members.filter(has_logo=True))
        rows = rows.filter(with_logo if filters.logo else ~with_logo)
    if words := filters.text.replace("\x00", "").casefold().split():
        holding = members
        for word in words:
            holding = holding.filter(search__contains=word)
        rows = rows.filter(Exists(holding))
    return rows


def _cards(resource: Resource, shown: Sequence[DuplicateGroup]) -> list[Card]:
    """The cards of these groups, in as many queries as of one."""
    members: dict[uuid.UUID, list[GroupMember]] = {group.pk: [] for group in shown}
    for member in GroupMember.objects.filter(group__in=shown).order_by("pk"):
        members[member.group_id].append(member)
    keys = sorted({member.key for each in members.values() for member in each})
    held, prints = _records(resource, keys), fingerprints(resource, keys)
    pairs = _between(Likeness.objects.filter(entity=resource.slug), keys)
    said = _between(
        Verdict.objects.filter(entity=resource.slug, carried_to=None, withdrawn_at=None).select_related("by"), keys
    )
    found = []
    for group in shown:
        own = {member.key for member in members[group.pk]}
        of_group = [pair for pair in pairs if pair.a in own and pair.b in own]
        words = [verdict for verdict in said if verdict.a in own and verdict.b in own]
        found.append(
            Card(
                group,
                [_member(member, held) for member in members[group.pk]],
                sorted(of_group, key=lambda pair: (-pair.score, pair.a, pair.b)),
                sorted(words, key=lambda verdict: -verdict.pk),
                leases.holder(group),
                version_of(group, own, prints),
            )
        )
    return found


def _between(rows: QuerySet, keys: Sequence[str]) -> list:  # type: ignore[type-arg]
    wanted = set(keys)
    found = {row.pk: row for some in touching(rows, wanted) for row in some}
    return [row for row in found.values() if row.a in wanted and row.b in wanted]


def _records(resource: Resource, keys: Sequence[str]) -> Mapping[str, Record]:
    found: dict[str, Record] = {}
    for some in portions(keys):
        rows = ROWS[resource.slug]._default_manager.filter(key__in=some).values()
        found |= {row["key"]: record_of(resource, row) for row in rows}
    return found


def _member(member: GroupMember, held: Mapping[str, Record]) -> Member:
    record = held.get(member.key)
    return Member(member.key, member.label, record, member.type, member.has_logo, member.uses)
