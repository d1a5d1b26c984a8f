"""The short commands of a developer: `make bench`, `format`, `messages` and `lock`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.bootstrap import DEV_LOCK, PYTHON, ROOT, ensure, hand_over
from tools.progress import Steps, say
from tools.shell import Command, run_quietly

PIP_COMPILE = (
    *("-m", "piptools", "compile", "--quiet", "--generate-hashes", "--allow-unsafe", "--strip-extras"),
    # Nothing of the machine that compiled the lock stands in it.
    *("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host", "--no-emit-options"),
)


def bench(arguments: list[str]) -> None:
    hand_over(["-m", "bench", *arguments])


def format_all(arguments: list[str]) -> None:
    """Python and templates, in place."""
    run_quietly([PYTHON, "-m", "ruff", "check", "--fix", "."], "ruff found what it cannot mend.")
    run_quietly([PYTHON, "-m", "ruff", "format", "."], "ruff could not format.")
    if pages := templates():
        run_quietly([PYTHON.with_name("djade"), *pages], "", allow=(0, 1))  # 1: it changed something
    say("Formatted.")


def messages(arguments: list[str]) -> None:
    """Take the texts of Python and templates into the catalogues, and compile them."""
    collect: Command = [PYTHON, "-m", "tools.messages", "collect"]
    run_quietly(collect, "The texts could not be collected.")
    say("Collected and compiled; fill in what is empty in backoffice/locale.")


def lock(arguments: list[str]) -> None:
    """Both locks; the one for developers keeps to the versions of the other."""
    run: Command = [PYTHON, *PIP_COMPILE, *arguments]
    run_quietly([*run, "-o", "requirements.txt", "requirements.in"], "requirements.in has no solution.")
    developers = ["-c", "requirements.txt", "-o", "requirements-dev.txt", "requirements-dev.in"]
    run_quietly([*run, *developers], "requirements-dev.in has no solution.")
    say("Locked.")


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def main() -> None:
    name, *arguments = sys.argv[1:]
    os.chdir(ROOT)
    ensure(DEV_LOCK, Steps())
    {"bench": bench, "format": format_all, "messages": messages, "lock": lock}[name](arguments)


if __name__ == "__main__":
    main()
