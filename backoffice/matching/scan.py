"""A full scan: every record normalised, counted, put in blocks, and every pair of a block scored."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from backoffice.matching import blocking
from backoffice.matching.clusters import Group, grouped
from backoffice.matching.normalise import Facts
from backoffice.matching.pairs import Pair, judge
from backoffice.matching.processes import normalised, shared, undisturbed
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
    with undisturbed():
        facts = list(chain.from_iterable(normalised(records, workers, STEP, partial(_tell_read, tell))))
        tell("read", len(facts), 0)
        counted = statistics or count(facts)
        # Frozen statistics have stopped the large blocks already: what has grown since waits for a full scan.
        members, belongs, stopped = _blocks(facts, counted, statistics is None, workers)
    if statistics is None:
        counted = replace(counted, stopped=frozenset(stopped))
    job = _Job(facts, members, belongs, counted)
    found, candidates = _compared(job, workers, tell)
    found.sort(key=lambda pair: (-pair.score, pair.a, pair.b))
    wanted = {pair.a for pair in found} | {pair.b for pair in found}
    held = {each.id: each for each in facts if each.id in wanted}
    return Scan(tuple(found), counted, len(facts), candidates, held)


def _tell_read(tell: Progress, done: int) -> None:
    tell("read", done, 0)


def _blocks(
    facts: Sequence[Facts], statistics: Statistics, limited: bool, workers: int
) -> tuple[list[array[int]], list[array[int]], list[int]]:
    """(members of each block of two or more, blocks of each record, keys of blocks above their limit, if any).

    A record is not told of the blocks that it is the last of.
    """
    parts = _keys(facts, statistics, workers)
    members: list[array[int]] = []
    stopped: list[int] = []
    size = statistics.size if limited else 0
    shift = max(len(facts).bit_length(), 1)
    for _, (ends, flat, stops) in shared(partial(_part_blocks, parts, shift, size), range(PARTS), workers):
        start = 0
        for end in ends:
            members.append(flat[start:end])
            start = end
        stopped += stops
    belongs = [array("I") for _ in facts]
    for number, held in enumerate(members):
        for member in held[:-1]:  # the last has none after it
            belongs[member].append(number)
    return members, belongs, stopped


def _keys(facts: Sequence[Facts], statistics: Statistics, workers: int) -> list[array[int]]:
    """The keys of all records with the record's number below each, in PARTS by their key."""
    parts = [array("Q") for _ in range(PARTS)]
    shift = max(len(facts).bit_length(), 1)
    work = partial(_range_keys, facts, statistics, shift)
    for _, found in shared(work, _ranges(len(facts)), workers):
        for part, more in zip(parts, found, strict=True):
            part.frombytes(more)
    return parts


def _range_keys(
    facts: Sequence[Facts], statistics: Statistics, shift: int, limits: tuple[int, int]
) -> list[bytes]:
    parts = [array("Q") for _ in range(PARTS)]
    for number in range(*limits):
        for key in blocking.keys(facts[number], statistics):
            parts[key % PARTS].append(key << shift | number)
    return [part.tobytes() for part in parts]


def _part_blocks(
    parts: Sequence[array[int]], shift: int, size: int, number: int
) -> tuple[array[int], array[int], list[int]]:
    """(end of each block, the members of all of them one after the other, keys of blocks above their limit)."""
    ends, flat = array("I"), array("I")
    stopped: list[int] = []
    for key, block in _runs(sorted(parts[number]), shift):
        if size and len(block) > blocking.limit(key, size):
            stopped.append(key)
        else:
            flat.extend(block)
            ends.append(len(flat))
    return ends, flat, stopped


def _ranges(size: int) -> list[tuple[int, int]]:
    return [(start, min(start + STEP, size)) for start in range(0, size, STEP)]


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

    def compare(self, limits: tuple[int, int]) -> tuple[list[Pair], int]:
        """The pairs whose first member is one of these records (from, to), and how many were scored."""
        facts, members, statistics = self.facts, self.members, self.statistics
        threshold = statistics.threshold
        found = []
        scored = 0
        for number in range(*limits):
            belongs = self.belongs[number]
            if not belongs:
                continue
            one = facts[number]
            for other in set(chain.from_iterable([members[block] for block in belongs])):
                if other > number:
                    scored += 1
                    pair = judge(one, facts[other], statistics, threshold)
                    if pair:
                        found.append(pair)
        return found, scored


def _compared(job: _Job, workers: int, tell: Progress) -> tuple[list[Pair], int]:
    size = len(job.facts)
    found: list[Pair] = []
    candidates = 0
    for done, (_, (pairs, scored)) in enumerate(shared(job.compare, _ranges(size), workers), 1):
        found += pairs
        candidates += scored
        tell("compare", min(done * STEP, size), size)
    return found, candidates
