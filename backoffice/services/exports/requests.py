"""What a person does with an export: ask for it, stop it, download it, delete it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify

from backoffice.models import Export, ExportFormat, ExportState, User
from backoffice.resources import Resource
from backoffice.services.access import Permission, can
from backoffice.services.exports import files
from backoffice.services.exports.editing import MOST_RECORDS, TooManyRecords
from backoffice.services.exports.make import IN_A_REQUEST, SMALL, make_at_once, new_name, note
from backoffice.services.exports.sources import Source, content
from backoffice.services.lease import me


def request(
    *,
    actor: User,
    resource: Resource,
    source: Source,
    title: str,
    columns: Sequence[str],
    file_format: ExportFormat,
    language: str,
    request_id: str = "",
) -> Export:
    """Store an export; one of few rows is made here and now, any other waits for the worker.

    `title` says in words what is in it; `columns` are names of fields, none for all of them. Raises CannotBeTold,
    TooManyRecords for a sheet for editing, PermissionDenied for who may not change many records, and the errors
    of the API client where not even the number of rows can be read.
    """
    for_editing = file_format == ExportFormat.SHEET
    if for_editing and not can(actor, Permission.BULK):
        raise PermissionDenied
    found = content(resource, source, fresh=for_editing)
    if for_editing and (found.total or 0) > MOST_RECORDS:
        found.records.close()
        raise TooManyRecords
    now = timezone.now()
    export = Export(
        owner=actor,
        entity=resource.slug,
        title=title,
        source=source,
        columns=list(columns),
        format=file_format,
        language=language,
        request_id=request_id,
        total=found.total,
        expires_at=now + files.kept_until(),
        name=_file_name(resource, file_format),
    )
    if found.total is None or found.total > SMALL:
        export.save()
        return export
    # Held from the start, so that no worker takes it; should this process die, one does after a while.
    export.state, export.file, export.attempts = ExportState.RUNNING, new_name(), 1
    export.lease_owner, export.lease_until = me(), now + IN_A_REQUEST
    export.save()
    make_at_once(export, found)
    export.refresh_from_db()
    return export


def _file_name(resource: Resource, file_format: ExportFormat) -> str:
    name = slugify(str(resource.label_plural), allow_unicode=True) or resource.slug
    return f"{name}-{timezone.localdate().isoformat()}.{file_format.extension}"


def stop(export: Export) -> bool:
    """Have it end without a file; False where it had ended. Whoever makes it notices with the next beat."""
    going_on = Export.objects.filter(pk=export.pk, state__in=(ExportState.WAITING, ExportState.RUNNING))
    return bool(
        going_on.update(state=ExportState.STOPPED, finished_at=timezone.now(), lease_owner="", lease_until=None)
    )


def download(export: Export, *, request_id: str = "") -> Path | None:
    """The whole file, noted in the audit trail; None where there is none (any more)."""
    path = files.path_of(export.file)
    if not export.ready or not path.is_file():
        return None
    note(export, "download", rows=export.rows, request_id=request_id)
    return path


def delete(export: Export) -> None:
    """The file and the line about it; one that is being made is stopped."""
    stop(export)
    files.remove(_only(export))


def _only(export: Export) -> QuerySet[Export]:
    return Export.objects.filter(pk=export.pk)
