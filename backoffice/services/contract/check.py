"""The whole check: what is found out, in which order, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from backoffice.flowtly import FlowtlyError
from backoffice.models import ConnectionCheck
from backoffice.services import reading, routes
from backoffice.services.contract import drift, profile
from backoffice.services.contract.connection import connection, reason_of, refusal
from backoffice.services.contract.document import Document
from backoffice.services.contract.findings import Finding, Report, Severity
from backoffice.services.upstream import client, current

_DAILY = timedelta(days=1)
_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Inspection:
    """`choices` is None where there is no document, so that what an earlier one said stays."""

    report: Report
    form: routes.Form = routes.Form.UNKNOWN
    choices: drift.Choices | None = None


def run() -> Report:
    """Check, and keep: the report, where counterparties are written, and the documented choices."""
    seen = inspect()
    routes.keep(seen.form)
    if seen.choices is not None:
        documented = {at: values for at, values in seen.choices.items() if drift.is_offered(at)}
        reading.keep_documented(documented)
    ConnectionCheck.objects.update_or_create(
        upstream=current(),
        defaults={
            "checked_at": seen.report.checked_at,
            "severity": seen.report.severity.value,
            "result": seen.report.as_json(),
        },
    )
    return seen.report


def run_when_due() -> None:
    """Check where nobody has yet, once a day, and again soon where something did not work; for the worker."""
    report = last()
    after = _AGAIN if report and report.severity is Severity.PROBLEM else _DAILY
    if report is None or report.checked_at < timezone.now() - after:
        run()


def last() -> Report | None:
    """What the last check found, None before the first."""
    kept = ConnectionCheck.objects.filter(upstream=current()).first()
    return Report.from_json(kept.result) if kept else None


def inspect() -> Inspection:
    """Find everything out with GET and OPTIONS alone: nothing in Flowtly changes, and nothing is kept here."""
    try:
        client().check()
    except FlowtlyError as error:
        return Inspection(_report([refusal(error)]))
    document = _document()
    form = _form(document)
    found: list[Finding] = []
    for name, part in _parts(form):
        found += _guarded(name, part)
    choices = drift.choices(document) if document else None
    found += _drift(document, choices)
    return Inspection(_report(found), form, choices)


def _parts(form: routes.Form) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
    yield "connection", connection
    yield "envelope", profile.envelope
    yield "errors", profile.error_style
    yield "page size", profile.page_size
    yield "lists", profile.lists
    yield "relations", profile.relations
    yield "addresses", profile.addresses
    yield "counterparties", lambda: profile.counterparties(form)


def _guarded(name: str, part: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a part finds; a server that stumbles in the middle costs that part alone."""
    found: list[Finding] = []
    try:
        found.extend(part())
    except FlowtlyError as error:
        found.append(Finding("probe_failed", Severity.WARNING, {"part": name, "reason": reason_of(error)}))
    return found


def _document() -> Document | None:
    try:
        raw = client().openapi()
    except FlowtlyError:
        return None
    return Document(raw, prefix=client().base.prefix) if raw is not None else None


def _form(document: Document | None) -> routes.Form:
    """The router's word, and where it is silent the document's."""
    form = routes.judge(routes.asked)
    if form is not routes.Form.UNKNOWN or document is None or not document.methods("/counterparties"):
        return form
    return routes.judge(lambda path: document.methods(routes.templated(path)))


def _drift(document: Document | None, choices: drift.Choices | None) -> Iterator[Finding]:
    if document is None:
        yield Finding("document_none", Severity.NOTE)
        return
    yield Finding("document_read", Severity.OK, {"count": str(len(document.paths))})
    yield from drift.operations(document)
    yield from drift.fields(document)
    yield from drift.enums(choices or {})
    yield from drift.bodies(document)


def _report(found: list[Finding]) -> Report:
    return Report(timezone.now(), settings.FLOWTLY_API_URL, tuple(found))
