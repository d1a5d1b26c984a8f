"""Redaction of files that people had made of lists: each that may name the person goes as a whole."""

from __future__ import annotations

from backoffice.resources import referring
from backoffice.services import exports
from backoffice.services.privacy.person import Person, hosting


def find(person: Person) -> int:
    return sum(exports.ended(slug).count() for slug in _entities(person))


def redact(person: Person) -> int:
    return sum(exports.forget(slug) for slug in _entities(person))


def _entities(person: Person) -> list[str]:
    """Those whose lists show the record: its own, those that hold it whole, and those that refer to it by name."""
    if person.resource is None:
        return []
    naming = {other.slug for other, _field in referring(person.resource)}
    return sorted({person.entity, *hosting(person.entity), *naming})
