"""A list's state in its address: search, filters, sort, page, size. Nothing in an address can break a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from backoffice.formats import words
from backoffice.forms.fields import IRI
from backoffice.resources import Field, Kind, Resource

SIZES = (25, 50, 100, 200)
DEFAULT_SIZE = 50
SEARCH_MINIMUM = 3
_LONGEST = 200


@dataclass(frozen=True)
class ListState:
    """What the address asks for, cleaned. `notes` says in words what could not be taken as it stood."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    page: int = 1
    size: int = DEFAULT_SIZE
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, resource: Resource, query: QueryDict, *, sortable: frozenset[str]) -> Self:
        notes: list[str] = []
        return cls(
            search=_clean(query.get("q", "")),
            filters=_filters(resource, query, notes),
            sort=_sort(query.get("sort", ""), sortable, notes),
            page=_page(query.get("page", ""), notes),
            size=_size(query.get("size", ""), notes),
            notes=tuple(notes),
        )

    @property
    def too_short(self) -> bool:
        return 0 < len(self.search) < SEARCH_MINIMUM

    @property
    def narrowed(self) -> bool:
        return bool(self.filters) or len(self.search) >= SEARCH_MINIMUM

    def query(self, **changes: object) -> str:
        """The shortest query string of this state with `changes`; "" for the plain list."""
        state = replace(self, **changes)  # type: ignore[arg-type]
        pairs = [("q", state.search), *sorted(state.filters.items()), ("sort", ",".join(state.sort))]
        pairs += [("size", "" if state.size == DEFAULT_SIZE else str(state.size))]
        pairs += [("page", "" if state.page == 1 else str(state.page))]
        return urlencode([(name, value) for name, value in pairs if value], safe="/,")

    def url(self, path: str, **changes: object) -> str:
        query = self.query(**changes)
        return f"{path}?{query}" if query else path

    def toggled(self, name: str) -> tuple[str, ...]:
        """The sort after a click on a column's head: up, then down, then as Flowtly gives it."""
        if self.sort[:1] == (name,):
            return (f"-{name}",)
        return () if self.sort[:1] == (f"-{name}",) else (name,)

    def direction(self, name: str) -> str:
        """`aria-sort` of a column."""
        first = self.sort[0] if self.sort else ""
        return {name: "ascending", f"-{name}": "descending"}.get(first, "")


def _clean(text: str) -> str:
    return " ".join(text.replace("\x00", " ").split())[:_LONGEST]


def _filters(resource: Resource, query: QueryDict, notes: list[str]) -> dict[str, str]:
    found = {}
    for name in resource.list_filter:
        value = _clean(query.get(name, ""))
        if value and _acceptable(resource.by_name[name], value):
            found[name] = value
        elif value:
            label = str(resource.by_name[name].label)
            notes.append(_("The filter on %(field)s was left out: choose from the list.") % {"field": label})
    return found


def _acceptable(item: Field, value: str) -> bool:
    return item.kind is not Kind.REFERENCE or bool(IRI.fullmatch(value))


def _sort(text: str, sortable: frozenset[str], notes: list[str]) -> tuple[str, ...]:
    asked = [name for name in text[:_LONGEST].split(",") if name]
    taken = tuple(name for name in asked if name.removeprefix("-") in sortable)
    if len(taken) < len(asked):
        notes.append(_("Flowtly cannot sort by what the address asks for; its own order is shown."))
    return taken[:3]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 7 and int(text) >= 1 else None


def _page(text: str, notes: list[str]) -> int:
    if text and _number(text) is None:
        notes.append(_("The address names no page that exists; page 1 is shown."))
    return _number(text) or 1


def _size(text: str, notes: list[str]) -> int:
    if not text:
        return DEFAULT_SIZE
    asked = _number(text)
    if asked in SIZES:
        return asked
    offered = ", ".join(words.integer(size) for size in SIZES)
    notes.append(_("A page shows %(sizes)s rows; %(size)s are shown.") % {"sizes": offered, "size": DEFAULT_SIZE})
    return DEFAULT_SIZE
