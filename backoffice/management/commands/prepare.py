"""Everything between new code and a first request: database, upstream, accounts, static files.

Run by `make run` at each start, and after each upgrade in production. Safe to repeat.
"""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction

from backoffice.flowtly import errors
from backoffice.management.commands.demo import PASSWORD
from backoffice.models import User
from backoffice.services import routes
from backoffice.services.access import ROLES, ensure_groups, give_roles
from backoffice.services.upstream import (
    DemoAccountsPresent,
    UpstreamMismatch,
    claim_upstream,
    client,
    refuse_demo_accounts,
)


class Command(BaseCommand):
    help = "Migrate the database, check the connection to Flowtly, make missing accounts, collect static files."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tabbed",
            action="store_true",
            help="lines of a kind (step, access, refused), a tab and a text, for another program",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.tabbed = options["tabbed"]
        try:
            self._prepare()
        except (UpstreamMismatch, DemoAccountsPresent) as refusal:
            self._refuse(str(refusal))
        except errors.FlowtlyError as error:
            self._refuse(sentence(error))
        except DatabaseError as error:
            self._refuse(f"The database cannot be used: {' '.join(str(error).split())}")

    def _prepare(self) -> None:
        self._tell("step", "Preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
        self._tell("step", f"Checking the connection to Flowtly at {settings.FLOWTLY_API_URL}")
        client().check()
        claim_upstream()
        routes.choose()
        self._tell("step", "Preparing accounts and static files")
        refuse_demo_accounts()
        ensure_groups()
        access = accounts()
        call_command("collectstatic", interactive=False, verbosity=0)
        self._tell("access", access)

    def _tell(self, kind: str, text: str) -> None:
        self.stdout.write(f"{kind}\t{text}" if self.tabbed else text)
        self.stdout.flush()

    def _refuse(self, text: str) -> None:
        if not self.tabbed:
            raise CommandError(text)
        self._tell("refused", text)
        raise SystemExit(1)


def accounts() -> str:
    """Make the accounts of a first start; who may sign in with what, where that is for everybody to read."""
    if settings.DEMO:
        call_command("demo", verbosity=0)
        *names, last = ROLES
        return f"sign in as {', '.join(names)} or {last}, password {PASSWORD}"
    if (password := make_first_admin()) is not None:
        return f"sign in as admin, password {password} (shown this once)"
    return ""


@transaction.atomic
def make_first_admin() -> str | None:
    """An `admin` with a random password, which is returned, where nobody could sign in."""
    if User.objects.filter(demo=False).exists():
        return None
    password = secrets.token_urlsafe(12)
    name = "admin" if not User.objects.filter(username="admin").exists() else "administrator"
    give_roles(user=User.objects.create_user(username=name, password=password), roles=["admin"])
    return password


def sentence(error: errors.FlowtlyError) -> str:
    """What is wrong with the connection, and which setting mends it."""
    url = settings.FLOWTLY_API_URL
    match error:
        case errors.Unauthorized():
            return (
                f"Flowtly at {url} refuses the credentials: check FLOWTLY_API_TOKEN, "
                "or FLOWTLY_USERNAME and FLOWTLY_PASSWORD."
            )
        case errors.Forbidden():
            return (
                f"Flowtly at {url} does not let these credentials read clients: check them and FLOWTLY_INSTANCE."
            )
        case errors.Unavailable() | errors.RateLimited():
            reason = error.message.removeprefix("Flowtly cannot be reached: ")
            return f"Flowtly at {url} cannot be reached: {reason}."
        case _:
            return f"{url} does not answer like Flowtly ({error.message}): check FLOWTLY_API_URL and its path."
