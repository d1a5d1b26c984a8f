"""`manage.py check_api`: the connection to Flowtly and what has changed there, for people and for monitoring."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from backoffice.services import contract
from backoffice.services.contract import Line, Report, Severity
from backoffice.services.upstream import UpstreamMismatch, claim_upstream


class Command(BaseCommand):
    help = (
        "Check the connection to Flowtly and hold what we expect against its API document; writes nothing there. "
        "Exit code 0: fine, or only notes; 1: warnings, with --strict; 2: problems, or not reached."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
        parser.add_argument("--strict", action="store_true", help="exit with 1 where there are warnings")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            claim_upstream()
        except UpstreamMismatch as error:
            self.stderr.write(str(error))
            sys.exit(2)
        report = contract.run()
        self.stdout.write(_as_json(report) if options["json"] else "\n".join(_table(report)))
        code = exit_code(report, strict=options["strict"])
        if code:
            sys.exit(code)


def exit_code(report: Report, *, strict: bool) -> int:
    if report.severity is Severity.PROBLEM:
        return 2
    return 1 if strict and report.severity is Severity.WARNING else 0


def _table(report: Report) -> list[str]:
    lines = []
    for section in contract.sections(report):
        lines += ["", section.title]
        for line in section.lines:
            lines.append(f"  {line.finding.severity.value:<8} {line.says}")
            lines += [f"           {line.means}"] if line.means else []
    counts = [f"{_count(report, severity)} {severity.value}" for severity in reversed(Severity)]
    return [*lines[1:], "", f"{report.address}: {', '.join(counts)}"]


def _count(report: Report, severity: Severity) -> int:
    return sum(item.severity is severity for item in report.findings)


def _as_json(report: Report) -> str:
    lines = [line for section in contract.sections(report) for line in section.lines]
    found = {
        "checked_at": report.checked_at.isoformat(),
        "address": report.address,
        "severity": report.severity.value,
        "findings": [_plain(line) for line in lines],
    }
    return json.dumps(found, ensure_ascii=False, indent=2)


def _plain(line: Line) -> dict[str, Any]:
    return {
        "code": line.finding.code,
        "severity": line.finding.severity.value,
        "says": line.says,
        "means": line.means,
        "values": dict(line.finding.values),
    }
