"""The list of one entity, and the names that arrive after it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, replace_url

from backoffice.forms.listing import SIZES, ListState
from backoffice.forms.selecting import Shown
from backoffice.models import User
from backoffice.resources import REGISTRY, Kind, Resource
from backoffice.services import index, layouts, lists, merges, reading
from backoffice.services.access import Permission, can
from backoffice.services.lists import Answer
from backoffice.services.merges import Moved
from backoffice.services.reading import Capabilities, ListQuery
from backoffice.services.reading.capabilities import Collected
from backoffice.templatetags.rows import rows_html
from backoffice.templatetags.ui import detail_url, pending_class
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.opened import OpenedList, opened_list
from backoffice.views.records.selection import bar
from backoffice.views.records.table import beside_quick, chips, columns_of, quick_filters
from backoffice.views.shared import names_of_records, short_lists, show, unknown_names

_MOST_NAMES = 300
AGAIN = "list-again"  # the element that fetches the same list anew


@requires(Permission.READ)
@require_safe
def record_list(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """The list; its whole state stands in the address."""
    path, able = reverse("list", args=[resource]), reading.capabilities(resource)
    opened = opened_list(request.user, resource, request.GET, partial(_sortable, resource, able))
    state, answer, beyond = _read(resource, opened.state)
    context = {
        "resource": resource,
        "path": path,
        "state": state,
        "page": answer.page,
        "age": answer.age,
        "beyond": beyond,
        "search_field": resource.by_name.get(able.search_field) if answer.age is None else None,
        **_table(request, opened, state, answer),
        **_places(state, answer, path),
        **_arranged(request.user, opened, path),
        "moved": (moved := _moved(resource, state.search)),
        "moved_url": f"{detail_url(resource, moved.new)}?was={moved.old}" if moved else "",
        "typed": bool(request.htmx) and request.htmx.trigger == "list-form",
    }
    response = show(request, "records/list.html", context, part="table")
    return _kept_in_address(request, response, opened.address(path, state))


def _moved(resource: Resource, text: str) -> Moved | None:
    """Where the number that is searched for leads, if it is that of a record that was merged away."""
    return merges.moved(text.strip()) if resource.mergeable and text.strip().isdecimal() else None


def _table(request: SignedInRequest, opened: OpenedList, state: ListState, answer: Answer) -> dict[str, Any]:
    resource, records = opened.arrangement.resource, answer.page.records
    path = reverse("list", args=[resource])
    columns = [resource.by_name[name] for name in opened.columns]
    narrowing = [resource.by_name[one.name] for one in state.criteria if one.name in resource.by_name]
    known = short_lists([*columns, *narrowing, *(resource.by_name[name] for name in resource.list_filter)])
    names = names_of_records(records, columns, lists=known, short_codes=True)
    selected = bar(request.user, resource, _shown(state, answer))
    able = None if index.age(resource) else _able(reading.capabilities(resource), state.search).filters
    return {
        "columns": columns_of(resource, opened.columns, state, path, opened.sortable),
        "rows": rows_html(
            path,
            records,
            columns,
            names,
            edit=can(request.user, Permission.EDIT),
            ticked=selected["ticked"],
        ),
        "bar": selected,
        "can_bulk": can(request.user, Permission.BULK),
        "filters": quick_filters(resource, state, able, known),
        "hidden_pairs": beside_quick(resource, state),
        "chips": chips(resource, state, path, known),
        "unknown": unknown_names(columns, [record.values for record in records], names),
    }


def _shown(state: ListState, answer: Answer) -> Shown:
    """For the selection bar. What was narrowed on this page only is not known of the other pages."""
    page, narrowing = answer.page, {"q", *(one.name for one in state.criteria)}
    keys = tuple(record.key for record in page.records)
    return Shown(state.query(), page.total, not page.narrowed_here & narrowing, keys)


def _read(resource: Resource, state: ListState) -> tuple[ListState, Answer, bool]:
    """The page that is asked for, or the last one, and whether it was asked for beyond the end."""

    def ask(asked: ListState) -> Answer:
        query = ListQuery(asked.search, asked.criteria, asked.sort, asked.page, asked.size)
        return lists.page(resource=resource, query=query)

    answer = ask(state)
    page = answer.page
    if page.records or page.narrowed_here or not page.pages or state.page <= page.pages:
        return state, answer, False
    last = replace(state, page=page.pages)
    return last, ask(last), True


def _able(able: Capabilities, search: str) -> Collected:
    """What Flowtly can filter and sort: the plain list, or the list of what a search found."""
    return able.found if len(search.strip()) >= reading.SEARCH_MINIMUM and able.search else able.listed


def _sortable(resource: Resource, able: Capabilities, search: str) -> frozenset[str]:
    """Everything where there is an index; else what Flowtly can sort by."""
    whole = frozenset(item.name for item in resource.fields if item.kind is not Kind.LIST)
    return whole if index.age(resource) else _able(able, search).sorts


def _places(state: ListState, answer: Answer, path: str) -> dict[str, Any]:
    """Where this page stands among the pages."""
    page, shown = answer.page, len(answer.page.records)
    return {
        "first": page.first_number if shown else 0,
        "last": page.first_number + shown - 1 if shown else 0,
        "previous_url": state.url(path, page=state.page - 1) if state.page > 1 else "",
        "next_url": state.url(path, page=state.page + 1) if page.has_next else "",
        "sizes": [(size, size == state.size) for size in SIZES],
        "cleared_url": state.url(path, search="", criteria=(), page=1),
        "sort_now": ",".join(state.sort),
        "here_fields": sorted(page.narrowed_here - {"q"}),
        "unsorted_url": state.url(path, sort=(), page=1),
        "here": state.url(path),
        "filter_url": state.url(f"{path}filter/", page=1),
        "export_url": state.url(f"{path}export/", page=1),
        "columns_url": state.url(f"{path}columns/", page=1),
        "state_now": state.query(page=1),
    }


def _arranged(user: User, opened: OpenedList, path: str) -> dict[str, Any]:
    """The views, and what this person may do with the one in use."""
    return {
        "opened": opened,
        "everything_url": opened.everything(path),
        "views": [(view, f"{path}?view={view.pk}") for view in opened.arrangement.views],
        "may_share": can(user, Permission.SHARE_VIEWS),
        "may_change_view": opened.view is not None and layouts.may_change(user, opened.view),
    }


def _kept_in_address(request: SignedInRequest, response: HttpResponse, url: str) -> HttpResponse:
    """Typing rewrites the address, every other step adds one, so that Back leaves a search in one go."""
    if not request.htmx or request.htmx.history_restore_request:
        return response
    if request.htmx.trigger_name == "q" or request.htmx.trigger == AGAIN:
        return replace_url(response, url)
    return push_url(response, url)


@requires(Permission.READ)
@require_safe
def labels(request: SignedInRequest) -> HttpResponse:
    """Names of related records that a page did not know yet; each goes to every place that waits for it."""
    slug = request.GET.get("entity", "")
    iris = list(dict.fromkeys(request.GET.getlist("iri")))[:_MOST_NAMES]
    names = reading.fill_names(slug=slug, iris=iris) if slug in REGISTRY else {}
    places = [(pending_class(iri), names[iri]) for iri in iris if iri in names]
    return show(request, "records/labels.html", {"places": places})
