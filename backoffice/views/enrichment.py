"""Asking Flowtly for logo and website: of one counterparty, or of those that are selected."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.forms.basis import new_nonce
from backoffice.resources import REGISTRY, Resource
from backoffice.services import branding, selections
from backoffice.services.access import Permission
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther, freeze_for, show

_LONGEST_NONCE = 64


@requires(Permission.EDIT)
@require_POST
def enrich(request: SignedInRequest, key: str) -> HttpResponse:
    """Does it and leads to the job's page; a form with a `nonce` of its own does it once."""
    nonce = request.POST.get("nonce", "").replace("\x00", "")[:_LONGEST_NONCE] or new_nonce()
    job = branding.enrich(actor=request.user, key=key, nonce=nonce, request_id=request.id)
    return SeeOther(reverse("job", args=[job.pk]))


@requires(Permission.BULK)
@require_POST
def enrich_selected(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Freezes what is selected and leads to the question."""
    if not resource.enrichable:
        raise Http404
    return freeze_for(request, resource, "enrich_selection")


@requires(Permission.BULK)
@require_http_methods(["GET", "HEAD", "POST"])
def enrich_selection(request: SignedInRequest, selection_id: uuid.UUID) -> HttpResponse:
    """Says what is about to be done; then has the worker do it, once for each frozen selection."""
    held = selections.frozen(owner=request.user, selection_id=selection_id)
    resource = REGISTRY.get(held.entity) if held else None
    if held is None or resource is None or not resource.enrichable:
        raise Http404
    if request.method == "POST":
        iris = [each.iri for each in selections.selected(held)]
        nonce = f"enrich-{held.pk.hex}"
        job = branding.enrich_many(actor=request.user, iris=iris, nonce=nonce, request_id=request.id)
        return SeeOther(reverse("job", args=[job.pk]))
    number = selections.count(held)
    context = {
        "resource": resource,
        "selection": held,
        "size": number,
        "noun": resource.label if number == 1 else resource.label_plural,
        "calls": branding.calls(number),
    }
    return show(request, "records/enrich.html", context)
