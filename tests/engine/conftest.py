"""Workers in processes of their own, on the database of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from backoffice.sandbox.server import SandboxServer

ROOT = Path(__file__).resolve().parents[2]
LONG = 90.0  # seconds; only ever reached by a failure
_OURS = ("BACKOFFICE_", "FLOWTLY_", "TASKS_", "REDIS_", "DATABASE_", "DJANGO_")


class Worker:
    """One `manage.py worker`, perhaps one that dies at a boundary, with everything it prints."""

    def __init__(self, words: list[str], env: dict[str, str], module: str) -> None:
        self.output = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.output += line

    def end(self) -> int:
        """The exit code, once it has ended."""
        code = self.process.wait(LONG)
        self._reader.join()
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        assert self.end() == -signal.SIGKILL

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.end()


Start = Callable[..., Worker]


@pytest.fixture
def start(sandbox: SandboxServer, settings: LazySettings, tmp_path: Path) -> Iterator[Start]:
    """Starts workers; whatever is left of them afterwards is ended."""
    workers: list[Worker] = []

    def begin(*words: str, module: str = "tests.engine.worker", **more: str) -> Worker:
        env = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        env |= {
            "BACKOFFICE_ENV": "demo",
            "BACKOFFICE_DATA_DIR": str(tmp_path),
            "BACKOFFICE_LOG_LEVEL": "INFO",
            "DATABASE_URL": database_url(),
            "FLOWTLY_API_URL": sandbox.url,
            "FLOWTLY_API_TOKEN": sandbox.profile.token,
            "FLOWTLY_SETTLE_SECONDS": "0.2",
            "FLOWTLY_INDEX_MINUTES": "0",
            "DUPLICATES_SCAN": "manual",
            "FLOWTLY_MAX_CONNECTIONS": "4",
            # So that the trail's key is the same: anchors and entries are of one back office.
            "BACKOFFICE_AUDIT_KEY": settings.AUDIT_KEY,
        }
        workers.append(Worker(list(words), env | more, module))
        return workers[-1]

    yield begin
    for worker in workers:
        if worker.process.poll() is None:
            worker.process.kill()
            worker.end()


def database_url() -> str:
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    password = f":{held['PASSWORD']}" if held["PASSWORD"] else ""
    return f"postgres://{held['USER']}{password}@{held['HOST']}:{held['PORT'] or 5432}/{held['NAME']}"


def wait_for(condition: Callable[[], object], what: str, *workers: Worker) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail("\n".join([f"{what} did not come", *(worker.output for worker in workers)]))
        time.sleep(0.05)
