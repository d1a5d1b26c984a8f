"""The page of a plan that is being put together: its preview and the last word on it (no view stands here)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HTMX_STOP_POLLING

from backoffice.formats import words
from backoffice.forms.confirming import ConfirmForm
from backoffice.models import Forecast, Job, JobState, Step, User
from backoffice.resources import PAGES, REGISTRY, Field
from backoffice.services import approvals, bulk, jobs, selections
from backoffice.services.access import Permission, can
from backoffice.services.bulk import Writes
from backoffice.templatetags.plans import Cell
from backoffice.templatetags.ui import detail_url
from backoffice.views import planwords
from backoffice.views.guard import SignedInRequest
from backoffice.views.shared import SeeOther, names_for, page_number, show, unknown_names

PAGE = 50
# In the order in which somebody wants to know.
_FORECASTS = (
    Forecast.CHANGE,
    Forecast.CREATE,
    Forecast.DELETE,
    Forecast.EDITED,
    Forecast.INVALID,
    Forecast.NOT_PERMITTED,
    Forecast.GONE,
    Forecast.ALREADY,
)
_TONES = {
    Forecast.CHANGE: "good",
    Forecast.CREATE: "good",
    Forecast.DELETE: "bad",
    Forecast.EDITED: "warn",
    Forecast.INVALID: "bad",
    Forecast.NOT_PERMITTED: "bad",
    Forecast.GONE: "bad",
    Forecast.ALREADY: "off",
}


def shows(job: Job) -> bool:
    """Whether the page of this job is that of its plan."""
    return job.kind == bulk.KIND and job.state == JobState.PLANNED and job.entity in REGISTRY


def may_see(user: User, job: Job) -> bool:
    """Its author, and those who are shown other people's jobs."""
    return job.actor_id == user.pk or jobs.sees_all(user)


def may_operate(user: User) -> bool:
    return can(user, Permission.BULK)


@dataclass(frozen=True)
class Chip:
    """One filter of the rows with its number."""

    name: str
    label: str
    number: int
    url: str
    current: bool


@dataclass(frozen=True)
class Line:
    """One row of the page. `out`: why a run would leave it alone, in words; `movable`: people may change that."""

    step: Step
    url: str
    label: str
    forecast: str
    tone: str
    out: str
    movable: bool
    problem: str
    cells: list[Cell]

    @property
    def identity(self) -> str:
        """What tells the row apart on the page: its number in Flowtly, which a new one does not have yet."""
        return self.step.key or f"new-{self.step.number}"


@dataclass(frozen=True)
class View:
    """Which rows a page shows, and which page of them."""

    show: str = ""
    page: int = 1

    @classmethod
    def of(cls, request: SignedInRequest, data: Mapping[str, str] | None = None) -> View:
        held = request.GET if data is None else data
        text = held.get("page", "")
        number = page_number(request) if data is None else int(text) if text.isdecimal() and len(text) < 8 else 1
        wanted = held.get("show", "")
        known = wanted in (bulk.OUT, bulk.WARNED) or wanted in Forecast.values
        return cls(wanted if known else "", number)

    def url(self, job: Job, *, page: int | None = None, show: str | None = None) -> str:
        number = self.page if page is None else page
        pairs = [
            ("show", self.show if show is None else show),
            ("page", str(number) if number > 1 else ""),
        ]
        query = urlencode([(name, value) for name, value in pairs if value])
        path = reverse("job", args=[job.pk])
        return f"{path}?{query}" if query else path


def page(
    request: SignedInRequest, job: Job, *, view: View, form: ConfirmForm | None = None, status: int = 200
) -> HttpResponse:
    """The plan as a page, or the part of it that htmx asked for; a poll ends with the preview. Raises Http404."""
    if not may_see(request.user, job):
        raise Http404
    context: dict[str, Any] = {**_about(job), "job": job, "operates": may_operate(request.user), "view": view}
    if job.previewed_at is None:
        context |= _reading(job)
    else:
        context |= _preview(request, job, view, form)
    part = "rows" if request.headers.get("HX-Target") == "plan-rows" else "plan"
    response = show(request, "jobs/plan.html", context, part=part, status=status)
    if context["fragment"] and "poll" in request.GET and not context.get("reading"):
        response.status_code = HTMX_STOP_POLLING
    return response


def back_to(job: Job, view: View | None = None) -> HttpResponse:
    return SeeOther((view or View()).url(job))


# What it is about


def _about(job: Job) -> dict[str, Any]:
    resource = REGISTRY[job.entity]
    source = job.spec.get("source", {})
    kind, first = str(source.get("kind", "")), job.undo_of or job.made_from
    title = first.named if first else ""
    headings = {
        "undo": _("Undo of %(title)s"),
        "retry": _("Another try of %(title)s"),
        "mine": _("Our values over those of others: %(title)s"),
    }
    return {
        "resource": resource,
        "listed": PAGES.get(job.entity),
        "heading": headings[kind] % {"title": title} if kind in headings and first else "",
        "first": first,
        "scope": str(job.spec.get("scope", "")),
        "by_hand": bool(source.get("selection")),
        "changes": planwords.changes_in_words(job, resource),
        "change_url": _change_url(job, source),
        "selected_url": _selected_url(job, source),
    }


def _own_selection(job: Job, source: Mapping[str, Any]) -> str:
    held = str(source.get("selection", ""))
    return held if held and selections.exists(owner=job.actor, selection_id=held) else ""


def _selected_url(job: Job, source: Mapping[str, Any]) -> str:
    held = _own_selection(job, source)
    return reverse("selection_records", args=[held]) if held else ""


def _change_url(job: Job, source: Mapping[str, Any]) -> str:
    """The form again, as it was filled in."""
    held = _own_selection(job, source)
    return f"{reverse('change_selection', args=[held])}?plan={job.pk}" if held else ""


