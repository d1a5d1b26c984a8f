"""What happened to records, from the audit trail."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from backoffice.models import AuditEntry, Job, Outcome, Step, User
from backoffice.models.jobs import WRITTEN
from backoffice.resources.redacted import MARK
from backoffice.services import approvals, audit
from backoffice.services.access import Permission, can
from backoffice.services.jobs import name_of
from backoffice.services.undoing import undoable_among

PAGE_SIZE = 50
_CHUNK = 500  # entries that an export holds at once
EXPORT = "history.export"
_REASON = "reason"  # what an entry that is about no record says in its values; no field of any record
_BULK = "bulk"  # the kind of a job of many
_DECISIONS = "plan."  # how the actions begin that are about a plan and its approval


@dataclass(frozen=True)
class Batch:
    """The job of many that an entry belongs to."""

    title: str
    author: str


@dataclass(frozen=True)
class HistoryEntry:
    """One entry as people read it; `changes` is (field, before, after), where it was redacted with the mark.

    `reason` is what the person gave for the whole job, or with a decision about it; `approver` approved the job.
    `undoable`: something can be taken back and was not yet. `batch`: the job, where it is about many records.
    """

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
    reason: str
    approver: str
    batch: Batch | None
    changes: list[tuple[str, Any, Any]]
    undoable: bool

    @property
    def verb(self) -> str:
        return self.action.rpartition(".")[2]

    @property
    def created(self) -> bool:
        """A record was made; to take that back is to delete it."""
        return self.verb in ("create", "recreate")


@dataclass(frozen=True)
class HistoryPage:
    entries: list[HistoryEntry]
    page: Page[AuditEntry]


@dataclass(frozen=True)
class Extract:
    """Every entry that some filters show, newest first, read as it is asked for; `count` is how many will come."""

    count: int
    entries: Iterator[HistoryEntry]


def for_record(*, entity: str, key: str, page: int = 1) -> HistoryPage:
    """Everything that was done to one record, newest first."""
    return _page(AuditEntry.objects.filter(entity=entity, key=key), page)


def everything(*, viewer: User, filters: Mapping[str, str], page: int = 1) -> HistoryPage:
    """The trail, newest first, as far as `viewer` may see it.

    Filters, each left out where empty: actor (a part of the name), entity, key, field (`clients.dueDays`), action,
    outcome, since and until (ISO dates, both included), q (a part of a name, key, reason or detail).
    """
    return _page(_filtered(filters).filter(_visible_to(viewer)), page)


def latest(*, most: int) -> list[HistoryEntry]:
    """What was last written to records, by whomever."""
    return _entries(_written().order_by("-seq")[:most])


def per_day(*, days: int) -> list[tuple[date, int]]:
    """How many records were written on each of the last days, today last, by the configured zone."""
    first = timezone.localdate() - timedelta(days=days - 1)
    start = timezone.make_aware(datetime.combine(first, time.min))
    rows = _written().filter(at__gte=start).annotate(day=TruncDate("at")).values_list("day")
    found = dict(rows.annotate(n=Count("pk")).order_by())
    return [(day, found.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))]


def _written() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(outcome__in=WRITTEN).exclude(entity="")


def created_from_copy(*, entity: str, key: str) -> str:
    """The key of the record that was created again from the copy of this deleted one; "" where there is none."""
    deleted = Job.objects.filter(
        phases__steps__entity=entity, phases__steps__key=key, phases__steps__outcome=Outcome.DELETED
    )
    again = Step.objects.filter(phase__job__undo_of__in=deleted.values("pk"), outcome=Outcome.CREATED)
    return again.order_by("-pk").values_list("key", flat=True).first() or ""


def extract(*, viewer: User, filters: Mapping[str, str], file_format: str, request_id: str) -> Extract:
    """The same, whole, for a file; that it was taken is an entry of its own, written here."""
    rows = _filtered(filters).filter(_visible_to(viewer))
    newest = rows.aggregate(newest=Max("seq"))["newest"] or 0
    rows = rows.filter(seq__lte=newest)
    count = rows.count()
    audit.append(
        action=EXPORT,
        outcome="ok",
        actor=viewer,
        request_id=request_id,
        detail=f"{file_format} · {count}",
        changes={"filter": (None, "; ".join(f"{name}={value}" for name, value in filters.items()))}
        if filters
        else {},
    )
    return Extract(count, _streamed(rows))


def _streamed(rows: QuerySet[AuditEntry]) -> Iterator[HistoryEntry]:
    found = rows.order_by("-seq").iterator(chunk_size=_CHUNK)
    while chunk := list(islice(found, _CHUNK)):
        jobs = _about_jobs(chunk)
        yield from (_entry(entry, jobs, frozenset()) for entry in chunk)


def _visible_to(viewer: User) -> Q:
    """Other people's sign-ins, refusals and exports are shown to admins only."""
    if can(viewer, Permission.ADMIN):
        return Q()
    # What somebody exported is told by words that may name people.
    shared = ~Q(entity="") & ~Q(action__endswith=".export") & ~Q(action__endswith=".download")
    return shared | Q(actor=viewer) if can(viewer, Permission.READ) else Q(actor=viewer)


