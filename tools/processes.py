"""Children that never outlive us, and what they print.

One thread: Linux ends a child when the *thread* that made it ends (PR_SET_PDEATHSIG), and forking is only safe
without others.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from tools.progress import say

TICK = 0.1  # seconds between two looks at children, signals and our parent
PATIENCE = 6.0  # seconds between asking a child to stop and ending it
PR_SET_PDEATHSIG = 1

OnLine = Callable[[str], None]


class Stopped(Exception):
    """Ctrl-C, SIGTERM, SIGHUP, a terminal that closed, or the end of the process that started us."""


class ChildEnded(Exception):
    """A child without which nothing works has ended; the message says which."""


class Child:
    """One process in a group of its own, with its output read line by line."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], on_line: OnLine, outlasts: bool) -> None:
        self.name, self.process, self.on_line, self.outlasts = name, process, on_line, outlasts
        self.started = time.monotonic()
        self._rest = b""

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def read(self) -> bool:
        """Pass on the complete lines that are there; False at the end of the output."""
        assert self.process.stdout is not None
        chunk = self.process.stdout.read(65536)
        if chunk is None:
            return True
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if not chunk and self._rest:
            lines, self._rest = [self._rest], b""
        for line in lines:
            self.on_line(line.decode(errors="replace").rstrip())
        return bool(chunk)

    def signal(self, number: int) -> None:
        """To the whole group, so that grandchildren hear it too."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Crew:
    """All children; use as a context manager, which stops them however the block ends."""

    def __init__(self, parent: int | None = None) -> None:
        self.children: list[Child] = []
        self._essential: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._parent = parent
        self._signals = 0
        # A terminal that closes tells `make` only, which waits for us.
        self._terminal = select.poll()
        if os.isatty(1):
            self._terminal.register(1, 0)
        self._on_death = _death_signal()

    def __enter__(self) -> Crew:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._heard)
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop_all()
        self._selector.close()

    def _heard(self, number: int, frame: object) -> None:
        self._signals += 1

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        on_line: OnLine | None = None,
        essential: bool = False,
        outlasts: bool = False,
        pass_fds: Sequence[int] = (),
    ) -> Child:
        """Start `command`; its lines go to `on_line`, else to our output with its name before them.

        The end of an essential child raises ChildEnded from `tick`; a child that outlasts the others is
        stopped after them.
        """
        process = subprocess.Popen(  # noqa: S603 - our own commands; we have one thread
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            process_group=0,  # Ctrl-C reaches us only, and we stop them in order
            pass_fds=pass_fds,
            preexec_fn=self._on_death,  # noqa: PLW1509 - see the top: one thread
        )
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        child = Child(name, process, on_line or prefixed(name), outlasts)
        self._selector.register(process.stdout, selectors.EVENT_READ, child)
        self.children.append(child)
        if essential:
            self._essential.append(child)
        return child

    def tick(self) -> None:
        """Pass output on for a moment. Raises Stopped or ChildEnded."""
        self._pump(TICK)
        orphaned = self._parent is not None and os.getppid() != self._parent
        if self._signals or orphaned or self._terminal.poll(0):
            raise Stopped
        for child in self._essential:
            if child.ended:
                self._pump(0)
                raise ChildEnded(f"The {child.name} has ended by itself ({ending(child)}).")

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Tick until `ready`; False when `seconds` have passed."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                return False
            self.tick()
        return True

    def forget(self, child: Child) -> None:
        """Read what an ended child left, and drop it."""
        self._pump(0)
        self._close(child)
        self.children.remove(child)

    def stop_all(self) -> None:
        """Ask, wait, end; a further Ctrl-C shortens the wait. Nothing of any child's group is left."""
        heard = self._signals
        for outlasts in (False, True):
            group = [child for child in self.children if child.outlasts == outlasts]
            for child in group:
                child.signal(signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE
            while not all(child.ended for child in group):
                if time.monotonic() > deadline or self._signals > heard:
                    break
                self._pump(TICK / 2)
            for child in group:
                child.signal(signal.SIGKILL)  # also what is left of its group
                child.process.wait()
        for child in list(self.children):
            self.forget(child)

    def _pump(self, seconds: float) -> None:
        if not self._selector.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._selector.select(seconds):
            child: Child = key.data
            if not child.read():
                self._selector.unregister(key.fileobj)

    def _close(self, child: Child) -> None:
        assert child.process.stdout is not None
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(child.process.stdout)
        child.process.stdout.close()


def prefixed(name: str) -> OnLine:
    return lambda line: say(f"{name:>7} | {line}")


def ending(child: Child) -> str:
    """How a child ended, for people."""
    code = child.process.returncode
    return f"exit code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"


def _death_signal() -> Callable[[], None] | None:
    """What a child does first: ask the kernel for SIGTERM when we die, even by SIGKILL (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl, ours = ctypes.CDLL(None).prctl, os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != ours:  # we died before the child could ask
            os._exit(1)

    return ask
