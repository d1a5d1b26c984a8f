"""What became of a job of many as a workbook: who, when and why on the first sheet, then a row for each field."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

from django.http import FileResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from backoffice.models import Job, Outcome
from backoffice.resources import REGISTRY, Field, Kind
from backoffice.resources.redacted import is_redacted
from backoffice.services import approvals, audit, jobs, merges, outcomes
from backoffice.services.access import Permission
from backoffice.services.merges import COUNTERPARTIES
from backoffice.services.outcomes import Line
from backoffice.services.sheets import Column, begin, workbook, write_row
from backoffice.services.sheets import Kind as Holds
from backoffice.views.batch import batch_of, why
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.mergewords import every
from backoffice.views.results import in_words, ordered
from backoffice.views.shared import names_for

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AT_ONCE = 500  # records whose names are looked up together


@requires(Permission.EXPORT)
@require_GET
def job_report(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """The file; that it was taken is an entry of the history."""
    job = batch_of(job_id, kinds=merges.KINDS)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    _write(file, job)
    audit.append(
        action=f"{job.entity}.download",
        outcome="ok",
        actor=request.user,
        entity=job.entity,
        request_id=request.id,
        action_id=job.action_id,
        job_id=job.pk,
        detail=f"xlsx · {outcomes.counts(job).total}",
    )
    file.seek(0)
    name = f"{job.entity}-{timezone.localtime(job.created_at):%Y-%m-%d}-{str(job.pk)[:8]}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=_XLSX)


def _write(file: BinaryIO, job: Job) -> None:
    facts, columns = [Column(_("Report")), Column("")], _columns()
    with workbook(file) as book:
        sheet = begin(book, _("Report"), facts, (28, 60))
        for line, fact in enumerate(_facts(job), 1):
            write_row(sheet, line, [Column(""), Column("", Holds.NUMBER)], fact)
        sheet = begin(book, _("Records"), columns, (18, 32, 16, 22, 26, 26, 60))
        sheet.name = _("Records")  # type: ignore[assignment] # the second sheet, and not the second one of its kind
        number = 0
        for number, row in enumerate(_steps(job) if job.kind in merges.KINDS else _rows(job), 1):
            write_row(sheet, number, columns, row)
        sheet.autofilter(0, 0, number, len(columns) - 1)


def _columns() -> list[Column]:
    return [
        Column(_("Number in Flowtly")),
        Column(_("Name")),
        Column(_("Outcome")),
        Column(_("Field")),
        Column(_("Before"), Holds.NUMBER),
        Column(_("After, or what was to be"), Holds.NUMBER),
        Column(_("Message")),
    ]


def _facts(job: Job) -> Iterator[tuple[str, Any]]:
    approval = approvals.of(job)
    approved = approval if approval and approval.decision == "approved" else None
    yield _("Job"), jobs.name_of(job)
    yield _("Chosen"), str(job.spec.get("scope", ""))
    yield _("Reason"), job.reason
    yield _("Author"), job.actor.get_username()
    yield _("Approved by"), str(approved.decided_by) if approved else ""
    yield _("State"), str(job.get_state_display())
    times = {_("Planned"): job.created_at, _("Previewed"): job.previewed_at}
    times |= {_("Approved"): approved.decided_at if approved else None}
    times |= {_("Begun"): job.started_at, _("Ended"): job.finished_at}
    for label, when in times.items():
        yield label, timezone.localtime(when).isoformat(timespec="seconds") if when else ""
    yield _("Fingerprint of the plan"), job.fingerprint
    counts = outcomes.counts(job)
    yield _("All records"), counts.total
    for name, number in ordered(counts):
        yield in_words(name), number


def _rows(job: Job) -> Iterator[list[Any]]:
    found = outcomes.every(job)
    while portion := list(islice(found, _AT_ONCE)):
        names = _names(job, portion)
        for line in portion:
            yield from _rows_of(job, line, names)


def _steps(job: Job) -> Iterator[list[Any]]:
    """Of a merge each step in its order: what it is for stands before what became of it."""
    for line, step in every(job):
        tail = " ".join([line.words, *line.why])
        for name, before, after in line.changes or [("", None, None)]:
            item = COUNTERPARTIES.by_name.get(name)
            values = [_shown(item, value, {}) for value in (before, after)]
            yield [step.key, step.label, line.outcome, str(item.label) if item else name, *values, tail]


def _names(job: Job, portion: Iterable[Line]) -> dict[str, str]:
    changes = [change for line in portion for change in line.changes]
    touched = {name for name, _before, _after in changes}
    fields = [item for item in REGISTRY[job.entity].fields if item.name in touched]
    return names_for(fields, [{name: value} for name, *both in changes for value in both])


def _rows_of(job: Job, line: Line, names: Mapping[str, str]) -> Iterator[list[Any]]:
    resource = REGISTRY[job.entity]
    head, tail = [line.key, line.label, in_words(line.fate)], " ".join(why(resource, line))
    if line.fate == Outcome.CONFLICT:
        tail = f"{tail} {_theirs(resource.by_name, line, names)}".strip()
    for name, before, after in line.changes or [("", None, None)]:
        item = resource.by_name.get(name)
        values = [_shown(item, value, names) for value in (before, after)]
        yield [*head, str(item.label) if item else name, *values, tail]


def _theirs(fields: Mapping[str, Field], line: Line, names: Mapping[str, str]) -> str:
    """What the run found where others had been."""
    found = (line.error or {}).get("fields", {})
    return "; ".join(
        f"{fields[name].label}: {_shown(fields[name], held['theirs'], names)}"
        for name, held in found.items()
        if name in fields
    )


def _shown(item: Field | None, value: Any, names: Mapping[str, str]) -> Any:
    if is_redacted(value):
        return _("Redacted")
    return names.get(str(value), value) if item and item.kind is Kind.REFERENCE and value else value
