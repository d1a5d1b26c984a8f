"""What stands around the rows of a list: columns, quick filters, chips of what narrows it, ways to sort."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.forms.listing import ListState, name_of
from backoffice.resources import SHORT_LISTS, Field, Kind, Resource
from backoffice.resources.criteria import Criterion, Operator
from backoffice.services import reading
from backoffice.templatetags.ui import plain
from backoffice.views.shared import Lists, names_for


@dataclass(frozen=True)
class Column:
    """`then_url` adds the column to those that the list is sorted by; `rank` is its place among several."""

    field: Field
    sort_url: str
    up_url: str
    down_url: str
    then_url: str
    direction: str
    rank: int


@dataclass(frozen=True)
class Filter:
    """One control: `options` for a short list, else a type-ahead at `suggest_url`."""

    field: Field
    value: str
    label_now: str
    options: list[tuple[str, str]]
    suggest_url: str
    here_only: bool


@dataclass(frozen=True)
class Chip:
    """One thing that narrows the list, and the list without it."""

    label: str
    words: str
    url: str


def columns_of(
    resource: Resource, names: Iterable[str], state: ListState, path: str, sortable: frozenset[str]
) -> list[Column]:
    def to(name: str, sort: tuple[str, ...]) -> str:
        return state.url(path, sort=sort, page=1) if name in sortable else ""

    return [
        Column(
            resource.by_name[name],
            to(name, state.toggled(name)),
            to(name, (name,)),
            to(name, (f"-{name}",)),
            to(name, state.then(name)),
            state.direction(name),
            state.rank(name),
        )
        for name in names
    ]


def quick_filters(resource: Resource, state: ListState, able: frozenset[str] | None, lists: Lists) -> list[Filter]:
    """The filters that stand beside the search; `able`: what can be filtered by, None for everything."""
    fields = [resource.by_name[name] for name in resource.list_filter]
    names = names_for(fields, [{item.name: state.chosen(item.name) for item in fields}], lists=lists)
    return [_quick(resource, item, state.chosen(item.name), names, able, lists) for item in fields]


def _quick(
    resource: Resource,
    item: Field,
    value: str,
    names: Mapping[str, str],
    able: frozenset[str] | None,
    lists: Lists,
) -> Filter:
    options = options_of(resource, item, lists)
    long = is_long(item)
    if value and not long and value not in {each for each, _label in options}:
        options.insert(0, (value, names.get(value, value)))
    here_only = able is not None and item.name not in able
    return Filter(item, value, names.get(value, value), options, suggest_url(resource, item), here_only)


def beside_quick(resource: Resource, state: ListState) -> list[tuple[str, str]]:
    """The criteria that no quick filter shows; the form sends them along."""
    shown = {(name, state.chosen(name)) for name in resource.list_filter}
    return [pair for pair in state.pairs if pair not in shown]


def is_long(item: Field) -> bool:
    """Whether the values are records of a list that is searched by name instead of offered whole."""
    return item.kind is Kind.REFERENCE and item.references not in SHORT_LISTS


def suggest_url(resource: Resource, item: Field) -> str:
    return f"{reverse('suggest', args=[resource])}?field={item.name}" if is_long(item) else ""


def options_of(resource: Resource, item: Field, lists: Lists) -> list[tuple[str, str]]:
    """The values that are offered, each with its name; [] for a long list and for what is written freely."""
    if item.kind is Kind.REFERENCE:
        return [] if is_long(item) else list(lists[item.references])
    if item.kind is Kind.BOOLEAN:
        return [("true", _("Yes")), ("false", _("No"))]
    return [(seen, plain(item, seen, {})) for seen in reading.observed(resource, item.name)]


def chips(resource: Resource, state: ListState, path: str, lists: Lists) -> list[Chip]:
    """Everything that narrows the list, one by one removable."""
    fields = [resource.by_name[one.name] for one in state.criteria if one.name in resource.by_name]
    held = [{one.name: value} for one in state.criteria for value in one.values]
    names = names_for(fields, held, lists=lists)
    found = [
        Chip(
            name_of(resource, one.name), _in_words(resource, one, value, names), _without(state, path, one, value)
        )
        for one in state.criteria
        for value in one.values
    ]
    if len(state.search) and not state.too_short:
        found.insert(0, Chip(_("Search"), state.search, state.url(path, search="", page=1)))
    return found


def _without(state: ListState, path: str, criterion: Criterion, value: str) -> str:
    return state.url(path, criteria=state.without(criterion, value), page=1)


def _in_words(resource: Resource, criterion: Criterion, value: str, names: Mapping[str, str]) -> str:
    if criterion.operator is Operator.EMPTY:
        if criterion.name in resource.by_name:
            return _("empty") if criterion.is_empty else _("not empty")
        return _("none") if criterion.is_empty else _("at least one")
    item = resource.by_name[criterion.name]
    if item.kind is Kind.BOOLEAN:
        shown = _("Yes") if value == "true" else _("No")
    else:
        shown = plain(item, int(value) if item.kind is Kind.INTEGER else value, names)
    return shown if criterion.operator is Operator.IS else _word(criterion.operator) % {"value": shown}


def _word(operator: Operator) -> str:
    return {
        Operator.NOT: _("not %(value)s"),
        Operator.CONTAINS: _("has %(value)s"),
        Operator.GTE: _("from %(value)s"),
        Operator.LTE: _("to %(value)s"),
    }[operator]
