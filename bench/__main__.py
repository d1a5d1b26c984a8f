"""`python -m bench [NAME ...] [--quick]`: run the measures, print one table.

Exit code 1 where a measure could not be taken or, at full size, an aim was missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from bench import (
    apply,
    exports,
    large_list,
    load,
    matching,
    memory,
    one_record,
    own_time,
    preview,
    recovery,
    requests_per_page,
)
from bench.figures import CannotMeasure, Figure, table
from bench.sizes import FULL, QUICK, TINY, Sizes
from bench.stage import Stage
from tools.processes import Crew, Stopped
from tools.progress import say

ROOT = Path(__file__).resolve().parent.parent
MEASURES: dict[str, Callable[[Stage], list[Figure]]] = {
    "requests": requests_per_page.measure,
    "own-time": own_time.measure,
    "load": load.measure,
    "memory": memory.measure,
    "large-list": large_list.measure,
    "exports": exports.measure,
    "preview": preview.measure,
    "apply": apply.measure,
    "recovery": recovery.measure,
    "matching": matching.measure,
    "one-record": one_record.measure,
}


def main() -> int:
    options = _options()
    sizes: Sizes = options.sizes
    os.chdir(ROOT)
    say(_machine(sizes))
    found: list[tuple[str, Figure]] = []
    failed = False
    with ExitStack() as held, Crew() as crew:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="backoffice-bench-")))
        stage = Stage(crew, held, folder, sizes)
        try:
            for name in options.names or MEASURES:
                failed |= not _take(name, stage, found)
        except Stopped:
            say("Stopped.")
            return 130
    say(f"\n{table(found)}")
    missed = any(figure.met is False for _, figure in found)
    return int(failed or (missed and sizes.judged))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run the measures of docs/measures.md.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(MEASURES)}")
    size = parser.add_mutually_exclusive_group()
    for sizes, text in ((QUICK, "smaller sizes: an impression"), (TINY, "hardly anything: does it run?")):
        size.add_argument(f"--{sizes.name}", dest="sizes", action="store_const", const=sizes, help=text)
    parser.set_defaults(sizes=FULL)
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(MEASURES)):
        parser.error(f"no such measure: {', '.join(unknown)} (there are {', '.join(MEASURES)})")
    return options


def _take(name: str, stage: Stage, found: list[tuple[str, Figure]]) -> bool:
    """Take one measure; False where it could not be taken, with the reason printed and the table's line short."""
    say(f"{name} ...")
    began = time.monotonic()
    try:
        found += [(name, figure) for figure in MEASURES[name](stage)]
    except CannotMeasure as error:
        say(str(error))
        found.append((name, Figure("could not be taken", str(error).splitlines()[0].rstrip(":")[:100])))
        return False
    say(f"   done in {time.monotonic() - began:.1f} s")
    return True


def _machine(sizes: Sizes) -> str:
    """What the figures hold for. Other work on the machine makes them worse, so its load is named."""
    load = f"load {os.getloadavg()[0]:.1f} before the start"
    parts = [
        f"{sizes.name} sizes",
        f"Python {platform.python_version()}",
        f"Django {version('django')}",
        f"{platform.system()} {platform.machine()}",
        f"{os.cpu_count()} cores",
        load,
    ]
    return ", ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
