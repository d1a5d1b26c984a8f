"""The grid: selected records side by side, their cells edited in place; it ends in a plan like any bulk edit."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.flowtly import errors
from backoffice.forms.basis import UnusableBasis
from backoffice.forms.grid import (
    Entered,
    Found,
    GridBasis,
    GridRow,
    Typed,
    cells_of,
    enter,
    placed,
    read_typed,
    settled,
    unknown_names,
)
from backoffice.forms.gridcolumns import Column, build_columns, chosen, editable, possible
from backoffice.forms.records import Offered
from backoffice.models import ExportFormat, Selection
from backoffice.resources import REGISTRY, SHORT_LISTS, Resource
from backoffice.services import bulk, layouts, reading, selections
from backoffice.services.access import Permission
from backoffice.services.fresh import Reader
from backoffice.services.reading import ListQuery
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther, freeze_for, references, short_lists, show

MOST = 500  # records: as many as a person looks through row by row, and a page that answers each key at once
_MOST_NAMES = 500  # of one question; the script asks again for more
INVALID = 422


@dataclass(frozen=True)
class Opened:
    """A grid as it is about to be shown: `problem` says why nothing was planned where no cell is to blame."""

    resource: Resource
    selection: Selection
    basis: GridBasis
    typed: Typed = field(default_factory=dict)
    entered: Entered = field(default_factory=lambda: Entered({}))
    problem: str = ""


@requires(Permission.BULK)
@require_POST
def grid_selected(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Freezes what is selected and leads to its grid."""
    if not resource.editable:
        raise Http404
    return freeze_for(request, resource, "grid")


@requires(Permission.BULK)
@require_http_methods(["GET", "HEAD", "POST"])
def grid(request: SignedInRequest, selection_id: uuid.UUID) -> HttpResponse:
    """The records of a frozen selection as a grid; a POST makes the plan, or shows other columns."""
    held, resource = _held(request, selection_id)
    number = selections.count(held)
    if number > MOST:
        context = {"size": number, "most": MOST, **_about(held, resource)}
        return show(request, "bulk/grid_too_many.html", context)
    if request.method == "POST":
        return _submit(request, held, resource)
    basis = _fresh(held, resource, _columns(request, resource, request.GET.getlist("column")))
    _learn_names(resource, basis)
    return _page(request, Opened(resource, held, basis))


@requires(Permission.BULK)
@require_POST
def grid_names(request: SignedInRequest, selection_id: uuid.UUID) -> HttpResponse:
    """The records of each `name` that `field` may point at: {"names": {name: [[address, name], ...]}}."""
    _selection, resource = _held(request, selection_id)
    item = resource.by_name.get(request.POST.get("field", ""))
    if item is None or item.references not in REGISTRY or item.references in SHORT_LISTS:
        raise Http404
    found = _called(REGISTRY[item.references], request.POST.getlist("name")[:_MOST_NAMES])
    return JsonResponse({"names": found})


def _held(request: SignedInRequest, selection_id: uuid.UUID) -> tuple[Selection, Resource]:
    held = selections.frozen(owner=request.user, selection_id=selection_id)
    resource = REGISTRY.get(held.entity) if held else None
    if held is None or resource is None or not resource.editable:
        raise Http404
    return held, resource


def _columns(request: SignedInRequest, resource: Resource, asked: Iterable[str]) -> tuple[str, ...]:
    """Those asked for, else those that this person's list shows."""
    own = layouts.arrangement(user=request.user, resource=resource).columns(None)
    return chosen(resource, asked, own, resource.list_display)


def _about(held: Selection, resource: Resource) -> dict[str, Any]:
    """What is selected, and the other ways to a plan."""
    changeable = any(item.bulk_editable for item in resource.fields)
    return {
        "resource": resource,
        "selection": held,
        "sheet_url": f"{reverse('export_selection', args=[held.pk])}?format={ExportFormat.SHEET}",
        "change_url": reverse("change_selection", args=[held.pk]) if changeable else "",
    }


# Reading


def _fresh(held: Selection, resource: Resource, columns: tuple[str, ...]) -> GridBasis:
    """The records as they are now, in the order in which they were selected."""
    keys = list(selections.keys(held))
    query = ListQuery.read(held.query) if held.query else None
    seen = {each.key: each for each in Reader(resource, keys, frozenset(columns), query).every()}
    rows, missing = [], []
    for key in keys:
        found = seen.get(key)
        if found is None or found.record is None:
            missing.append((key, found.refused if found else ""))
            continue
        values = {name: found.record.values[name] for name in columns}
        rows.append(GridRow(key, found.record.label, values))
    return GridBasis(resource.slug, str(held.pk), columns, tuple(rows), tuple(missing))


def _learn_names(resource: Resource, basis: GridBasis) -> None:
    """Have the names of all related records that the grid shows; without Flowtly they stand as numbers."""
    for item in references(resource.by_name[name] for name in basis.columns):
        if item.references not in SHORT_LISTS:
            iris = {str(value) for value in basis.values_of(item.name) if value}
            try:
                reading.fill_names(slug=item.references, iris=iris)
            except errors.FlowtlyError:
                return


