"""The whole history: who did what, when, to which record, and what came of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from backoffice.forms.history import HistoryFilter
from backoffice.models import Outcome
from backoffice.resources import PAGES
from backoffice.services import history as trail
from backoffice.services.access import Permission
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import action_in_words, page_number, show, timeline


@requires(Permission.READ)
@require_safe
def history(request: SignedInRequest) -> HttpResponse:
    """Everything that was written, refused or signed in, newest first."""
    path, chosen = reverse("history"), HistoryFilter.read(request.GET)
    found = trail.everything(viewer=request.user, filters=chosen.values, page=page_number(request))
    page = found.page
    context = {
        "path": path,
        "chosen": chosen,
        "values": chosen.values,
        "entities": [(slug, capfirst(str(item.label_plural))) for slug, item in PAGES.items()],
        "actions": sorted(
            ((action, action_in_words(action)) for action in trail.actions(request.user)), key=lambda a: a[1]
        ),
        "outcomes": [(value, label) for value, label in Outcome.choices if value],
        "entries": timeline(request.user, found.entries),
        "page": page,
        "previous_url": chosen.url(path, page.number - 1) if page.has_previous() else "",
        "next_url": chosen.url(path, page.number + 1) if page.has_next() else "",
    }
    return show(request, "history/list.html", context, part="entries")


def _actions(request: SignedInRequest) -> list[tuple[str, str]]:
    found = [(action, action_in_words(action)) for action in trail.actions(request.user)]
    return sorted(found, key=lambda action: action[1])
