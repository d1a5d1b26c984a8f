"""The start page: find a record, see what waits, what the team did, and how Flowtly is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backoffice.forms.listing import ListState
from backoffice.resources import PAGES, Kind
from backoffice.services import attention, contract, history, jobs, merges, pulse, reading
from backoffice.services.access import Permission, can
from backoffice.services.attention import Watched
from backoffice.services.history import HistoryEntry
from backoffice.templatetags.ui import detail_url, plain
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import Happening, SeeOther, check_class, is_fragment, show, timeline

_CHANGES = 8
_RECENT = 8
_DAYS = 14
_SAID = 2  # changed fields that a line names with their values
_LONGEST = 40  # characters of a value in a line


@requires(Permission.READ)
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """All of it from our own database and what this process observed: Flowtly is not asked here."""
    context = _attention(request)
    if not is_fragment(request):
        days, report = history.per_day(days=_DAYS), contract.last()
        opened = [item for item in reading.recent(request.user, limit=_RECENT) if item.resource.slug in PAGES]
        context |= {
            "entities": list(PAGES.values()),
            "opened": [(item, detail_url(item.resource, item.key)) for item in opened],
            "lines": _lines(request, history.latest(most=_CHANGES)),
            "days": days,
            "days_total": sum(number for _day, number in days),
            "days_since": days[0][0].isoformat(),
            "pulse": (beat := pulse.pulse()),
            "pulse_ms": round(beat.median * 1000) if beat and beat.median is not None else None,
            "is_admin": can(request.user, Permission.ADMIN),
            "report": report,
            "report_says": contract.summary(report) if report else "",
            "report_class": check_class(report.severity) if report else "",
        }
    return show(request, "home.html", context, part="attention")


@requires(Permission.READ)
@require_POST
def refresh(request: SignedInRequest) -> HttpResponse:
    """Asks for new copies of everything; the worker makes them."""
    attention.read_again()
    if is_fragment(request):
        return show(request, "home.html", _attention(request), part="attention")
    return SeeOther(reverse("home"))


def _attention(request: SignedInRequest) -> dict[str, Any]:
    return {
        "alike": attention.alike(),
        "watched": [(found, _list_url(found)) for found in attention.watched()],
        "waiting": [
            (number, group_in_words(group), f"{reverse('jobs')}?group={group}")
            for group, number in attention.waiting(request.user)
        ],
        "copies": attention.copies(),
        "wrong_merge": merges.wrong_job(),
    }


def _list_url(found: Watched) -> str:
    state = ListState(criteria=(found.watch.criterion,))
    return state.url(reverse("list", args=[found.resource]))


def group_in_words(group: jobs.Group) -> str:
    return {
        jobs.Group.TO_APPROVE: _("Awaiting your approval"),
        jobs.Group.RUNNING: _("Jobs running"),
        jobs.Group.AWAITING: _("Your jobs awaiting approval"),
        jobs.Group.SCHEDULED: _("Jobs that begin later"),
        jobs.Group.PAUSED: _("Jobs paused or stopped"),
        jobs.Group.PARTLY: _("Jobs done in part"),
        jobs.Group.FAILED: _("Jobs that failed"),
        jobs.Group.UNKNOWN: _("Jobs of unknown outcome"),
    }[group]


@dataclass(frozen=True)
class Line:
    """A change in one line; `changes` is (field, before, after), before and after empty where there is no room."""

    happening: Happening
    changes: list[tuple[str, str, str]]
    more: int


def _lines(request: SignedInRequest, entries: list[HistoryEntry]) -> list[Line]:
    iris = {str(value) for entry in entries for change in entry.changes[:_SAID] for value in change[1:] if value}
    names = reading.names(iri for iri in iris if iri.startswith("/"))
    return [_line(happening, names) for happening in timeline(request.user, entries, names=names)]


def _line(happening: Happening, names: Mapping[str, str]) -> Line:
    entry, resource = happening.entry, happening.resource
    if resource is None or entry.verb in ("create", "recreate", "delete"):
        return Line(happening, [], 0)
    known = [change for change in entry.changes if change[0] in resource.by_name]
    shown = [_change(happening, *change, names) for change in known[:_SAID]]
    return Line(happening, shown, len(known) - len(shown))


def _change(
    happening: Happening, name: str, before: Any, after: Any, names: Mapping[str, str]
) -> tuple[str, str, str]:
    assert happening.resource is not None
    item = happening.resource.by_name[name]
    held = [value for value in (before, after) if value not in (None, "")]
    # A related record without a known name says nothing; looking it up would ask Flowtly.
    if item.kind is Kind.REFERENCE and any(str(value) not in names for value in held):
        return str(item.label), "", ""
    before, after = (Truncator(plain(item, value, names)).chars(_LONGEST) for value in (before, after))
    return str(item.label), before, after
