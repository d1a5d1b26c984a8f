"""Chromium for the browser journeys: what is there, else what apt can install, else none, said loudly."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from tools.progress import Steps, say
from tools.shell import follow

VARIABLE = "CHROMIUM"  # tests read the program's path here; empty means that there is none
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str:
    """The path of a Chromium, or an empty string."""
    if given := os.environ.get(VARIABLE):
        return given
    return next((found for found in _candidates() if found), "")


def _candidates() -> Iterator[str]:
    for name in NAMES:
        yield shutil.which(name) or ""
    kept = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    for found in sorted(kept.glob("chromium-*/chrome-linux*/chrome"), reverse=True):
        yield str(found)


def find_or_install(steps: Steps) -> str:
    """Like `find`, after trying apt where nothing is there and we may."""
    found = find()
    if found or (prefix := _apt_prefix()) is None:
        return found
    steps.begin("Installing Chromium through apt")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "chromium"]):
        code, tail = follow([*prefix, "apt-get", *words], steps.show, quiet)
        if code:
            say("\n".join(f"   {line}" for line in tail[-3:]))
            break
    steps.finish()
    return find()


def _apt_prefix() -> list[str] | None:
    """What to put before apt-get, or None where we may not use it."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and follow(["sudo", "-n", "true"])[0] == 0:
        return ["sudo", "-n"]
    return None
