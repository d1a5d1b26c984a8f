"""Keeping no longer than needed: what each store may keep, and the daily clearing of what is older.

The worker does a portion at each sweep, so that jobs never wait for long. Who did what and when stays for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from itertools import islice
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.models import (
    AuditEntry,
    Export,
    Job,
    Label,
    Notice,
    RecentRecord,
    Redacted,
    Sheet,
    Step,
    Upkeep,
    Verdict,
)
from backoffice.models.jobs import FINAL_STATES
from backoffice.services import audit, exports, reading, transfer
from backoffice.services.privacy import steps
from backoffice.services.privacy.counts import in_detail
from backoffice.services.privacy.local import SIGN_INS
from backoffice.services.privacy.rows import CHUNK

ACTION = "privacy.retention"
PORTION = 2_000  # rows that one sweep clears at most
_DAY = timedelta(days=1)
_MINE = timedelta(minutes=10)  # a worker that died in a portion is waited for no longer
_LONGEST = 36_500  # days; what is set to more is kept for as long as this


@dataclass(frozen=True)
class Period:
    """What one store may keep. `due` counts what is older than a moment, `clear` takes at most so many rows.

    `days` reads the setting; None: there is no choice, the rows themselves say until when.
    """

    name: str
    label: str | Promise
    setting: str
    due: Callable[[datetime], int]
    clear: Callable[[datetime, int], int]

    @property
    def days(self) -> int | None:
        return min(ceil(getattr(settings, self.setting)), _LONGEST) if self.setting else None

    def cutoff(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days or 0)


# Plans


def _old_jobs(cutoff: datetime) -> models.QuerySet[Job]:
    ended = models.Q(finished_at__lt=cutoff) | models.Q(finished_at=None, created_at__lt=cutoff)
    return Job.objects.filter(ended, emptied_at=None, created_at__lt=cutoff, state__in=FINAL_STATES)


def _full_steps(jobs: Any) -> models.QuerySet[Step]:
    return Step.objects.filter(phase__job__in=jobs).exclude(redacted=Redacted.ALL)


def _due_steps(cutoff: datetime) -> int:
    return _full_steps(_old_jobs(cutoff)).count()


def _clear_steps(cutoff: datetime, limit: int) -> int:
    done = 0
    for job in _old_jobs(cutoff).order_by("created_at")[: limit + 1]:
        if done >= limit:
            break
        done += _empty_some(job, limit - done)
        if not _full_steps([job]).exists():
            _close(job)
    return done


def _empty_some(job: Job, limit: int) -> int:
    done = 0
    while done < limit and (rows := list(_full_steps([job]).order_by("pk")[: min(CHUNK, limit - done)])):
        with transaction.atomic():
            for step in rows:
                steps.empty(step)
                step.save()
        done += len(rows)
    return done


def _close(job: Job) -> None:
    with transaction.atomic():
        steps.make_unguessable(job)
        steps.silence_comments(job)
        Job.objects.filter(pk=job.pk).update(
            title="", reason="", spec=steps.quiet_spec(job.spec), emptied_at=timezone.now()
        )


# The trail


def _old_entries(cutoff: datetime) -> models.QuerySet[AuditEntry]:
    """What was recorded of redactions and of these clearings names nobody and is kept."""
    return AuditEntry.objects.filter(at__lt=cutoff).exclude(values={}).exclude(action__startswith="privacy.")


def _clear_entries(cutoff: datetime, limit: int) -> int:
    done = 0
    while done < limit and (rows := list(_old_entries(cutoff).order_by("seq")[: min(CHUNK, limit - done)])):
        with transaction.atomic():
            for entry in rows:
                audit.redact(entry, list(entry.values))
        done += len(rows)
    return done


# What was said of duplicates and holds no more: that it was said stays, by numbers


def _ended_verdicts(cutoff: datetime) -> models.QuerySet[Verdict]:
    """One that a merge carried on goes after the one that stood for it."""
    ended = models.Q(withdrawn_at__lt=cutoff) | models.Q(lapsed_at__lt=cutoff) | models.Q(carried_to__salt="")
    return Verdict.objects.filter(ended).exclude(salt="")


def _clear_verdicts(cutoff: datetime, limit: int) -> int:
    pks = list(_ended_verdicts(cutoff).order_by("pk").values_list("pk", flat=True)[:limit])
    for start in range(0, len(pks), CHUNK):
        Verdict.objects.filter(pk__in=pks[start : start + CHUNK]).update(
            label_a="", label_b="", reason="", salt="", digests_a={}, digests_b={}
        )
    return len(pks)


# Rows that simply go


def _delete(rows: models.QuerySet[Any], limit: int) -> int:
    keys = list(islice(rows.order_by("pk").values_list("pk", flat=True)[:limit].iterator(), limit))
    for start in range(0, len(keys), CHUNK):
        rows.model._default_manager.filter(pk__in=keys[start : start + CHUNK]).delete()
    return len(keys)


def _rows(name: str, label: Promise, setting: str, *tables: tuple[type[models.Model], str]) -> Period:
    def old(cutoff: datetime) -> list[models.QuerySet[Any]]:
        return [model._default_manager.filter(**{f"{column}__lt": cutoff}) for model, column in tables]

    def clear(cutoff: datetime, limit: int) -> int:
        done = 0
        for rows in old(cutoff):
            done += _delete(rows, limit - done)
        return done

    return Period(name, label, setting, lambda cutoff: sum(rows.count() for rows in old(cutoff)), clear)


def _clear_names(cutoff: datetime, limit: int) -> int:
    """Names are read again where they are needed; this process must not think that it has stored them."""
    done = _delete(Label.objects.filter(seen_at__lt=cutoff), limit)
    if done:
        reading.forget_labels()
    return done


def _expired_exports(_cutoff: datetime) -> int:
    return Export.objects.filter(expires_at__lt=timezone.now(), finished_at__isnull=False).count()


def _ended_sessions(now: datetime) -> int:
    return Session.objects.filter(expire_date__lt=now).count()


def _clear_sessions(now: datetime, limit: int) -> int:
    """As `clearsessions` does, whatever keeps the sessions."""
    ended = _ended_sessions(now)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return ended


PERIODS: tuple[Period, ...] = (
    Period(
        "steps",
        _("Steps of jobs, with copies of deleted records"),
        "KEEP_STEP_VALUES_DAYS",
        _due_steps,
        _clear_steps,
    ),
    Period(
        "audit",
        _("Values in the audit trail"),
        "KEEP_AUDIT_VALUES_DAYS",
        lambda cutoff: _old_entries(cutoff).count(),
        _clear_entries,
    ),
    Period(
        "names",
        _("Names for display"),
        "KEEP_NAMES_DAYS",
        lambda cutoff: Label.objects.filter(seen_at__lt=cutoff).count(),
        _clear_names,
    ),
    Period(
        "verdicts",
        _("Verdicts on duplicates that hold no more"),
        "KEEP_AUDIT_VALUES_DAYS",
        lambda cutoff: _ended_verdicts(cutoff).count(),
        _clear_verdicts,
    ),
    _rows("opened", _("Recently opened records"), "KEEP_OPENED_DAYS", (RecentRecord, "opened_at")),
    _rows("notices", _("Notices"), "KEEP_NOTICES_DAYS", (Notice, "created_at")),
    _rows(
        "sign_ins",
        _("Attempts to sign in"),
        "KEEP_SIGN_INS_DAYS",
        *((model, "attempt_time") for model in SIGN_INS),
        (LogEntry, "action_time"),
    ),
    # The worker deletes them at each look; each file says itself until when it is kept.
    Period(
        "exports",
        _("Files made of lists"),
        "KEEP_EXPORTS_DAYS",
        _expired_exports,
        lambda _cutoff, _limit: exports.expire(),
    ),
    # Likewise.
    Period(
        "sheets",
        _("Sheets for editing"),
        "KEEP_SHEETS_DAYS",
        lambda _cutoff: Sheet.objects.filter(expires_at__lt=timezone.now()).count(),
        lambda _cutoff, _limit: transfer.drop_expired(),
    ),
    Period("sessions", _("Sessions that have ended"), "", _ended_sessions, _clear_sessions),
)


def due() -> dict[str, int]:
    """How many rows of each store have been kept for long enough; changes nothing."""
    now = timezone.now()
    return {period.name: period.due(period.cutoff(now)) for period in PERIODS}


def clear_all(*, actor_name: str) -> dict[str, int]:
    """The whole clearing at once, recorded; for the command line."""
    counts: dict[str, int] = {}
    while not _portion(counts):
        pass
    _record(counts, actor_name)
    return counts


def clear_when_due() -> bool:
    """The worker's duty: at most once a day, a portion at each sweep; whether anything was looked for.

    Whoever moves the row's moment on does the portion, so that several workers share one round.
    """
    now = timezone.now()
    row = Upkeep.objects.filter(name=ACTION).first() or _first_row(now)
    if row.due_at > now or not _claim(row, now):
        return False
    counts: dict[str, int] = dict(row.counts)
    finished = _portion(counts)
    if finished:
        _record(counts, "worker")
    Upkeep.objects.filter(pk=row.pk).update(
        counts={} if finished else counts, due_at=now + _DAY if finished else now
    )
    return True


def _first_row(now: datetime) -> Upkeep:
    return Upkeep.objects.get_or_create(name=ACTION, defaults={"due_at": now})[0]


def _claim(row: Upkeep, now: datetime) -> bool:
    return bool(Upkeep.objects.filter(pk=row.pk, due_at=row.due_at).update(due_at=now + _MINE))


def _portion(counts: dict[str, int]) -> bool:
    """Clear at most PORTION rows, added to `counts`; whether that was all."""
    now, left = timezone.now(), PORTION
    for period in PERIODS:
        done = period.clear(period.cutoff(now), left)
        counts[period.name] = counts.get(period.name, 0) + done
        left -= done
        if left <= 0:
            return False
    return True


def _record(counts: Mapping[str, int], actor_name: str) -> None:
    """A day on which nothing was old enough is not worth an entry."""
    if any(counts.values()):
        audit.append(action=ACTION, outcome="ok", actor_name=actor_name, detail=in_detail(counts))
