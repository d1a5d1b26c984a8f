"""`manage.py audit_verify`: says what in the audit trail was altered, removed or cut off, and where."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.models import AuditEntry
from backoffice.services import audit


class Command(BaseCommand):
    help = "Check the chain of the audit trail; exit code 1 where it does not verify."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchors", type=Path, help="a kept copy of audit-anchors.log")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["anchors"] or audit.anchor_file()
        if options["anchors"] and not path.exists():
            raise CommandError(f"{path} does not exist.")
        anchors = list(audit.read_anchors(path))
        findings = audit.verify(anchors)
        for found in findings:
            self.stdout.write(f"entry {found.seq}: {found.what.replace('_', ' ')}: {found.detail}")
        count = AuditEntry.objects.count()
        if findings:
            self.stdout.write(f"{len(findings)} problem(s) in {count} entries, {len(anchors)} anchors.")
            sys.exit(1)
        self.stdout.write(f"Intact: {count} entries, {len(anchors)} anchors.")
