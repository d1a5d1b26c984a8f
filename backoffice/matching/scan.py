"""A full scan: every record normalised, counted, put in blocks, and every pair of a block scored."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, combinations, pairwise

from backoffice.matching import blocking
from backoffice.matching.clusters import Group, grouped
from backoffice.matching.normalise import Facts
from backoffice.matching.pairs import Pair, judge
from backoffice.matching.processes import normalised, shared, undisturbed
from backoffice.matching.record import Record
from backoffice.matching.statistics import Statistics, count

Progress = Callable[[str, int, int], None]
STEP = 5000  # records between two reports of progress
PART = 3000  # records whose keys make up one part: so few are sorted without waiting for memory
PARTS = 32  # at least


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
        candidates, stopped = _candidates(facts, counted, statistics is None, workers)
        if statistics is None:
            counted = replace(counted, stopped=frozenset(stopped))
        found, scored = _compared(_Job(facts, candidates, counted), workers, tell)
        found.sort(key=lambda item: (-item[0].score, item[0].a, item[0].b))
        held = {facts[number].id: facts[number] for _, *both in found for number in both}
        return Scan(tuple([pair for pair, *_ in found]), counted, len(facts), scored, held)


def _tell_read(tell: Progress, done: int) -> None:
    tell("read", done, 0)


def _candidates(
    facts: Sequence[Facts], statistics: Statistics, limited: bool, workers: int
) -> tuple[list[list[array[int]]], list[int]]:
    """(pairs that share a key, by the STEP of their first record; keys of blocks above their limit, if any).

    A pair is one number: its first record's above its second's. It is there once for every key that it shares.
    """
    parts = _keys(facts, statistics, workers)
    found: list[list[array[int]]] = [[] for _ in _ranges(len(facts))]
    stopped: list[int] = []
    shift = max(len(facts).bit_length(), 1)
    size = statistics.size if limited else 0
    work = partial(_part_pairs, parts, len(found), shift, size)
    for _, (pairs, stops) in shared(work, range(len(parts)), workers):
        for portion, more in zip(found, pairs, strict=True):
            portion.append(more)
        stopped += stops
    return found, stopped


def _keys(facts: Sequence[Facts], statistics: Statistics, workers: int) -> list[array[int]]:
    """The keys of all records with the record's number below each, in parts by their key."""
    parts = [array("Q") for _ in range(max(PARTS, len(facts) // PART))]
    shift = max(len(facts).bit_length(), 1)
    work = partial(_range_keys, facts, statistics, shift, len(parts))
    for _, found in shared(work, _ranges(len(facts)), workers):
        for part, more in zip(parts, found, strict=True):
            part.frombytes(more)
    return parts


def _range_keys(
    facts: Sequence[Facts], statistics: Statistics, shift: int, count: int, limits: tuple[int, int]
) -> list[bytes]:
    parts = [array("Q") for _ in range(count)]
    for number in range(*limits):
        for key in blocking.keys(facts[number], statistics):
            parts[key % count].append(key << shift | number)
    return [part.tobytes() for part in parts]


def _part_pairs(
    parts: Sequence[array[int]], portions: int, shift: int, size: int, number: int
) -> tuple[list[array[int]], list[int]]:
    """(pairs of one part of the keys, by the STEP of their first record; keys of blocks above their limit)."""
    found = [array("Q") for _ in range(portions)]
    stopped: list[int] = []
    for key, block in _runs(sorted(parts[number]), shift):
        if size and len(block) > blocking.limit(key, size):
            stopped.append(key)
        else:
            for one, other in combinations(block, 2):
                found[one // STEP].append(one << shift | other)
    return found, stopped


def _ranges(size: int) -> list[tuple[int, int]]:
    return [(start, min(start + STEP, size)) for start in range(0, size, STEP)]


def _runs(packed: list[int], shift: int) -> Iterator[tuple[int, list[int]]]:
    """(key, members) of every key that two or more records have. Most keys are one record's alone."""
    mask = (1 << shift) - 1
    last, run = -1, [0]
    for one, other in pairwise(packed):
        if one ^ other > mask:
            continue
        key = one >> shift
        if key == last:
            run.append(other & mask)
        else:
            if last >= 0:
                yield last, run
            last, run = key, [one & mask, other & mask]
    if last >= 0:
        yield last, run


Found = tuple[Pair, int, int]  # with the numbers of its records


@dataclass
class _Job:
    facts: Sequence[Facts]
    candidates: list[list[array[int]]]
    statistics: Statistics

    def compare(self, portion: int) -> tuple[list[Found], int]:
        """The pairs whose first record is in this STEP, and how many were scored."""
        facts, statistics = self.facts, self.statistics
        threshold = statistics.threshold
        shift = max(len(facts).bit_length(), 1)
        mask = (1 << shift) - 1
        every = set(chain.from_iterable(self.candidates[portion]))
        found = []
        for packed in sorted(every):  # records beside each other are so in memory
            one, other = packed >> shift, packed & mask
            pair = judge(facts[one], facts[other], statistics, threshold)
            if pair:
                found.append((pair, one, other))
        return found, len(every)


def _compared(job: _Job, workers: int, tell: Progress) -> tuple[list[Found], int]:
    size, portions = len(job.facts), len(job.candidates)
    found: list[Found] = []
    scored = 0
    for done, (_, (pairs, number)) in enumerate(shared(job.compare, range(portions), workers), 1):
        found += pairs
        scored += number
        tell("compare", min(done * STEP, size), size)
    return found, scored
