"""A process that makes up companies (its memory is none of the scan's)."""

from __future__ import annotations

from pathlib import Path

from bench.companies.records import write
from bench.question import answer, question


def main() -> None:
    asked = question()
    folder = Path(asked["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, asked["size"], asked["seed"])
    answer({})


if __name__ == "__main__":
    main()
