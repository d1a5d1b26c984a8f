"""`python -m backoffice.matching scan|explain|evaluate`."""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

from backoffice.matching.evaluation import measured, read_pairs
from backoffice.matching.pairs import write
from backoffice.matching.record import Record, read
from backoffice.matching.scan import scan
from backoffice.matching.scoring import as_text, explain
from backoffice.matching.statistics import Statistics


def main(arguments: list[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    try:
        options.run(options)
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backoffice.matching", description="Find duplicates.")
    commands = parser.add_subparsers(required=True)
    scanning = commands.add_parser("scan", help="all pairs of a JSONL file above the threshold")
    scanning.add_argument("records", type=Path)
    scanning.add_argument("--out", type=Path, required=True, help="CSV file: id_a,id_b,score,tier")
    scanning.add_argument("--statistics", type=Path, help="write the frozen statistics here, as JSON")
    scanning.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 2))
    scanning.add_argument("--progress", action="store_true", help="a line `STAGE DONE OF` now and then")
    scanning.set_defaults(run=_scan)
    explaining = commands.add_parser("explain", help="why two records (JSON files) have their score")
    explaining.add_argument("a", type=Path)
    explaining.add_argument("b", type=Path)
    explaining.add_argument("--statistics", type=Path, help="frozen statistics of a scan")
    explaining.set_defaults(run=_explain)
    evaluating = commands.add_parser("evaluate", help="precision, recall and F1 of a file of pairs")
    evaluating.add_argument("pairs", type=Path)
    evaluating.add_argument("gold", type=Path)
    evaluating.set_defaults(run=_evaluate)
    return parser


def _scan(options: argparse.Namespace) -> None:
    began = time.perf_counter()
    tell = _tell if options.progress else None
    found = scan(read(options.records), workers=options.workers, progress=tell)
    write(options.out, found.pairs)
    if options.statistics:
        options.statistics.write_text(found.statistics.to_json(), encoding="utf-8")
    seconds = time.perf_counter() - began
    _say(f"records {found.records}", f"candidates {found.candidates}", f"pairs {len(found.pairs)}")
    _say(f"threshold {as_text(found.statistics.threshold)}")
    _say(f"seconds {seconds:.2f}", f"peak memory {peak_megabytes(options.workers):.0f} MB")


def peak_megabytes(workers: int) -> float:
    """The peak of this process, and that of the largest forked one for each of those, in MB of 1,000,000 bytes.

    An upper bound: what forked processes share is counted more than once.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + largest * (workers - 1)) * 1024 / 1e6


def _explain(options: argparse.Namespace) -> None:
    a, b = (Record.from_json(json.loads(path.read_text(encoding="utf-8"))) for path in (options.a, options.b))
    statistics = None
    if options.statistics:
        statistics = Statistics.from_json(options.statistics.read_text(encoding="utf-8"))
    found = explain(a, b, statistics)
    for line in found.contributions:
        raw, plain = " | ".join(line.raw), " | ".join(line.normalised)
        _say(f"{as_text(line.weight):>7}  {line.field:<10} {line.code:<22} {raw}  ->  {plain}")
    _say(f"{as_text(found.score):>7}  score; threshold {as_text(found.threshold)}; tier {found.tier or 'none'}")
    if found.contradictions:
        _say(f"contradictions: {', '.join(found.contradictions)}")


def _evaluate(options: argparse.Namespace) -> None:
    found = measured(read_pairs(options.pairs), read_pairs(options.gold))
    _say(f"pairs {found.found} gold {found.gold} P {found.precision:.4f} R {found.recall:.4f} F1 {found.f1:.4f}")


def _say(*parts: str) -> None:
    sys.stdout.write(", ".join(parts) + "\n")


def _tell(stage: str, done: int, of: int) -> None:
    """At once, so that whoever started this knows; one who is no longer there ends it."""
    _say(f"{stage} {done} {of}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
