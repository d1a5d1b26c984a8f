"""Records that a new one looks like: with its name or its tax number, in Flowtly or further up in the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from backoffice.models import ROWS
from backoffice.models.index import column
from backoffice.resources import Kind, Resource
from backoffice.services import index, lists
from backoffice.services.index.rows import compact
from backoffice.services.reading import ListQuery
from backoffice.services.transfer.lines import Line

_NAMED = 3  # look-alikes that a sentence names


def mark(resource: Resource, new: Sequence[Line]) -> None:
    """Say of each new row which records it looks like. From the copy, else by reading the whole list once."""
    marks: dict[str, list[Line]] = {}
    for line in new:
        for each in _marks(resource, line.changes):
            if (earlier := marks.setdefault(each, [])) and not line.alike:
                line.alike = _("Looks like row %(row)s of this sheet.") % {"row": earlier[0].number}
            earlier.append(line)
    if not marks:
        return
    found: dict[int, dict[str, str]] = {}
    for key, label, values in known(resource):
        for each in _marks(resource, values, label) & marks.keys():
            for line in marks[each]:
                found.setdefault(line.number, {})[key] = label
    for line in new:
        if alike := found.get(line.number):
            names = ", ".join(f"{label} ({key})" for key, label in list(alike.items())[:_NAMED])
            line.alike = _("Looks like what is there: %(names)s.") % {"names": names}


def known(resource: Resource) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Key, name and tax numbers of every record, with constant memory. Raises the errors of the API client."""
    names = [item.name for item in resource.fields if item.kind is Kind.TAX_ID]
    if index.age(resource) is None:
        for record in lists.every(resource=resource, query=ListQuery(), fresh=True).records:
            yield record.key, record.label, {name: record.values.get(name) for name in names}
        return
    rows = ROWS[resource.slug]._default_manager.values_list("key", "label", *map(column, names))
    for key, label, *values in rows.iterator(chunk_size=1_000):
        yield key, label, dict(zip(names, values, strict=True))


def _marks(resource: Resource, values: dict[str, Any], label: str = "") -> set[str]:
    """What tells a record: its name, and its tax numbers without separators."""
    name = " ".join((label or resource.label_of(values)).casefold().split())
    numbers = (values.get(item.name) for item in resource.fields if item.kind is Kind.TAX_ID)
    return {f"name {name}" if name else "", *(f"number {form}" for form in forms(numbers))} - {""}


def forms(numbers: Iterable[Any]) -> set[str]:
    """Tax numbers as they are compared: without separators, in capitals."""
    return {compact(str(number)).upper() for number in numbers if number and compact(str(number))}
