"""A list's state in its address: search, criteria, sort, page, size, view. No address can break a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.formats import words
from backoffice.forms.fields import IRI
from backoffice.resources import Kind, Resource
from backoffice.resources.criteria import Criterion, Operator, operators_of

SIZES = (25, 50, 100, 200)
DEFAULT_SIZE = 50
SEARCH_MINIMUM = 3
MOST_SORTS = 4
NO_VIEW = "none"  # everything, also for somebody whose list opens with a view
_LONGEST = 200
_MOST_CRITERIA = 20
_MOST_VALUES = 20


@dataclass(frozen=True)
class ListState:
    """What the address asks for, cleaned. `notes` says in words what could not be taken as it stood.

    `usual` is the size where the address names none. `view` is the number of the saved view that this began
    with, or NO_VIEW; an address that holds more than the view is the whole state.
    """

    search: str = ""
    criteria: tuple[Criterion, ...] = ()
    sort: tuple[str, ...] = ()
    page: int = 1
    size: int = DEFAULT_SIZE
    notes: tuple[str, ...] = ()
    usual: int = DEFAULT_SIZE
    view: str = ""

    @classmethod
    def read(
        cls, resource: Resource, query: QueryDict, *, sortable: frozenset[str], usual: int = DEFAULT_SIZE
    ) -> Self:
        notes: list[str] = []
        return cls(
            search=_clean(query.get("q", "")),
            criteria=_criteria(resource, query, notes),
            sort=_sort(query.get("sort", ""), sortable, notes),
            page=_page(query.get("page", ""), notes),
            size=_size(query.get("size", ""), usual, notes),
            notes=tuple(notes),
            usual=usual,
            view=view_named(query),
        )

    @property
    def too_short(self) -> bool:
        return 0 < len(self.search) < SEARCH_MINIMUM

    @property
    def narrowed(self) -> bool:
        return bool(self.criteria) or len(self.search) >= SEARCH_MINIMUM

    def chosen(self, name: str) -> str:
        """The one value that a field is to have; empty where there is none or there are several."""
        found = [one.values for one in self.criteria if one.name == name and one.operator is Operator.IS]
        return found[0][0] if found and len(found[0]) == 1 else ""

    def query(self, **changes: object) -> str:
        """The shortest query string of this state with `changes`; "" for the plain list."""
        state = replace(self, **changes)  # type: ignore[arg-type]
        pairs = [("q", state.search), *state.pairs, ("sort", ",".join(state.sort))]
        pairs += [("size", "" if state.size == state.usual else str(state.size))]
        pairs += [("page", "" if state.page == 1 else str(state.page))]
        pairs = [(name, value) for name, value in pairs if value]
        if state.view and state.view != NO_VIEW:
            # A page is named even if it is the first: the view alone would bring back what was taken out of it.
            pairs = [("view", state.view), *(pairs or [("page", "1")])]
        elif state.view and not pairs:
            pairs = [("view", NO_VIEW)]
        return urlencode(pairs, safe="/,")

    @property
    def shown(self) -> str:
        """Search, criteria and sort as a query string: what a view keeps of a list."""
        return self.query(page=1, size=self.usual, view="")

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The criteria as parameters."""
        return sorted((one.parameter, value) for one in self.criteria for value in one.values)

    def url(self, path: str, **changes: object) -> str:
        query = self.query(**changes)
        return f"{path}?{query}" if query else path

    def without(self, criterion: Criterion, value: str) -> tuple[Criterion, ...]:
        """The criteria without one value, or without a criterion that has no other."""
        rest = tuple(held for held in criterion.values if held != value)
        kept = (replace(one, values=rest) if one == criterion else one for one in self.criteria)
        return tuple(one for one in kept if one.values)

    def toggled(self, name: str) -> tuple[str, ...]:
        """The sort after a click on a column's head: up, then down, then as Flowtly gives it."""
        if self.sort[:1] == (name,):
            return (f"-{name}",)
        return () if self.sort[:1] == (f"-{name}",) else (name,)

    def then(self, name: str) -> tuple[str, ...]:
        """The sort with one column more behind the others; one that is there is turned round, then left out."""
        if f"-{name}" in self.sort:
            return tuple(held for held in self.sort if held != f"-{name}")
        if name in self.sort:
            return tuple(f"-{name}" if held == name else held for held in self.sort)
        return (*self.sort, name)[-MOST_SORTS:]

    def direction(self, name: str) -> str:
        """`aria-sort` of a column."""
        if name in self.sort:
            return "ascending"
        return "descending" if f"-{name}" in self.sort else ""

    def rank(self, name: str) -> int:
        """The place of a column among several that the list is sorted by, from 1; else 0."""
        names = [held.removeprefix("-") for held in self.sort]
        return names.index(name) + 1 if name in names and len(names) > 1 else 0


