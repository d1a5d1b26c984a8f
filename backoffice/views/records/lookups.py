"""The options of a type-ahead."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from backoffice.resources import REGISTRY, Resource
from backoffice.services import reading
from backoffice.services.access import Permission
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import show

_LEAST = 2


@requires(Permission.READ)
@require_safe
def suggest(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Options for `?q=` over this entity, or with `field` over the entity that this field points at."""
    item = resource.by_name.get(request.GET.get("field", ""))
    sought = REGISTRY[item.references] if item is not None and item.references else resource
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = reading.suggest(resource=sought, text=text) if len(text) >= _LEAST else []
    return show(request, "records/options.html", {"found": found})
