"""The files on disk: below DATA_DIR/exports, with names that nobody can guess, readable by our account alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.models import Export, ExportState


def folder() -> Path:
    found = Path(settings.DATA_DIR) / "exports"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def path_of(name: str) -> Path:
    """The whole file of this name."""
    return folder() / name


def part_of(name: str) -> Path:
    """What is being written under this name."""
    return folder() / f"{name}.part"


def kept_until() -> timedelta:
    return timedelta(days=settings.KEEP_EXPORTS_DAYS)


def remove(exports: QuerySet[Export]) -> int:
    """Delete these exports with their files; how many."""
    found = list(exports.values_list("pk", "file"))
    for _pk, name in found:
        if name:
            path_of(name).unlink(missing_ok=True)
    Export.objects.filter(pk__in=[pk for pk, _name in found]).delete()
    return len(found)


def expire(stop: Callable[[], bool] = lambda: False) -> int:
    """Delete what has expired, and files that no export names: their maker was killed. How many exports."""
    # Listed before the rows are read: a file is named in its row before it is made.
    there = list(folder().iterdir())
    named = set(Export.objects.exclude(file="").values_list("file", flat=True))
    for path in there:
        if path.name.removesuffix(".part") not in named:
            path.unlink(missing_ok=True)
    going_on = (ExportState.WAITING, ExportState.RUNNING)
    return remove(Export.objects.filter(expires_at__lt=timezone.now()).exclude(state__in=going_on))


def forget(entity: str) -> int:
    """Delete all files of one entity, whoever had them made; how many. One that is being made begins anew.

    For redaction: what a record held must not live on in a file, nor what somebody searched for in its title.
    """
    Export.objects.filter(entity=entity, state=ExportState.RUNNING).update(
        state=ExportState.WAITING, lease_owner="", lease_until=None
    )
    return remove(ended(entity))


def ended(entity: str) -> QuerySet[Export]:
    """The exports of one entity that nobody is at work on."""
    return Export.objects.filter(entity=entity).exclude(state__in=(ExportState.WAITING, ExportState.RUNNING))
