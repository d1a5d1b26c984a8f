"""Arranging a list: its columns, its page size, and views saved under a name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from backoffice.forms.layouts import ViewForm, arranged
from backoffice.forms.listing import SIZES
from backoffice.models import SavedView
from backoffice.resources import Field, Resource
from backoffice.services import index, layouts
from backoffice.services.access import Permission, can
from backoffice.views.guard import SignedInRequest, refuse, requires
from backoffice.views.records.opened import OpenedList, opened_list
from backoffice.views.shared import SeeOther, is_fragment, show

STATE = "state"  # the list's address, sent along with what is to be kept of it
_LONGEST = 20_000


def _opened(request: SignedInRequest, resource: Resource, query: QueryDict) -> OpenedList:
    """Everything counts as sortable: what cannot be sorted by today may be tomorrow, when there is an index."""
    return opened_list(request.user, resource, query, lambda _search: frozenset(resource.by_name))


def _posted(request: SignedInRequest, resource: Resource) -> OpenedList:
    """The list as it was shown when the form was sent."""
    return _opened(request, resource, QueryDict(request.POST.get(STATE, "")[:_LONGEST]))


# Columns and page size


@requires(Permission.OWN_VIEWS)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: SignedInRequest, resource: Resource) -> HttpResponseBase:
    """Which columns, in which order; each press of a button is kept at once."""
    opened = _opened(request, resource, request.GET)
    if request.method != "POST":
        return _columns_page(request, resource, opened)
    optional = [item.name for item in layouts.optional_columns(resource)]
    wanted = arranged(opened.columns, request.POST, optional)
    if "reset" in request.POST:
        wanted = list(layouts.usual_columns(resource, opened.view))
    layouts.keep_columns(user=request.user, resource=resource, view=opened.view, columns=wanted)
    if not is_fragment(request):
        return SeeOther(request.get_full_path())
    opened = replace(opened, columns=tuple(wanted))
    return trigger_client_event(_columns_page(request, resource, opened), "columns-changed")


def _columns_page(request: SignedInRequest, resource: Resource, opened: OpenedList) -> HttpResponse:
    path = reverse("list", args=[resource])
    moved = request.POST.get("up") or request.POST.get("down") or ""
    context = {
        "resource": resource,
        "opened": opened,
        "fixed": resource.by_name[layouts.fixed_column(resource)],
        "chosen": [resource.by_name[name] for name in opened.columns[1:]],
        "groups": _grouped(resource),
        "left_out": index.left_out(resource),
        "moved": resource.by_name.get(moved),
        "place": opened.columns.index(moved) + 1 if moved in opened.columns else 0,
        "columns_url": opened.state.url(f"{path}columns/", page=1),
        "back_url": opened.state.url(path),
    }
    return show(request, "records/columns.html", context, part="panel")


def _grouped(resource: Resource) -> list[tuple[str, list[Field]]]:
    """What can be a column, in the groups of the record's page."""
    optional = layouts.optional_columns(resource)
    groups = [
        (str(group.label), [item for item in resource.fields_of(group) if item in optional])
        for group in resource.fieldsets
    ]
    grouped = {item.name for _label, items in groups for item in items}
    others = [item for item in optional if item.name not in grouped]
    return [(label, items) for label, items in [*groups, (_("Other"), others)] if items]


@requires(Permission.OWN_VIEWS)
@require_POST
def page_size(request: SignedInRequest, resource: Resource) -> HttpResponseBase:
    """Rows on a page, kept for this list, or for the view in use."""
    opened, asked = _posted(request, resource), request.POST.get("size", "")
    size = int(asked) if asked in map(str, SIZES) else opened.state.usual
    layouts.keep_size(user=request.user, resource=resource, view=opened.view, size=size)
    kept = replace(opened.state, size=size, usual=size, page=1)
    return SeeOther(kept.url(reverse("list", args=[resource])))


# Saved views


@requires(Permission.OWN_VIEWS)
@require_http_methods(["GET", "HEAD", "POST"])
def views(request: SignedInRequest, resource: Resource) -> HttpResponseBase:
    """The views of a list; POST saves what the list shows as a new one."""
    form = ViewForm(request.POST or None, may_share=can(request.user, Permission.SHARE_VIEWS))
    if request.method != "POST":
        return _views_page(request, resource, form, _opened(request, resource, request.GET))
    opened = _posted(request, resource)
    if form.is_valid():
        try:
            view = layouts.save_view(
                user=request.user,
                resource=resource,
                name=form.cleaned_data["name"],
                shared=form.cleaned_data.get("shared", False),
                request_id=request.id,
                **_shown(opened),
            )
        except layouts.NameTaken:
            form.take()
        else:
            messages.success(request, _("Saved as the view “%(name)s”.") % {"name": view.name})
            return _in_view(resource, view)
    return _views_page(request, resource, form, opened, status=422)


