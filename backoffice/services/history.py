"""What happened to records, from the audit trail."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from backoffice.models import AuditEntry, Job, Outcome, Redacted, Step, User
from backoffice.models.jobs import WRITTEN
from backoffice.resources.redacted import MARK
from backoffice.services.access import Permission, can

PAGE_SIZE = 50


@dataclass(frozen=True)
class HistoryEntry:
    """One entry as people read it; `changes` is (field, before, after), where it was redacted with the mark."""

    seq: int
    at: datetime
    actor_name: str
    action: str
    outcome: str
    entity: str
    key: str
    label: str
    request_id: str
    action_id: uuid.UUID
    job_id: uuid.UUID | None
    detail: str
    changes: list[tuple[str, Any, Any]]
    undoable: bool

    @property
    def verb(self) -> str:
        return self.action.rpartition(".")[2]


@dataclass(frozen=True)
class HistoryPage:
    entries: list[HistoryEntry]
    page: Page[AuditEntry]


def for_record(*, entity: str, key: str, page: int = 1) -> HistoryPage:
    """Everything that was done to one record, newest first."""
    return _page(AuditEntry.objects.filter(entity=entity, key=key), page)


def everything(*, viewer: User, filters: Mapping[str, str], page: int = 1) -> HistoryPage:
    """The trail, newest first; filters: actor, entity, action, outcome, since, until (ISO dates), key.

    Other people's sign-ins and refusals are shown to admins only.
    """
    return _page(_filtered(filters).filter(_visible_to(viewer)), page)


def _visible_to(viewer: User) -> Q:
    return Q() if can(viewer, Permission.ADMIN) else ~Q(entity="") | Q(actor=viewer)


def _filtered(filters: Mapping[str, str]) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.all()
    columns = {
        "actor": "actor_name__icontains",
        "entity": "entity",
        "action": "action",
        "outcome": "outcome",
        "key": "key",
        "since": "at__date__gte",
        "until": "at__date__lte",
    }
    for name, column in columns.items():
        if value := filters.get(name):
            rows = rows.filter(**{column: value})
    return rows


def actions(viewer: User) -> list[str]:
    """The actions that this person may see, for the filter."""
    rows = AuditEntry.objects.filter(_visible_to(viewer)).order_by("action")
    return list(rows.values_list("action", flat=True).distinct())


def _page(rows: QuerySet[AuditEntry], number: int) -> HistoryPage:
    page = Paginator(rows.order_by("-seq"), PAGE_SIZE).get_page(number)
    entries = list(page.object_list)
    undoable = _undoable({entry.job_id for entry in entries if entry.job_id})
    return HistoryPage([_entry(entry, entry.job_id in undoable) for entry in entries], page)


def _undoable(job_ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these jobs of one step changed something and were not taken back since. Three queries."""
    done = Step.objects.filter(
        phase__job__in=job_ids, verb__in=["update", "delete"], outcome__in=WRITTEN, redacted=Redacted.NO
    )
    changed = set(done.values_list("phase__job", flat=True))
    longer = Job.objects.filter(pk__in=changed).annotate(n=Count("phases__steps")).filter(n__gt=1)
    undone = Job.objects.filter(
        undo_of__in=job_ids,
        phases__steps__outcome__in=[Outcome.CHANGED, Outcome.ALREADY, Outcome.CREATED],
    ).values_list("undo_of", flat=True)
    return changed - set(undone) - set(longer.values_list("pk", flat=True))


def _entry(entry: AuditEntry, undoable: bool) -> HistoryEntry:
    fields = sorted({path.rpartition(".")[0] for path in entry.digests if "." in path})
    return HistoryEntry(
        seq=entry.seq,
        at=entry.at,
        actor_name=entry.actor_name,
        action=entry.action,
        outcome=entry.outcome,
        entity=entry.entity,
        key=entry.key,
        label=entry.label,
        request_id=entry.request_id,
        action_id=entry.action_id,
        job_id=entry.job_id,
        detail=entry.detail,
        changes=[(name, _value(entry, f"{name}.before"), _value(entry, f"{name}.after")) for name in fields],
        undoable=undoable and entry.outcome in WRITTEN,
    )


def _value(entry: AuditEntry, path: str) -> Any:
    """None where there never was one; where there was, and it is gone, the mark."""
    if path in entry.digests and path not in entry.values:
        return MARK
    return entry.values.get(path, {}).get("value")
