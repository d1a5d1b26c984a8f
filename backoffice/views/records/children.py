"""The tabs of a record that the API is asked for: what belongs to it, and what stands below its path."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backoffice.flowtly import errors
from backoffice.forms.basis import new_nonce
from backoffice.models import Job, Outcome, Step
from backoffice.resources import REGISTRY, Children, Kind, Record, Resource, Subpath
from backoffice.services import edits, reading, references
from backoffice.services.access import Permission, can
from backoffice.services.edits import Place
from backoffice.templatetags.tables import cell_of, columns_of
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.gone import gone_page
from backoffice.views.records.parts import tab_links
from backoffice.views.shared import SeeOther, is_fragment, names_of_records, page_number, show, unknown_names

_SALT = "backoffice.views.records.children.places"


@requires(Permission.READ)
@require_safe
def tab(request: SignedInRequest, resource: Resource, key: str, tab: str) -> HttpResponse:
    """One declared tab. htmx gets it alone, in one request to Flowtly; the page needs the record's name, too."""
    declared = resource.tab(tab)
    if declared is None:
        raise Http404
    record = None
    if not is_fragment(request):
        try:
            record = reading.get_record(resource=resource, key=key)
        except errors.NotFound:
            return gone_page(request, resource, key)
    context = {
        "resource": resource,
        "key": key,
        "label": record.label if record else "",
        "record": record,
        "picture": record.values.get(resource.image_field) if record else "",
        "tab": tab,
        "tabs": tab_links(resource, key),
    }
    try:
        if isinstance(declared, Subpath):
            context |= _below(request, resource, key, declared)
        else:
            context |= _children(request, resource, key, declared, record)
    except errors.NotFound:
        return gone_page(request, resource, key, surely=record is None)
    return show(request, "records/detail.html", context, part="tab")


def _children(
    request: SignedInRequest, resource: Resource, key: str, declared: Children, record: Record | None
) -> dict[str, Any]:
    entity, number = REGISTRY[declared.entity], page_number(request)
    belonging = references.children_of(resource, key, declared, record=record, page=number)
    related = belonging.related
    names = names_of_records(related.records, entity.fields, short_codes=True)
    columns = [entity.by_name[name] for name in entity.list_display if name != declared.parent]
    shown = {item.name: item for item in entity.fields}
    own = f"?{urlencode({declared.parent: _iri(record, resource, key)}, safe='/')}"
    whole_url = f"{reverse('list', args=[entity])}{own}"
    return {
        "children": declared,
        "body": "records/tabs/timeline.html" if declared.timeline else "records/tabs/children.html",
        "entity": entity,
        "related": related,
        "age": belonging.age,
        "whole_url": whole_url if declared.parent in entity.by_name else "",
        "columns": columns,
        "fields": shown,
        "rows": [(each, detail_url(entity, each.key)) for each in related.records],
        "names": names,
        "own": own if declared.owned else "",
        "add_url": f"{reverse('create', args=[entity])}{own}{_next_place(declared, related)}",
        "places": _signed(resource, key, declared, related.records)
        if _movable(request, declared, related)
        else "",
        "unknown": unknown_names([entity.by_name[name] for name in entity.list_display], _values(related), names),
        **_pages(number, related.has_next),
    }


def _iri(record: Record | None, resource: Resource, key: str) -> str:
    return record.iri if record else reading.known_iri(slug=resource.slug, key=key) or resource.item_path(key)


def _values(related: reading.Related) -> list[Any]:
    return [record.values for record in related.records]


def _next_place(declared: Children, related: reading.Related) -> str:
    """A new one comes last."""
    held = [record.values.get(declared.order) for record in related.records] if related.whole else []
    numbers = [value for value in held if isinstance(value, int)]
    if not numbers or REGISTRY[declared.entity].by_name[declared.order].kind is not Kind.INTEGER:
        return ""
    return f"&{declared.order}={max(numbers) + 1}"


def _movable(request: SignedInRequest, declared: Children, related: reading.Related) -> bool:
    item = REGISTRY[declared.entity].by_name.get(declared.order)
    number = item is not None and item.kind is Kind.INTEGER and not item.read_only
    return number and related.whole and len(related.records) > 1 and can(request.user, Permission.EDIT)


def _pages(number: int, has_next: bool) -> dict[str, str]:
    return {
        "previous_url": f"?page={number - 1}" if number > 1 else "",
        "next_url": f"?page={number + 1}" if has_next else "",
    }


def _below(request: SignedInRequest, resource: Resource, key: str, declared: Subpath) -> dict[str, Any]:
    number = page_number(request)
    try:
        rows = reading.below(resource, key, declared, page=number)
    except (errors.RouteMissing, errors.NotFound):
        return {"body": "records/tabs/below.html", "declared": declared, "found": None}
    columns = columns_of(rows.members, belongs_to=reading.known_iri(slug=resource.slug, key=key))
    return {
        "body": "records/tabs/below.html",
        "declared": declared,
        "found": rows,
        "columns": columns,
        "rows": [[cell_of(column, member.get(column.name)) for column in columns] for member in rows.members],
        **_pages(number, rows.has_next),
    }


# Moving up and down


def _places(declared: Children, records: list[Record]) -> list[Place]:
    return [Place(record.key, record.label, record.values.get(declared.order)) for record in records]


def _signed(resource: Resource, key: str, declared: Children, records: list[Record]) -> str:
    shown = [[place.key, place.label, place.at] for place in _places(declared, records)]
    return signing.dumps([resource.slug, key, declared.name, new_nonce(), shown], salt=_SALT, compress=True)


@requires(Permission.EDIT)
@require_POST
def move(request: SignedInRequest, resource: Resource, key: str, tab: str) -> HttpResponse:
    """One place up (`up` names the record) or down, from the order that the person saw."""
    declared, back = resource.tab(tab), SeeOther(reverse("tab", args=[resource, key, tab]))
    if not isinstance(declared, Children):
        raise Http404
    try:
        slug, held, name, nonce, shown = signing.loads(request.POST.get("places", ""), salt=_SALT)
    except signing.BadSignature:
        slug, held, name, nonce, shown = "", "", "", "", []
    places = [Place(*each) for each in shown]
    asked = request.POST.get("up") or request.POST.get("down") or ""
    if (slug, held, name) != (resource.slug, key, tab):
        messages.warning(request, _("This page had lost its own data. Nothing was moved; try again."))
        return back
    digest = hashlib.sha256(f"{nonce} {'up' if request.POST.get('up') else 'down'} {asked}".encode()).hexdigest()
    if edits.find(digest) is None:
        now = _places(declared, reading.children_of(resource, key, declared).records)
        if [(place.key, place.at) for place in now] != [(place.key, place.at) for place in places]:
            messages.warning(
                request, _("The order was changed elsewhere meanwhile. Nothing was moved; look again.")
            )
            return back
    job = edits.reorder(
        actor=request.user,
        resource=REGISTRY[declared.entity],
        field=declared.order,
        places=places,
        key=asked,
        up=bool(request.POST.get("up")),
        nonce=digest,
        request_id=request.id,
    )
    _say(request, job)
    return back


def _say(request: SignedInRequest, job: Job | None) -> None:
    """Nothing where it worked, which is seen; else where to read what happened."""
    steps = Step.objects.filter(phase__job=job) if job else Step.objects.none()
    if all(step.outcome in (Outcome.CHANGED, Outcome.ALREADY) for step in steps):
        return
    assert job is not None
    link = format_html('<a href="{}">{}</a>', reverse("job", args=[job.pk]), _("See what happened"))
    messages.warning(request, format_html("{} {}", _("Not every position could be saved."), link))