def _described(resource: Resource, basis: GridBasis, typed: Typed) -> list[Column]:
    """The columns with what they offer; asks for nothing but the short lists, which are kept."""
    fields = [resource.by_name[name] for name in basis.columns]
    long = [item.name for item in references(fields) if item.references not in SHORT_LISTS]
    shown = {str(value) for name in long for value in basis.values_of(name) if value}
    typed_in = {row[name] for row in typed.values() for name in long if name in row}
    lists = short_lists(fields)
    offered = Offered(
        lists={slug: items for slug, items in lists.items() if items},
        seen={item.name: reading.observed(resource, item.name) for item in fields if item.observed},
        names=reading.names(shown | typed_in),
        country_codes=reading.codes("countries") if "countries" in lists else {},
    )
    return build_columns(resource, basis.columns, offered)


def _called(resource: Resource, names: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    found = reading.called(resource=resource, names=names)
    return {name: [(each.value, each.label) for each in matches] for name, matches in found.items()}


def _look_up(resource: Resource, columns: Sequence[Column], typed: Typed) -> Found:
    """The records of names that were typed; where Flowtly cannot be asked, none, and their cells say so."""
    try:
        return {
            name: _called(REGISTRY[resource.by_name[name].references], texts)
            for name, texts in unknown_names(columns, typed).items()
        }
    except errors.FlowtlyError:
        return {}


# What was sent


def _submit(request: SignedInRequest, held: Selection, resource: Resource) -> HttpResponse:
    try:
        typed = read_typed(request.POST.get("cells", ""))
        basis = GridBasis.read(request.POST.get("base", ""), resource=resource, selection=str(held.pk))
        if placed(basis, resource, typed) != typed:
            raise UnusableBasis
    except UnusableBasis:
        return _page(request, _again(request, held, resource), status=INVALID)
    if "show" in request.POST:
        return _other_columns(request, held, resource, basis, typed)
    columns = _described(resource, basis, typed)
    found = _look_up(resource, columns, typed)
    typed = settled(typed, found)
    entered = enter(basis, columns, typed, found)
    opened = Opened(resource, held, basis, typed, entered)
    if entered.problems:
        return _page(request, opened, status=INVALID)
    if not entered.changes:
        messages.info(request, _("Nothing was changed, so there is nothing to preview."))
        return _page(request, opened)
    return SeeOther(reverse("job", args=[_plan(request, opened).pk]))


def _plan(request: SignedInRequest, opened: Opened) -> Any:
    seen = {row.key: row for row in opened.basis.rows}
    rows = [
        bulk.Row(
            key=key,
            changes=changes,
            base={name: seen[key].values[name] for name in changes},
            label=seen[key].label,
        )
        for key, changes in opened.entered.changes.items()
    ]
    return bulk.plan_rows(
        actor=request.user,
        resource=opened.resource,
        rows=rows,
        scope=opened.selection.scope,
        source={"kind": "grid", "selection": str(opened.selection.pk)},
        nonce=opened.entered.nonce(opened.basis),
        request_id=request.id,
    )


def _again(request: SignedInRequest, held: Selection, resource: Resource) -> Opened:
    """The records read anew under what was typed, as far as that can be read and has a place."""
    problem = _("This grid has lost its own data and was read again. Check what is changed, then preview it.")
    typed: Typed = {}
    with suppress(UnusableBasis):
        typed = read_typed(request.POST.get("cells", ""))
    names = dict.fromkeys(name for row in typed.values() for name in row)
    basis = _fresh(held, resource, _columns(request, resource, names))
    return Opened(resource, held, basis, placed(basis, resource, typed), problem=problem)


def _other_columns(
    request: SignedInRequest, held: Selection, resource: Resource, basis: GridBasis, typed: Typed
) -> HttpResponse:
    """The grid with other columns; those that hold changes stay, and so does what was typed."""
    asked = request.POST.getlist("column")
    wanted = _columns(request, resource, [*asked, *(name for row in typed.values() for name in row)])
    basis = basis.beside(_fresh(held, resource, wanted))
    _learn_names(resource, basis)
    return _page(request, Opened(resource, held, basis, typed))


# The page


def _page(request: SignedInRequest, opened: Opened, *, status: int = 200) -> HttpResponse:
    resource, basis, problems = opened.resource, opened.basis, opened.entered.problems
    columns = _described(resource, basis, opened.typed)
    number = len(basis.rows)
    context = {
        **_about(opened.selection, resource),
        "size": number,
        "noun": resource.label if number == 1 else resource.label_plural,
        "columns": columns,
        "described_json": json.dumps([column.described() for column in columns], ensure_ascii=False),
        "rows": [(row, cells_of(row, columns, opened.typed, problems)) for row in basis.rows],
        "missing": basis.missing,
        "base": basis.signed(),
        "typed": opened.typed,
        "problem": opened.problem,
        "problems": _listed(opened, columns),
        "number_of_problems": opened.entered.number_of_problems,
        "possible": [(item, editable(item)) for item in possible(resource)],
        "shown": basis.columns,
        "thousands": get_format("THOUSAND_SEPARATOR"),
        "page_keys": "bulk/grid_keys.html",
    }
    return show(request, "bulk/grid.html", context, status=status)


def _listed(opened: Opened, columns: Sequence[Column]) -> list[tuple[str, str, str]]:
    """Each cell that cannot be taken: its place on the page, what it is, and why."""
    found = []
    for number, row in enumerate(opened.basis.rows, start=1):
        texts = opened.entered.problems.get(row.key, {})
        for column in columns:
            if text := texts.get(column.item.name):
                found.append((f"cell-{number}-{column.item.name}", f"{row.label}, {column.item.label}", text))
    return found