def _reading(job: Job) -> dict[str, Any]:
    number = Step.objects.filter(phase__job=job).count()
    return {
        "reading": not job.problem,
        "read": bulk.read_so_far(job),
        "size": number,
        "counted": bulk.counted(REGISTRY[job.entity], number),
    }


# The preview


def _preview(request: SignedInRequest, job: Job, view: View, form: ConfirmForm | None) -> dict[str, Any]:
    counts, effort, writes = bulk.counts(job), bulk.effort(job), bulk.writes(job)
    chips = _chips(job, counts, view)
    number = next((chip.number for chip in chips if chip.current), 0)
    last_page = max(1, -(-number // PAGE))
    view = View(view.show, max(1, min(view.page, last_page)))
    start = (view.page - 1) * PAGE
    steps = list(bulk.rows(job, view.show)[start : start + PAGE])
    values = [held for step in steps for held in (step.base, step.changes, step.context.get("seen") or {})]
    names = names_for(effort.fields, values)
    causes = approvals.needed(job)
    return {
        "view": view,
        "counted": bulk.counted(REGISTRY[job.entity], counts.total),
        "chips": chips,
        "columns": [] if _only_deletes(writes, counts) else effort.fields,
        "lines": [_line(job, step, effort.fields) for step in steps],
        "names": names,
        "unknown": unknown_names(effort.fields, values, names),
        "first_row": start + 1 if steps else 0,
        "last_row": start + len(steps),
        "total": number,
        "previous_url": view.url(job, page=view.page - 1) if view.page > 1 else "",
        "next_url": view.url(job, page=view.page + 1) if view.page < last_page else "",
        "moves_all": _moves_all(view, number),
        "movable": any(bulk.choosable(step) for step in steps),
        "arrivals": bulk.arrivals(job) if job.spec.get("arrivals") else None,
        "effort": effort,
        "writes": writes,
        "stamp": bulk.stamp(job),
        "sentence": planwords.sentence(job, effort, writes),
        "go": planwords.go(REGISTRY[job.entity], writes),
        "asking": planwords.asking(writes),
        "zone": timezone.get_current_timezone_name(),
        "form": form or confirm_form(job, asks=bool(causes)),
        "causes": [cause.text for cause in causes],
    }


def confirm_form(
    job: Job, data: Mapping[str, Any] | None = None, *, keep: bool = False, asks: bool | None = None
) -> ConfirmForm:
    """The form of the last word; bound to `data`, or only filled with it (`keep`). `asks`: as the policy says,
    where that is known already."""
    required = approvals.reason_required(job)
    asks = bool(approvals.needed(job)) if asks is None else asks
    if data is not None and not keep:
        return ConfirmForm(data, reason_required=required, asks=asks)
    initial = {name: data[name] for name in ("reason", "when", "at", "message") if data.get(name)} if data else {}
    held = {"reason": job.reason, **initial}
    return ConfirmForm(initial=held, reason_required=required, asks=asks)


def _only_deletes(writes: Writes, counts: bulk.Counts) -> bool:
    return bool(counts.by.get(Forecast.DELETE)) and not writes.changed and not writes.created


def _chips(job: Job, counts: bulk.Counts, view: View) -> list[Chip]:
    by = [(str(name), str(Forecast(name).label), counts.by.get(name, 0)) for name in _FORECASTS]
    by.append((bulk.OUT, _("Taken out"), counts.taken_out))
    by.append((bulk.WARNED, _("With warnings"), bulk.rows(job, bulk.WARNED).count()))
    found = [("", _("All"), counts.total), *(each for each in by if each[2] or each[0] == view.show)]
    return [
        Chip(name, label, number, view.url(job, show=name, page=1), name == view.show)
        for name, label, number in found
    ]


def _moves_all(view: View, number: int) -> list[tuple[str, str]]:
    """Buttons for all rows of a filter: what they do, and their words."""
    found = []
    if number and view.show in (Forecast.CHANGE, Forecast.CREATE, Forecast.DELETE, Forecast.ALREADY, bulk.WARNED):
        found.append(("out", _("Take out all %(number)s") % {"number": words.integer(number)}))
    if number and view.show in (bulk.OUT, Forecast.EDITED):
        found.append(("back", _("Put back all %(number)s") % {"number": words.integer(number)}))
    return found


def _line(job: Job, step: Step, fields: Iterable[Field]) -> Line:
    whole, at_fields = bulk.problems_of(step)
    paged = PAGES.get(step.entity)
    gone = step.forecast == Forecast.GONE
    return Line(
        step=step,
        url=detail_url(paged, step.key) if paged and step.key and not gone else "",
        label=step.label or step.key or _("New record"),
        forecast=str(Forecast(step.forecast).label),
        tone=f"status status-{_TONES.get(Forecast(step.forecast), 'off')}",
        out=_out(step),
        movable=bulk.choosable(step),
        problem=whole,
        cells=[_cell(job, step, item, at_fields) for item in fields],
    )


def _out(step: Step) -> str:
    if not bulk.is_out(step):
        return ""
    return _("Left out") if step.context.get("out") == "edited" else _("Taken out")


def _cell(job: Job, step: Step, item: Field, problems: Mapping[str, str]) -> Cell:
    seen = step.context.get("seen") or {}
    name = item.name
    return Cell(
        field=item,
        touched=name in step.changes,
        now=step.base.get(name),
        new=step.changes.get(name),
        seen=seen.get(name),
        edited=step.forecast == Forecast.EDITED
        and name in seen
        and not item.same(seen[name], step.base.get(name)),
        of_undo=job.undo_of_id is not None,
        problem=problems.get(name, ""),
        warning=step.context.get("warnings", {}).get(name, ""),
    )
