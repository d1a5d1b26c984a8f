"""What was found in an upload, kept for a day; and the plan that is made of it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import islice

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.models import Job, Sheet, SheetUpload, User
from backoffice.resources import PAGES, Resource
from backoffice.services import bulk
from backoffice.services.transfer.lines import Line
from backoffice.services.transfer.reader import Found

LASTS = timedelta(days=1)
_AT_ONCE = 50


def keep(found: Found, *, file_name: str) -> SheetUpload:
    """Keep what is to be planned, and what was said about it; nothing of the file itself."""
    return SheetUpload.objects.create(
        sheet=found.sheet,
        owner=found.sheet.owner,
        file_name=file_name[:200],
        rows=[line.kept() for line in found.lines],
        problems=[list(problem) for problem in found.problems()],
        notes=found.notes,
        rows_read=found.rows_read,
        cells=found.cells,
        created=found.created,
        expires_at=timezone.now() + LASTS,
    )


def kept(*, owner: User, upload_id: uuid.UUID) -> SheetUpload | None:
    """What this person uploaded; None for anybody else's and for what has expired."""
    return SheetUpload.objects.filter(owner=owner, pk=upload_id, expires_at__gt=timezone.now()).first()


def lines_of(upload: SheetUpload) -> list[Line]:
    return [Line.read(kept) for kept in upload.rows]


def plan(upload: SheetUpload, *, actor: User, request_id: str, reason: str = "") -> Job:
    """The plan of all its rows; one with a problem is in it as not valid. The same upload gives one plan.

    Raises bulk.NothingChosen where nothing was changed.
    """
    resource = PAGES[upload.sheet.entity]
    lines: dict[object, Line] = {}
    for line in lines_of(upload):  # of a number that stands there twice both rows say so, and one is enough
        lines.setdefault(line.key or line.number, line)
    return bulk.plan_rows(
        actor=actor,
        resource=resource,
        rows=[_row(resource, line) for line in lines.values()],
        scope=_("Sheet %(name)s") % {"name": upload.file_name},
        source={"kind": "sheet", "sheet": str(upload.sheet_id)},
        nonce=f"sheet-{upload.pk.hex}",
        request_id=request_id,
        reason=reason,
    )


def _row(resource: Resource, line: Line) -> bulk.Row:
    """A cell that could not be read has no new value for the preview to show its problem at: the row says it."""
    unread = [name for name in line.problems if name and name not in line.changes]
    told = [f"{capfirst(str(resource.by_name[name].label))}: {line.problems[name]}" for name in unread]
    problems = {name: text for name, text in line.problems.items() if name not in unread}
    if told:
        problems[""] = " ".join(filter(None, [problems.get("", ""), *told]))
    return bulk.Row(
        key=line.key,
        changes=line.changes,
        base=line.base if line.key else None,
        line=line.number,
        problems=problems,
        warnings={resource.label_field: line.alike} if line.alike else {},
    )


def drop_expired() -> int:
    """Delete sheets and uploads whose time is over, some at a time; how many."""
    now, done = timezone.now(), 0
    for model in (SheetUpload, Sheet):
        expired = model._default_manager.filter(expires_at__lte=now).values_list("pk", flat=True)
        for pk in list(islice(expired.iterator(), _AT_ONCE)):
            model._default_manager.filter(pk=pk).delete()
            done += 1
    return done
