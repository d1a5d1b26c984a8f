"""What a person was told: the bell, and the page behind it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING, reswap

from backoffice.models import Notice, User
from backoffice.services import notices as told
from backoffice.services.access import Permission
from backoffice.views.guard import SignedInRequest, public, requires
from backoffice.views.shared import SeeOther, page_number, show

_SIZE = 50


@requires(Permission.READ)
@require_safe
def notices(request: SignedInRequest) -> HttpResponse:
    """One's own, newest first; each leads to its job, which marks it as read."""
    page = Paginator(told.listed(request.user), _SIZE).get_page(page_number(request))
    context = {
        "page": page,
        "lines": [(notice, told.sentence(notice), _icon(notice)) for notice in page.object_list],
        "previous_url": f"?page={page.number - 1}" if page.has_previous() else "",
        "next_url": f"?page={page.number + 1}" if page.has_next() else "",
    }
    return show(request, "notices.html", context)


@requires(Permission.READ)
@require_POST
def notices_read(request: SignedInRequest) -> HttpResponse:
    """Marks all as read."""
    told.mark_all_read(request.user)
    return SeeOther(reverse("notices"))


@public
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The number for the bell, asked for each minute; 204 where it is the one that the page shows.

    It is open to all because a session that ended must not take the page away on which somebody types: the bell
    stops asking, and the page says that it has to be signed in again when something is sent.
    """
    if not isinstance(request.user, User):
        return reswap(HttpResponse(status=HTMX_STOP_POLLING), "none")
    unread, shown = told.unread(request.user), request.GET.get("shown", "")
    if shown == str(unread):
        return HttpResponse(status=204)
    more = not shown.isdecimal() or unread > int(shown[:9])
    return render(request, "components/bell.html", {"unread": unread, "announced": more})


def _icon(notice: Notice) -> str:
    icons = {"asked": "hourglass-split", "approved": "check-circle", "refused": "slash-circle", "expired": "clock"}
    return icons.get(notice.kind, "chat-left-text" if notice.kind == "comment" else "info-circle")
