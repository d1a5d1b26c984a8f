"""`manage.py worker` in a process of its own that kills itself at a named boundary: driven, not timed.

    python -m tests.engine.worker [BOUNDARY NUMBER]

dies the NUMBER-th time that it comes to BOUNDARY. The leases are short, so that nobody waits for long.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

# boundary: where the function is looked up by who calls it, its name, and whether to die before or after it.
BOUNDARIES = {
    "joined": ("crew.Crew", "work", "before"),
    "before the read": ("hands", "examine", "before"),
    "after the read": ("hands", "examine", "after"),
    "before the mark": ("taking.Taker", "mark", "before"),
    "within the transaction that marks": ("taking.Taker", "mark", "after"),
    "after the mark": ("hands", "send", "before"),
    "after the call": ("hands", "send", "after"),
    "within the transaction that ends": ("crew", "write_down", "after"),
    "after it was written down": ("crew", "afterwards", "before"),
    "after it was taught": ("crew", "afterwards", "after"),
    "before an answer in doubt is read back": ("hands", "look", "before"),
    "after an answer in doubt was read back": ("hands", "look", "after"),
    "while leaving": ("runners", "_leave", "before"),
    "between two slices": ("running", "_hand_on", "before"),
    "after the next slice was asked for": ("running", "_hand_on", "after"),
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    from django.core.management import call_command

    _shorten()
    if sys.argv[1:]:
        _die(sys.argv[1], int(sys.argv[2]))
    print("up", flush=True)  # noqa: T201
    call_command("worker", "--interval", "0.1")


def _shorten() -> None:
    from backoffice.services.jobs import crew, engines, recovery, runners, running

    runners.LEASE, runners.BEAT, runners.FRESH = timedelta(seconds=2), 0.3, 1.5
    crew.BEAT, engines.POLL = 0.3, 0.1
    recovery.LATE = timedelta(seconds=1)
    running.SLICE = float(os.environ.get("SLICE", running.SLICE))


def _die(boundary: str, number: int) -> None:
    from importlib import import_module

    place, name, when = BOUNDARIES[boundary]
    module, _, inner = place.partition(".")
    holder: Any = import_module(f"backoffice.services.jobs.{module}")
    holder = getattr(holder, inner) if inner else holder
    setattr(holder, name, _deadly(getattr(holder, name), when, itertools.count(1), number))


def _deadly(
    function: Callable[..., Any], when: str, times: itertools.count[int], number: int
) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        due = next(times) == number
        if due and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = function(*args, **options)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return call


if __name__ == "__main__":
    main()
