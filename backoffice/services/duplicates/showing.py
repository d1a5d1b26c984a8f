"""What pages ask beside the queue itself: reasons and accounts of many at once, and which group a record is in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Q

from backoffice.matching import explain
from backoffice.models import DuplicateGroup, GroupMember, GroupState, Verdict
from backoffice.models.index import ROWS
from backoffice.resources import PAGES, Resource
from backoffice.services import index
from backoffice.services.duplicates.likes import Explained, explained_by
from backoffice.services.duplicates.queue import Card
from backoffice.services.duplicates.records import frozen
from backoffice.services.duplicates.words import in_words
from backoffice.services.reading import Choice

_OFFERED = 20  # records of a type-ahead
Reasons = tuple[Sequence[str], Sequence[str]]


def waiting() -> int:
    """Groups of all entities that are to be looked at."""
    return DuplicateGroup.objects.filter(state=GroupState.OPEN).count()


def group_of(resource: Resource, key: str) -> DuplicateGroup | None:
    """The group that a record is in, the surest where it is in several; what is decided is none any more."""
    members = GroupMember.objects.filter(key=key, group__entity=resource.slug)
    found = members.exclude(group__state=GroupState.DECIDED).select_related("group").order_by("-group__score")
    first = found.first()
    return first.group if first else None


def group_of_act(act: uuid.UUID) -> DuplicateGroup | None:
    """The group in which the records are about which something was said at once."""
    said = Verdict.objects.filter(act=act).order_by("pk").first()
    return group_of(PAGES[said.entity], said.a) if said else None


def reasons(resource: Resource, cards: Sequence[Card]) -> dict[uuid.UUID, Reasons]:
    """(what speaks for it, what against it) in words, of the strongest pair of each card's group."""
    strongest = {card.group.pk: (card.pairs[0].a, card.pairs[0].b) for card in cards if card.pairs}
    under = frozen(resource)
    records = under.records(sorted({key for pair in strongest.values() for key in pair}))
    return {
        pk: in_words(explain(records[a], records[b], under.statistics))
        for pk, (a, b) in strongest.items()
        if a in records and b in records
    }


def accounts(resource: Resource, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Explained]:
    """The account of each pair whose records the index holds."""
    under = frozen(resource)
    records = under.records(sorted({key for pair in pairs for key in pair}))
    return {
        (a, b): explained_by(resource, under.statistics, records[a], records[b])
        for a, b in pairs
        if a in records and b in records
    }


def said_in(act: uuid.UUID) -> tuple[str, int]:
    """What was said at once, and about how many pairs; ("", 0) where it is not known."""
    kinds = list(Verdict.objects.filter(act=act, carried_from=None).values_list("kind", flat=True))
    return (kinds[0], len(kinds)) if kinds else ("", 0)


def others(group: DuplicateGroup, text: str) -> list[Choice]:
    """Records of our copy that could be put into a group, by number or name; a choice's value is the number."""
    resource = PAGES[group.entity]
    inside = set(group.members.values_list("key", flat=True))
    exact = ROWS[resource.slug]._default_manager.filter(Q(key=text.removeprefix("#"))).values_list("key", "label")
    named = index.page(index.Question(resource, search=text), start=0, size=_OFFERED + len(inside))
    found = dict(_labelled(exact)) | dict(_labelled((each.key, each.label) for each in named))
    return [Choice(key, label) for key, label in found.items() if key not in inside][:_OFFERED]


def _labelled(rows: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((key, f"{label or key} #{key}") for key, label in rows)