def _shown(opened: OpenedList) -> dict[str, Any]:
    return {"query": opened.state.shown, "columns": opened.columns, "size": opened.state.size}


def _in_view(resource: Resource, view: SavedView | None) -> SeeOther:
    path = reverse("list", args=[resource])
    return SeeOther(f"{path}?view={view.pk}" if view else path)


def _views_page(
    request: SignedInRequest, resource: Resource, form: ViewForm, opened: OpenedList, status: int = 200
) -> HttpResponse:
    path = reverse("list", args=[resource])
    views = [(view, layouts.may_change(request.user, view)) for view in opened.arrangement.views]
    context = {
        "resource": resource,
        "form": form,
        "opened": opened,
        "views": views,
        "state_now": opened.state.query(page=1),
        "back_url": opened.state.url(path),
    }
    return show(request, "records/views.html", context, status=status)


def _found(request: SignedInRequest, resource: Resource, view_id: int, *, to_change: bool = True) -> SavedView:
    """404 for a view that this person cannot see, 403 for one that is not theirs to change."""
    view = layouts.arrangement(user=request.user, resource=resource).view(view_id)
    if view is None:
        raise Http404
    if to_change and not layouts.may_change(request.user, view):
        refuse(request, Permission.SHARE_VIEWS)
    return view


@requires(Permission.OWN_VIEWS)
@require_http_methods(["GET", "HEAD", "POST"])
def view(request: SignedInRequest, resource: Resource, view_id: int) -> HttpResponseBase:
    """A view's name, and whether it is shared."""
    found = _found(request, resource, view_id)
    name = found.name
    may_share = can(request.user, Permission.SHARE_VIEWS)
    form = ViewForm(request.POST or None, initial={"name": name, "shared": found.shared}, may_share=may_share)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["name"], form.cleaned_data.get("shared", found.shared)
        try:
            layouts.rename_view(
                user=request.user, view=found, name=wanted[0], shared=wanted[1], request_id=request.id
            )
        except layouts.NameTaken:
            form.take()
        else:
            messages.success(request, _("The view “%(name)s” was saved.") % {"name": found.name})
            return SeeOther(reverse("views", args=[resource]))
    context = {"resource": resource, "view": found, "name": name, "form": form}
    return show(request, "records/view.html", context, status=422 if form.errors else 200)


@requires(Permission.OWN_VIEWS)
@require_POST
def overwrite_view(request: SignedInRequest, resource: Resource, view_id: int) -> HttpResponseBase:
    """The view becomes what the list shows."""
    found = _found(request, resource, view_id)
    opened = _posted(request, resource)
    layouts.overwrite_view(user=request.user, view=found, request_id=request.id, **_shown(opened))
    messages.success(request, _("The view “%(name)s” was saved.") % {"name": found.name})
    return _in_view(resource, found)


@requires(Permission.OWN_VIEWS)
@require_POST
def delete_view(request: SignedInRequest, resource: Resource, view_id: int) -> HttpResponseBase:
    found = _found(request, resource, view_id)
    layouts.delete_view(user=request.user, view=found, request_id=request.id)
    messages.success(request, _("The view “%(name)s” was deleted.") % {"name": found.name})
    return SeeOther(reverse("views", args=[resource]))


@requires(Permission.OWN_VIEWS)
@require_POST
def default_view(request: SignedInRequest, resource: Resource) -> HttpResponseBase:
    """The view that this person's list opens with: `view` is its number, empty for everything."""
    asked = request.POST.get("view", "")
    number = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) <= 9 else 0
    found = _found(request, resource, number, to_change=False) if asked else None
    layouts.keep_opens(user=request.user, resource=resource, view=found)
    if found:
        messages.success(request, _("Your list now opens with the view “%(name)s”.") % {"name": found.name})
    else:
        messages.success(request, _("Your list now opens with everything."))
    return SeeOther(reverse("views", args=[resource])) if "stay" in request.POST else _in_view(resource, found)
