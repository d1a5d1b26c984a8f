"""The page of a record that Flowtly no longer has; what was done to it here is still known. No views here."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django_htmx.http import HttpResponseClientRefresh

from backoffice.resources import Resource
from backoffice.services import history, index, merges
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest
from backoffice.views.shared import is_fragment, show, timeline


def gone_page(request: SignedInRequest, resource: Resource, key: str, *, surely: bool = True) -> HttpResponse:
    """Status 404, with the record's own history; a fragment makes htmx load the whole page again.

    Lists from the index stop offering it at once, unless it is not `surely` the record that was not found.
    """
    if is_fragment(request):
        return HttpResponseClientRefresh()
    if surely:
        index.remove(resource, key)
    again = history.created_from_copy(entity=resource.slug, key=key)
    found = history.for_record(entity=resource.slug, key=key)
    label = next((entry.label for entry in found.entries if entry.label), "")
    entries = [
        # Of a record that is not there nothing is taken back but its deletion.
        entry if entry.entry.verb == "delete" else replace(entry, undo_url="")
        for entry in timeline(request.user, found.entries, named=False)
    ]
    moved = merges.moved(key) if resource.mergeable else None
    context = {
        "moved": moved,
        "moved_url": detail_url(resource, moved.new) if moved else "",
        "resource": resource,
        "key": key,
        "label": label,
        "again": detail_url(resource, again) if again else "",
        "entries": entries,
        "again_url": next((each.undo_url for each in entries if each.undo_url), ""),
    }
    return show(request, "records/gone.html", context, status=404)
