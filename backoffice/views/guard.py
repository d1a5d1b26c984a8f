"""Every view says who may use it: `@requires(Permission.EDIT)` or `@public`; a test fails where one does not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, NoReturn, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from backoffice.forms.resume import pack_submission
from backoffice.models import User
from backoffice.services import audit
from backoffice.services.access import Permission, can

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """A request past `requires`: the person is known, htmx and the request id are there."""

    user: User
    htmx: HtmxDetails
    id: str


View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """Marks a view that anybody may open."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[Callable[Concatenate[Any, P], HttpResponseBase]], View]:
    """Anonymous people go to the login, which keeps a submitted form; those without the right get a 403."""

    def decorate(view: Callable[Concatenate[Any, P], HttpResponseBase]) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _ask_to_sign_in(request)
            if not can(request.user, permission):
                refuse(request, permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    if request.method == "POST":
        from backoffice.views.accounts import login_over_form

        return login_over_form(request, pack_submission(request))
    return redirect_to_login(request.get_full_path())


def refuse(request: HttpRequest, permission: Permission) -> NoReturn:
    """403, and an entry in the audit trail."""
    audit.append(
        action="access.refused",
        outcome="refused",
        actor=cast(User, request.user),
        request_id=cast(SignedInRequest, request).id,
        detail=f"{request.method} {request.path[:200]} ({permission})",
    )
    raise PermissionDenied
