"""The entities of Flowtly, each declared once."""

from __future__ import annotations

from backoffice.resources.clients import CLIENTS
from backoffice.resources.contacts import CONTACTS
from backoffice.resources.counterparties import COUNTERPARTIES
from backoffice.resources.notes import NOTES
from backoffice.resources.reference import ATTRIBUTE_SETS, COUNTRIES, CURRENCIES, EMPLOYEES
from backoffice.resources.schema import (
    Children,
    Field,
    Fieldset,
    Kind,
    Record,
    Resource,
    Subpath,
    Tab,
    UndecodableRecord,
)

_ALL = (CLIENTS, CONTACTS, NOTES, COUNTERPARTIES, COUNTRIES, CURRENCIES, ATTRIBUTE_SETS, EMPLOYEES)
REGISTRY: dict[str, Resource] = {item.slug: item for item in _ALL}
# What has pages of its own.
PAGES: dict[str, Resource] = {slug: item for slug, item in REGISTRY.items() if item.editable}
# Lists that are short enough to be offered whole; any other is searched by name.
SHORT_LISTS = frozenset(slug for slug, item in REGISTRY.items() if item.short)


def referring(resource: Resource) -> list[tuple[Resource, Field]]:
    """The fields of records with pages that may point at a record of this entity."""
    return [(other, item) for other in PAGES.values() for item in other.fields if item.references == resource.slug]


def parents(resource: Resource) -> list[tuple[Resource, Children]]:
    """The tabs of other entities in which records of this one stand as their own."""
    return [
        (other, tab)
        for other in PAGES.values()
        for tab in other.tabs
        if isinstance(tab, Children) and tab.owned and tab.entity == resource.slug
    ]


__all__ = [
    "PAGES",
    "REGISTRY",
    "SHORT_LISTS",
    "Children",
    "Field",
    "Fieldset",
    "Kind",
    "Record",
    "Resource",
    "Subpath",
    "Tab",
    "UndecodableRecord",
    "parents",
    "referring",
]
