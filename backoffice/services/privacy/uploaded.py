"""Redaction of sheets for editing: one that holds the person can no longer be uploaded, and what it held goes."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.models import Sheet, SheetRow, SheetUpload
from backoffice.resources import REGISTRY
from backoffice.services.privacy.columns import as_text
from backoffice.services.privacy.person import Person, as_written


def find(person: Person) -> int:
    return _sheets(person).count()


def redact(person: Person) -> int:
    """The rows go as a whole, and what was uploaded; that it was redacted stays, for whoever uploads it again."""
    found = list(_sheets(person).values_list("pk", flat=True))
    for pk in found:
        Sheet.objects.filter(pk=pk).update(redacted_at=timezone.now())
        SheetUpload.objects.filter(sheet=pk).delete()
        SheetRow.objects.filter(sheet=pk).delete()
    return len(found)


def _sheets(person: Person) -> QuerySet[Sheet]:
    """Those of the record's own rows, and those whose uploads hold a new record that is this person."""
    if person.entity not in REGISTRY:
        return Sheet.objects.none()
    own = SheetRow.objects.filter(key__in=person.keys).values("sheet")
    rows = Sheet.objects.filter(entity=person.entity, redacted_at=None)
    return rows.filter(Q(pk__in=own) | Q(pk__in=_typed(person).values("sheet")))


def _typed(person: Person) -> QuerySet[SheetUpload]:
    needles = sorted({form for text in person.told for form in as_written(text)})
    if not needles:
        return SheetUpload.objects.none()
    return as_text(SheetUpload.objects.all(), "rows").filter(_either(needles))


def _either(needles: list[str]) -> Q:
    found = Q(pk=None)
    for needle in needles:
        found |= Q(rows_text__icontains=needle)
    return found
