"""Running other programs quietly: their output is shown when they fail."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.progress import give_up, say

TAIL = 60  # lines shown of a program that failed
Command = Sequence[str | Path]


def run_quietly(
    command: Command,
    sentence: str,
    on_line: Callable[[str], None] | None = None,
    allow: Sequence[int] = (0,),
) -> None:
    """Run `command` to its end; when it fails, show the end of its output and give up with `sentence`."""
    code, tail = follow(command, on_line)
    if code not in allow:
        say("\n".join(f"   {line}" for line in tail), out=sys.stderr)
        give_up(sentence)


def follow(
    command: Command,
    on_line: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, list[str]]:
    """Exit code and last lines of `command`; it does not outlive us, however we end."""
    tail: deque[str] = deque(maxlen=TAIL)
    process = subprocess.Popen(  # noqa: S603 - the commands are ours
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            tail.append(line.rstrip())
            if on_line:
                on_line(line)
        return process.wait(), list(tail)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
