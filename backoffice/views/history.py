"""The whole history: who did what, when, why, to which record, and what came of it; on the page and as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from backoffice.formats import words
from backoffice.forms.history import HistoryFilter, field_of
from backoffice.models import Outcome
from backoffice.resources import PAGES, REGISTRY, Field, Kind
from backoffice.resources.redacted import is_redacted
from backoffice.resources.schema import Text
from backoffice.services import history as trail
from backoffice.services.access import Permission, can
from backoffice.services.history import Extract, HistoryEntry
from backoffice.services.sheets import DIALECTS, Column, csv_lines, write_xlsx
from backoffice.services.sheets import Kind as Holds
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import (
    action_in_words,
    deed_in_words,
    names_of_changes,
    page_number,
    recorded_outcome,
    show,
    timeline,
)

_AT_ONCE = 500  # entries whose names are looked up together
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Chip:
    """One filter in words, and the address without it."""

    label: Text
    value: str
    url: str


@requires(Permission.READ)
@require_safe
def history(request: SignedInRequest) -> HttpResponse:
    """Everything that was written, refused, signed in or exported, newest first."""
    path, chosen = reverse("history"), HistoryFilter.read(request.GET)
    found = trail.everything(viewer=request.user, filters=chosen.values, page=page_number(request))
    page = found.page
    context = {
        "path": path,
        "chosen": chosen,
        "values": chosen.values,
        "chips": _chips(path, chosen),
        "people": trail.people(),
        "entities": [(slug, capfirst(str(item.label_plural))) for slug, item in PAGES.items()],
        "fields": [
            (capfirst(str(item.label_plural)), [(f"{slug}.{each.name}", each.label) for each in item.fields])
            for slug, item in PAGES.items()
        ],
        "actions": _actions(request),
        "outcomes": _outcomes(),
        "entries": timeline(request.user, found.entries),
        "page": page,
        "previous_url": chosen.url(path, page.number - 1) if page.has_previous() else "",
        "next_url": chosen.url(path, page.number + 1) if page.has_next() else "",
        "exports": _exports(chosen) if can(request.user, Permission.EXPORT) and found.entries else [],
    }
    return show(request, "history/list.html", context, part="entries")


def _actions(request: SignedInRequest) -> list[tuple[str, str]]:
    found = [(action, action_in_words(action)) for action in trail.actions(request.user)]
    return sorted(found, key=lambda action: action[1])


def _outcomes() -> list[tuple[str, str]]:
    values = [value for value in Outcome.values if value]
    return [(value, recorded_outcome(value)) for value in (*values, "refused")]


def _chips(path: str, chosen: HistoryFilter) -> list[Chip]:
    labels: Mapping[str, Text] = {
        "q": _("Search"),
        "actor": _("Who"),
        "entity": _("Records"),
        "key": _("Number in Flowtly"),
        "field": _("Field"),
        "action": _("What was done"),
        "outcome": _("Outcome"),
        "since": _("From"),
        "until": _("To"),
    }
    return [
        Chip(labels[name], _in_words(name, value), chosen.without(name).url(path))
        for name, value in chosen.values.items()
    ]


def _in_words(name: str, value: str) -> str:
    if name == "entity" and value in PAGES:
        return capfirst(str(PAGES[value].label_plural))
    if name == "field" and (found := field_of(value)) is not None:
        return f"{capfirst(str(found[0].label))}: {found[1].label}"
    if name == "action":
        return action_in_words(value)
    if name == "outcome":
        return recorded_outcome(value)
    if name in ("since", "until"):
        return words.a_day(date.fromisoformat(value))
    return value


# As a file


def _exports(chosen: HistoryFilter) -> list[tuple[str, str]]:
    """Each format in words, with its address."""
    formats = {
        "xlsx": _("Excel (XLSX)"),
        "plain": _("CSV with commas"),
        "da": _("CSV for Danish spreadsheets"),
        "pl": _("CSV for Polish spreadsheets"),
    }
    path = reverse("history_export")
    return [(label, chosen.url(path, file_format=name)) for name, label in formats.items()]


@requires(Permission.EXPORT)
@require_GET
def history_export(request: SignedInRequest) -> HttpResponseBase:
    """What the filters show, a row for each field that changed; recorded in the history itself."""
    chosen, name = HistoryFilter.read(request.GET), request.GET.get("as", "")
    dialect = DIALECTS.get(name)
    found = trail.extract(
        viewer=request.user,
        filters=chosen.values,
        file_format=f"csv {name}" if dialect else "xlsx",
        request_id=request.id,
    )
    stem, rows = f"history-{timezone.localdate().isoformat()}", _rows(found, get_language() or "en")
    if dialect:
        pieces = csv_lines(_columns(), rows, dialect)
        disposition = {"Content-Disposition": f'attachment; filename="{stem}.csv"'}
        return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=disposition)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_xlsx(file, _columns(), rows, title=_("History"))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{stem}.xlsx", content_type=_XLSX)


def _columns() -> list[Column]:
    return [
        Column(_("Entry"), Holds.NUMBER),
        Column(_("When")),
        Column(_("Who")),
        Column(_("Records")),
        Column(_("Number in Flowtly")),
        Column(_("Name")),
        Column(_("What was done")),
        Column(_("Outcome")),
        Column(_("Why")),
        Column(_("Field")),
        Column(_("Before")),
        Column(_("After")),
        Column(_("Details")),
        Column(_("Request")),
    ]


def _rows(found: Extract, language: str) -> Iterator[list[Any]]:
    """In the reader's language, also where they are asked for after the request is over."""
    while chunk := list(islice(found.entries, _AT_ONCE)):
        with override(language):
            names = names_of_changes(chunk)
            rows = [row for entry in chunk for row in _rows_of(entry, names)]
        yield from rows


def _exported(item: Field | None, value: Any, names: Mapping[str, str]) -> Any:
    if is_redacted(value):
        return _("Redacted")
    return names.get(str(value), value) if item and item.kind is Kind.REFERENCE and value else value


def _rows_of(entry: HistoryEntry, names: Mapping[str, str]) -> Iterator[list[Any]]:
    """A row for each field, or one where there is none; values as they were, related records by name."""
    resource = REGISTRY.get(entry.entity)
    known = resource.by_name if resource else {}
    head = [
        entry.seq,
        timezone.localtime(entry.at).isoformat(timespec="seconds"),
        entry.actor_name,
        capfirst(str(resource.label_plural)) if resource else "",
        entry.key,
        entry.label,
        deed_in_words(entry.action),
        recorded_outcome(entry.outcome),
        entry.reason,
    ]
    tail = [entry.detail, entry.request_id]
    for name, before, after in entry.changes or [("", None, None)]:
        item = known.get(name)
        values = [_exported(item, value, names) for value in (before, after)]
        yield [*head, str(item.label) if item else name, *values, *tail]
