"""One card of the queue: looked at, held, decided about, changed, taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from backoffice.forms.duplicates import QueueFilter, Spoken, as_uuid
from backoffice.models.duplicates import DuplicateGroup, GroupState, VerdictKind
from backoffice.resources import Resource
from backoffice.resources.schema import key_of_iri
from backoffice.services import duplicates as service
from backoffice.services import index
from backoffice.services.access import Permission, can
from backoffice.views.cardpages import card_page, card_url, filters_of, queued_as
from backoffice.views.cardwords import said_in_words, trouble_in_words
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.mergeform import address
from backoffice.views.shared import SeeOther, show


@requires(Permission.READ)
@require_safe
def card(request: SignedInRequest, group_id: uuid.UUID) -> HttpResponse:
    """The records side by side, why they look alike, and what can be said about them.

    Whoever may decide has it in hand from now on, for some minutes, unless somebody else has. That is all that
    changes, and it ends by itself.
    """
    group = service.queue.find(group_id)
    if group is None:
        return _gone(request)
    if _is_looked_at(request) and can(request.user, Permission.VERDICT):
        service.leases.take(request.user, group)
    return card_page(request, group)


def _is_looked_at(request: SignedInRequest) -> bool:
    """Whether somebody has the page before them: browsers say so where they only fetch it ahead."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return request.method == "GET" and not ahead


def _gone(request: SignedInRequest) -> HttpResponse:
    """The groups were made anew since the link was: 404, with the way to the queue."""
    return show(request, "duplicates/gone.html", {"list_url": reverse("duplicates")}, status=404)


@requires(Permission.VERDICT)
@require_POST
def decide(request: SignedInRequest, group_id: uuid.UUID) -> HttpResponse:
    """A verdict about all pairs among the ticked members; then the next card, or the merge."""

    def meant(_group: DuplicateGroup, spoken: Spoken) -> dict[str, Any]:
        return {"kind": spoken.kind, "keys": spoken.keys, "reason": spoken.reason, "until": spoken.until}

    return _said(request, group_id, service.decide, meant)


@requires(Permission.VERDICT)
@require_POST
def drop(request: SignedInRequest, group_id: uuid.UUID) -> HttpResponse:
    """One member does not belong to the others; nothing is said about what it is."""
    return _said(request, group_id, service.drop, lambda _group, _spoken: {"key": request.POST.get("member", "")})


@requires(Permission.VERDICT)
@require_POST
def split(request: SignedInRequest, group_id: uuid.UUID) -> HttpResponse:
    """The ticked members become a group of their own."""
    return _said(request, group_id, service.split, lambda _group, spoken: {"keys": spoken.keys})


@requires(Permission.VERDICT)
@require_POST
def add(request: SignedInRequest, group_id: uuid.UUID) -> HttpResponse:
    """One more record is to be looked at with these."""

    def meant(group: DuplicateGroup, _spoken: Spoken) -> dict[str, Any]:
        return {"key": _meant(queued_as(group.entity), request.POST.get("add", ""))}

    return _said(request, group_id, service.add, meant)


def _meant(resource: Resource, text: str) -> str:
    """The number of the record that was typed or chosen; a name where only one has it."""
    text = " ".join(text.replace("\x00", " ").split())[:200]
    if not text or "/" in text or text.removeprefix("#").isdecimal():
        return key_of_iri(text).removeprefix("#")
    found = index.page(index.Question(resource, search=text), start=0, size=2)
    return found[0].key if len(found) == 1 else ""


@requires(Permission.READ)
@require_safe
def others(request: SignedInRequest, group_id: uuid.UUID) -> HttpResponse:
    """Options of the type-ahead for a record to add: by number or name, from our copy."""
    group = service.queue.find(group_id)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = service.others(group, text) if group and text else []
    return show(request, "records/options.html", {"found": found})


@requires(Permission.VERDICT)
@require_POST
def hold(request: SignedInRequest, group_id: uuid.UUID) -> HttpResponse:
    """The page says each minute that somebody looks at the card, and when they leave it; 204 while it is theirs.

    Where it is in other hands by now the page is loaded again, which says so.
    """
    group = service.queue.find(group_id)
    if group is not None and "release" in request.POST:
        service.leases.release(request.user, group)
        return HttpResponse(status=204)
    held = group is not None and service.leases.take(request.user, group)
    return HttpResponse(status=204) if held else HttpResponseClientRefresh()


