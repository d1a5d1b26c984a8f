"""Redaction of exports: files in which the person may stand are deleted, whoever had them made."""

from __future__ import annotations

import json
from collections.abc import Iterator

from backoffice.models import Export, ExportState
from backoffice.resources import referring
from backoffice.services import exports
from backoffice.services.privacy.person import Person, hosting


def find(person: Person) -> int:
    return sum(1 for _export in _holding(person))


def redact(person: Person) -> int:
    """A file that is being made is begun anew, from what Flowtly and the index hold by then."""
    found = list(_holding(person))
    for entity in _entities(person):
        exports.forget(entity)
    for export in found:
        if Export.objects.filter(pk=export.pk).exists():
            exports.delete(export)
    return len(found)


def _holding(person: Person) -> Iterator[Export]:
    """Files of these entities, and whatever was looked for by a name of the person."""
    entities = _entities(person)
    for export in Export.objects.iterator(chunk_size=200):
        filed = export.state == ExportState.DONE and export.entity in entities
        if filed or person.searched_by(f"{export.title} {json.dumps(export.source, ensure_ascii=False)}"):
            yield export


def _entities(person: Person) -> set[str]:
    """The entity itself, those that hold its records whole, and those that show the record's name."""
    if person.resource is None:
        return set()
    return {person.entity, *hosting(person.entity), *(other.slug for other, _field in referring(person.resource))}
