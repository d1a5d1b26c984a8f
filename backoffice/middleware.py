"""Request id, preferences, and the one map from Flowtly's errors to pages."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.flowtly import errors
from backoffice.models import User
from backoffice.views.errors import render_problem

GetResponse = Callable[[HttpRequest], HttpResponse]
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = structlog.get_logger("backoffice.web")


class RequestIdMiddleware:
    """Each request has an id: the caller's where it is sane, else a new one; on the answer, in each log line."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request.id = given if _ACCEPTABLE_ID.fullmatch(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(web_request=request.id):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response


class PreferencesMiddleware:
    """The signed-in person's language; pages with personal data are never stored by a shared cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        response = self.get_response(request)
        if user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class FlowtlyErrorMiddleware:
    """What a view does not catch becomes a page, or a fragment for htmx, that says what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, errors.FlowtlyError):
            return None
        log.warning("flowtly error", kind=type(exception).__name__, status=exception.status, path=exception.path)
        posted = request.method == "POST"
        unsaved = _("Nothing was saved.") if posted else ""
        explained = _explained(exception)
        return render_problem(
            request,
            status=explained.status,
            title=str(explained.title),
            what=str(explained.what),
            todo=f"{explained.todo} {unsaved if explained.unsaved else ''}".strip(),
            action_label=_("Try again"),
            action_url=request.path if posted else request.get_full_path(),
            kept=request.POST if posted else None,
        )


def _explained(error: errors.FlowtlyError) -> _Explained:
    return next(item for kind, item in _EXPLAINED if isinstance(error, kind))


def in_short(error: errors.FlowtlyError) -> str:
    """What went wrong in a few words that begin a sentence."""
    return str(_explained(error).title)


@dataclass(frozen=True)
class _Explained:
    """What to show for one kind of error. `unsaved`: a form that met it was certainly not saved."""

    status: int
    title: Promise
    what: Promise
    todo: Promise
    unsaved: bool = True


# The first kind that fits; each remedy of flowtly/errors.py has its own words.
_EXPLAINED: tuple[tuple[type[errors.FlowtlyError] | UnionType, _Explained], ...] = (
    (
        errors.NotFound | errors.RouteMissing,
        _Explained(
            404,
            gettext_lazy("Not found in Flowtly"),
            gettext_lazy("Flowtly has no such record."),
            gettext_lazy("It may have been deleted. Look for it in the list."),
        ),
    ),
    (
        errors.Unauthorized,
        _Explained(
            502,
            gettext_lazy("Flowtly does not accept our sign-in"),
            gettext_lazy("The token or password that this back office uses was refused."),
            gettext_lazy("Ask an administrator to check the connection."),
        ),
    ),
    (
        errors.Forbidden,
        _Explained(
            403,
            gettext_lazy("Flowtly does not allow this"),
            gettext_lazy("The account that this back office uses may not do that in Flowtly."),
            gettext_lazy("Ask an administrator for the right in Flowtly."),
        ),
    ),
    (
        errors.RateLimited,
        _Explained(
            503,
            gettext_lazy("Flowtly asks us to wait"),
            gettext_lazy("There were more calls than Flowtly allows."),
            gettext_lazy("Try again in a minute."),
        ),
    ),
    (
        errors.OutcomeUnknown,
        _Explained(
            502,
            gettext_lazy("Flowtly's answer was lost"),
            gettext_lazy("It is not known whether Flowtly carried this out."),
            gettext_lazy("Look at the record before you try again."),
            unsaved=False,
        ),
    ),
    (
        errors.Unavailable,
        _Explained(
            503,
            gettext_lazy("Flowtly cannot be reached"),
            gettext_lazy("Flowtly does not answer at the moment. This back office itself is running."),
            gettext_lazy("Try again in a moment."),
        ),
    ),
    (
        errors.FlowtlyError,
        _Explained(
            502,
            gettext_lazy("Flowtly gave an answer that cannot be read"),
            gettext_lazy("The answer is not what Flowtly's interface describes."),
            gettext_lazy("Try again; if it stays, tell an administrator."),
        ),
    ),
)
