"""The front door as a person meets it: `tools.serve` in a process of its own, with data in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Whole lines only: what is read of them may come in pieces.
READY = re.compile(r"^Ready: (http://127\.0\.0\.1:\d+)(?:  (.*?))?\r?\n", re.MULTILINE)
LONG = 150.0  # seconds; only ever reached by a failure

# Set, be it empty, so that a developer's .env does not fill them in.
CLEAN = {
    "PORT": "0",
    "BACKOFFICE_ENV": "demo",
    "BACKOFFICE_DEMO": "",
    "BACKOFFICE_SANDBOX": "",
    "FLOWTLY_API_URL": "",
    "FLOWTLY_API_TOKEN": "",
    "FLOWTLY_USERNAME": "",
    "FLOWTLY_PASSWORD": "",
    "FLOWTLY_INSTANCE": "",
}


class FrontDoor:
    """One `python -m tools.serve`, with everything it prints."""

    def __init__(self, data: Path, command: list[str], *, terminal: bool = False, **settings: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        self.data = data
        self.output = ""
        self._source, sink = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={
                **inherited,
                **CLEAN,
                "BACKOFFICE_DATA_DIR": str(data),
                "DATABASE_URL": f"sqlite:///{data}/backoffice.sqlite3",
                **settings,
            },
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
        os.close(sink)
        self._hung_up = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while not self._hung_up.is_set():
            if not select.select([self._source], [], [], 0.05)[0]:
                continue
            try:
                chunk = os.read(self._source, 65536)
            except OSError:  # what a terminal without writers answers
                break
            if not chunk:
                break
            self.output += chunk.decode(errors="replace")
        os.close(self._source)

    def hang_up(self) -> None:
        """Close our end of what it prints to."""
        self._hung_up.set()
        self._reader.join(LONG)

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + LONG
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"{what} did not come:\n{self.output}")
            time.sleep(0.05)

    def ready(self) -> str:
        """Wait for the ready line; the address in it."""
        self.wait_for(lambda: READY.search(self.output) or self.process.poll() is not None, "the ready line")
        found = READY.search(self.output)
        assert found, self.output
        return found[1]

    def finds(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Wait for what it prints; its parts have lines of their own, which come when they come."""
        self.wait_for(lambda: pattern.search(self.output), pattern.pattern)
        found = pattern.search(self.output)
        assert found
        return found

    def access(self) -> str:
        found = READY.search(self.output)
        assert found, self.output
        return found[2] or ""

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.end()

    def end(self) -> int:
        """The exit code, once it has ended."""
        code = self.process.wait(LONG)
        self._reader.join(LONG)
        return code

    def leaves_nothing(self) -> None:
        """Wait for the last process to be gone: one that was killed is still there for a moment."""
        self.wait_for(lambda: not self.processes(), f"the end of {self.processes()}")

    def clear_away(self) -> None:
        """End at once whatever is left of it."""
        while left := self.processes():  # one of them may start another meanwhile
            for pid in left:
                kill(pid)
            time.sleep(0.02)
        self.end()

    def processes(self, word: str = "") -> list[int]:
        """The processes started with this data folder that are alive, ours included, by their environment."""
        mark = f"BACKOFFICE_DATA_DIR={self.data}\0".encode()
        return [
            pid
            for pid in _pids()
            if mark in _facts(pid, "environ") + b"\0" and word.encode() in _facts(pid, "cmdline")
        ]


def kill(pid: int) -> None:
    """End a process at once; one that has ended by itself is as good."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _facts(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
