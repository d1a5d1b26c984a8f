"""Somebody at the command line of the same back office, who leaves work for the people at the browser."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.frontdoor import CLEAN, LONG, ROOT, FrontDoor


class Colleague:
    """Runs `manage.py` beside the processes of a front door, with its database and its sandbox."""

    def __init__(self, door: FrontDoor, url: str, token: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        self._env = {
            **kept,
            **CLEAN,
            "BACKOFFICE_DATA_DIR": str(door.data),
            "DATABASE_URL": f"sqlite:///{door.data}/backoffice.sqlite3",
            "BACKOFFICE_SANDBOX": "1",
            "FLOWTLY_API_URL": url,
            "FLOWTLY_API_TOKEN": token,
        }

    def runs(self, *words: str, **settings: str) -> str:
        """What the command prints; `settings` hold for it alone."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**self._env, **settings},
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def plans(self, keys: list[str], *changes: str) -> str:
        """A plan of the steward's; its number."""
        told = [word for change in changes for word in ("--set", change)]
        return self.runs("jobs", "plan", "clients", "--ids", ",".join(keys), *told, "--as", "steward").split()[0]

    def asks_for_approval(self, keys: list[str], *changes: str) -> str:
        """A plan of the steward's that waits for a second person; its number."""
        job = self.plans(keys, *changes)
        self.runs(
            "jobs", "apply", job, "--reason", "New terms", APPROVAL_REQUIRED_ABOVE="1", APPROVAL_SENSITIVE="1"
        )
        return job
