"""Adding one filter more to a list: a panel above it, or a page of its own."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from backoffice.forms.criterion import CriterionForm
from backoffice.resources import Kind, Resource
from backoffice.services import index
from backoffice.services.access import Permission
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.opened import opened_list
from backoffice.views.records.table import Filter, options_of, suggest_url
from backoffice.views.shared import names_for, short_lists, show

_PLAIN = (Kind.CHOICE, Kind.COUNTRY_CODE, Kind.LANGUAGE, Kind.BOOLEAN, Kind.REFERENCE)


@requires(Permission.READ)
@require_safe
def add_filter(request: SignedInRequest, resource: Resource) -> HttpResponseBase:
    """The form; with a complete answer the way back to the list, narrowed by it as well."""
    path = reverse("list", args=[resource])
    state = opened_list(request.user, resource, request.GET, lambda _search: frozenset(resource.by_name)).state
    form = CriterionForm.read(resource, request.GET)
    if form.criterion:
        kept = tuple(one for one in state.criteria if one.parameter != form.criterion.parameter)
        return HttpResponseRedirect(state.url(path, criteria=(*kept, form.criterion), page=1))
    context = {
        "resource": resource,
        "form": form,
        "control": _control(resource, form),
        "kept": parse_qsl(state.query(page=1)),
        "back_url": state.url(path),
        "indexed": index.age(resource) is not None,
    }
    return _shown(request, context)


def _shown(request: SignedInRequest, context: dict[str, object]) -> HttpResponse:
    return show(request, "records/filter.html", context, part="panel")


def _control(resource: Resource, form: CriterionForm) -> Filter | None:
    """What the value is chosen from; None where it is written."""
    item = resource.by_name.get(form.name)
    if item is None or item.kind not in _PLAIN:
        return None
    known = short_lists([item])
    value = form.values[0] if form.values else ""
    names = names_for([item], [{item.name: value}], lists=known) if value else {}
    options = options_of(resource, item, known)
    counted = {}
    if index.age(resource) and not suggest_url(resource, item):
        counted = {_as_option(held): number for held, number in index.counts(resource, item.name)}
    shown = [(held, f"{label} ({counted[held]:n})" if held in counted else label) for held, label in options]
    return Filter(item, value, names.get(value, value), shown, suggest_url(resource, item), False)


def _as_option(held: str) -> str:
    return held.lower() if held in ("True", "False") else held
