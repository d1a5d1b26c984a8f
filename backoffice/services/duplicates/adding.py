"""A record that no score brought into a group, put there by hand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backoffice.models import TOLD_APART, GroupMember, Likeness, User, Verdict, VerdictKind
from backoffice.models.index import ROWS
from backoffice.resources import Resource
from backoffice.services.duplicates import groups, records, verdicts
from backoffice.services.duplicates.said import pair_of


class Stands(Exception):
    """Somebody said that the record is not one of these: `verdicts` are to be taken back first."""

    def __init__(self, found: Sequence[Verdict]) -> None:
        super().__init__(f"{len(found)} verdicts")
        self.verdicts = found


class TooLarge(ValueError):
    """The group has as many members as a group may have."""


class Unknown(ValueError):
    """The copy has no record of this number, or the group has it already."""


def add(
    *,
    actor: User,
    group_id: uuid.UUID,
    version: str,
    key: str,
    request_id: str = "",
    act: uuid.UUID | None = None,
) -> verdicts.Decided:
    """Look at one more record together with all members of a group.

    What kept it apart from them only so as not to be shown is over.
    Raises Stale, InHands, Stands, TooLarge, Unknown.
    """
    verdicts.catch_up(group_id)
    with transaction.atomic():
        resource, group, members = verdicts.opened(actor, group_id, version, act)
        if group is None or key in members or not ROWS[resource.slug]._default_manager.filter(key=key).exists():
            raise Unknown(key)
        if len(members) >= groups.CAP:
            raise TooLarge
        pairs = [pair_of(key, member) for member in sorted(members)]
        standing = _standing(resource, key, members)
        if refused := [verdict for verdict in standing if verdict.kind in TOLD_APART]:
            raise Stands(refused)
        verdicts.end(actor, [verdict for verdict in standing if verdict.kind == VerdictKind.APART])
        _put(resource, actor, pairs)
        label = ROWS[resource.slug]._default_manager.values_list("label", flat=True).get(key=key)
        act = act or uuid.uuid4()
        verdicts.record(actor, verdicts.ADD, resource, {key: label}, {key: sorted(members)}, "", act, request_id)
        groups.rebuild(resource, {key, *members})
        return verdicts.Decided(act, verdicts.ADD, len(pairs), verdicts.rest(resource, {key, *members}))


def _standing(resource: Resource, key: str, members: Mapping[str, GroupMember]) -> list[Verdict]:
    others = list(members)
    rows = Verdict.objects.open().filter(entity=resource.slug).select_related("by")
    return list(rows.filter(Q(a=key, b__in=others) | Q(b=key, a__in=others)).order_by("pk"))


def _put(resource: Resource, actor: User, pairs: Sequence[tuple[str, str]]) -> None:
    """Pairs of their own; one that was found stays as it is."""
    scores, now = records.frozen(resource).scores(pairs), timezone.now()
    rows = [
        Likeness(
            entity=resource.slug, a=a, b=b, score=scores.get((a, b), 0), tier="", found_at=now, added_by=actor
        )
        for a, b in pairs
    ]
    Likeness.objects.bulk_create(rows, ignore_conflicts=True)
