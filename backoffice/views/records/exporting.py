"""Asking for a file of what a list shows or of what is selected: a panel above the list, or a page of its own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.formats import words
from backoffice.forms.exporting import ExportForm
from backoffice.forms.listing import ListState
from backoffice.models import ExportFormat, Selection
from backoffice.resources import PAGES, Resource
from backoffice.services import exports, selections
from backoffice.services.access import Permission, can
from backoffice.services.exports import CannotBeTold, Outlook, TooManyRecords
from backoffice.services.reading import ListQuery
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.opened import opened_list
from backoffice.views.records.table import chips
from backoffice.views.sending import file_answer
from backoffice.views.shared import SeeOther, freeze_for, short_lists, show


@dataclass(frozen=True)
class _Asked:
    """What a file is asked of: its source, that in words, the columns shown, and where the form leads."""

    resource: Resource
    source: exports.Source
    title: str
    shown: tuple[str, ...]
    url: str
    back_url: str
    query: str = ""
    editing_first: bool = False


@requires(Permission.EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def export_list(request: SignedInRequest, resource: Resource) -> HttpResponseBase:
    """The form; sent, a short list comes as a file at once, and a long one has a page that shows how far it is."""
    asked = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    opened = opened_list(request.user, resource, asked, lambda _search: frozenset(resource.by_name))
    state = opened.state
    query = ListQuery(state.search, state.criteria, state.sort)
    return _export(
        request,
        _Asked(
            resource,
            exports.of_list(query, state.query(page=1)),
            _in_words(resource, state),
            opened.columns,
            reverse("export_list", args=[resource]),
            state.url(reverse("list", args=[resource])),
            state.query(page=1),
        ),
    )


@requires(Permission.EXPORT)
@require_POST
def export_selected(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Freezes what is selected and leads to the question."""
    return freeze_for(request, resource, "export_selection")


@requires(Permission.BULK)
@require_POST
def edit_selected(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """The same, with the sheet for editing chosen."""
    return freeze_for(request, resource, "export_selection", query=f"?format={ExportFormat.SHEET}")


@requires(Permission.EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def export_selection(request: SignedInRequest, selection_id: uuid.UUID) -> HttpResponseBase:
    """As export_list, of a frozen selection."""
    held = selections.frozen(owner=request.user, selection_id=selection_id)
    if held is None or held.entity not in PAGES:
        raise Http404
    resource = PAGES[held.entity]
    opened = opened_list(request.user, resource, QueryDict(), lambda _search: frozenset(resource.by_name))
    return _export(
        request,
        _Asked(
            resource,
            exports.of_selection(held),
            _selected_in_words(resource, held),
            opened.columns,
            reverse("export_selection", args=[held.pk]),
            reverse("list", args=[resource]),
            editing_first=request.GET.get("format") == ExportFormat.SHEET,
        ),
    )


def _export(request: SignedInRequest, asked: _Asked) -> HttpResponseBase:
    for_editing = can(request.user, Permission.BULK)
    chosen = {"format": ExportFormat.SHEET, "columns": "all"} if asked.editing_first else None
    form = ExportForm(request.POST or None, shown=asked.shown, for_editing=for_editing, initial=chosen)
    if request.method != "POST" or not form.is_valid():
        return _panel(request, asked, form)
    try:
        export = exports.request(
            actor=request.user,
            resource=asked.resource,
            source=asked.source,
            title=asked.title,
            columns=form.names,
            file_format=form.file_format,
            language=get_language() or "en",
            request_id=request.id,
        )
    except CannotBeTold:
        return _panel(request, asked, form)
    except TooManyRecords:
        form.add_error("format", _too_many())
        return _panel(request, asked, form)
    return file_answer(request, export) or SeeOther(reverse("export", args=[export.pk]))


def _too_many() -> str:
    most = words.integer(exports.MOST_RECORDS)
    return _("A sheet for editing holds at most %(most)s records. Take fewer.") % {"most": most}


def _in_words(resource: Resource, state: ListState) -> str:
    """What is in the file: "Clients (Status: active, Country: Denmark)"."""
    narrowing = [resource.by_name[one.name] for one in state.criteria if one.name in resource.by_name]
    found = [f"{chip.label}: {chip.words}" for chip in chips(resource, state, "", short_lists(narrowing))]
    name = capfirst(str(resource.label_plural))
    return f"{name} ({', '.join(found)})" if found else name


def _selected_in_words(resource: Resource, held: Selection) -> str:
    number = words.integer(selections.count(held))
    said = _("%(number)s selected") % {"number": number}
    return f"{capfirst(str(resource.label_plural))} ({', '.join(filter(None, [said, held.scope]))})"


def _panel(request: SignedInRequest, asked: _Asked, form: ExportForm) -> HttpResponse:
    context: dict[str, Any] = {
        "resource": asked.resource,
        "form": form,
        "title": asked.title,
        "query": asked.query,
        "url": asked.url,
        "back_url": asked.back_url,
        "outlook": _outlook(asked),
        "small": exports.SMALL,
        "columns": {"shown": len(form.shown), "all": len(asked.resource.fields)},
        "for_editing": can(request.user, Permission.BULK),
    }
    status = 422 if form.is_bound else 200
    return show(request, "records/export.html", context, part="panel", status=status)


def _outlook(asked: _Asked) -> Outlook | None:
    """None where nobody can tell which records these are."""
    try:
        return exports.outlook(resource=asked.resource, source=asked.source)
    except CannotBeTold:
        return None
