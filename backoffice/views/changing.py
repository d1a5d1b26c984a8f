"""From a selection to a plan: what is selected, and the form that says what is to change."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.forms.basis import new_nonce
from backoffice.forms.changing import SUBTRACT, ChangeForm, Offer, Row
from backoffice.forms.fields import IRI, Choices, shown_text
from backoffice.forms.records import Offered, with_rest
from backoffice.models import Job, Selection
from backoffice.resources import PAGES, SHORT_LISTS, Field, Kind, Resource
from backoffice.services import bulk, jobs, reading, selections
from backoffice.services.access import Permission, can
from backoffice.services.bulk import Distribution, FieldChange, How
from backoffice.templatetags.ui import detail_url, plain
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.submission import matches_of
from backoffice.views.shared import SeeOther, freeze_for, names_for, page_number, references, short_lists, show

_PAGE = 100
_LONGEST_NAME = 200


@requires(Permission.BULK)
@require_POST
def change_selected(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Freezes what is selected, under a `name` where one is given, and leads to the form."""
    if not _changeable(resource):
        raise Http404
    name = request.POST.get("name", "").replace("\x00", "").strip()[:_LONGEST_NAME]
    return freeze_for(request, resource, "change_selection", name=name)


@requires(Permission.READ)
@require_safe
def selection_records(request: SignedInRequest, selection_id: uuid.UUID) -> HttpResponse:
    """Which records are in a frozen selection, by name."""
    held, resource = _own(request, selection_id)
    number, here = selections.count(held), reverse("selection_records", args=[held.pk])
    page = max(1, min(page_number(request), -(-number // _PAGE)))
    start = (page - 1) * _PAGE
    found = selections.page(held, start=start, size=_PAGE)
    context = {
        **_about(held, resource, number),
        "records": [(each, detail_url(resource, each.key)) for each in found],
        "first": start + 1 if found else 0,
        "last": start + len(found),
        "total": number,
        "previous_url": f"{here}?page={page - 1}" if page > 1 else "",
        "next_url": f"{here}?page={page + 1}" if start + _PAGE < number else "",
        "changeable": _changeable(resource) and can(request.user, Permission.BULK),
    }
    return show(request, "bulk/selection.html", context, part="records")


@requires(Permission.BULK)
@require_http_methods(["GET", "HEAD", "POST"])
def change_selection(request: SignedInRequest, selection_id: uuid.UUID) -> HttpResponse:
    """The form, which holds only what was added to it; submitted, it becomes a plan that is previewed."""
    held, resource = _own(request, selection_id)
    if not _changeable(resource):
        raise Http404
    asked = _Asked.read(request, resource, held)
    if request.method != "POST" or asked.rebuilding:
        return _page(request, held, asked, asked.form(resource))
    form = asked.form(resource, bound=True)
    if form.is_valid():
        selections.rename(selection=held, name=form.cleaned_data["name"])
        try:
            return SeeOther(reverse("job", args=[_plan(request, held, resource, form, asked.nonce).pk]))
        except jobs.RedactedPlan:
            form.add_error(None, _("A value was redacted here and cannot be sent. Enter it again."))
    return _page(request, held, asked, form, status=422)


def _plan(request: SignedInRequest, held: Selection, resource: Resource, form: ChangeForm, nonce: str) -> Job:
    """The same form twice is one plan; the same page with other changes is another one."""
    changes = [
        FieldChange(each.field, How(each.how), each.value, each.find, each.any_case) for each in form.wanted
    ]
    said = json.dumps([change.kept() for change in changes], sort_keys=True)
    return bulk.plan_change(
        actor=request.user,
        resource=resource,
        selection=held,
        changes=changes,
        nonce=hashlib.sha256(f"{held.pk} {nonce} {said}".encode()).hexdigest(),
        request_id=request.id,
    )


def _own(request: SignedInRequest, selection_id: uuid.UUID) -> tuple[Selection, Resource]:
    held = selections.frozen(owner=request.user, selection_id=selection_id)
    resource = PAGES.get(held.entity) if held else None
    if held is None or resource is None:
        raise Http404
    return held, resource


def _changeable(resource: Resource) -> bool:
    return any(item.bulk_editable for item in resource.fields)


def _about(held: Selection, resource: Resource, number: int) -> dict[str, Any]:
    return {
        "resource": resource,
        "selection": held,
        "size": number,
        "counted": bulk.counted(resource, number),
    }


# What the form was asked for


@dataclass(frozen=True)
class _Asked:
    """The fields of the form in the order in which they were added, and what was typed.

    `rebuilding`: a field was added or taken away, so nothing is checked yet. `fresh` is the field just added.
    """

    names: list[str]
    typed: QueryDict
    nonce: str
    rebuilding: bool = False
    fresh: str = ""

    @classmethod
    def read(cls, request: SignedInRequest, resource: Resource, selection: Selection) -> _Asked:
        data = request.POST if request.method == "POST" else _filled_in(request, selection)
        known = {item.name for item in resource.fields if item.bulk_editable and bulk.ways_of(item, resource)}
        names = [name for name in dict.fromkeys(data.getlist("field")) if name in known]
        added = data.get("added", "") if "add" in data else ""
        fresh = added if added in known and added not in names else ""
        names = [name for name in [*names, *filter(None, [fresh])] if name != data.get("drop")]
        nonce = data.get("nonce", "")[:64] or new_nonce()
        return cls(names, data.copy(), nonce, "add" in data or "drop" in data, fresh)

    def form(self, resource: Resource, *, bound: bool = False) -> ChangeForm:
        offers = [_offer(resource, resource.by_name[name]) for name in self.names]
        offered = _offered(resource, offers, self.typed)
        if bound:
            return ChangeForm(offers, offered, self.typed)
        form = ChangeForm(offers, offered, initial=self.typed.dict())
        if self.fresh:
            form.fields[f"how-{self.fresh}"].widget.attrs["autofocus"] = True
        return form


def _filled_in(request: SignedInRequest, selection: Selection) -> QueryDict:
    """What the form held that made the plan named in the address; nothing where it was made of something else."""
    filled = QueryDict(mutable=True)
    try:
        found = Job.objects.filter(pk=uuid.UUID(request.GET.get("plan", "")), actor=request.user).first()
    except ValueError:
        return filled
    if found is None or found.spec.get("source", {}).get("selection") != str(selection.pk):
        return filled
    for change in map(FieldChange.read, found.spec.get("changes", ())):
        filled.appendlist("field", change.field)
        for part, text in _typed(change).items():
            filled[f"{part}-{change.field}"] = text
    return filled


def _typed(change: FieldChange) -> dict[str, str]:
    """The inputs of one field, as somebody filled them in who wanted this change."""
    text = shown_text(change.value)
    match change.how:
        case How.SET:
            return {"how": "set", "value": text}
        case How.REPLACE:
            case = {"case": "on"} if change.any_case else {}
            return {"how": "replace", "find": change.find, "with": text, **case}
        case How.COPY:
            return {"how": "copy", "from": text}
        case How.ADD if change.value < 0:
            return {"how": SUBTRACT, "number": text.removeprefix("-")}
        case How.ADD:
            return {"how": "add", "number": text}
    return {"how": str(change.how)}


def _offer(resource: Resource, item: Field) -> Offer:
    ways = [str(way) for way in bulk.ways_of(item, resource)]
    if How.ADD in ways:
        ways.insert(ways.index(How.ADD) + 1, SUBTRACT)
    long_list = item.kind is Kind.REFERENCE and item.references not in SHORT_LISTS
    return Offer(
        item,
        tuple(ways),
        [(other.name, str(other.label)) for other in bulk.sources_of(item, resource)],
        f"{reverse('suggest', args=[resource])}?field={item.name}" if long_list else "",
    )


def _offered(resource: Resource, offers: list[Offer], typed: QueryDict) -> Offered:
    fields = [offer.field for offer in offers]
    found = _look_up_names(offers, typed)
    chosen = {item.name: typed.get(f"value-{item.name}", "") for item in references(fields)}
    lists = short_lists(fields)
    return Offered(
        lists={slug: items for slug, items in lists.items() if items},
        seen={item.name: reading.observed(resource, item.name) for item in fields if item.observed},
        names=names_for(fields, [chosen], lists=lists),
        found=found,
        chosen=chosen,
    )


def _look_up_names(offers: list[Offer], typed: QueryDict) -> dict[str, Choices]:
    """A name typed where a type-ahead would send an address (no script): one match is taken, more are offered."""
    found: dict[str, Choices] = {}
    for offer in offers:
        where = f"value-{offer.field.name}"
        text = typed.get(where, "").strip()
        if not offer.suggest_url or not text or IRI.fullmatch(text):
            continue
        matches = matches_of(offer.field, text)
        if len(matches) == 1:
            typed[where] = matches[0][0]
        elif matches:
            found[offer.field.name] = matches
    return found


# The page


@dataclass(frozen=True)
class _Spread:
    """What a field holds among the chosen records: values in words with their number, the most frequent first."""

    values: list[tuple[str, int]]
    held: Distribution


def _page(
    request: SignedInRequest, held: Selection, asked: _Asked, form: ChangeForm, *, status: int = 200
) -> HttpResponse:
    resource = PAGES[held.entity]
    rows: list[Row] = list(form.rows())
    context = {
        **_about(held, resource, selections.count(held)),
        "form": form,
        "rows": [(row, _spread(held, row.field)) for row in rows],
        "nonce": asked.nonce,
        "groups": _addable(resource, asked.names),
        "dirty": bool(asked.names),
        "names_it": asked.typed.get("name", held.name),
    }
    return show(request, "bulk/change.html", context, part="form", status=status)


def _addable(resource: Resource, names: list[str]) -> list[tuple[str, list[Field]]]:
    """The fields that are not on the form yet, as the record's own form groups them."""
    found = []
    for fieldset in with_rest(resource):
        members = [
            item
            for item in resource.fields_of(fieldset)
            if item.bulk_editable and item.name not in names and bulk.ways_of(item, resource)
        ]
        found += [(str(fieldset.label), members)] if members else []
    return found


def _spread(held: Selection, item: Field) -> _Spread | None:
    found = bulk.distribution(held, item.name)
    if found is None:
        return None
    names = names_for([item], [{item.name: value} for value, _number in found.values])
    words = [(plain(item, value, names) or _("empty"), number) for value, number in found.values]
    return _Spread(words, found)
