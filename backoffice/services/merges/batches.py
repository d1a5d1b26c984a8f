"""Several groups of the queue merged as one batch: one preview, and for each group a job of its own."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.models import DuplicateGroup, GroupState, Job, JobState, User
from backoffice.services import bulk
from backoffice.services.merges.composing import (
    COUNTERPARTIES,
    Composition,
    Problem,
    compose,
    see,
    suggest,
    trial,
)
from backoffice.services.merges.planning import Blocked, store_merge
from backoffice.services.merges.steering import confirm

MOST = 50  # groups in one batch: each is read again, merged and verified by itself


class TrialFirst(Exception):
    """No merge was verified at this Flowtly yet, so there is no batch: merge one group and look at it."""


class NotSure(ValueError):
    """Groups that are not there any more, or not of tier sure; a batch takes no others."""


@dataclass(frozen=True)
class Group:
    """One merge of a batch: `keys` of all its records. Unless said, the survivor is the one that is suggested."""

    keys: Sequence[str]
    survivor: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftOut:
    """A group that cannot be planned, by the names of its records, and why."""

    names: Sequence[str]
    problems: Sequence[Problem]


@dataclass(frozen=True)
class Batch:
    """`jobs` in the order of the groups; `left_out` is told once, to whoever planned it, and not kept."""

    id: uuid.UUID
    jobs: Sequence[Job]
    left_out: Sequence[LeftOut]


def offered(actor: User) -> QuerySet[DuplicateGroup]:
    """What may go into a batch of this person's, the surest first: sure, not put off, in nobody else's hands."""
    others = Q(held_until__gt=timezone.now()) & ~Q(holder=actor) & ~Q(holder=None)
    sure = DuplicateGroup.objects.filter(entity=COUNTERPARTIES.slug, tier="sure")
    sure = sure.exclude(state=GroupState.LATER).exclude(others)
    return sure.order_by("-score", "-uses", "pk").prefetch_related("members")


def groups_of(ids: Collection[uuid.UUID], *, actor: User) -> list[Group]:
    """The groups of the queue with these ids, the surest first. Raises NotSure."""
    found = list(offered(actor).filter(pk__in=ids))
    if not found or len(found) != len(set(ids)):
        raise NotSure
    return [Group([member.key for member in each.members.all()]) for each in found]


def plan_batch(*, actor: User, groups: Sequence[Group], nonce: str, request_id: str, reason: str = "") -> Batch:
    """A plan for each group that can be planned, to be shown together; all records are read at once, and the
    clients walked once. Each is confirmed, runs, ends and is restored by itself.

    The nonce's first batch is given again. Raises TrialFirst, Blocked where a record is in two groups, and the
    errors of the API client.
    """
    batch = uuid.uuid5(uuid.NAMESPACE_OID, nonce)
    if made := jobs_of(batch):
        return Batch(batch, made, [])
    if trial():
        raise TrialFirst
    named = [key for group in groups for key in group.keys]
    if len(set(named)) != len(named):
        raise Blocked([Problem("twice", _("A record is named twice."))])
    found = list(_composed(groups))
    left_out = [
        LeftOut(_names(group, composed), composed.problems) for group, composed, _why in found if composed.problems
    ]
    planned = [each for each in found if not each[1].problems]
    with transaction.atomic():  # a batch is there as a whole, or not at all
        jobs = [
            store_merge(
                composed,
                actor=actor,
                told={"batch": str(batch), "because": because},
                nonce=f"{batch}-{number:04}",
                request_id=request_id,
                reason=reason,
            )
            for number, (_group, composed, because) in enumerate(planned, start=1)
        ]
    return Batch(batch, jobs, left_out)


def jobs_of(batch: uuid.UUID) -> list[Job]:
    """The jobs of a batch in the order of its groups."""
    return list(Job.objects.filter(nonce__startswith=f"{batch}-").select_related("actor").order_by("nonce"))


def discard_batch(*, batch: uuid.UUID, actor: User) -> int:
    """Give up what nobody has confirmed yet; how many merges that is."""
    planned = [job for job in jobs_of(batch) if job.state == JobState.PLANNED]
    return sum(bulk.discard(job=job, actor=actor).state == JobState.WITHDRAWN for job in planned)


def confirm_batch(
    *, batch: uuid.UUID, actor: User, reason: str, keep: Collection[uuid.UUID]
) -> list[tuple[Job, str]]:
    """Let the jobs `keep` run, and give up the others that nobody has confirmed yet; what stood in whose way.

    May be called again: what was confirmed is left as it is. Raises bulk.ReasonNeeded.
    """
    if not reason.strip():
        raise bulk.ReasonNeeded
    stopped = []
    for job in jobs_of(batch):
        if job.state != JobState.PLANNED:
            continue
        if job.pk not in keep:
            bulk.discard(job=job, actor=actor)
            continue
        try:
            confirm(job=job, actor=actor, reason=reason)
        except Blocked as blocked:
            stopped.append((job, str(blocked)))
    return stopped


def _composed(groups: Sequence[Group]) -> Iterator[tuple[Group, Composition, str]]:
    """Each group as it would be merged, and why its survivor stays ("" where somebody said which)."""
    seen = see([key for group in groups for key in group.keys])
    records = {record.key: record for record in seen.records}
    for group in groups:
        held = [records[key] for key in group.keys if key in records]
        best = suggest(held, seen.uses) if held and not group.survivor else None
        survivor = best.key if best else group.survivor or group.keys[0]
        gone = [key for key in group.keys if key != survivor]
        composed = compose(survivor=survivor, gone=gone, changes=group.changes, seen=seen)
        yield group, composed, best.because if best else ""


def _names(group: Group, made: Composition) -> list[str]:
    labels = {record.key: record.label for record in made.records}
    return [labels.get(key, key) for key in group.keys]
