"""Makes the demo accounts: one for each role, all with the same password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backoffice.models import User
from backoffice.services.access import ROLES, give_roles

PASSWORD = "demo"  # noqa: S105 - public on purpose; such accounts sign in in demo mode only


class Command(BaseCommand):
    help = f"Make the accounts {', '.join(ROLES)}, with the password {PASSWORD}, where they are missing."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo accounts are for the sandbox; for another API set BACKOFFICE_DEMO=1.")
        hashed = make_password(PASSWORD)  # slow on purpose, and the same for all of these
        made = [name for name in ROLES if make_account(name, hashed)]
        if options["verbosity"]:
            self.stdout.write(f"Made: {', '.join(made)}." if made else "All demo accounts are there.")


@transaction.atomic
def make_account(role: str, hashed: str) -> bool:
    """Make the account named like its role; one that exists, perhaps changed since, is left as it is."""
    if User.objects.filter(username=role).exists():
        return False
    address = f"{role}@example.com"
    user = User(username=role, email=address, password=hashed, demo=True)
    user.save()
    give_roles(user=user, roles=[role])
    return True
