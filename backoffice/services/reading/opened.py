"""Records somebody opened lately."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from backoffice.models import Label, RecentRecord, User
from backoffice.resources import REGISTRY, Record, Resource
from backoffice.services.reading.labels import remember
from backoffice.services.upstream import current

KEPT = 12


@dataclass(frozen=True)
class Opened:
    resource: Resource
    key: str
    label: str


def remember_opened(*, user: User, record: Record) -> None:
    remember([record])
    slug = record.resource.slug
    RecentRecord.objects.update_or_create(
        user=user, entity=slug, key=record.key, defaults={"opened_at": timezone.now()}
    )
    rows = RecentRecord.objects.filter(user=user)
    if (old := rows.order_by("-opened_at")[KEPT : KEPT + 1].first()) is not None:
        rows.filter(opened_at__lte=old.opened_at).delete()


def recent(user: User, limit: int = 6) -> list[Opened]:
    """The records this person opened last, newest first, by the names last read. Two queries."""
    rows = list(RecentRecord.objects.filter(user=user, entity__in=REGISTRY).values_list("entity", "key")[:limit])
    labels = {
        (entity, key): label
        for entity, key, label in Label.objects.filter(
            upstream=current(), entity__in={e for e, _ in rows}, key__in={k for _, k in rows}
        ).values_list("entity", "key", "label")
    }
    return [Opened(REGISTRY[entity], key, labels.get((entity, key), key)) for entity, key in rows]
