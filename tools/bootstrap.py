"""The virtualenv of this checkout: made once, filled from a hashed lock, filled again when the lock changes."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from tools.progress import Steps, give_up
from tools.shell import Command, run_quietly

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCALE = ROOT / "backoffice" / "locale"
RUN_LOCK = "requirements.txt"
DEV_LOCK = "requirements-dev.txt"
# The lock for developers holds the other one in the same versions (tests/test_project.py).
COVERS = {RUN_LOCK: (RUN_LOCK,), DEV_LOCK: (RUN_LOCK, DEV_LOCK)}
PROBE = "import sys, importlib.util as u; print('%d.%d' % sys.version_info[:2] if u.find_spec('pip') else '')"


def ensure(lock: str, steps: Steps) -> None:
    """Make `.venv` hold what `lock` names, and compile the translations; quick when there is nothing to do."""
    # SIGTERM unwinds like Ctrl-C, so that pip or apt is not left behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with _alone():
        version = _venv_version() or _make_venv(steps)
        if not _is_installed(lock, version):
            _install(lock, steps)
            for name in COVERS[lock]:
                _stamp(name).write_text(_fingerprint(name, version))
        if stale_messages():
            steps.begin("Compiling the translations")
            run_quietly([PYTHON, "-m", "tools.messages"], "The translations could not be compiled.")
            steps.finish()


def hand_over(arguments: list[str], environment: dict[str, str] | None = None) -> NoReturn:
    """Become the virtualenv's Python, so that signals and the exit code are its own."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), *arguments], environment or dict(os.environ))  # noqa: S606 - our own


def stale_messages() -> list[Path]:
    """The catalogues whose compiled form is missing or older."""
    catalogues = LOCALE.glob("*/LC_MESSAGES/*.po")
    return [po for po in catalogues if _changed_at(po.with_suffix(".mo")) < _changed_at(po)]


def _changed_at(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


@contextmanager
def _alone() -> Iterator[None]:
    """Two `make` at once take turns; the lock is on the folder itself and leaves no file."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _venv_version() -> str:
    """The version of the virtualenv's Python; empty where it is missing, broken, too old or without pip."""
    try:
        answer = subprocess.run([PYTHON, "-c", PROBE], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
    version = answer.stdout.strip()
    return version if version and tuple(map(int, version.split("."))) >= (3, 11) else ""


def _make_venv(steps: Steps) -> str:
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        give_up(f"{sys.executable} has no venv module; on Debian and Ubuntu: apt install python3-venv")
    steps.begin("Making the virtualenv .venv")
    run_quietly([sys.executable, "-m", "venv", "--clear", VENV], "The virtualenv .venv could not be made.")
    steps.finish()
    return _venv_version() or give_up("The virtualenv .venv was made but does not start; remove it, try again.")


def _stamp(lock: str) -> Path:
    return VENV / f".installed-{lock}"


def _fingerprint(lock: str, version: str) -> str:
    return f"{version} {hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()}"


def _is_installed(lock: str, version: str) -> bool:
    return _stamp(lock).exists() and _stamp(lock).read_text() == _fingerprint(lock, version)


def _install(lock: str, steps: Steps) -> None:
    # The lock is complete: there is nothing to resolve.
    command: Command = [
        *(PYTHON, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
        *("--no-deps", "--require-hashes", "-r", ROOT / lock),
    ]
    total = len(re.findall(r"^[A-Za-z0-9]\S*==", (ROOT / lock).read_text(), re.MULTILINE))
    steps.begin(f"Installing the {total} packages of {lock}")
    show = PipProgress(steps, total).show
    run_quietly(command, f"pip could not install {lock}; is the package index reachable?", show)
    steps.finish()


class PipProgress:
    """Turns what pip prints into one short line."""

    def __init__(self, steps: Steps, total: int) -> None:
        self.steps, self.total, self.seen = steps, total, 0

    def show(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        if word == "Collecting":
            self.seen += 1
            self.steps.show(f"{self.seen} of {self.total}: {rest.split(' ')[0]}")
        elif word == "Installing":
            self.steps.show("unpacking")
