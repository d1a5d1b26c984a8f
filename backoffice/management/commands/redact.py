"""`manage.py redact`: what is kept here about one person goes, everywhere; Flowtly is not changed."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.models import User
from backoffice.services import privacy

_SENTENCES = {
    "reason": "Say why: --reason. It stays in the audit trail.",
    "names_person": "The reason names the person. Leave the name out; it would stay in the audit trail.",
    "in_flight": "Nothing was redacted: job {job} holds this record and has not ended yet.",
    "unknown": "There is no such record here.",
}
_UPSTREAM = {
    "there": "Flowtly is not changed. The record is still there and is read again for lists and by readers.",
    "gone": "Flowtly is not changed. The record is no longer there.",
    "silent": "Flowtly is not changed. It cannot be asked now whether the record is still there.",
    "never": "The name that the account signs in with stays: the audit trail says by it who did what.",
}


class Command(BaseCommand):
    help = "Redact what is kept here about one person: plans, audit trail, names, messages. It is recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("entity", choices=privacy.ENTITIES)
        parser.add_argument("key", help="the record's number; of users also the name they sign in with")
        parser.add_argument("--dry-run", action="store_true", help="say what would be redacted, change nothing")
        parser.add_argument("--reason", default="", help="why; stays in the audit trail, so name no person")

    def handle(self, *args: Any, **options: Any) -> None:
        entity, key = options["entity"], options["key"]
        if entity == privacy.ACCOUNTS and (user := User.objects.filter(username=key).first()):
            key = str(user.pk)
        try:
            found = privacy.preview(entity=entity, key=key)
            counts = dict(found.counts) if options["dry_run"] else self._redact(entity, key, options["reason"])
        except privacy.Refused as refused:
            job = refused.job.pk if refused.job else ""
            raise CommandError(_SENTENCES[refused.code].format(job=job)) from None
        for store in privacy.STORES:
            self.stdout.write(f"{store.name:10} {counts.get(store.name, 0)}")
        if options["dry_run"]:
            if found.blocking:
                self.stdout.write(f"Job {found.blocking.pk} has not ended yet and must first.")
            self.stdout.write(f"{found.undo_lost} change(s) could then no longer be undone from the copy.")
        self.stdout.write(_UPSTREAM[found.upstream])
        self.stdout.write("Nothing was changed." if options["dry_run"] else "Done and recorded.")

    def _redact(self, entity: str, key: str, reason: str) -> dict[str, int]:
        who = f"command line ({getpass.getuser()})"
        return privacy.redact(actor=None, actor_name=who, entity=entity, key=key, reason=reason)
