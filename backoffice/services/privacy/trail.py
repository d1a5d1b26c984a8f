"""Redaction of the audit trail: values go, who did what and when stays, and the chain still verifies."""

from __future__ import annotations

from django.db import transaction

from backoffice.models import AuditEntry
from backoffice.services import audit
from backoffice.services.privacy.person import EMPTY, Person, hosts
from backoffice.services.privacy.rows import VERDICTS, each, entries_of, owns_entry


def find_entries(person: Person) -> int:
    return sum(bool(_paths(entry, person)) for entry in each(entries_of(person)))


def redact_entries(person: Person) -> int:
    done = 0
    for portion in entries_of(person):
        with transaction.atomic():
            for entry in portion:
                if paths := _paths(entry, person):
                    audit.redact(entry, paths)
                    done += 1
    return done


def _paths(entry: AuditEntry, person: Person) -> list[str]:
    """The values of an entry that go: the person's own, and whole ones in which the person stands."""
    within, own, told = hosts(entry.entity), owns_entry(person, entry), _tells_what_was_sought(entry)
    found = []
    for path, item in entry.values.items():
        name, value = path.rpartition(".")[0], item["value"]
        personal = own and value not in EMPTY and _is_personal(person, name)
        searched = isinstance(value, str) and (
            (told and person.searched_by(value)) or (_is_free(entry, name) and person.said_in(value))
        )
        if personal or searched or person.taken_from(value, within=within.get(name, "")) != value:
            found.append(path)
    return found


def _is_free(entry: AuditEntry, name: str) -> bool:
    """Whether a value may name anybody: that of an entry without a record, and why several were told apart."""
    return not entry.key or (name == "reason" and entry.action.startswith(VERDICTS))


def _tells_what_was_sought(entry: AuditEntry) -> bool:
    """Exports say by what they were narrowed."""
    return entry.action.rpartition(".")[2] in ("export", "download")


def _is_personal(person: Person, name: str) -> bool:
    """`name` is a field; "" stands for the record's name."""
    assert person.resource is not None
    field = person.resource.by_name.get(name or person.resource.label_field)
    return field is None or field.personal
