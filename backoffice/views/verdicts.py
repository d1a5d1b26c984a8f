"""What people said about pairs: searchable, with who, when, why and whether it still holds; and taken back."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backoffice.forms.duplicates import VerdictFilter
from backoffice.models.duplicates import Verdict, VerdictKind
from backoffice.resources import PAGES
from backoffice.services import duplicates as service
from backoffice.services.access import Permission, can
from backoffice.templatetags.ui import detail_url
from backoffice.views.cardwords import state_in_words
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther, page_number, show

_SIZE = 50


@dataclass(frozen=True)
class Row:
    """One verdict with its two records, and how it stands in words."""

    verdict: Verdict
    label_a: str
    label_b: str
    url_a: str
    url_b: str
    state: str
    tone: str
    take_back: str


@requires(Permission.READ)
@require_safe
def verdicts(request: SignedInRequest) -> HttpResponse:
    """Those that hold, or ended, or all; newest first."""
    path, chosen = reverse("verdicts"), VerdictFilter.read(request.GET)
    wanted = service.Wanted(
        entity=chosen.values.get("entity", ""),
        kind=chosen.values.get("kind", ""),
        state=chosen.values.get("state", "open"),
        text=chosen.values.get("q", ""),
    )
    page = Paginator(service.listed(wanted), _SIZE).get_page(page_number(request))
    context = {
        "path": path,
        "here": chosen.url(path, page.number),
        "values": chosen.values,
        "entities": [(item.slug, capfirst(str(item.label_plural))) for item in service.queued()],
        "kinds": VerdictKind.choices,
        "rows": [_row(verdict) for verdict in page.object_list],
        "page": page,
        "previous_url": chosen.url(path, page.number - 1) if page.has_previous() else "",
        "next_url": chosen.url(path, page.number + 1) if page.has_next() else "",
        "may_decide": can(request.user, Permission.VERDICT),
    }
    return show(request, "duplicates/verdicts.html", context, part="verdicts")


def _row(verdict: Verdict) -> Row:
    resource = PAGES[verdict.entity]
    state, tone = state_in_words(verdict)
    one, other = verdict.label_a or verdict.a, verdict.label_b or verdict.b
    label = _("Take back: %(one)s and %(other)s") % {"one": one, "other": other}
    url_a, url_b = (detail_url(resource, key) for key in (verdict.a, verdict.b))
    return Row(verdict, one, other, url_a, url_b, state, f"status-{tone}", label)


@requires(Permission.VERDICT)
@require_POST
def withdraw(request: SignedInRequest, verdict_id: int) -> HttpResponse:
    """One verdict no longer holds; its pair may return to the queue."""
    verdict = get_object_or_404(Verdict, pk=verdict_id)
    if service.withdraw(actor=request.user, verdict=verdict, request_id=request.id):
        messages.success(request, _("Taken back. The pair is looked at again where it still looks alike."))
    else:
        messages.info(request, _("It did not hold any more; nothing was changed."))
    there = request.POST.get("back", "")
    fine = url_has_allowed_host_and_scheme(there, allowed_hosts=None) and there.startswith("/")
    return SeeOther(there if fine else reverse("verdicts"))
