"""One record: its facts and its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from backoffice.flowtly import errors
from backoffice.forms.basis import new_nonce
from backoffice.forms.records import with_rest
from backoffice.models import User
from backoffice.resources import REGISTRY, Children, Field, Fieldset, Record, Resource
from backoffice.services import duplicates, history, index, merges, reading
from backoffice.services.access import Permission, can
from backoffice.services.merges import Moved
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.gone import gone_page
from backoffice.views.records.parts import tab_links
from backoffice.views.shared import (
    SeeOther,
    is_fragment,
    names_of_records,
    page_number,
    show,
    timeline,
    unknown_names,
)


@requires(Permission.READ)
@require_safe
def detail(request: SignedInRequest, resource: Resource, key: str) -> HttpResponse:
    """All fields in words; what we do not know the meaning of is shown as it came."""
    try:
        record = reading.get_record(resource=resource, key=key)
    except errors.NotFound:
        return _successor(request, resource, key) or gone_page(request, resource, key)
    if record.key != key and (there := _successor(request, resource, key)):
        return there
    reading.remember_opened(user=request.user, record=record)
    names = names_of_records([record], resource.fields)
    context = _head(request.user, resource, record) | {
        "tab": "overview",
        "names": names,
        "panels": [(fieldset, _facts(record, fieldset)) for fieldset in with_rest(resource)],
        "other": sorted(record.other.items()),
        "inlines": _inlines(record),
        "nonce": new_nonce(),
        "alike": duplicates.group_of(resource, record.key),
        "unknown": unknown_names(resource.fields, [record.values], names),
        "moved": _came_from(resource, request.GET.get("was", "").replace("\x00", ""), record.key),
    }
    return show(request, "records/detail.html", context, part="tab")


def _successor(request: SignedInRequest, resource: Resource, key: str) -> HttpResponse | None:
    """The record that stands for one that was merged away, where that is known here."""
    moved = merges.moved(key) if resource.mergeable and not is_fragment(request) else None
    if moved is None:
        return None
    index.remove(resource, key)
    return SeeOther(f"{detail_url(resource, moved.new)}?{urlencode({'was': key})}")


@requires(Permission.READ)
@require_safe
def record_history(request: SignedInRequest, resource: Resource, key: str) -> HttpResponse:
    """The history tab, from our own trail: it is there when Flowtly is not, or no longer has the record."""
    label = ""
    if not request.htmx:
        try:
            label = reading.get_record(resource=resource, key=key).label
        except errors.NotFound:
            return gone_page(request, resource, key)
        except errors.FlowtlyError:
            label = key
    found = history.for_record(entity=resource.slug, key=key, page=page_number(request))
    context = {"resource": resource, "key": key, "label": label, "tab": "history"} | {
        "tabs": tab_links(resource, key),
        "entries": timeline(request.user, found.entries, named=False),
        "page": found.page,
    }
    return show(request, "records/detail.html", context, part="tab")


def _came_from(resource: Resource, was: str, key: str) -> Moved | None:
    """How the old number in the address led here."""
    moved = merges.moved(was) if was and resource.mergeable else None
    return moved if moved and moved.new == key else None


def _head(user: User, resource: Resource, record: Record) -> dict[str, Any]:
    return {
        "resource": resource,
        "key": record.key,
        "label": record.label,
        "record": record,
        "picture": record.values.get(resource.image_field),
        "tabs": tab_links(resource, record.key),
        "can_merge": resource.mergeable and can(user, Permission.BULK),
    }


def _facts(record: Record, fieldset: Fieldset) -> list[tuple[Field, Any]]:
    return [(item, record.values.get(item.name)) for item in record.resource.fields_of(fieldset)]


def _inlines(record: Record) -> list[tuple[Children, list[Field], Sequence[Record]]]:
    """The children that a record names itself; left out where they cannot be read now."""
    found: list[tuple[Children, list[Field], Sequence[Record]]] = []
    for tab in record.resource.tabs:
        if isinstance(tab, Children) and tab.embedded:
            entity = REGISTRY[tab.entity]
            named = (tab.parent, entity.label_field)
            columns = [entity.by_name[name] for name in entity.list_display if name not in named]
            try:
                found.append((tab, columns, reading.children_at_hand(record, tab)))
            except errors.FlowtlyError:
                continue
    return found
