"""What the page of a job about many records shows (no view stands here): numbers, and the records page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.models import Job, Outcome
from backoffice.resources import PAGES, REGISTRY, Resource
from backoffice.services import outcomes
from backoffice.services.outcomes import LEFT, Line
from backoffice.templatetags.ui import detail_url
from backoffice.views.shared import names_for

PAGE = 50


@dataclass(frozen=True)
class Tally:
    """One outcome with its number, and the list of just those."""

    name: str
    label: str
    number: int
    url: str
    current: bool


def results(job: Job, *, fate: str, page: int) -> dict[str, Any]:
    """`fate` narrows the list; one that no record came to shows all."""
    counts = outcomes.counts(job)
    fate = fate if counts.by.get(fate) else ""
    number = counts.by[fate] if fate else counts.total
    page = max(1, min(page, -(-number // PAGE)))
    start = (page - 1) * PAGE
    lines = outcomes.lines(job, fate=fate, start=start, size=PAGE)
    resource = REGISTRY.get(job.entity)
    return {
        "counts": counts,
        "redacted": outcomes.redacted(job),
        "tallies": _tallies(job, counts, fate),
        "lines": [(line, _url(job, line), in_words(line.fate)) for line in lines],
        "resource": resource,
        "names": _names(resource, lines),
        "first": start + 1 if lines else 0,
        "last": start + len(lines),
        "total": number,
        "previous_url": _address(job, fate, page - 1) if page > 1 else "",
        "next_url": _address(job, fate, page + 1) if start + PAGE < number else "",
        "here": _address(job, fate, page),
    }


def _names(resource: Resource | None, lines: Iterable[Line]) -> dict[str, str]:
    changes = [change for line in lines for change in line.changes]
    changed = {name for name, _old, _new in changes}
    fields = [item for item in (resource.fields if resource else ()) if item.name in changed]
    return names_for(fields, [{name: value} for name, *both in changes for value in both])


def _tallies(job: Job, counts: outcomes.Counts, fate: str) -> list[Tally]:
    everything = Tally("", _("All"), counts.total, _address(job, "", 1), not fate)
    found = [
        Tally(name, in_words(name), number, _address(job, name, 1), name == fate)
        for name, number in ordered(counts)
    ]
    return [everything, *found] if len(found) > 1 else []


def ordered(counts: outcomes.Counts) -> list[tuple[str, int]]:
    """What the records came to, with their numbers, the best first."""
    return sorted(((name, n) for name, n in counts.by.items() if n), key=lambda item: _ORDER.index(item[0]))


def _address(job: Job, fate: str, page: int) -> str:
    pairs = [("outcome", fate), ("page", str(page) if page > 1 else "")]
    query = urlencode([(name, value) for name, value in pairs if value])
    path = reverse("job", args=[job.pk])
    return f"{path}?{query}" if query else path


def _url(job: Job, line: Line) -> str:
    resource = PAGES.get(job.entity)
    return detail_url(resource, line.key) if resource and line.key else ""


_ORDER = [
    "found",
    "nothing",
    "looking",
    "unseen",
    *(str(outcome) for outcome in Outcome),
    LEFT,
]


def in_words(fate: str) -> str:
    """What became of a record, as a label."""
    words = {
        "found": _("Something found"),
        "nothing": _("Nothing new"),
        "looking": _("Flowtly is still looking"),
        "unseen": _("Looked up, could not be read"),
        LEFT: _("Not yet"),
    }
    return words.get(fate) or str(Outcome(fate).label)
