"""What the tests of groups and verdicts have in common: records in the index, pairs, and what is said."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from backoffice.models import (
    DuplicateGroup,
    GroupState,
    Job,
    JobState,
    Likeness,
    Phase,
    Step,
    Upstream,
    User,
    Verdict,
)
from backoffice.models.index import Snapshot
from backoffice.resources import PAGES, Record, Resource
from backoffice.services import duplicates, index
from backoffice.services.duplicates.said import pair_of

COUNTERPARTIES, CLIENTS = PAGES["counterparties"], PAGES["clients"]


def copied(resource: Resource = COUNTERPARTIES) -> None:
    """There is a complete copy, of nothing so far."""
    Snapshot.objects.update_or_create(entity=resource.slug, defaults={"refreshed_at": timezone.now()})


def put(key: str, resource: Resource = COUNTERPARTIES, **values: Any) -> None:
    """A record in the index, as a reading would leave it there."""
    held = dict.fromkeys(resource.by_name) | {resource.label_field: f"Firm {key}"} | values
    record = Record(resource=resource, key=key, iri=f"/api{resource.path}/{key}", values=held)
    index.put(record, read_at=timezone.now())


def firms(names: Iterable[str]) -> None:
    copied()
    for name in names:
        put(name)


def alike(
    *pairs: Sequence[str], score: int = 500, tier: str = "likely", resource: Resource = COUNTERPARTIES
) -> None:
    """Pairs that a scan found, as "ab": each a little less sure than the one before."""
    for number, pair in enumerate(pairs):
        a, b = pair_of(pair[0], pair[1])
        Likeness.objects.create(
            entity=resource.slug, a=a, b=b, score=score - number, tier=tier, found_at=timezone.now()
        )


def shown(resource: Resource = COUNTERPARTIES, state: str = "") -> dict[str, str]:
    """The groups by their members, with their states."""
    rows = DuplicateGroup.objects.filter(entity=resource.slug).prefetch_related("members")
    found = {"".join(sorted(m.key for m in group.members.all())): group.state for group in rows}
    return {keys: held for keys, held in found.items() if state in ("", held)}


def to_look_at() -> set[str]:
    return set(shown(state=GroupState.OPEN))


def group_of(keys: Iterable[str], resource: Resource = COUNTERPARTIES) -> DuplicateGroup:
    for group in DuplicateGroup.objects.filter(entity=resource.slug).prefetch_related("members"):
        if {member.key for member in group.members.all()} == set(keys):
            return group
    raise AssertionError(f"no group of {keys}: {shown(resource)}")


def say(
    who: User,
    kind: str,
    keys: Iterable[str],
    *,
    of: Iterable[str] = (),
    resource: Resource = COUNTERPARTIES,
    **more: Any,
) -> duplicates.Decided:
    """A verdict about `keys` in the group `of` (of them alone, where it is not given), as seen now."""
    group = group_of(of or keys, resource)
    options: dict[str, Any] = {"reason": "Seen their papers", "request_id": "r", "act": uuid.uuid4()} | more
    version = duplicates.queue.card(group).version
    return duplicates.decide(actor=who, group_id=group.pk, version=version, kind=kind, keys=list(keys), **options)


def holding() -> set[tuple[str, str, str]]:
    """The verdicts that hold, as (a, b, kind)."""
    rows = Verdict.objects.filter(withdrawn_at=None, lapsed_at=None, carried_to=None)
    return set(rows.values_list("a", "b", "kind"))


def wrote(who: User, kind: str, verb: str, outcome: str, key: str, **held: Any) -> None:
    """What a job that merged or restored leaves behind: one step with what it `held`."""
    job = Job.objects.create(
        upstream=Upstream.objects.get_or_create(base_url="https://flowtly.example")[0],
        kind=kind,
        entity="counterparties",
        title=kind,
        actor=who,
        nonce=uuid.uuid4().hex,
        fingerprint="",
        state=JobState.DONE,
    )
    Step.objects.create(
        phase=Phase.objects.create(job=job, number=1, name=kind),
        number=1,
        verb=verb,
        entity="counterparties",
        key=key,
        outcome=outcome,
        finished_at=timezone.now(),
        **held,
    )
