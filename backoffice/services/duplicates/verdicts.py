"""What a person says about the records of a group: kept with who, when and why, in the trail, and taken back."""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.models import AuditEntry, DuplicateGroup, GroupMember, GroupState, User, Verdict, VerdictKind
from backoffice.resources import PAGES, Resource
from backoffice.services import audit
from backoffice.services.duplicates import groups, leases, records
from backoffice.services.duplicates.carrying import carry
from backoffice.services.duplicates.chains import refuse_contradiction
from backoffice.services.duplicates.digests import baseline
from backoffice.services.duplicates.said import Pair, pair_of, portions
from backoffice.services.duplicates.versions import fingerprints, version_of

ADD, WITHDRAW = "add", "withdraw"
# What people say of records; that they are only not to be shown together comes of dropping and splitting.
_SAID = (VerdictKind.SAME, VerdictKind.SEPARATE, VerdictKind.RELATED, VerdictKind.LATER)


class Stale(Exception):
    """The group is no longer what the page showed."""


class InHands(Exception):
    """Somebody else (`by`) has the group in hand."""

    def __init__(self, by: User) -> None:
        super().__init__(by.get_username())
        self.by = by


class KindNeeded(ValueError):
    """Nothing that can be said was said."""


class ReasonNeeded(ValueError):
    """Whoever tells records apart says why."""


@dataclass(frozen=True)
class Decided:
    """What was said: `act` names it for taking it back, `n_pairs` pairs were meant. `group_id`: the group in which
    the rest of the card is to be looked at, None where nothing is left of it."""

    act: uuid.UUID
    kind: str
    n_pairs: int
    group_id: uuid.UUID | None


def decide(
    *,
    actor: User,
    group_id: uuid.UUID,
    version: str,
    kind: str,
    keys: Collection[str],
    reason: str = "",
    until: datetime | None = None,
    request_id: str = "",
    act: uuid.UUID | None = None,
) -> Decided:
    """Say `kind` of every two of these members of a group; `version` is that of the card they were seen on.

    The same `act` again says nothing new. Raises Stale, InHands, Contradiction, KindNeeded,
    ReasonNeeded; ValueError for fewer than two keys.
    """
    chosen = sorted(set(keys))
    if len(chosen) < 2:
        raise ValueError("a verdict is about two records or more")
    if kind not in _SAID:
        raise KindNeeded
    if kind == VerdictKind.SEPARATE and not reason.strip():
        raise ReasonNeeded
    said = _Saying(actor, kind, reason.strip(), until, request_id, act or uuid.uuid4())
    return _say(said, group_id, version, lambda _members: list(combinations(chosen, 2)))


def drop(
    *,
    actor: User,
    group_id: uuid.UUID,
    version: str,
    key: str,
    reason: str = "",
    request_id: str = "",
    act: uuid.UUID | None = None,
) -> Decided:
    """Take one member out of the group: it is not shown together with the others any more. Raises as `decide`."""
    return split(
        actor=actor, group_id=group_id, version=version, keys=[key], reason=reason, request_id=request_id, act=act
    )


def split(
    *,
    actor: User,
    group_id: uuid.UUID,
    version: str,
    keys: Collection[str],
    reason: str = "",
    request_id: str = "",
    act: uuid.UUID | None = None,
) -> Decided:
    """Show these members and the others apart from each other. Raises as `decide`; ValueError for none or all."""

    def pairs(members: Collection[str]) -> list[Pair]:
        found = [pair_of(one, other) for one in set(keys) for other in set(members) - set(keys)]
        if not found:
            raise ValueError("both parts need a record")
        return sorted(found)

    said = _Saying(actor, VerdictKind.APART, reason.strip(), None, request_id, act or uuid.uuid4())
    return _say(said, group_id, version, pairs)


@dataclass(frozen=True)
class _Saying:
    """Who says what, and why."""

    actor: User
    kind: str
    reason: str
    until: datetime | None
    request_id: str
    act: uuid.UUID


def _say(
    said: _Saying, group_id: uuid.UUID, version: str, pairs_of: Callable[[Collection[str]], list[Pair]]
) -> Decided:
    catch_up(group_id)
    with transaction.atomic():
        return _say_now(said, group_id, version, pairs_of)


def _say_now(
    said: _Saying, group_id: uuid.UUID, version: str, pairs_of: Callable[[Collection[str]], list[Pair]]
) -> Decided:
    resource, group, members = opened(said.actor, group_id, version, said.act)
    if group is None and (done := said_before(said.act)) is not None:
        return done
    assert group is not None
    pairs = pairs_of(members)
    others: dict[str, list[str]] = {}
    for a, b in pairs:
        others.setdefault(a, []).append(b)
        others.setdefault(b, []).append(a)
    if not others.keys() <= members.keys():
        raise Stale
    refuse_contradiction(resource, said.kind, pairs)
    _keep(resource, said, pairs, members)
    labels = {key: members[key].label for key in sorted(others)}
    record(said.actor, said.kind, resource, labels, others, said.reason, said.act, said.request_id)
    groups.rebuild(resource, others.keys())
    return Decided(said.act, said.kind, len(pairs), rest(resource, members))


@transaction.atomic
def catch_up(group_id: uuid.UUID) -> None:
    """Make the groups of what was merged or restored since, before anything is said of them: what is refused then
    leaves them as they are by now."""
    slug = DuplicateGroup.objects.filter(pk=group_id).values_list("entity", flat=True).first()
    if slug is not None:
        groups.hold(PAGES[slug])
        _carry_on(PAGES[slug])


def _carry_on(resource: Resource) -> None:
    if met := carry(resource):
        groups.rebuild(resource, met)


