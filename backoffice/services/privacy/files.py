"""Redaction of files that people had made of lists: each that may name the person goes as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

from backoffice.models import Export
from backoffice.resources import referring
from backoffice.services import exports
from backoffice.services.privacy.person import Person, hosting


def find(person: Person) -> int:
    return sum(exports.ended(slug).count() for slug in _entities(person)) + sum(1 for _export in _sought(person))


def redact(person: Person) -> int:
    """A file that is being made begins anew, from what Flowtly and the index hold by then."""
    done = sum(exports.forget(slug) for slug in _entities(person))
    for export in list(_sought(person)):
        exports.delete(export)
        done += 1
    return done


def _entities(person: Person) -> list[str]:
    """Those whose lists show the record: its own, those that hold it whole, and those that refer to it by name."""
    if person.resource is None:
        return []
    naming = {other.slug for other, _field in referring(person.resource)}
    return sorted({person.entity, *hosting(person.entity), *naming})


def _sought(person: Person) -> Iterator[Export]:
    """Other files, also those that are being made, for which somebody looked for the person by name."""
    ended = [exports.ended(slug).values("pk") for slug in _entities(person)]
    rows = Export.objects.all()
    for gone in ended:
        rows = rows.exclude(pk__in=gone)
    for export in rows.iterator(chunk_size=200):
        if person.searched_by(f"{export.title} {json.dumps(export.source, ensure_ascii=False)}"):
            yield export
