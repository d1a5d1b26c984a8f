"""Asking for a file of what a list shows: a panel above the list, or a page of its own."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from backoffice.forms.exporting import ExportForm
from backoffice.forms.listing import ListState
from backoffice.resources import Resource
from backoffice.services import exports
from backoffice.services.access import Permission
from backoffice.services.exports import CannotBeTold, Outlook
from backoffice.services.reading import ListQuery
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.opened import opened_list
from backoffice.views.records.table import chips
from backoffice.views.sending import file_answer
from backoffice.views.shared import SeeOther, short_lists, show


@requires(Permission.EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def export_list(request: SignedInRequest, resource: Resource) -> HttpResponseBase:
    """The form; sent, a short list comes as a file at once, and a long one has a page that shows how far it is."""
    asked = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    opened = opened_list(request.user, resource, asked, lambda _search: frozenset(resource.by_name))
    state = opened.state
    form = ExportForm(request.POST or None, shown=opened.columns)
    if request.method != "POST" or not form.is_valid():
        return _panel(request, resource, state, form)
    try:
        export = exports.request(
            actor=request.user,
            resource=resource,
            source=_source(state),
            title=_in_words(resource, state),
            columns=form.names,
            file_format=form.file_format,
            language=get_language() or "en",
            request_id=request.id,
        )
    except CannotBeTold:
        return _panel(request, resource, state, form)
    return file_answer(request, export) or SeeOther(reverse("export", args=[export.pk]))


def _source(state: ListState) -> exports.Source:
    query = ListQuery(state.search, state.criteria, state.sort)
    return exports.of_list(query, state.query(page=1))


def _in_words(resource: Resource, state: ListState) -> str:
    """What is in the file: "Clients (Status: active, Country: Denmark)"."""
    narrowing = [resource.by_name[one.name] for one in state.criteria if one.name in resource.by_name]
    found = [f"{chip.label}: {chip.words}" for chip in chips(resource, state, "", short_lists(narrowing))]
    name = capfirst(str(resource.label_plural))
    return f"{name} ({', '.join(found)})" if found else name


def _panel(request: SignedInRequest, resource: Resource, state: ListState, form: ExportForm) -> HttpResponse:
    context = {
        "resource": resource,
        "form": form,
        "title": _in_words(resource, state),
        "query": state.query(page=1),
        "back_url": state.url(reverse("list", args=[resource])),
        "outlook": _outlook(resource, state),
        "small": exports.SMALL,
        "columns": {"shown": len(form.shown), "all": len(resource.fields)},
    }
    status = 422 if form.is_bound else 200
    return show(request, "records/export.html", context, part="panel", status=status)


def _outlook(resource: Resource, state: ListState) -> Outlook | None:
    """None where nobody can tell which records these are."""
    try:
        return exports.outlook(resource=resource, source=_source(state))
    except CannotBeTold:
        return None
