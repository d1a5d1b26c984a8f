"""How complete the brands of counterparties are: logo, website, a name of their own; by type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.forms.listing import ListState
from backoffice.resources import PAGES, Field, Resource
from backoffice.resources.criteria import Criterion, Operator
from backoffice.services.access import Permission
from backoffice.services.completeness import KIND, Completeness, Share, completeness
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import show

_RESOURCE = PAGES["counterparties"]


@dataclass(frozen=True)
class Cell:
    item: Field
    having: int
    lacking: int
    url: str  # the list of those that lack it; "" where none do


@dataclass(frozen=True)
class Row:
    label: str
    url: str
    total: int
    cells: list[Cell]
    distinct: int
    shared: int


@requires(Permission.READ)
@require_safe
def branding(request: SignedInRequest) -> HttpResponse:
    """From the index alone: 0 requests to Flowtly."""
    found = completeness(_RESOURCE)
    context: dict[str, Any] = {"resource": _RESOURCE, "found": found}
    if found:
        context |= {
            "rows": [_row(found, share) for share in (*found.kinds, found.whole)],
            "groups": [
                (group, [(name, key, detail_url(_RESOURCE, key)) for key, name in group.records])
                for group in found.namesakes
            ],
        }
    return show(request, "branding.html", context)


def _row(found: Completeness, share: Share) -> Row:
    of_kind: tuple[Criterion, ...] = ()
    label = share.kind or _("All")
    if share.kind:
        of_kind = (Criterion(KIND, Operator.IS, (share.kind,)),)
    elif share.kind is not None:
        label, of_kind = _("Without a type"), (Criterion(KIND, Operator.EMPTY, ("true",)),)
    cells = [_cell(share, item, of_kind) for item in found.fields]
    return Row(label, _url(_RESOURCE, of_kind), share.total, cells, share.distinct, share.total - share.distinct)


def _cell(share: Share, item: Field, of_kind: tuple[Criterion, ...]) -> Cell:
    having = share.having[item.name]
    lacking = Criterion(item.name, Operator.EMPTY, ("true",))
    url = _url(_RESOURCE, (*of_kind, lacking)) if having < share.total else ""
    return Cell(item, having, share.total - having, url)


def _url(resource: Resource, criteria: tuple[Criterion, ...]) -> str:
    """ "" for a type that an address cannot carry as it is: lists squeeze the spaces of what is asked for."""
    if any(value != " ".join(value.split()) for one in criteria for value in one.values):
        return ""
    return ListState(criteria=criteria).url(reverse("list", args=[resource]))
