"""Personal data, for admins: find a person, see what is kept here, redact it everywhere."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from backoffice.forms.privacy import PersonSearch, Reason
from backoffice.resources import PAGES, REGISTRY
from backoffice.services import privacy as personal
from backoffice.services.access import Permission
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther, show


@requires(Permission.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: SignedInRequest) -> HttpResponse:
    """Find a person. What is looked for is posted, so that no name stands in an address or a log."""
    entities = [(slug, _entity(slug)) for slug in personal.ENTITIES]
    asked = request.method == "POST"
    form = PersonSearch(request.POST if asked else None, entities=entities)
    if asked and form.is_valid() and form.cleaned_data["key"] and request.POST.get("find") == "key":
        return redirect("privacy_person", form.cleaned_data["entity"], form.cleaned_data["key"])
    text = form.cleaned_data.get("text", "") if asked and form.is_valid() else ""
    context = {
        "form": form,
        "text": text,
        "shortest": personal.SHORTEST,
        "hits": [_hit(hit) for hit in personal.search(text)],
        "periods": personal.PERIODS,
    }
    return show(request, "privacy/search.html", context, status=422 if form.errors else 200)


def _hit(hit: personal.Hit) -> dict[str, Any]:
    names = {store.name: store.label for store in personal.STORES}
    return {
        "entity": _entity(hit.entity),
        "label": hit.label or hit.key,
        "url": reverse("privacy_person", args=[hit.entity, hit.key]),
        "stores": [names[name] for name in hit.stores],
    }


@requires(Permission.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SignedInRequest, entity: str, key: str) -> HttpResponse:
    """What would be redacted and what was; then does it. The page is the confirmation."""
    form = Reason(request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            done = personal.redact(
                actor=request.user,
                entity=entity,
                key=key,
                reason=form.cleaned_data["reason"],
                request_id=request.id,
            )
            _say(request, sum(done.values()))
            return SeeOther(reverse("privacy_person", args=[entity, key]))
    except personal.Refused as refused:
        if refused.code in ("reason", "names_person"):
            form.add_error("reason", refusal_in_words(refused))
            return _page(request, form, entity, key, status=422)
        return _page(request, form, entity, key, problem=refusal_in_words(refused), status=409)
    return _page(request, form, entity, key, status=422 if form.errors else 200)


def _page(
    request: SignedInRequest, form: Reason, entity: str, key: str, *, problem: str = "", status: int = 200
) -> HttpResponse:
    try:
        found = personal.preview(entity=entity, key=key)
    except personal.Refused as error:
        raise Http404 from error
    context = {
        "preview": found,
        "form": form,
        "problem": problem,
        "entity": _entity(entity),
        "rows": _rows(found.counts),
        "done": [(each, _rows(each.counts)) for each in personal.done_before(entity=entity, key=key)],
        "also": sorted(found.person.keys - {key}),
        "record_url": detail_url(PAGES[entity], key) if entity in PAGES else "",
        "is_account": entity == personal.ACCOUNTS,
    }
    return show(request, "privacy/person.html", context, status=status)


def _rows(counts: Any) -> list[tuple[Any, int]]:
    return [(store.label, counts[store.name]) for store in personal.STORES if counts.get(store.name)]


def _entity(slug: str) -> str:
    return capfirst(str(REGISTRY[slug].label)) if slug in REGISTRY else _("Account of this back office")


def _say(request: SignedInRequest, count: int) -> None:
    if count:
        text = ngettext("%(count)s entry was redacted.", "%(count)s entries were redacted.", count)
        messages.success(request, text % {"count": count})
    else:
        messages.info(request, _("There was nothing to redact."))


def refusal_in_words(refused: personal.Refused) -> str:
    """Why nothing was redacted, and what to do."""
    return {
        "reason": _("Say why. The reason stays in the audit trail."),
        "names_person": _("The reason names the person. Leave the name out; it would stay in the audit trail."),
        "own_account": _("You cannot redact your own account. Ask another administrator."),
        "in_flight": _("Nothing was redacted: a job that holds this record has not ended yet. Wait until it has."),
        "unknown": _("There is no such record here."),
    }[refused.code]
