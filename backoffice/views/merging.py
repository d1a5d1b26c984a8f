"""Composing a merge of counterparties, which becomes a plan."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.models import Job
from backoffice.resources import Resource
from backoffice.services import jobs, merges, selections
from backoffice.services.access import Permission, can
from backoffice.views import mergeform
from backoffice.views.guard import SignedInRequest, refuse, requires
from backoffice.views.mergeform import MOST, Asked, Work
from backoffice.views.shared import SeeOther

_FEWEST = 2


@requires(Permission.BULK)
@require_POST
def merge_selected(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Leads from what is ticked to the page that composes the merge."""
    if not resource.mergeable:
        raise Http404
    held = selections.draft(owner=request.user, resource=resource)
    number = selections.count(held)
    if held is None or not _FEWEST <= number <= MOST:
        words = ngettext(
            "Tick 2 to %(most)s records to merge them; %(number)s is ticked.",
            "Tick 2 to %(most)s records to merge them; %(number)s are ticked.",
            number,
        )
        messages.warning(request, words % {"most": MOST, "number": number})
        return SeeOther(reverse("list", args=[resource]))
    return SeeOther(mergeform.address(list(selections.keys(held))))


@requires(Permission.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def merge_new(request: SignedInRequest) -> HttpResponse:
    """Everybody sees the records side by side; who may, chooses and makes the plan."""
    asked = Asked.of(request)
    if asked.posted and asked.chosen:
        return _moved_on(request, asked.with_key(asked.chosen))
    if asked.posted and asked.other:
        return _add(request, asked)
    if asked.posted and "drop" in asked.data:
        return _moved_on(request, asked)
    if mergeform.asked_for_plan(request):
        if not can(request.user, Permission.BULK):
            refuse(request, Permission.BULK)
        return _plan(request, asked)
    return mergeform.page(request, mergeform.work(asked, afresh=asked.data.get("do") == "afresh"))


def _add(request: SignedInRequest, asked: Asked) -> HttpResponse:
    """One more record, by number or name; several that it may mean are offered."""
    found = mergeform.matches(asked.other)
    if len(found) == 1:
        return _moved_on(request, asked.with_key(found[0][0]))
    work = mergeform.work(asked)
    if not found:
        words = _("Nothing is found by the name “%(name)s”. Write another part of it.")
        work.form.add_error(None, words % {"name": asked.other})
    return mergeform.page(request, replace(work, candidates=found), status=200 if found else 422)


def _moved_on(request: SignedInRequest, asked: Asked) -> HttpResponse:
    """The page of the records as they are now, under an address of its own where there can be one."""
    return SeeOther(asked.url) if asked.url else mergeform.page(request, mergeform.work(asked))


def _plan(request: SignedInRequest, asked: Asked) -> HttpResponse:
    work = mergeform.work(asked)
    if work.swapped or work.form.errors or work.composed is None:
        return mergeform.page(request, work, status=422)
    try:
        return SeeOther(reverse("job", args=[_planned(request, work).pk]))
    except merges.Stale as stale:
        work = replace(mergeform.work(asked, afresh=True), stale=stale.fields)
    except merges.Blocked as blocked:
        work = replace(work, problems=blocked.problems)
    except jobs.RedactedPlan:
        work.form.add_error(None, _("A value was redacted here and cannot be sent. Enter it again."))
    return mergeform.page(request, work, status=422)


def _planned(request: SignedInRequest, work: Work) -> Job:
    assert work.composed is not None
    return merges.plan(
        actor=request.user,
        survivor=work.composed.survivor,
        gone=work.composed.gone,
        changes=work.form.changes,
        nonce=work.nonce,
        request_id=request.id,
        even_so=work.asked.even_so,
        shown=work.shown.records,
    )