def _clean(text: str) -> str:
    return " ".join(text.replace("\x00", " ").split())[:_LONGEST]


def _criteria(resource: Resource, query: QueryDict, notes: list[str]) -> tuple[Criterion, ...]:
    found: list[Criterion] = []
    for parameter in query:
        name, _separator, operator = parameter.partition("__")
        known = operators_of(resource, name)
        values = tuple(dict.fromkeys(filter(None, map(_clean, query.getlist(parameter)))))[:_MOST_VALUES]
        if not known or not values:
            continue
        if (operator or Operator.IS) not in known:
            notes.append(_left_out(resource, name))
            continue
        criterion, problem = criterion_of(resource, name, Operator(operator or Operator.IS), values)
        if criterion:
            found.append(criterion)
        if problem:
            notes.append(_left_out(resource, name, problem))
    return tuple(found[:_MOST_CRITERIA])


def _left_out(resource: Resource, name: str, problem: str = "") -> str:
    note = _("The filter on %(field)s was left out.") % {"field": name_of(resource, name)}
    return f"{note} {problem}".strip()


def name_of(resource: Resource, name: str) -> str:
    """The label of what a list can be narrowed by: a field, or the records of a tab."""
    item = resource.by_name.get(name) or resource.tab(name)
    return capfirst(str(item.label)) if item else name


def criterion_of(
    resource: Resource, name: str, operator: Operator, values: Iterable[str]
) -> tuple[Criterion | None, str]:
    """The criterion of the values that can be meant, or None; and what is wrong with the others."""
    item = resource.by_name.get(name)
    kind = item.kind if item else Kind.LIST
    wanted, problem = _wanted(kind, operator)
    values = list(values)
    taken = tuple(value for value in values if wanted(value))
    if operator not in (Operator.IS, Operator.NOT):
        taken = taken[:1]
    return Criterion(name, operator, taken) if taken else None, problem if len(taken) < len(values) else ""


def _wanted(kind: Kind, operator: Operator) -> tuple[Callable[[str], bool], str]:
    """Whether a value will do, and what to say where it will not."""
    if operator is Operator.EMPTY or kind is Kind.BOOLEAN:
        return ("true", "false").__contains__, _("Choose from the list.")
    if kind is Kind.REFERENCE:
        return lambda value: bool(IRI.fullmatch(value)), _("Choose from the list.")
    if kind is Kind.INTEGER:
        return _is_integer, _("Write a whole number.")
    if kind is Kind.TIMESTAMP:
        return _is_day, _("Write a day as 2026-11-22.")
    return bool, ""


def _is_integer(value: str) -> bool:
    digits = value.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) <= 15


def _is_day(value: str) -> bool:
    try:
        return value == date.fromisoformat(value).isoformat()
    except ValueError:
        return False


def _sort(text: str, sortable: frozenset[str], notes: list[str]) -> tuple[str, ...]:
    asked = [name for name in text[:_LONGEST].split(",") if name]
    taken = tuple(name for name in asked if name.removeprefix("-") in sortable)
    if len(taken) < len(asked):
        notes.append(_("The list cannot be sorted by all that the address asks for."))
    return tuple({name.removeprefix("-"): name for name in reversed(taken)}.values())[::-1][:MOST_SORTS]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 7 and int(text) >= 1 else None


def _page(text: str, notes: list[str]) -> int:
    if text and _number(text) is None:
        notes.append(_("The address names no page that exists; page 1 is shown."))
    return _number(text) or 1


def view_named(query: QueryDict) -> str:
    """The number of the view that an address names, NO_VIEW, or "" for none."""
    text = query.get("view", "")
    return text if text == NO_VIEW or _number(text) is not None else ""


def is_view_alone(query: QueryDict) -> bool:
    """Whether an address says nothing but, at most, which view."""
    return not set(query) - {"view"}


def _size(text: str, usual: int, notes: list[str]) -> int:
    if not text:
        return usual
    asked = _number(text)
    if asked in SIZES:
        return asked
    offered = ", ".join(words.integer(size) for size in SIZES)
    notes.append(_("A page shows %(sizes)s rows; %(size)s are shown.") % {"sizes": offered, "size": usual})
    return usual
