"""Numbered steps with their seconds, and the one sentence with which a command gives up."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import NoReturn, TextIO

QUIET_SECONDS = 5.0  # how long a step may say nothing where lines cannot be overwritten


def say(text: str, *, out: TextIO | None = None) -> None:
    """Print one line at once, also into a pipe; a terminal that went away is no reason to fail."""
    with contextlib.suppress(OSError):
        print(text, file=out or sys.stdout, flush=True)


def give_up(sentence: str, code: int = 1) -> NoReturn:
    say(sentence, out=sys.stderr)
    sys.exit(code)


class Steps:
    """Counts the steps of one command; `done` of them went before."""

    def __init__(self, done: int = 0) -> None:
        self.done = done
        self._terminal = sys.stdout.isatty()
        self._began = self._shown = 0.0

    def begin(self, title: str) -> None:
        """Start a step; the one before it must be finished."""
        self.done += 1
        say(f"{self.done}. {title}")
        self._began = self._shown = time.monotonic()

    def show(self, text: str) -> None:
        """What the step is doing now: one line that is overwritten, or one every few seconds in a log."""
        if self._terminal:
            sys.stdout.write(f"\r\033[K   {text[:70]}")
            sys.stdout.flush()
        elif time.monotonic() - self._shown > QUIET_SECONDS:
            self._shown = time.monotonic()
            say(f"   {text}")

    def finish(self) -> None:
        erase = "\r\033[K" if self._terminal else ""
        say(f"{erase}   done in {time.monotonic() - self._began:.1f} s")
