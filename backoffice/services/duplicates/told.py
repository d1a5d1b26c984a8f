"""The list of what was said: searched, and read by whom, when and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from backoffice.models import Verdict
from backoffice.services import apart

STATES = ("open", "ended", "all")


@dataclass(frozen=True)
class Wanted:
    """`state`: open (it holds), ended (taken back or over), or all, with those that a merge carried on."""

    entity: str = ""
    kind: str = ""
    state: str = "open"
    text: str = ""


def listed(wanted: Wanted) -> QuerySet[Verdict]:
    """Newest first. A text is looked for in names, reasons and by whom, and is the number of either record,
    also one that it had before a merge."""
    rows = Verdict.objects.select_related("by", "withdrawn_by").order_by("-at", "-pk")
    if wanted.entity:
        rows = rows.filter(entity=wanted.entity)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.state == "open":
        rows = rows.open()
    elif wanted.state == "ended":
        rows = rows.exclude(withdrawn_at=None, lapsed_at=None)
    if text := wanted.text.replace("\x00", "").strip():
        names = Q(label_a__icontains=text) | Q(label_b__icontains=text)
        about = Verdict.objects.filter(Q(a=text) | Q(b=text)).values_list("pk", flat=True)
        numbers = Q(pk__in=apart.standing_for(about))
        rows = rows.filter(names | Q(reason__icontains=text) | Q(by__username__iexact=text) | numbers)
    return rows
