"""How a person has a list: its columns, its page size, and views saved under a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q

from backoffice.models import ListLayout, SavedView, User
from backoffice.resources import Field, Resource
from backoffice.services import audit
from backoffice.services.access import Permission, can


class NameTaken(Exception):
    """The owner has a view of this name for this list already."""


@dataclass(frozen=True)
class Arrangement:
    """The views that one person may open on one list, and what the person changed, by view (None: the list)."""

    resource: Resource
    views: tuple[SavedView, ...]
    layouts: Mapping[int | None, ListLayout]

    def view(self, number: int | None) -> SavedView | None:
        """None for a view that is gone, and for one that is somebody else's own."""
        return next((view for view in self.views if view.pk == number), None)

    @property
    def opens(self) -> SavedView | None:
        """The view that the bare address shows."""
        held = self.layouts.get(None)
        return self.view(held.opens_id) if held else None

    def columns(self, view: SavedView | None) -> tuple[str, ...]:
        """The names of the columns to show, the record's name first."""
        held = self.layouts.get(view.pk if view else None)
        if held and held.columns:
            return known_columns(self.resource, held.columns)
        return usual_columns(self.resource, view)

    def size(self, view: SavedView | None) -> int | None:
        """Rows on a page; None where neither the person nor the view says."""
        held = self.layouts.get(view.pk if view else None)
        return (held.size if held else 0) or (view.size if view else None)


def arrangement(*, user: User, resource: Resource) -> Arrangement:
    """Two queries."""
    views = SavedView.objects.filter(Q(owner=user) | Q(shared=True), entity=resource.slug)
    layouts = ListLayout.objects.filter(user=user, entity=resource.slug)
    found = sorted(views.select_related("owner"), key=lambda view: (view.shared, view.name.casefold(), view.pk))
    return Arrangement(resource, tuple(found), {layout.view_id: layout for layout in layouts})


# Columns


def fixed_column(resource: Resource) -> str:
    """The record's name: always there, always first."""
    return resource.list_display[0]


def optional_columns(resource: Resource) -> tuple[Field, ...]:
    return tuple(item for item in resource.fields if item.name != fixed_column(resource))


def known_columns(resource: Resource, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are fields, each once, behind the record's name."""
    known = [name for name in names if name in resource.by_name]
    return tuple(dict.fromkeys([fixed_column(resource), *known]))


def usual_columns(resource: Resource, view: SavedView | None) -> tuple[str, ...]:
    """As delivered, or as the view was saved."""
    return known_columns(resource, view.columns) if view else resource.list_display


def keep_columns(*, user: User, resource: Resource, view: SavedView | None, columns: Iterable[str]) -> None:
    """This person's columns of the list, or of one view of it; the usual ones are kept as nothing."""
    wanted = known_columns(resource, columns)
    _keep(user, resource, view, columns=[] if wanted == usual_columns(resource, view) else list(wanted))


def keep_size(*, user: User, resource: Resource, view: SavedView | None, size: int) -> None:
    _keep(user, resource, view, size=0 if view and view.size == size else size)


def keep_opens(*, user: User, resource: Resource, view: SavedView | None) -> None:
    """The view that this person's list opens with; None for everything."""
    _keep(user, resource, None, opens=view)


def _keep(user: User, resource: Resource, view: SavedView | None, **values: object) -> None:
    ListLayout.objects.update_or_create(user=user, entity=resource.slug, view=view, defaults=values)


# Views


def may_change(user: User, view: SavedView) -> bool:
    """A shared view is the team's: only who may share may change it, its owner or not."""
    return can(user, Permission.SHARE_VIEWS) if view.shared else view.owner_id == user.pk


def save_view(
    *,
    user: User,
    resource: Resource,
    name: str,
    shared: bool,
    query: str,
    columns: Iterable[str],
    size: int,
    request_id: str = "",
) -> SavedView:
    """A new view. Raises NameTaken; PermissionDenied for a shared one by somebody who may not share."""
    _must(not shared or can(user, Permission.SHARE_VIEWS))
    view = SavedView(owner=user, entity=resource.slug, name=name, shared=shared)
    view.query, view.columns, view.size = query, list(columns), size
    _store(view, user, "share_view" if shared else "", request_id)
    return view


def overwrite_view(
    *, user: User, view: SavedView, query: str, columns: Iterable[str], size: int, request_id: str = ""
) -> None:
    """The view becomes what is shown now; what this person had changed in it is part of it from now on."""
    _must(may_change(user, view))
    view.query, view.columns, view.size = query, list(columns), size
    with transaction.atomic():
        ListLayout.objects.filter(user=user, view=view).delete()
        _store(view, user, "change_view" if view.shared else "", request_id)


def rename_view(*, user: User, view: SavedView, name: str, shared: bool, request_id: str = "") -> None:
    """Its name, and whether it is everybody's. Raises NameTaken."""
    _must(may_change(user, view) and (shared == view.shared or can(user, Permission.SHARE_VIEWS)))
    action = "" if not shared and not view.shared else "change_view"
    if shared != view.shared:
        action = "share_view" if shared else "unshare_view"
    view.name, view.shared = name, shared
    _store(view, user, action, request_id)


def delete_view(*, user: User, view: SavedView, request_id: str = "") -> None:
    _must(may_change(user, view))
    with transaction.atomic():
        view.delete()
        if view.shared:
            _record(view, user, "delete_view", request_id)


def _must(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def _store(view: SavedView, user: User, action: str, request_id: str) -> None:
    try:
        with transaction.atomic():
            view.save()
            if action:
                _record(view, user, action, request_id)
    except IntegrityError:
        raise NameTaken from None


def _record(view: SavedView, user: User, action: str, request_id: str) -> None:
    audit.append(
        action=f"{view.entity}.{action}",
        outcome="ok",
        actor=user,
        entity=view.entity,
        label=view.name,
        request_id=request_id,
    )
