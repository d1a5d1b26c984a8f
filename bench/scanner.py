"""A process that does a full scan, and says what it took."""

from __future__ import annotations

import time
from pathlib import Path

from backoffice.matching import scan
from backoffice.matching.__main__ import peak_megabytes
from backoffice.matching.pairs import write
from backoffice.matching.record import read
from bench.question import answer, question


def main() -> None:
    asked = question()
    began = time.perf_counter()
    found = scan(read(Path(asked["records"])), workers=asked["workers"])
    write(Path(asked["out"]), found.pairs)
    seconds = time.perf_counter() - began
    answer(
        {
            "records": found.records,
            "candidates": found.candidates,
            "pairs": len(found.pairs),
            "seconds": seconds,
            "megabytes": peak_megabytes(asked["workers"]),
        }
    )


if __name__ == "__main__":
    main()
