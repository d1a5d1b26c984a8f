"""`make run`: a virtualenv if need be, then tools.serve, which starts and watches the rest."""

from __future__ import annotations

import os
import re

from tools.bootstrap import ROOT, RUN_LOCK, ensure, hand_over
from tools.port import PortRefused, take_port
from tools.progress import Steps, give_up


def wanted_port() -> str:
    """PORT of the environment, else of `.env`, else 8000."""
    file = ROOT / ".env"
    lines = file.read_text(errors="replace").splitlines() if file.is_file() else []
    kept = [found[1] for line in lines if (found := re.match(r"\s*(?:export\s+)?PORT\s*=\s*['\"]?(\w+)", line))]
    return os.environ.get("PORT") or (kept[-1] if kept else "8000")


def main() -> None:
    parent = os.getppid()
    try:
        take_port(wanted_port()).close()  # refused before anything is installed; taken again by tools.serve
    except PortRefused as refusal:
        give_up(str(refusal))
    steps = Steps()
    ensure(RUN_LOCK, steps)
    hand_over(["-m", "tools.serve", "--parent", str(parent), "--steps-done", str(steps.done)])


if __name__ == "__main__":
    main()
