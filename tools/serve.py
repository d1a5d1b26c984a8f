"""What `make run` becomes once the virtualenv stands: starts the sandbox, worker and web server, and watches them.

The parts, in this order: the settings are read once here, so that a wrong value is one sentence; the sandbox, only
where FLOWTLY_API_URL is not set; `manage.py prepare`; the worker; gunicorn. Nothing outlives this process.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import os
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import environ
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tools.bootstrap import ROOT
from tools.port import HOST, PortRefused, free_port, take_port
from tools.processes import Child, ChildEnded, Crew, Stopped, ending, prefixed
from tools.progress import Steps, say

START_SECONDS = 90.0  # how long any part may take to answer
STEADY_SECONDS = 60.0  # a worker that lived this long is started again at once
LONGEST_PAUSE = 30.0
SANDBOX_TOKEN = "demo-token"  # noqa: S105 - the sandbox's own, published in its help
MANAGE = [sys.executable, "manage.py"]


class Refusal(Exception):
    """The start is refused; the message is the one sentence to show."""


def main() -> int:
    options = _options()
    os.chdir(ROOT)
    try:
        with ExitStack() as held, Crew(parent=options.parent) as crew:
            try:
                Start(crew, held, Steps(options.steps_done)).run()
            except Stopped:
                say("Stopping ...")
    except (Refusal, PortRefused, ChildEnded) as refusal:
        say(str(refusal), out=sys.stderr)
        return 1
    say("Stopped; nothing is left running, and the data is kept.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.serve")
    parser.add_argument("--parent", type=int, help="stop once the process that started us is not this one")
    parser.add_argument("--steps-done", type=int, default=0, help="steps that make run showed already")
    return parser.parse_args()


class Start:
    """One start, from taking the port to the ready line and the watch after it."""

    def __init__(self, crew: Crew, held: ExitStack, steps: Steps) -> None:
        self.crew, self.held, self.steps = crew, held, steps
        self.access = ""

    def run(self) -> None:
        """Returns never; raises Stopped, Refusal, PortRefused or ChildEnded."""
        environ.FileAwareEnv.read_env(ROOT / ".env", overwrite=False)
        taken = self.held.enter_context(take_port(os.environ.get("PORT") or "8000"))
        elsewhere = os.environ.get("FLOWTLY_API_URL") or os.environ.get("FLOWTLY_API_URL_FILE")
        sandbox_port = 0 if elsewhere else free_port()
        if sandbox_port:
            os.environ.update(_sandbox_settings(sandbox_port))
        data = _data_folder()
        if sandbox_port:
            self._start_sandbox(sandbox_port, data)
        self._prepare()
        self.steps.begin("Starting the worker and the web server")
        worker = Worker(self.crew)
        port = self._start_web(taken)
        self.steps.finish()
        say(f"Ready: http://{HOST}:{port}  {self.access}".rstrip())
        while True:
            self.crew.tick()
            worker.look_after()

    def _start_sandbox(self, port: int, data: Path) -> None:
        self.steps.begin("Starting the sandbox Flowtly")
        lock = self.held.enter_context((data / "sandbox.lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refusal(
                f"Another back office runs on the sandbox in {data}; stop it, or set BACKOFFICE_DATA_DIR."
            ) from None
        command = [*MANAGE, "sandbox", "--port", str(port), "--data", str(data / "sandbox.sqlite3")]
        self.crew.start("sandbox", command, essential=True, outlasts=True)
        if not self.crew.wait_until(lambda: _listens(port), START_SECONDS):
            raise Refusal(f"The sandbox did not answer within {START_SECONDS:.0f} s.")
        self.steps.finish()

    def _prepare(self) -> None:
        """Run `manage.py prepare`, whose lines are `step`, `access` or `refused` and a text, by a tab."""
        refused = ""
        running = False
        other = prefixed("prepare")

        def on_line(line: str) -> None:
            nonlocal refused, running
            kind, _, text = line.partition("\t")
            if kind == "step":
                if running:
                    self.steps.finish()
                self.steps.begin(text)
                running = True
            elif kind == "access":
                self.access = text
            elif kind == "refused":
                refused = text
            else:
                other(line)

        child = self.crew.start("prepare", [*MANAGE, "prepare", "--tabbed"], on_line=on_line)
        self.crew.wait_until(lambda: child.ended, float("inf"))
        self.crew.forget(child)
        if refused or child.process.returncode:
            raise Refusal(refused or f"The start stopped here ({ending(child)}); the lines above say why.")
        if running:
            self.steps.finish()

    def _start_web(self, taken: socket.socket) -> int:
        port = int(taken.getsockname()[1])
        command = [
            *(sys.executable, "-m", "gunicorn", "--bind", f"fd://{taken.fileno()}", "--log-level", "warning"),
            "backoffice.wsgi:application",
        ]
        self.crew.start("web", command, essential=True, pass_fds=[taken.fileno()])
        if not self.crew.wait_until(lambda: _serves(port), START_SECONDS):
            raise Refusal(f"The web server did not answer within {START_SECONDS:.0f} s.")
        return port


class Worker:
    """The background worker, started again when it ends, ever more slowly while it does not live long."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.pause = 1.0
        self.due: float | None = None
        self.child = self._start()

    def _start(self) -> Child:
        self.due = None
        return self.crew.start("worker", [*MANAGE, "worker"])

    def look_after(self) -> None:
        if self.due is not None:
            if time.monotonic() >= self.due:
                self.child = self._start()
        elif self.child.ended:
            self.crew.forget(self.child)
            lived = time.monotonic() - self.child.started
            self.pause = 1.0 if lived > STEADY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
            self.due = time.monotonic() + self.pause
            say(f"The worker has ended ({ending(self.child)}); starting it again in {self.pause:.0f} s.")


def _sandbox_settings(port: int) -> dict[str, str]:
    """Empty rather than absent, so that `.env` does not fill them in again."""
    return {
        "BACKOFFICE_SANDBOX": "1",
        "FLOWTLY_API_URL": f"http://{HOST}:{port}",
        "FLOWTLY_API_TOKEN": SANDBOX_TOKEN,
        "FLOWTLY_USERNAME": "",
        "FLOWTLY_PASSWORD": "",
        "FLOWTLY_INSTANCE": "",
    }


def _data_folder() -> Path:
    """Reads the settings, and with them every variable."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    try:
        return Path(settings.DATA_DIR)
    except (ImproperlyConfigured, OSError) as error:
        raise Refusal(f"The settings are wrong: {error}") from None


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _serves(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
