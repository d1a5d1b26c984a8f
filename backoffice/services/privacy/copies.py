"""Redaction of the index, the local copy that lists are drawn from. What Flowtly still has is read again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from backoffice.models import ROWS, IndexRow
from backoffice.models.index import column
from backoffice.resources import PAGES, Record
from backoffice.resources.redacted import is_redacted
from backoffice.services import index
from backoffice.services.index.rows import record_of
from backoffice.services.privacy.columns import any_of, as_text
from backoffice.services.privacy.person import Person, hosting, hosts

_NEVER = ""  # the digest of no record: the next reading writes the row anew


def records(person: Person) -> Iterator[Record]:
    """The record as it was last read for lists."""
    for rows in _own(person):
        for row in rows.values():
            yield record_of(PAGES[person.entity], row)


def find(person: Person) -> int:
    return sum(rows.count() for rows in _own(person)) + sum(1 for _found in _holding(person))


def redact(person: Person) -> int:
    """The record's row goes and is asked for anew; from rows of others its embedded copy is left out."""
    done = sum(rows.delete()[0] for rows in _own(person))
    if done:
        index.ask(PAGES[person.entity])
    for row, cleaned in list(_holding(person)):
        type(row)._default_manager.filter(pk=row.pk).update(**cleaned, digest=_NEVER)
        done += 1
    return done


def _own(person: Person) -> list[QuerySet[Any]]:
    model = ROWS.get(person.entity)
    return [] if model is None else [model._default_manager.filter(key__in=person.keys)]


def _holding(person: Person) -> Iterator[tuple[IndexRow, dict[str, Any]]]:
    """Rows of other entities in which the record stands whole, with what is left of their values."""
    for slug in hosting(person.entity):
        for name in [field for field, entity in hosts(slug).items() if entity == person.entity]:
            held, needles = column(name), [*person.needles, *person.bare_needles]
            rows = as_text(ROWS[slug]._default_manager.all(), held).filter(any_of(f"{held}_text", needles))
            for row in rows.iterator(chunk_size=200):
                old = getattr(row, held)
                cleaned = person.taken_from(old, within=person.entity)
                new = [each for each in cleaned if not is_redacted(each)] if isinstance(cleaned, list) else None
                if new != old:
                    yield row, {held: new}
