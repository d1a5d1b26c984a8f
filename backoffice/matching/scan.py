"""A full scan: every record normalised, counted, put in blocks, and every pair of a block scored."""

from __future__ import annotations

import gc
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from multiprocessing import get_context

from backoffice.matching import blocking
from backoffice.matching.clusters import Group, grouped
from backoffice.matching.normalise import Facts, normalise
from backoffice.matching.pairs import Pair, judge
from backoffice.matching.record import Record
from backoffice.matching.statistics import Statistics, count

Progress = Callable[[str, int, int], None]
STEP = 5000  # records between two reports of progress
PARTS = 32  # of the keys: only one part of them is in memory as sorted numbers


@dataclass(frozen=True)
class Scan:
    """What a full scan found. pairs are ordered by score, highest first, then by ids.

    statistics are frozen: pass them to `explain`, `Matcher` and to the next look at one record. candidates is the
    number of pairs that were scored. facts holds the records that are in pairs, by id.
    """

    pairs: tuple[Pair, ...]
    statistics: Statistics
    records: int
    candidates: int
    facts: dict[str, Facts]

    def groups(self, *, cap: int = 30) -> list[Group]:
        """The pairs joined to groups, see `clusters.grouped`."""
        return grouped(self.pairs, self.facts, cap=cap)


def scan(
    records: Iterable[Record],
    *,
    statistics: Statistics | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Scan:
    """All pairs above the threshold.

    records have different ids. statistics: frozen ones to be used instead of counting anew. workers: processes
    that score, this one among them (the others are forked). progress is called as progress(stage, done, of) with
    the stages "read" (of is 0: not known) and "compare".
    """
    tell = progress or (lambda stage, done, of: None)
    facts = _normalised(records, tell)
    counted = statistics or count(facts)
    # Frozen statistics have stopped the large blocks already: what has grown since waits for the next full scan.
    limit = blocking.BLOCK_LIMIT if statistics is None else len(facts)
    members, belongs, stopped = _blocks(facts, counted, limit)
    if statistics is None:
        counted = replace(counted, stopped=frozenset(stopped))
    job = _Job(facts, members, belongs, counted)
    found, candidates = _compared(job, workers, tell)
    found.sort(key=lambda pair: (-pair.score, pair.a, pair.b))
    wanted = {pair.a for pair in found} | {pair.b for pair in found}
    held = {each.id: each for each in facts if each.id in wanted}
    return Scan(tuple(found), counted, len(facts), candidates, held)


def _normalised(records: Iterable[Record], tell: Progress) -> list[Facts]:
    facts = []
    for record in records:
        facts.append(normalise(record))
        if len(facts) % STEP == 0:
            tell("read", len(facts), 0)
    tell("read", len(facts), 0)
    return facts


def _blocks(
    facts: Sequence[Facts], statistics: Statistics, limit: int
) -> tuple[list[array[int]], list[array[int]], list[int]]:
    """(members of each block of two or more, blocks of each record, keys of blocks above the limit)."""
    shift = max(len(facts).bit_length(), 1)
    parts = [array("Q") for _ in range(PARTS)]
    for number, each in enumerate(facts):
        for key in blocking.keys(each, statistics):
            parts[key % PARTS].append(key << shift | number)
    members: list[array[int]] = []
    stopped: list[int] = []
    for at, part in enumerate(parts):
        parts[at] = array("Q")
        for key, block in _runs(sorted(part), shift):
            if len(block) > limit:
                stopped.append(key)
            else:
                members.append(array("I", block))
    belongs = [array("I") for _ in facts]
    for number, held in enumerate(members):
        for member in held:
            belongs[member].append(number)
    return members, belongs, stopped


def _runs(packed: list[int], shift: int) -> Iterator[tuple[int, list[int]]]:
    """(key, members) of every key that two or more records have."""
    mask = (1 << shift) - 1
    last, run = -1, [0]
    for item in packed:
        key = item >> shift
        if key == last:
            run.append(item & mask)
        else:
            if len(run) > 1:
                yield last, run
            last, run = key, [item & mask]
    if len(run) > 1:
        yield last, run


@dataclass
class _Job:
    facts: Sequence[Facts]
    members: list[array[int]]
    belongs: list[array[int]]
    statistics: Statistics

    def compare(self, start: int, end: int) -> tuple[list[Pair], int]:
        """The pairs whose first member is one of these records, and how many were scored."""
        facts, members, statistics = self.facts, self.members, self.statistics
        threshold = statistics.threshold
        found = []
        scored = 0
        for number in range(start, end):
            belongs = self.belongs[number]
            if not belongs:
                continue
            one = facts[number]
            for other in sorted(set(chain.from_iterable([members[block] for block in belongs]))):
                if other > number:
                    scored += 1
                    pair = judge(one, facts[other], statistics, threshold)
                    if pair:
                        found.append(pair)
        return found, scored


_forked: list[_Job] = []  # what the workers find in their copy of this process


def _compare_range(limits: tuple[int, int]) -> tuple[list[Pair], int]:
    return _forked[0].compare(*limits)


def _compared(job: _Job, workers: int, tell: Progress) -> tuple[list[Pair], int]:
    size = len(job.facts)
    ranges = [(start, min(start + STEP, size)) for start in range(0, size, STEP)]
    found: list[Pair] = []
    candidates = 0
    for done, (pairs, scored) in enumerate(_results(job, ranges, workers), 1):
        found += pairs
        candidates += scored
        tell("compare", min(done * STEP, size), size)
    return found, candidates


def _results(job: _Job, ranges: list[tuple[int, int]], workers: int) -> Iterator[tuple[list[Pair], int]]:
    """This process is one of the workers. The others are forked: they see the records without copying them, as
    long as the garbage collector does not touch them."""
    others = min(workers, len(ranges)) - 1
    if others < 1 or not hasattr(os, "fork"):
        yield from (job.compare(*limits) for limits in ranges)
        return
    _forked.append(job)
    gc.freeze()
    try:
        with get_context("fork").Pool(others) as pool:
            theirs = pool.imap_unordered(
                _compare_range, [each for n, each in enumerate(ranges) if n % (others + 1)]
            )
            yield from (job.compare(*limits) for limits in ranges[:: others + 1])
            yield from theirs
    finally:
        _forked.clear()
        gc.unfreeze()
