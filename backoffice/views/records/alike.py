"""While a record is typed: which of those that exist look like it."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from backoffice.resources import Resource
from backoffice.services import duplicates
from backoffice.services.access import Permission
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import show


@requires(Permission.EDIT)
@require_POST
def alike(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Advice on what was typed so far; it changes nothing. `record`: the key of the one that is edited."""
    values = {item.name: request.POST.get(item.name, "") for item in resource.fields if item.matchable}
    found = (
        duplicates.like(resource, values, leave_out=request.POST.get("record", "")) if any(values.values()) else []
    )
    return show(request, "records/alike.html", {"resource": resource, "alike": found, "early": True})
