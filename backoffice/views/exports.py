"""One's own exports: how far each is, the file, stopping, deleting. Nobody sees another's, admins neither."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from backoffice.models import Export
from backoffice.resources import PAGES
from backoffice.services import exports, selections
from backoffice.services.access import Permission
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.problemwords import problem_in_words
from backoffice.views.sending import file_answer
from backoffice.views.shared import SeeOther, show


@requires(Permission.EXPORT)
@require_safe
def export_index(request: SignedInRequest) -> HttpResponse:
    """Those of this person, newest first."""
    mine = Export.objects.filter(owner=request.user)
    return show(request, "exports/list.html", {"exports": [_shown(each) for each in mine[:200]]})


@requires(Permission.EXPORT)
@require_safe
def export(request: SignedInRequest, export_id: uuid.UUID) -> HttpResponse:
    """How far it is; the page asks again each second until it has ended."""
    found = _own(request, export_id)
    context = _shown(found)
    response = show(request, "exports/export.html", context, part="state")
    if context["fragment"] and not found.going_on:
        response.status_code = HTMX_STOP_POLLING
    return response


@requires(Permission.EXPORT)
@require_GET
def export_file(request: SignedInRequest, export_id: uuid.UUID) -> HttpResponseBase:
    answer = file_answer(request, _own(request, export_id))
    if answer is None:
        raise Http404
    return answer


@requires(Permission.EXPORT)
@require_POST
def export_stop(request: SignedInRequest, export_id: uuid.UUID) -> HttpResponse:
    exports.stop(_own(request, export_id))
    return SeeOther(reverse("export", args=[export_id]))


@requires(Permission.EXPORT)
@require_POST
def export_delete(request: SignedInRequest, export_id: uuid.UUID) -> HttpResponse:
    exports.delete(_own(request, export_id))
    messages.success(request, _("The file was deleted."))
    return SeeOther(reverse("exports"))


def _own(request: SignedInRequest, export_id: uuid.UUID) -> Export:
    return get_object_or_404(Export, pk=export_id, owner=request.user)


def _shown(found: Export) -> dict[str, Any]:
    resource = PAGES.get(found.entity)
    address = found.source.get("query", {}).get("address", "")
    path = reverse("list", args=[resource]) if resource else ""
    ask = reverse("export_list", args=[resource]) if resource else ""
    if selection := found.source.get("selection"):
        held = selections.frozen(owner=found.owner, selection_id=uuid.UUID(selection))
        ask = reverse("export_selection", args=[held.pk]) if held else ""
    return {
        "export": found,
        "resource": resource,
        "problem": problem_in_words(found.problem) if found.problem else "",
        "list_url": f"{path}?{address}" if address else path,
        "again_url": f"{ask}?{address}" if address else ask,
        "tone": {"done": "good", "failed": "bad", "stopped": "off"}.get(found.state, "busy"),
    }
