"""A process that runs one rival under its own Python, and says what it took."""

from __future__ import annotations

import resource
import subprocess
import time
from pathlib import Path

from bench.question import answer, question

SCRIPT = Path(__file__).with_name("rival_methods.py")
LONGEST = 850  # seconds


def main() -> None:
    asked = question()
    began = time.perf_counter()
    command = [asked["python"], str(SCRIPT), asked["method"], asked["folder"], asked["out"]]
    subprocess.run(command, check=True, timeout=LONGEST, stdout=subprocess.DEVNULL)  # noqa: S603
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    answer({"seconds": seconds, "megabytes": peak})


if __name__ == "__main__":
    main()
