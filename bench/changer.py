"""A process that holds an index in memory and changes one record at a time, and that compares names alone."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

from backoffice.matching import Matcher, Statistics, normalise, scan
from backoffice.matching.pairs import judge
from backoffice.matching.record import Record, read
from bench.question import answer, question

CHANGES = 500


def main() -> None:
    asked = question()
    records = list(read(Path(asked["records"])))
    frozen = scan(records, workers=2).statistics
    matcher = Matcher(frozen, records)
    took = []
    for record in random.Random(1).sample(records, min(CHANGES, len(records))):  # noqa: S311
        changed = replace(record, name=f"{record.name[:-3]}e {record.name[-3:]}")
        began = time.perf_counter()
        matcher.replace(changed)
        took.append(time.perf_counter() - began)
    answer({"median": median(took), "p99": quantiles(took, n=100)[98], "name": _per_pair(records)})


def _per_pair(records: list[Record]) -> float:
    """Seconds of a pair of names alone, normalising both."""
    names = [Record(str(number), record.name) for number, record in enumerate(records[:4000])]
    nothing = Statistics()
    began = time.perf_counter()
    for one, other in pairwise(names):
        judge(normalise(one), normalise(other), nothing, -100_000)
    return (time.perf_counter() - began) / (len(names) - 1)


if __name__ == "__main__":
    main()
