"""What the measures stand on: settings of their own, a sandbox, a web server, and processes that end with us.

Nothing of the machine's own configuration takes part: neither its variables nor `.env`, and above all no
address of a database or of a Flowtly.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import CannotMeasure
from bench.sizes import Sizes
from tools.port import HOST, take_port
from tools.processes import Child, Crew, ending

START_SECONDS = 180.0  # how long a sandbox with 100,000 clients, or a server, may take to answer
LONGEST = 900.0  # seconds any one measuring process may take
_OURS = (
    "BACKOFFICE_",
    "FLOWTLY_",
    "TASKS_",
    "REDIS_",
    "AUDIT_",
    "LOGIN_",
    "SESSION_",
    "DATABASE_",
    "CACHE_",
    "EMAIL_",
    "GUNICORN_",
)
_READY = re.compile(r"(?P<url>http://\S+) token (?P<token>\S+) .*control (?P<control>http://\S+)")
_TAIL = 30  # lines shown of a process that failed


@dataclass(frozen=True)
class Sandbox:
    url: str
    token: str
    control: str
    child: Child


@dataclass(frozen=True)
class Web:
    """gunicorn with one process, as gunicorn.conf.py has it."""

    url: str
    child: Child


@dataclass(frozen=True)
class Prepared:
    """A filled database: the cookie of somebody signed in, and the pages that load asks for."""

    cookie: str
    list_paths: tuple[str, ...]
    admin_paths: tuple[str, ...]


class Stage:
    """The parts, each made when first asked for. All of them end with the crew."""

    def __init__(self, crew: Crew, held: ExitStack, folder: Path, sizes: Sizes) -> None:
        self.crew, self.sizes = crew, sizes
        self._held, self._folder = held, folder
        self.folder = folder
        self._sandbox: Sandbox | None = None
        self._prepared: Prepared | None = None
        self._web: Web | None = None
        _own_settings(folder)

    def start_sandbox(self, clients: int, counterparties: int) -> Sandbox:
        """A sandbox process of its own; whoever starts one beside the stage's own stops it."""
        lines: list[str] = []
        sizes = ["--clients", str(clients), "--counterparties", str(counterparties)]
        command = [sys.executable, "manage.py", "sandbox", *sizes]
        child = self.crew.start("sandbox", command, on_line=lines.append, outlasts=True)
        self.crew.wait_until(lambda: child.ended or any(map(_READY.search, lines)), START_SECONDS)
        found = next(filter(None, map(_READY.search, lines)), None)
        if found is None:
            raise CannotMeasure(_said("the sandbox did not start", child, lines))
        return Sandbox(found["url"], found["token"], found["control"], child)

    @property
    def sandbox(self) -> Sandbox:
        """The Flowtly of all pages; from here on the settings name it."""
        if self._sandbox is None:
            self._sandbox = made = self.start_sandbox(self.sizes.clients, 900)
            os.environ.update(FLOWTLY_API_URL=made.url, FLOWTLY_API_TOKEN=made.token)
        return self._sandbox

    @property
    def prepared(self) -> Prepared:
        if self._prepared is None:
            assert self.sandbox
            made = self.ask("bench.prepare")
            self._prepared = Prepared(made["cookie"], tuple(made["list_paths"]), tuple(made["admin_paths"]))
        return self._prepared

    @property
    def web(self) -> Web:
        if self._web is None:
            assert self.prepared
            self._web = self._start_web()
        return self._web

    def _start_web(self) -> Web:
        taken = self._held.enter_context(take_port("0"))
        port, lines = int(taken.getsockname()[1]), list[str]()
        bind = ["--bind", f"fd://{taken.fileno()}", "--workers", "1", "--log-level", "warning"]
        command = [sys.executable, "-m", "gunicorn", *bind, "backoffice.wsgi:application"]
        child = self.crew.start("web", command, on_line=lines.append, pass_fds=[taken.fileno()])
        if not self.crew.wait_until(lambda: child.ended or _serves(port), START_SECONDS) or child.ended:
            raise CannotMeasure(_said("the web server did not start", child, lines))
        return Web(f"http://{HOST}:{port}", child)

    def ask(self, module: str, **payload: Any) -> Any:
        """Run `python -m module FILE` (the payload as JSON) to its end; the JSON of its last line of output."""
        question = self._folder / "question.json"
        question.write_text(json.dumps(payload))
        lines: list[str] = []
        child = self.crew.start("measure", [sys.executable, "-m", module, str(question)], on_line=lines.append)
        in_time = self.crew.wait_until(lambda: child.ended, LONGEST)
        if in_time:
            self.crew.forget(child)
        if not in_time or child.process.returncode or not lines:
            raise CannotMeasure(_said(f"{module} failed", child, lines))
        return json.loads(lines[-1])

    def stop(self, child: Child) -> None:
        """End one process before the others."""
        child.process.terminate()
        self.crew.wait_until(lambda: child.ended, 10)
        if not child.ended:
            child.process.kill()
            child.process.wait()
        self.crew.forget(child)


def processor_seconds(child: Child) -> float:
    """What a child and its own children have used so far; 0 where the system does not tell (not Linux)."""
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parts = file.read_text().rpartition(")")[2].split()
            if int(parts[2]) == child.process.pid:  # the process group, of which each child leads one
                ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _own_settings(folder: Path) -> None:
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]
    os.environ.update(
        DJANGO_SETTINGS_MODULE="bench.settings",
        BACKOFFICE_ENV="demo",
        BACKOFFICE_SANDBOX="1",
        BACKOFFICE_DATA_DIR=str(folder),
        TMPDIR=str(folder),  # goes with the folder, even where a process has no time to clear up
        DATABASE_URL=f"sqlite:///{folder / 'bench.sqlite3'}",
        WEB_CONCURRENCY="1",
        # For the start of the sandbox, which asks nothing of it.
        FLOWTLY_API_URL="http://127.0.0.1:9",
        FLOWTLY_API_TOKEN="none",  # noqa: S106
    )


def _serves(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _said(what: str, child: Child, lines: list[str]) -> str:
    state = ending(child) if child.ended else "still running"
    return "\n".join([f"{what} ({state}):", *lines[-_TAIL:]])
