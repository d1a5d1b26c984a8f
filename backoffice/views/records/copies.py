"""The index of one entity: having it made anew, and waiting for that."""

from __future__ import annotations

from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseStopPolling, trigger_client_event

from backoffice.resources import Resource
from backoffice.services import index
from backoffice.services.access import Permission
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import show


@requires(Permission.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def refresh(request: SignedInRequest, resource: Resource) -> HttpResponseBase:
    """POST asks for a new copy; GET says how far it is, and ends the waiting once it is newer than `?since=`."""
    if request.method == "POST":
        index.ask(resource)
        if not request.htmx:
            return HttpResponseRedirect(_back(request, resource))
    age = index.age(resource)
    since = parse_datetime(request.GET.get("since", "") or request.POST.get("since", "")) if request.htmx else None
    if request.method != "POST" and age and since and age.refreshed_at > since:
        return trigger_client_event(HttpResponseStopPolling(), "index-refreshed")
    return show(request, "records/copy.html", {"resource": resource, "age": age, "waiting": True})


def _back(request: SignedInRequest, resource: Resource) -> str:
    back = request.POST.get("back", "")
    fine = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return back if fine else reverse("list", args=[resource])
