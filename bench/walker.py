"""A process that walks through all clients, and says how much memory that took.

It imports the API client and nothing else of the product, so that the memory is the walk's.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from backoffice.flowtly import Client, Settings
from bench.question import answer, question


def peak() -> int:
    """The largest memory this process had, in bytes.

    Linux carries `ru_maxrss` over from the process that started us; its VmHWM is ours alone.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    asked = question()
    with Client(Settings(base_url=asked["url"], token=asked["token"])) as client:
        before, began = peak(), time.perf_counter()
        count = sum(1 for _ in client.walk("/clients"))
        seconds = time.perf_counter() - began
    answer({"count": count, "seconds": seconds, "peak": peak(), "before": before})


if __name__ == "__main__":
    main()
