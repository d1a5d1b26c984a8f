"""The queue of duplicates: groups of records that look like one, and the scan that finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING, trigger_client_event

from backoffice.forms.duplicates import QueueFilter
from backoffice.models.duplicates import DuplicateGroup, GroupState
from backoffice.resources import Resource
from backoffice.services import duplicates as service
from backoffice.services import index
from backoffice.services.access import Permission, can
from backoffice.views.cardpages import filters_of, queued_as
from backoffice.views.cardwords import tier_in_words
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.problemwords import problem_in_words
from backoffice.views.shared import SeeOther, page_number, show

_SIZE = 25
_NAMES = 3  # members of a group that are named
_REASONS = 3  # of each side


@dataclass(frozen=True)
class Row:
    """One group in the list: `speaking` and `against` are the reasons in words, the weightiest first."""

    group: DuplicateGroup
    url: str
    names: Sequence[str]
    more: int
    speaking: Sequence[str]
    against: Sequence[str]
    tier: str
    holder: str
    returned: bool


@requires(Permission.READ)
@require_safe
def duplicates(request: SignedInRequest) -> HttpResponse:
    """The groups, surest and most used first; while a scan goes on the page asks how far it is each second."""
    chosen = QueueFilter.read(request.GET)
    resource = queued_as(chosen.values.get("entity", ""))
    polled = bool(request.htmx) and request.htmx.target == "scan"
    context = _scan(request, resource) | {"resource": resource, "here": chosen.url(reverse("duplicates"))}
    if not polled:
        context |= _queue(request, resource, chosen, context)
    response = show(request, "duplicates/list.html", context, part="scan" if polled else "queue")
    if polled and not (context["scan"] and context["scan"].going_on):
        response.status_code = HTMX_STOP_POLLING
        return trigger_client_event(response, "queue-refilled")
    return response


def _scan(request: SignedInRequest, resource: Resource) -> dict[str, Any]:
    """How far the scan is that goes on, else how the last one ended and how old what is listed is."""
    latest = service.latest(resource)
    age = index.age(resource)
    return {
        "scan": latest,
        "in_force": service.in_force(resource),
        "problem": problem_in_words(latest.problem) if latest and latest.problem else "",
        "age": age,
        "unread": problem_in_words(index.problem(resource)) if age is None and index.problem(resource) else "",
        "may_decide": can(request.user, Permission.VERDICT),
        "may_merge": resource.mergeable and can(request.user, Permission.BULK),
    }


def _queue(
    request: SignedInRequest, resource: Resource, chosen: QueueFilter, scan: dict[str, Any]
) -> dict[str, Any]:
    path, counts = reverse("duplicates"), service.queue.counts(resource)
    page = service.queue.page(resource, filters_of(chosen), number=page_number(request), size=_SIZE)
    return {
        "path": path,
        "values": chosen.values,
        "entities": _entities(path, resource),
        "states": [
            (state.label, chosen.but(state="" if state is GroupState.OPEN else state).url(path), on, counts[state])
            for state in (GroupState.OPEN, GroupState.DECIDED, GroupState.LATER)
            for on in (state == chosen.state,)
        ],
        "types": service.queue.types(resource),
        "rows": _rows(resource, page.groups, chosen),
        "counts_uses": any(card.group.uses is not None for card in page.groups),
        "scanned_before": bool(scan["in_force"]) or any(counts.values()),
        "empty": _empty(chosen, scan, counts),
        "clear_url": QueueFilter({}).but(entity=resource.slug, state=chosen.values.get("state", "")).url(path),
        "first": (page.number - 1) * page.size + 1,
        "last": min(page.number * page.size, page.total),
        "total": page.total,
        "previous_url": chosen.url(path, page.number - 1) if page.number > 1 else "",
        "next_url": chosen.url(path, page.number + 1) if page.has_next else "",
    }


def _entities(path: str, current: Resource) -> list[tuple[str, str, bool]]:
    return [
        (capfirst(str(item.label_plural)), f"{path}?entity={item.slug}", item is current)
        for item in sorted(service.queued(), key=lambda item: not item.mergeable)
    ]


def _rows(resource: Resource, cards: Sequence[service.queue.Card], chosen: QueueFilter) -> list[Row]:
    reasons = service.reasons(resource, cards)
    return [_row(card, *reasons.get(card.group.pk, ([], [])), chosen=chosen) for card in cards]


def _row(card: service.queue.Card, speaking: Sequence[str], against: Sequence[str], *, chosen: QueueFilter) -> Row:
    names = [member.label or member.key for member in card.members]
    # One that would be alone in "and 1 more" is named instead.
    shown = len(names) if len(names) <= _NAMES + 1 else _NAMES
    return Row(
        group=card.group,
        url=chosen.url(reverse("duplicate", args=[card.group.pk])),
        names=names[:shown],
        more=len(names) - shown,
        speaking=speaking[:_REASONS],
        against=against[:_REASONS],
        tier=tier_in_words(card.group.tier),
        holder=str(card.holder or ""),
        returned=bool(card.returned),
    )


def _empty(chosen: QueueFilter, scan: dict[str, Any], counts: dict[str, int]) -> str:
    """Why no group is listed, where none is."""
    if chosen.narrowed:
        return "narrow"
    if scan["in_force"]:
        if chosen.state != GroupState.OPEN:
            return "state"
        return "done" if scan["in_force"].pairs else "none"
    if scan["age"] is None:
        return "copy"
    return "scanning" if scan["scan"] and scan["scan"].going_on else "never"


@requires(Permission.VERDICT)
@require_POST
def scan(request: SignedInRequest) -> HttpResponse:
    """Asks for all records to be compared; a second one finds the first."""
    resource = _asked(request)
    if index.age(resource) is None:
        messages.warning(request, _("There is no copy of Flowtly to compare yet."))
    else:
        service.ask(actor=request.user, resource=resource, request_id=request.id)
    return _back(resource)


@requires(Permission.VERDICT)
@require_POST
def scan_stop(request: SignedInRequest) -> HttpResponse:
    """The groups stay as they were before it began."""
    resource = _asked(request)
    if (found := service.going_on(resource)) is not None:
        service.stop(found)
    return _back(resource)


def _asked(request: HttpRequest) -> Resource:
    return queued_as(request.POST.get("entity", ""))


def _back(resource: Resource) -> SeeOther:
    return SeeOther(f"{reverse('duplicates')}?entity={resource.slug}")
