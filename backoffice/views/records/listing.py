"""The list of one entity, and the names that arrive after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, replace_url

from backoffice.forms.listing import SIZES, ListState
from backoffice.resources import REGISTRY, SHORT_LISTS, Field, Kind, Resource
from backoffice.services import reading
from backoffice.services.access import Permission, can
from backoffice.services.reading import Capabilities, ListQuery, RecordPage
from backoffice.services.reading.capabilities import Collected
from backoffice.templatetags.ui import pending_class, rows_html
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import (
    Lists,
    names_for,
    names_of_records,
    short_lists,
    show,
    unknown_names,
)

_MOST_NAMES = 300


@dataclass(frozen=True)
class Column:
    field: Field
    sort_url: str
    direction: str


@dataclass(frozen=True)
class Filter:
    """One control: `options` for a short list, else a type-ahead at `suggest_url`."""

    field: Field
    value: str
    label_now: str
    options: list[tuple[str, str]]
    suggest_url: str
    here_only: bool


@requires(Permission.READ)
@require_safe
def record_list(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """The list; its whole state stands in the address."""
    path, able = reverse("list", args=[resource]), reading.capabilities(resource)
    state = ListState.read(resource, request.GET, sortable=_sortable(resource, able, request.GET.get("q", "")))
    state, page, beyond = _read(resource, state)
    columns = [resource.by_name[name] for name in resource.list_display]
    lists = short_lists([*columns, *_filtered(resource)])
    names = names_of_records(page.records, columns, lists=lists, short_codes=True)
    context = {
        "resource": resource,
        "path": path,
        "state": state,
        "page": page,
        "beyond": beyond,
        "columns": _columns(resource, state, path, able),
        "rows": rows_html(path, page.records, columns, names, edit=can(request.user, Permission.EDIT)),
        "filters": _filters(resource, state, able, lists),
        "search_field": resource.by_name.get(able.search_field),
        "unknown": unknown_names(columns, [record.values for record in page.records], names),
        **_places(state, page, path),
    }
    response = show(request, "records/list.html", context, part="table")
    return _kept_in_address(request, response, state.url(path))


def _read(resource: Resource, state: ListState) -> tuple[ListState, RecordPage, bool]:
    """The page that is asked for, or the last one, and whether it was asked for beyond the end."""

    def ask(asked: ListState) -> RecordPage:
        query = ListQuery(asked.search, asked.filters, asked.sort, asked.page, asked.size)
        return reading.list_records(resource=resource, query=query)

    page = ask(state)
    if page.records or page.narrowed_here or not page.pages or state.page <= page.pages:
        return state, page, False
    last = replace(state, page=page.pages)
    return last, ask(last), True


def _able(able: Capabilities, search: str) -> Collected:
    """What Flowtly can filter and sort: the plain list, or the list of what a search found."""
    return able.found if len(search.strip()) >= reading.SEARCH_MINIMUM and able.search else able.listed


def _sortable(resource: Resource, able: Capabilities, search: str) -> frozenset[str]:
    return _able(able, search).sorts & frozenset(resource.list_display)


def _columns(resource: Resource, state: ListState, path: str, able: Capabilities) -> list[Column]:
    sortable = _sortable(resource, able, state.search)
    return [
        Column(
            resource.by_name[name],
            state.url(path, sort=state.toggled(name), page=1) if name in sortable else "",
            state.direction(name),
        )
        for name in resource.list_display
    ]


def _filtered(resource: Resource) -> list[Field]:
    return [resource.by_name[name] for name in resource.list_filter]


def _filters(resource: Resource, state: ListState, able: Capabilities, lists: Lists) -> list[Filter]:
    fields = _filtered(resource)
    names = names_for(fields, [state.filters], lists=lists)
    filters = _able(able, state.search).filters
    return [_filter(resource, item, state.filters.get(item.name, ""), names, filters, lists) for item in fields]


def _filter(
    resource: Resource, item: Field, value: str, names: Mapping[str, str], able: frozenset[str], lists: Lists
) -> Filter:
    long = item.kind is Kind.REFERENCE and item.references not in SHORT_LISTS
    if item.kind is Kind.REFERENCE and not long:
        options = list(lists[item.references])
    elif item.kind is Kind.BOOLEAN:
        options = [("true", _("Yes")), ("false", _("No"))]
    else:
        options = [] if long else [(seen, seen) for seen in reading.observed(resource, item.name)]
    if value and not long and value not in {each for each, _label in options}:
        options.insert(0, (value, names.get(value, value)))
    url = f"{reverse('suggest', args=[resource])}?field={item.name}" if long else ""
    return Filter(item, value, names.get(value, value), options, url, item.name not in able)


def _places(state: ListState, page: RecordPage, path: str) -> dict[str, Any]:
    """Where this page stands among the pages."""
    shown = len(page.records)
    return {
        "first": page.first_number if shown else 0,
        "last": page.first_number + shown - 1 if shown else 0,
        "previous_url": state.url(path, page=state.page - 1) if state.page > 1 else "",
        "next_url": state.url(path, page=state.page + 1) if page.has_next else "",
        "sizes": [(size, state.url(path, size=size, page=1), size == state.size) for size in SIZES],
        "cleared_url": state.url(path, search="", filters={}, page=1),
        "sort_now": ",".join(state.sort),
        "here_fields": [state_name for state_name in sorted(page.narrowed_here) if state_name != "q"],
    }


def _kept_in_address(request: SignedInRequest, response: HttpResponse, url: str) -> HttpResponse:
    """Typing rewrites the address, every other step adds one, so that Back leaves a search in one go."""
    if not request.htmx or request.htmx.history_restore_request:
        return response
    return replace_url(response, url) if request.htmx.trigger_name == "q" else push_url(response, url)


@requires(Permission.READ)
@require_safe
def labels(request: SignedInRequest) -> HttpResponse:
    """Names of related records that a page did not know yet; each goes to every place that waits for it."""
    slug = request.GET.get("entity", "")
    iris = list(dict.fromkeys(request.GET.getlist("iri")))[:_MOST_NAMES]
    names = reading.fill_names(slug=slug, iris=iris) if slug in REGISTRY else {}
    places = [(pending_class(iri), names[iri]) for iri in iris if iri in names]
    return show(request, "records/labels.html", {"places": places})
