"""`manage.py retention`: clears what has been kept for long enough; the worker does the same once a day."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from backoffice.services import privacy


class Command(BaseCommand):
    help = "Clear personal data that has been kept for long enough (BACKOFFICE_KEEP_..._DAYS)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        who = f"command line ({getpass.getuser()})"
        counts = privacy.due() if options["dry_run"] else privacy.clear_all(actor_name=who)
        for period in privacy.PERIODS:
            kept = f"older than {period.days} days" if period.days else "ended"
            self.stdout.write(f"{period.name:10} {counts.get(period.name, 0):8}  {kept}")
        self.stdout.write("Nothing was changed." if options["dry_run"] else "Done and recorded.")