def opened(
    actor: User, group_id: uuid.UUID, version: str, act: uuid.UUID | None
) -> tuple[Resource, DuplicateGroup | None, dict[str, GroupMember]]:
    """A group to say something about, held until the transaction ends, with its members.

    The group is None where `act` was said before. Raises Stale and InHands.
    """
    before = Verdict.objects.filter(act=act).first() if act else None
    slug = DuplicateGroup.objects.filter(pk=group_id).values_list("entity", flat=True).first()
    if before is None and slug is None:
        raise Stale
    resource = PAGES[before.entity if before else slug or ""]
    groups.hold(resource)
    if act and Verdict.objects.filter(act=act).exists():
        return resource, None, {}
    _carry_on(resource)
    group = DuplicateGroup.objects.select_for_update(of=("self",)).filter(pk=group_id).first()
    members = {member.key: member for member in group.members.all()} if group else {}
    if group is None or version_of(group, members, fingerprints(resource, members)) != version:
        raise Stale
    if (holder := leases.other(group, actor)) is not None:
        raise InHands(holder)
    return resource, group, members


def said_before(act: uuid.UUID) -> Decided | None:
    """What was kept when this form was sent the first time; None where it never was."""
    if said := list(Verdict.objects.filter(act=act, carried_from=None).order_by("pk")):
        keys = {key for verdict in said for key in (verdict.a, verdict.b)}
        return Decided(act, said[0].kind, len(said), rest(PAGES[said[0].entity], keys))
    added = AuditEntry.objects.filter(action_id=act, action=f"duplicates.{ADD}").first()
    if added is None:
        return None
    others = added.detail.split(", ")
    return Decided(act, ADD, len(others), rest(PAGES[added.entity], {added.key, *others}))


def _keep(resource: Resource, said: _Saying, pairs: Sequence[Pair], members: Mapping[str, GroupMember]) -> None:
    held = records.record_in_index(resource, sorted(members))
    if not {key for pair in pairs for key in pair} <= held.keys():
        raise Stale
    now, made, names = timezone.now(), list[Verdict](), records.frozen(resource).names()
    for a, b in pairs:
        salt = secrets.token_hex(16)
        verdict = Verdict(entity=resource.slug, a=a, b=b, label_a=members[a].label, label_b=members[b].label)
        verdict.kind, verdict.reason, verdict.by, verdict.at = said.kind, said.reason, said.actor, now
        verdict.act, verdict.salt = said.act, salt
        verdict.until = said.until if said.kind == VerdictKind.LATER else None
        verdict.digests_a = baseline(names, held[a], salt)
        verdict.digests_b = baseline(names, held[b], salt)
        made.append(verdict)
    Verdict.objects.bulk_create(made)


def record(
    actor: User,
    kind: str,
    resource: Resource,
    labels: Mapping[str, str],
    others: Mapping[str, Sequence[str]],
    reason: str,
    act: uuid.UUID,
    request_id: str,
) -> None:
    """An entry in the trail for each record, so that the history of each has it; `detail`: the others' numbers."""
    entries = audit.append_all(
        [
            audit.New(
                action=f"duplicates.{kind}",
                outcome="ok",
                actor=actor,
                entity=resource.slug,
                key=key,
                label=label,
                request_id=request_id,
                action_id=act,
                detail=", ".join(others[key]),
                changes={"reason": (None, reason)} if reason else {},
            )
            for key, label in labels.items()
        ]
    )
    transaction.on_commit(lambda: audit.anchor_due(entries))


def rest(resource: Resource, keys: Collection[str]) -> uuid.UUID | None:
    """The group to be looked at in which most of these records are, two at least."""
    counts: Counter[tuple[int, uuid.UUID]] = Counter()
    open_groups = GroupMember.objects.filter(group__entity=resource.slug, group__state=GroupState.OPEN)
    for some in portions(sorted(keys)):
        counts.update(open_groups.filter(key__in=some).values_list("group__score", "group"))
    found = [(count, *of) for of, count in counts.items() if count > 1]
    return max(found)[2] if found else None


# Taking back


def last_act(actor: User) -> uuid.UUID | None:
    """What this person said last today, if something of it still holds."""
    since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Verdict.objects.open().filter(by=actor, at__gte=since)
    return mine.order_by("-at", "-pk").values_list("act", flat=True).first()


def take_back(*, actor: User, act: uuid.UUID, request_id: str = "") -> int:
    """Take back what this person said at once; how many pairs. Nothing where nothing of it holds any more."""
    return _withdraw(actor, Verdict.objects.open().filter(by=actor, act=act), request_id)


def withdraw(*, actor: User, verdict: Verdict, request_id: str = "") -> int:
    """Take back one verdict, whoever gave it; 0 where it held no more."""
    return _withdraw(actor, Verdict.objects.open().filter(pk=verdict.pk), request_id)


@transaction.atomic
def _withdraw(actor: User, rows: QuerySet[Verdict], request_id: str) -> int:
    slug = rows.values_list("entity", flat=True).first()
    if slug is None:
        return 0
    resource = PAGES[slug]
    groups.hold(resource)
    found = list(rows.order_by("pk"))
    end(actor, found)
    others: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for verdict in found:
        labels |= {verdict.a: verdict.label_a, verdict.b: verdict.label_b}
        others.setdefault(verdict.a, []).append(verdict.b)
        others.setdefault(verdict.b, []).append(verdict.a)
    record(actor, WITHDRAW, resource, labels, others, "", uuid.uuid4(), request_id)
    groups.rebuild(resource, set(labels))
    return len(found)


def end(actor: User, found: Sequence[Verdict]) -> None:
    now = timezone.now()
    Verdict.objects.open().filter(pk__in=[verdict.pk for verdict in found]).update(
        withdrawn_at=now, withdrawn_by=actor
    )
