"""The start page: find a record, go on where one left off, see what waits."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from backoffice.models import Job, Outcome, StepState, User
from backoffice.models.jobs import WRITTEN
from backoffice.resources import PAGES
from backoffice.services import history, reading
from backoffice.services.access import Permission, can
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import show, timeline

_CHANGES = 8
_RECENT = 10
_ATTENTION = timedelta(days=7)


@requires(Permission.READ)
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """All of it from our own database: Flowtly is not asked here."""
    user = request.user
    opened = [item for item in reading.recent(user, limit=_RECENT) if item.resource.slug in PAGES]
    trail = history.everything(viewer=user, filters={"actor": user.get_username()}).entries
    mine = [entry for entry in trail if entry.outcome in WRITTEN and entry.actor_name == user.get_username()]
    context = {
        "entities": list(PAGES.values()),
        "opened": [(item, detail_url(item.resource, item.key)) for item in opened],
        "entries": timeline(user, mine[:_CHANGES]),
        "attention": _needing_attention(user)[:_CHANGES],
    }
    return show(request, "home.html", context)


def _needing_attention(user: User) -> QuerySet[Job]:
    """Saves of the last days whose outcome nobody knows; one's own, or everybody's for who may undo them."""
    open_steps = Q(phases__steps__outcome=Outcome.UNKNOWN) | Q(phases__steps__state=StepState.SETTLING)
    jobs = Job.objects.filter(open_steps, created_at__gte=timezone.now() - _ATTENTION)
    jobs = jobs if can(user, Permission.UNDO_ANY) else jobs.filter(actor=user)
    return jobs.select_related("actor").order_by("-created_at").distinct()
