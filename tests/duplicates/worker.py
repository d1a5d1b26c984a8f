"""`manage.py worker` that kills itself in the middle of a scan, at the place named by its first word.

python -m tests.duplicates.worker [PLACE]
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from importlib import import_module
from typing import Any

import django

# place: module, function, the time at which it is called.
PLACES = {
    "reading": ("index.rows", "store", 2),
    "comparing": ("duplicates.comparing", "_listen", 1),
    "keeping": ("duplicates.keeping", "put", 2),
    "grouping": ("duplicates.groups", "_planned", 4),  # to be written, of the second part
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    from django.core.management import call_command

    from backoffice.services import lease
    from backoffice.services.duplicates import groups, keeping, scanning

    lease.LEASE, scanning.BEAT = timedelta(seconds=2), 0.3
    keeping._PORTION, groups.PART = 20, 2
    reading: Any = import_module("backoffice.services.index.refresh")  # its name in the package is a function's
    reading.LEASE, reading._PORTION = timedelta(seconds=2), 20
    if sys.argv[1:]:
        _die(*PLACES[sys.argv[1]])
    print("up", flush=True)  # noqa: T201
    call_command("worker", "--interval", "0.1")


def _die(place: str, name: str, number: int) -> None:
    module = import_module(f"backoffice.services.{place}")
    whole, times = getattr(module, name), [0]

    def call(*args: Any, **options: Any) -> Any:
        times[0] += 1
        if times[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(*args, **options)

    setattr(module, name, call)


if __name__ == "__main__":
    main()
