"""Making the file: at once for few rows, by the worker for many; anew where whoever made it died.

The thread that reads writes nothing to the database meanwhile (on SQLite its open query would forbid it). How far
it is, and whether it is to stop, passes through the beats of the lease.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.text import capfirst

from backoffice.flowtly import errors
from backoffice.models import Export, ExportFormat, ExportState
from backoffice.resources import PAGES, Record
from backoffice.services import audit, index, sheets
from backoffice.services.exports import files
from backoffice.services.exports.editing import TooManyRecords, write_sheet
from backoffice.services.exports.sources import CannotBeTold, Content, content
from backoffice.services.exports.tables import table_of
from backoffice.services.lease import Held, free, hold

SMALL = 2_000  # rows that are read while the person waits
MOST_ATTEMPTS = 3
IN_A_REQUEST = timedelta(minutes=2)
BEAT = 1.0  # seconds; the page that shows how far it is asks as often
_DIALECTS = {ExportFormat.CSV: "plain", ExportFormat.CSV_DA: "da", ExportFormat.CSV_PL: "pl"}
log = structlog.get_logger("backoffice.exports")
Stop = Callable[[], bool]


class _Stopped(Exception):
    """The person stopped it, somebody else took it over, or the process is to end."""


@dataclass
class _Progress:
    """Rows that are done, told to the beats; raises _Stopped once there is no use in going on."""

    held: Held
    stop: Stop
    done: int = 0

    def __call__(self, done: int) -> None:
        self.done = done
        self.look()

    def look(self) -> None:
        if self.held.lost.is_set() or self.stop():
            raise _Stopped

    def told(self) -> dict[str, Any]:
        return {"rows": self.done}


def new_name() -> str:
    return secrets.token_urlsafe(24)


def work(stop: Stop = lambda: False) -> int:
    """Make what waits or was left by a process that died, the oldest first; returns how many were taken up."""
    taken = 0
    while not stop() and (export := _next()) is not None:
        taken += _take(export, stop)
    return taken


def _next() -> Export | None:
    open_ones = Export.objects.filter(state__in=(ExportState.WAITING, ExportState.RUNNING)).filter(free())
    # One that broke off again and again is left to the end of its days as failed, not tried for ever.
    open_ones.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=ExportState.FAILED, problem="BrokenOff", finished_at=timezone.now()
    )
    return open_ones.filter(attempts__lt=MOST_ATTEMPTS).order_by("created_at").first()


def _take(export: Export, stop: Stop) -> bool:
    takable = Export.objects.filter(state__in=(ExportState.WAITING, ExportState.RUNNING))
    told: list[_Progress] = []
    claimed = {"state": ExportState.RUNNING, "file": new_name(), "rows": 0, "attempts": F("attempts") + 1}
    with hold(takable, export.pk, claimed=claimed, beat=BEAT, tell=lambda: told[0].told() if told else {}) as held:
        if held is None:
            return False
        export.refresh_from_db()
        told.append(_Progress(held, stop))
        make(export, told[0])
    return True


def make_at_once(export: Export, found: Content) -> None:
    """For an export that was stored with a lease of ours; `found` is what its source gave."""
    make(export, _Progress(Held(export.lease_owner), lambda: False), found)


def make(export: Export, progress: _Progress, found: Content | None = None) -> None:
    """Read the rows and write the file; whatever happens, no half file is offered."""
    mine = Export.objects.filter(pk=export.pk, lease_owner=progress.held.owner, state=ExportState.RUNNING)
    part = files.part_of(export.file)
    try:
        part.touch(mode=0o600, exist_ok=False)
        with translation.override(export.language):
            written = _write(export, part, mine, progress, found)
        _finish(export, mine, part, written)
    except _Stopped:
        # Asked for by the person: not ours any more, nothing to say. The process ends: the next one begins anew.
        mine.update(state=ExportState.WAITING, attempts=F("attempts") - 1)
    except DatabaseError:
        raise
    except (errors.FlowtlyError, CannotBeTold, TooManyRecords) as error:
        log.warning("an export failed", export=str(export.pk), entity=export.entity, kind=type(error).__name__)
        _fail(mine, type(error).__name__)
    except Exception:
        log.exception("an export failed", export=str(export.pk), entity=export.entity)
        _fail(mine, "Internal")
    finally:
        part.unlink(missing_ok=True)


def _write(
    export: Export, part: Path, mine: QuerySet[Export], progress: _Progress, found: Content | None
) -> sheets.Written:
    resource = PAGES[export.entity]
    found = found or content(resource, export.source, fresh=export.format == ExportFormat.SHEET)
    table = table_of(resource, export.columns, index.left_out(resource))
    mine.update(total=found.total, read_at=found.read_at, unsorted=found.unsorted)
    # Closed however it ends: after an error its open query would still forbid us to write down what went wrong.
    with closing(_watched(found.records, progress)) as records:
        if export.format == ExportFormat.SHEET:
            return write_sheet(export, resource, part, records, gone=found.gone, progress=progress)
        rows = table.rows(records, copied=found.read_at is not None)
        if export.format == ExportFormat.XLSX:
            title = capfirst(str(resource.label_plural))
            return sheets.write_xlsx(part, table.columns, rows, title=title, progress=progress)
        dialect = sheets.DIALECTS[_DIALECTS[ExportFormat(export.format)]]
        return sheets.write_csv(part, table.columns, rows, dialect, progress=progress)


def _watched(records: Generator[Record], progress: _Progress) -> Generator[Record]:
    with closing(records):
        for record in records:
            progress.look()
            yield record


def _finish(export: Export, mine: QuerySet[Export], part: Path, written: sheets.Written) -> None:
    """The file gets its name, then the export is done; who lost it meanwhile leaves nothing."""
    part.chmod(0o600)
    size = part.stat().st_size
    whole = part.replace(files.path_of(export.file))
    now = timezone.now()
    with transaction.atomic():
        kept = mine.update(
            state=ExportState.DONE,
            rows=written.rows,
            total=written.rows,
            shortened=written.shortened,
            size=size,
            finished_at=now,
            expires_at=now + files.kept_until(),
            lease_owner="",
            lease_until=None,
        )
        if kept:
            note(export, "export", rows=written.rows)
    if not kept:
        whole.unlink(missing_ok=True)


def _fail(mine: QuerySet[Export], problem: str) -> None:
    mine.update(
        state=ExportState.FAILED, problem=problem, finished_at=timezone.now(), lease_owner="", lease_until=None
    )


def note(export: Export, deed: str, *, rows: int, request_id: str = "") -> None:
    """The audit entry: what was filtered by may name people, so it is a value that can be redacted."""
    audit.append(
        action=f"{export.entity}.{deed}",
        outcome="ok",
        actor=export.owner,
        entity=export.entity,
        label=export.title,
        request_id=request_id or export.request_id,
        action_id=export.pk,
        detail=f"{export.format}, {rows}",
    )
