"""Asking Flowtly for a counterparty's logo and website."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from backoffice.forms.basis import new_nonce
from backoffice.services import branding
from backoffice.services.access import Permission
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther

_LONGEST_NONCE = 64


@requires(Permission.EDIT)
@require_POST
def enrich(request: SignedInRequest, key: str) -> HttpResponse:
    """Does it and leads to the job's page; a form with a `nonce` of its own does it once."""
    nonce = request.POST.get("nonce", "").replace("\x00", "")[:_LONGEST_NONCE] or new_nonce()
    job = branding.enrich(actor=request.user, key=key, nonce=nonce, request_id=request.id)
    return SeeOther(reverse("job", args=[job.pk]))
