"""Comparing all records, in a process of its own.

It takes seconds of two cores and hundreds of megabytes, which go back when it ends; it can be stopped at any
moment by killing it; and it forks where there are neither threads nor connections to the database. It is given the
records in a file without a name: nothing is left on the disk however either process ends.
"""

from __future__ import annotations

import csv
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

from django.conf import settings

from backoffice.matching import Pair, Record, Statistics
from backoffice.matching.scoring import Tier

_COMMAND = ("-m", "backoffice.matching", "scan", "/dev/stdin", "--progress")
_GLANCE = 0.25  # seconds between two looks whether to stop
_SUMMARY = re.compile(rb"records (\d+), candidates (\d+), pairs \d+")
_PROGRESS = re.compile(rb"compare (\d+) (\d+)")
Tell = Callable[[int, int], None]


class ComparingFailed(Exception):
    """The process that compares broke off by itself."""


@dataclass
class Compared:
    """`pairs` are ordered by score. `every()` gives the records that were compared, with their digests."""

    pairs: list[Pair]
    statistics: Statistics
    candidates: int
    records: int
    spool: IO[str]

    def every(self) -> Generator[tuple[Record, str]]:
        self.spool.seek(0)
        for line in self.spool:
            found = json.loads(line)
            yield Record.from_json(found), found["digest"]


@contextmanager
def compared(records: Iterable[tuple[Record, str]], *, look: Callable[[], None], tell: Tell) -> Iterator[Compared]:
    """All pairs of these records. `look` is called now and then, and ends it by raising; `tell(done, of)` while it
    is compared. Raises ComparingFailed."""
    with ExitStack() as files:
        spool, pairs, statistics = (files.enter_context(_unnamed()) for _ in range(3))
        for number, (record, digest) in enumerate(records):
            spool.write(json.dumps({**record.to_json(), "digest": digest}) + "\n")
            if number % 1000 == 0:
                look()
        for file in (spool, pairs, statistics):
            file.flush()
            file.seek(0)
        total, candidates = _run(spool, pairs, statistics, look, tell)
        yield Compared(list(_pairs(pairs)), Statistics.from_json(statistics.read()), candidates, total, spool)


def _unnamed() -> IO[str]:
    return tempfile.TemporaryFile("w+", dir=settings.DATA_DIR, encoding="utf-8", newline="")


def _run(
    spool: IO[str], pairs: IO[str], statistics: IO[str], look: Callable[[], None], tell: Tell
) -> tuple[int, int]:
    """(records, candidates) of a run to the end; killed with all its processes where `look` raises."""
    out, kept = (f"/dev/fd/{file.fileno()}" for file in (pairs, statistics))
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, *_COMMAND, "--out", out, "--statistics", kept],
        stdin=spool,
        stdout=subprocess.PIPE,
        pass_fds=(pairs.fileno(), statistics.fileno()),
        cwd=settings.BASE_DIR,
        start_new_session=True,
        bufsize=0,
    )
    try:
        summary = _listen(process, look, tell)
        if process.wait() or summary is None:
            raise ComparingFailed(f"exit code {process.returncode}")
        return summary
    finally:
        _end(process)


def _listen(process: subprocess.Popen[bytes], look: Callable[[], None], tell: Tell) -> tuple[int, int] | None:
    """Until it has no more to say; (records, candidates) if it said so."""
    assert process.stdout is not None
    summary = None
    while True:
        look()
        if not select.select([process.stdout], [], [], _GLANCE)[0]:
            continue
        line = process.stdout.readline()
        if not line:
            return summary
        if found := _PROGRESS.match(line):
            tell(int(found[1]), int(found[2]))
        elif found := _SUMMARY.match(line):
            summary = int(found[1]), int(found[2])


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and those it forked: they are a group of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _pairs(file: IO[str]) -> Iterator[Pair]:
    tiers: dict[str, Tier] = {"sure": "sure", "likely": "likely"}
    for line in csv.DictReader(file):
        # Written with two places, so that without the point it is whole hundredths.
        yield Pair(line["id_a"], line["id_b"], int(line["score"].replace(".", "")), tiers[line["tier"]])