def _filtered(filters: Mapping[str, str]) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.all()
    columns = {
        "actor": "actor_name__icontains",
        "entity": "entity",
        "action": "action",
        "outcome": "outcome",
        "key": "key",
    }
    for name, column in columns.items():
        if value := filters.get(name):
            rows = rows.filter(**{column: value})
    if value := filters.get("since"):
        rows = rows.filter(at__gte=_midnight(date.fromisoformat(value)))
    if value := filters.get("until"):
        rows = rows.filter(at__lt=_midnight(date.fromisoformat(value) + timedelta(days=1)))
    if value := filters.get("field"):
        entity, _dot, name = value.partition(".")
        rows = rows.filter(entity=entity, digests__has_any_keys=[f"{name}.before", f"{name}.after"])
    if value := filters.get("q"):
        rows = rows.filter(_mentioning(value))
    return rows


def _midnight(day: date) -> datetime:
    """The beginning of a day where the people who read it are."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _mentioning(text: str) -> Q:
    """A redacted name is found by nobody."""
    because = Job.objects.filter(reason__icontains=text).values("pk")
    named = Q(values__label__value__icontains=text) | Q(key__iexact=text)
    return named | Q(detail__icontains=text) | Q(job_id__in=because) | Q(request_id=text)


def actions(viewer: User) -> list[str]:
    """The actions that this person may see, for the filter."""
    rows = AuditEntry.objects.filter(_visible_to(viewer)).order_by("action")
    return list(rows.values_list("action", flat=True).distinct())


def people() -> list[str]:
    """Who may stand in the trail, for the filter."""
    return list(User.objects.order_by("username").values_list("username", flat=True))


def _page(rows: QuerySet[AuditEntry], number: int) -> HistoryPage:
    page = Paginator(rows.order_by("-seq"), PAGE_SIZE).get_page(number)
    return HistoryPage(_entries(page.object_list), page)


def _entries(rows: Iterable[AuditEntry]) -> list[HistoryEntry]:
    entries = list(rows)
    undoable = undoable_among({entry.job_id for entry in entries if entry.job_id})
    jobs = _about_jobs(entries)
    return [_entry(entry, jobs, undoable) for entry in entries]


@dataclass(frozen=True)
class _Jobs:
    """The reasons and approvers of the jobs that some entries are about, and those among them that are of many."""

    reasons: Mapping[uuid.UUID, str]
    batches: Mapping[uuid.UUID, Batch]
    approvers: Mapping[uuid.UUID, str]


def _about_jobs(entries: list[AuditEntry]) -> _Jobs:
    keys = {entry.job_id for entry in entries if entry.job_id}
    found = list(Job.objects.filter(pk__in=keys).select_related("actor"))
    reasons = {job.pk: job.reason for job in found if job.reason}
    batches = {job.pk: Batch(name_of(job), job.actor.get_username()) for job in found if job.kind == _BULK}
    return _Jobs(reasons, batches, approvals.approvers_of(keys))


def _entry(entry: AuditEntry, jobs: _Jobs, undoable: frozenset[uuid.UUID]) -> HistoryEntry:
    decision = entry.action.startswith(_DECISIONS)
    about = jobs.batches.get(entry.job_id) if entry.job_id else None
    fields = sorted({path.rpartition(".")[0] for path in entry.digests if "." in path} - {_REASON})
    return HistoryEntry(
        seq=entry.seq,
        at=entry.at,
        actor_name=entry.actor_name,
        action=entry.action,
        outcome=entry.outcome,
        entity=entry.entity,
        key=entry.key,
        label=about.title if about and decision and entry.label else entry.label,
        request_id=entry.request_id,
        action_id=entry.action_id,
        job_id=entry.job_id,
        detail=entry.detail,
        reason=_value(entry, f"{_REASON}.after") or (jobs.reasons.get(entry.job_id, "") if entry.job_id else ""),
        approver="" if decision or not entry.job_id else jobs.approvers.get(entry.job_id, ""),
        # A decision names its plan itself, and gives a reason that is not the plan's.
        batch=None if decision and entry.label else about,
        changes=[(name, _value(entry, f"{name}.before"), _value(entry, f"{name}.after")) for name in fields],
        undoable=entry.job_id in undoable and entry.outcome in WRITTEN,
    )


def _value(entry: AuditEntry, path: str) -> Any:
    """None where there never was one; where there was, and it is gone, the mark."""
    if path in entry.digests and path not in entry.values:
        return MARK
    return entry.values.get(path, {}).get("value")
