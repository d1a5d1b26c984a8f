"""A list as one person opens it: the address, the saved view that it names, and what this person keeps of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.forms.listing import DEFAULT_SIZE, NO_VIEW, SIZES, ListState, is_view_alone, view_named
from backoffice.models import SavedView, User
from backoffice.resources import Resource
from backoffice.resources.criteria import operators_of
from backoffice.services import layouts
from backoffice.services.layouts import Arrangement

_NOT_FIELDS = ("q", "sort")


@dataclass(frozen=True)
class OpenedList:
    """`columns` are the names of the fields shown; `changed`: the list is no longer as the `view` was saved."""

    state: ListState
    arrangement: Arrangement
    columns: tuple[str, ...]
    view: SavedView | None
    changed: bool
    sortable: frozenset[str]

    @property
    def by_default(self) -> bool:
        return self.view is not None and self.view == self.arrangement.opens

    def address(self, path: str, state: ListState) -> str:
        """Where the list is found again: a view as it was saved by its number alone."""
        alone = self.view and not self.changed and state.page == 1
        return f"{path}?view={state.view}" if alone else state.url(path)

    def everything(self, path: str) -> str:
        """The list without any view."""
        return f"{path}?view={NO_VIEW}" if self.arrangement.opens else path


def opened_list(
    user: User, resource: Resource, query: QueryDict, sortable: Callable[[str], frozenset[str]]
) -> OpenedList:
    """What an address shows; `sortable` says what can be sorted by beside a search."""
    arrangement = layouts.arrangement(user=user, resource=resource)
    named, alone = view_named(query), is_view_alone(query)
    view = arrangement.opens if alone and not named else None
    if named and named != NO_VIEW:
        view = arrangement.view(int(named))
    said = QueryDict(view.query) if view and alone else query
    names, size = sortable(said.get("q", "")), arrangement.size(view)
    usual = size if size in SIZES else DEFAULT_SIZE
    state = ListState.read(resource, said, sortable=names, usual=usual)
    notes = (*state.notes, *_notes(resource, named, view, alone=alone))
    number = str(view.pk) if view else NO_VIEW if arrangement.opens else ""
    columns = arrangement.columns(view)
    changed = view is not None and _differs(resource, view, state, columns, names)
    return OpenedList(replace(state, notes=notes, view=number), arrangement, columns, view, changed, names)


def _differs(
    resource: Resource, view: SavedView, state: ListState, columns: tuple[str, ...], sortable: frozenset[str]
) -> bool:
    saved = ListState.read(resource, QueryDict(view.query), sortable=sortable)
    same = (saved.shown, view.size, layouts.usual_columns(resource, view)) == (state.shown, state.size, columns)
    return not same


def _notes(resource: Resource, named: str, view: SavedView | None, *, alone: bool) -> list[str]:
    if named and named != NO_VIEW and view is None:
        return [_("The view that the address names is gone, or it is somebody else's own.")]
    lost = _lost(resource, view) if view and alone else []
    if not lost:
        return []
    said = ", ".join(capfirst(name) for name in lost)
    return [_("Left out, because Flowtly's records no longer have it: %(fields)s.") % {"fields": said}]


def _lost(resource: Resource, view: SavedView) -> list[str]:
    """What the view was narrowed by or showed that is no field any more."""
    narrowed = [parameter.partition("__")[0] for parameter in QueryDict(view.query)]
    lost = [name for name in narrowed if name not in _NOT_FIELDS and not operators_of(resource, name)]
    return list(dict.fromkeys([*lost, *(str(name) for name in view.columns if name not in resource.by_name)]))
