"""What was found in an upload, kept for a day; and the plan that is made of it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import islice

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.models import Job, Sheet, SheetUpload, User
from backoffice.resources import PAGES
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


def plan(upload: SheetUpload, *, actor: User, with_alike: bool, request_id: str) -> Job:
    """The plan of all its rows; one with a problem is in it as not valid. The same upload gives one plan.

    `with_alike`: new records that look like others are created as well, else they are left out.
    """
    lines = lines_of(upload)
    for line in lines:
        if line.alike and not with_alike:
            line.problems.setdefault("", line.alike)
    return bulk.plan_rows(
        actor=actor,
        resource=PAGES[upload.sheet.entity],
        rows=[_row(line) for line in lines],
        scope=_("Sheet %(name)s") % {"name": upload.file_name},
        source={"sheet": str(upload.sheet_id)},
        nonce=f"sheet-{upload.pk.hex}",
        request_id=request_id,
    )


def _row(line: Line) -> bulk.Row:
    return bulk.Row(
        key=line.key,
        changes=line.changes,
        base=line.base if line.key else None,
        line=line.number,
        problems=line.problems,
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
