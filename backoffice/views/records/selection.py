"""The records that a person ticked in a list: the bar that counts them, and what changes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backoffice.formats import words
from backoffice.forms.listing import ListState
from backoffice.forms.selecting import Shown, taken
from backoffice.models import User
from backoffice.resources import Resource
from backoffice.resources.schema import Text
from backoffice.services import selections
from backoffice.services.access import Permission, can
from backoffice.services.index import Age
from backoffice.services.lists import CopyNeeded
from backoffice.services.reading import ListQuery
from backoffice.services.selections import TooMany
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.table import chips
from backoffice.views.shared import SeeOther, is_fragment, short_lists, show


@dataclass(frozen=True)
class Action:
    """Something that is done with a selection: a POST to `url_name`, which freezes it and leads on."""

    name: str
    label: Text
    url_name: str
    permission: Permission
    offered: Callable[[Resource], bool]


ACTIONS = (
    Action(
        "change",
        gettext_lazy("Change fields"),
        "change_selected",
        Permission.BULK,
        lambda resource: any(item.bulk_editable for item in resource.fields),
    ),
    Action(
        "grid",
        gettext_lazy("Edit as a grid"),
        "grid_selected",
        Permission.BULK,
        lambda resource: resource.editable,
    ),
    Action("edit", gettext_lazy("Sheet for editing"), "edit_selected", Permission.BULK, lambda _resource: True),
    Action("export", gettext_lazy("Export"), "export_selected", Permission.EXPORT, lambda _resource: True),
    Action(
        "merge",
        gettext_lazy("Merge"),
        "merge_selected",
        Permission.BULK,
        lambda resource: resource.mergeable,
    ),
    Action(
        "enrich",
        gettext_lazy("Find logo and website"),
        "enrich_selected",
        Permission.BULK,
        lambda resource: resource.enrichable,
    ),
)


def bar(user: User, resource: Resource, shown: Shown) -> dict[str, Any]:
    """What the selection bar of a list says; `ticked` are the selected ones among the rows shown."""
    held = selections.draft(owner=user, resource=resource)
    number, ticked = selections.count(held), selections.among(held, shown.keys)
    return {
        "number": number,
        "noun": resource.label if number == 1 else resource.label_plural,
        "ticked": ticked,
        "ticked_keys": sorted(ticked),
        "on_page": len(ticked),
        "shown": shown,
        "offers_all": shown.whole and number != shown.total,
        "narrowed": _state(resource, shown).narrowed,
        "actions": [
            (each, reverse(each.url_name, args=[resource]))
            for each in ACTIONS
            if each.offered(resource) and can(user, each.permission)
        ],
    }


@requires(Permission.READ)
@require_POST
def select(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Ticks: `add` and `remove` name records; with `ticks` the rows shown are to be as the form has them."""
    shown = Shown.read(request.POST)
    add, remove = taken(request.POST.getlist("add")), taken(request.POST.getlist("remove"))
    if "ticks" in request.POST:
        add = taken(request.POST.getlist("key"))
        remove = tuple(set(shown.keys) - set(add))
    try:
        selections.change(owner=request.user, resource=resource, add=add, remove=remove)
    except TooMany:
        return _answer(request, resource, shown, _too_many(), status=422)
    return _answer(request, resource, shown)


@requires(Permission.READ)
@require_POST
def select_all(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Everything that the list shows, on all its pages."""
    shown = Shown.read(request.POST)
    state = _state(resource, shown)
    query = ListQuery(state.search, state.criteria)
    try:
        age = selections.add_all(
            owner=request.user, resource=resource, query=query, scope=scope_of(resource, state)
        )
    except TooMany:
        return _answer(request, resource, shown, _too_many(), status=422)
    except CopyNeeded as needed:
        return _answer(request, resource, shown, _copy_needed(needed), status=422)
    return _answer(request, resource, shown, _as_of(age) if age else "")


@requires(Permission.READ)
@require_POST
def select_none(request: SignedInRequest, resource: Resource) -> HttpResponse:
    selections.clear(owner=request.user, resource=resource)
    return _answer(request, resource, Shown.read(request.POST))


def scope_of(resource: Resource, state: ListState) -> str:
    """What a list shows, in words: "Status: active, Country: Denmark"."""
    fields = [resource.by_name[one.name] for one in state.criteria if one.name in resource.by_name]
    found = [f"{chip.label}: {chip.words}" for chip in chips(resource, state, "", short_lists(fields))]
    return ", ".join(found) or _("all %(entities)s") % {"entities": resource.label_plural}


def _state(resource: Resource, shown: Shown) -> ListState:
    return ListState.read(resource, QueryDict(shown.query), sortable=frozenset(resource.by_name))


def _answer(
    request: SignedInRequest, resource: Resource, shown: Shown, note: str = "", *, status: int = 200
) -> HttpResponse:
    """The bar anew; without htmx the list again, where it was."""
    if not is_fragment(request):
        if note:
            messages.warning(request, note)
        return SeeOther(_state(resource, shown).url(reverse("list", args=[resource])))
    context = {"resource": resource, "bar": bar(request.user, resource, shown), "note": note}
    return show(request, "records/selection_bar.html", context, status=status)


def _too_many() -> str:
    most = words.integer(selections.MOST)
    return _("A selection holds at most %(most)s records. Nothing was added.") % {"most": most}


def _copy_needed(needed: CopyNeeded) -> str:
    if needed.waiting:
        return _(
            "To select so many at once our copy of Flowtly is needed. It is being read; try again in some minutes."
        )
    return _(
        "Flowtly's lists do not carry what this one is narrowed by, so not all pages can be selected at once."
    )


def _as_of(age: Age) -> str:
    return _("From our copy of Flowtly, read %(ago)s ago") % {"ago": timesince(age.refreshed_at)}