@requires(Permission.VERDICT)
@require_POST
def back(request: SignedInRequest) -> HttpResponse:
    """Takes back what was said at once, and leads to the card as it is then."""
    chosen = QueueFilter.read(request.GET)
    act = as_uuid(request.POST.get("act", ""))
    taken = service.take_back(actor=request.user, act=act, request_id=request.id) if act else 0
    group = service.group_of_act(act) if act and taken else None
    if taken and group is None:
        messages.success(request, _("Taken back."))
        return SeeOther(chosen.url(reverse("duplicates")))
    if group is None:
        messages.info(request, _("There is nothing to take back: it was taken back, or has ended, meanwhile."))
        return SeeOther(chosen.url(reverse("duplicates")))
    state = "" if group.state == GroupState.OPEN else group.state
    return SeeOther(card_url(group, chosen.but(entity=group.entity, state=state), taken=str(act)))


# Why a verdict may not be kept; a ValueError where the form was tampered with, or nothing was ticked.
_REFUSED = (service.Stale, service.InHands, service.Contradiction, service.Stands, ValueError)
Say = Callable[..., service.Decided]
Meant = Callable[[DuplicateGroup, Spoken], dict[str, Any]]


def _said(request: SignedInRequest, group_id: uuid.UUID, say: Say, meant: Meant) -> HttpResponse:
    """Says it, and goes on to the next card; or shows the card as it is now, with why it was not kept.

    `meant`: what is said besides who says it, of which card, and in which form.
    """
    group, spoken, chosen = service.queue.find(group_id), Spoken.read(request.POST), QueueFilter.read(request.GET)
    if group is None:
        return _again(request, spoken, chosen)
    try:
        done = say(
            actor=request.user,
            group_id=group.pk,
            version=spoken.version,
            act=spoken.act,
            request_id=request.id,
            **meant(group, spoken),
        )
    except _REFUSED as refused:
        return _not_kept(request, group_id, refused, spoken)
    service.leases.release(request.user, group)
    if done.kind == VerdictKind.SAME and queued_as(group.entity).mergeable:
        return SeeOther(address(spoken.keys))
    after = service.queue.after(group, filters_of(chosen), viewer=request.user)
    return SeeOther(_onward(request, done, after, chosen))


def _again(request: SignedInRequest, spoken: Spoken, chosen: QueueFilter) -> HttpResponse:
    """The group is gone: by this very form where it was sent twice, which goes on as the first time did."""
    done = service.said_before(spoken.act) if spoken.act else None
    if done is None:
        return _too_late(request, chosen)
    resource = queued_as(chosen.values.get("entity", ""))
    if done.kind == VerdictKind.SAME and resource.mergeable:
        return SeeOther(address(spoken.keys))
    after = service.queue.first(resource, filters_of(chosen), viewer=request.user)
    return SeeOther(_onward(request, done, after, chosen))


def _too_late(request: SignedInRequest, chosen: QueueFilter) -> SeeOther:
    text = _("Nothing was kept: the group was decided about or changed meanwhile, and is no longer there.")
    messages.warning(request, text)
    return SeeOther(chosen.url(reverse("duplicates")))


def _onward(
    request: SignedInRequest, done: service.Decided, after: DuplicateGroup | None, chosen: QueueFilter
) -> str:
    """To what is left of the card, or to the next one that nobody holds; without one to the list."""
    left = service.queue.find(done.group_id) if done.group_id else None
    if (there := left or after) is None:
        messages.success(request, said_in_words(done.kind, done.n_pairs))
        return chosen.url(reverse("duplicates"))
    return card_url(there, chosen, said=str(done.act) if done.kind in VerdictKind.values else done.kind)


def _not_kept(request: SignedInRequest, group_id: uuid.UUID, refused: Exception, spoken: Spoken) -> HttpResponse:
    """The card as it is now, with what was typed."""
    group = service.queue.find(group_id)
    if group is None:
        return _too_late(request, QueueFilter.read(request.GET))
    trouble = trouble_in_words(refused, spoken.kind)
    status = 422 if trouble.kind in ("kind", "reason", "add") else 409
    return card_page(
        request, group, trouble=trouble, spoken=spoken, added=request.POST.get("add", "")[:200], status=status
    )
