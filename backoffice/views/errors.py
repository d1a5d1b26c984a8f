"""Pages and fragments for what went wrong: one sentence what, one what now, one way on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from backoffice.forms.resume import kept_fields

ICONS = {403: "lock", 404: "slash-circle", 410: "slash-circle", 502: "cloud-slash", 503: "cloud-slash"}


def render_problem(
    request: HttpRequest,
    *,
    status: int,
    title: str,
    what: str,
    todo: str,
    action_label: str,
    action_url: str,
    kept: QueryDict | None = None,
    history_url: str = "",
) -> HttpResponse:
    """A page, or for htmx a fragment, with `status`.

    `what` happened, what `todo` now, and a link to `action_url` named `action_label`. With `kept` (the posted
    fields) the page offers them again instead: its button sends them to the same address; passwords and the CSRF
    token are left out. `history_url` adds a link to the record's history. An htmx GET gets the fragment inside its
    target; any other htmx request gets it in `#problems`, so that the form that was sent stays on the page.
    """
    context = {
        "status": status,
        "icon": ICONS.get(status, "exclamation-triangle"),
        "title": title,
        "what": what,
        "todo": todo,
        "action_label": action_label,
        "action_url": action_url,
        "kept": kept_fields(kept) if kept is not None else None,
        "history_url": history_url,
        "request_id": getattr(request, "id", ""),
    }
    if _wants_fragment(request):
        response = _fragment(request, context)
    else:
        response = render(request, "errors/problem.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _wants_fragment(request: HttpRequest) -> bool:
    """Read from the headers: an early failure comes before django-htmx's middleware."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def _fragment(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    context["reading"] = request.method == "GET"
    body = render_to_string("errors/fragment.html", context)
    response = HttpResponse(body, status=context["status"])
    response["HX-Reswap"] = "innerHTML"
    if request.method != "GET":
        response["HX-Retarget"] = "#problems"
    return response


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render_problem(
        request,
        status=403,
        title=_("You may not do this"),
        what=_("Your roles do not allow this page or action. Nothing was changed."),
        todo=_("Ask an administrator for the role, or a colleague who has it."),
        action_label=_("Go to the start page"),
        action_url=reverse("home"),
    )


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render_problem(
        request,
        status=404,
        title=_("There is no such page"),
        what=_("Nothing stands at this address. It may be mistyped, or the record may be gone."),
        todo=_("Look for the record in its list."),
        action_label=_("Go to the start page"),
        action_url=reverse("home"),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Mostly a form that was open while the person signed in again in another tab: it is offered again.

    Only where the browser itself says that the form was sent from this site; else nothing is offered, because
    that is the forgery the token guards against.
    """
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    return render_problem(
        request,
        status=403,
        title=_("The form was not accepted"),
        what=_("It was opened before your last sign-in, or the browser keeps no cookies. Nothing was changed."),
        todo=_("Send it again.") if ours else _("Open the page again and repeat what you did."),
        action_label=_("Send again") if ours else _("Go to the start page"),
        action_url=reverse("home"),
        kept=request.POST if ours else None,
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _bare(request, "400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    return _bare(request, "500.html", 500)


def _bare(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """Without context processors: whatever is broken, they may be part of it."""
    context: dict[str, Any] = {"request_id": getattr(request, "id", ""), "status": status}
    if not _wants_fragment(request):
        return HttpResponse(render_to_string(template, context), status=status)
    context |= {
        "title": _("Something went wrong here"),
        "what": _("The back office could not finish this. It has been logged."),
        "todo": _("Load the page and look at what is there before you repeat a change."),
        "action_label": _("Load the page again"),
        "action_url": request.headers.get("HX-Current-URL", ""),
    }
    return _fragment(request, context)
