"""`make check`: everything that can be said without running the tests, side by side."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap import DEV_LOCK, PYTHON, ROOT, ensure
from tools.dev import templates
from tools.progress import Steps, say
from tools.shell import Command, follow

BIN = PYTHON.parent


@dataclass(frozen=True)
class Check:
    name: str
    command: Command


def checks() -> list[Check]:
    """The longest first, so that the others fit beside it."""
    manage: list[str | Path] = [PYTHON, "manage.py"]
    pages = templates()
    found = [
        Check("types", [PYTHON, "-m", "mypy", "backoffice", "bench", "tools"]),
        Check("lint", [PYTHON, "-m", "ruff", "check", "--output-format", "concise", "."]),
        Check("format", [PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise", "."]),
        Check("import rules", [BIN / "lint-imports"]),
        Check("Django", [*manage, "check", "--fail-level", "WARNING"]),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run", "--verbosity", "2"]),
    ]
    if pages:
        found.append(Check("template format", [BIN / "djade", "--check", *pages]))
    return found


def run(check: Check) -> tuple[Check, int, list[str], float]:
    began = time.monotonic()
    # The test settings: they need no secrets, no Flowtly and nobody's .env.
    code, tail = follow(check.command, environment={**os.environ, "BACKOFFICE_ENV": "test"})
    return check, code, tail, time.monotonic() - began


def main() -> int:
    os.chdir(ROOT)
    ensure(DEV_LOCK, Steps())
    failed = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        for done in as_completed([pool.submit(run, check) for check in checks()]):
            check, code, tail, seconds = done.result()
            say(f"{'ok    ' if code == 0 else 'FAILED'} {check.name} ({seconds:.1f} s)")
            if code:
                failed += 1
                say("\n".join(f"       {line}" for line in tail))
    say(f"{failed} of the checks failed." if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
