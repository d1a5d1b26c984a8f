"""The records of a set in memory, so that one of them can be compared with all others at once."""

from __future__ import annotations

from collections.abc import Iterable

from backoffice.matching import blocking
from backoffice.matching.normalise import Facts, normalise
from backoffice.matching.pairs import Pair, judge
from backoffice.matching.record import Record
from backoffice.matching.statistics import Statistics


class Matcher:
    """An index under the frozen statistics of a scan: it finds exactly the pairs that a full scan under the same
    statistics finds. Not safe to be changed from several threads at once."""

    def __init__(self, statistics: Statistics, records: Iterable[Record] = ()) -> None:
        self.statistics = statistics
        self._facts: dict[str, Facts] = {}
        # Most keys have one record: its id stands for the list.
        self._blocks: dict[int, str | list[str]] = {}
        for record in records:
            self._put(normalise(record))

    def __len__(self) -> int:
        return len(self._facts)

    def __contains__(self, name: str) -> bool:
        return name in self._facts

    @property
    def due(self) -> bool:
        """Whether the set has grown so much since the scan that a full one is due."""
        return self.statistics.due(len(self._facts))

    def look(self, record: Record) -> list[Pair]:
        """The pairs of a record with those in the index, highest score first. The record itself is not put in; one
        with the same id is not compared."""
        return self._pairs(normalise(record))

    def add(self, record: Record) -> list[Pair]:
        """Put a record in; its pairs. ValueError where its id is there already."""
        if record.id in self._facts:
            raise ValueError(f"{record.id} is in the index")
        facts = normalise(record)
        self._put(facts)
        return self._pairs(facts)

    def replace(self, record: Record) -> list[Pair]:
        """Put a record in the place of the one with its id, if any; its pairs: no others can have changed."""
        if record.id in self._facts:
            self.remove(record.id)
        return self.add(record)

    def remove(self, name: str) -> None:
        """Take a record out by its id. KeyError where it is not there."""
        facts = self._facts.pop(name)
        for key in blocking.keys(facts, self.statistics):
            held = self._blocks[key]
            if isinstance(held, str):
                del self._blocks[key]
            else:
                held.remove(name)
                if len(held) == 1:
                    self._blocks[key] = held[0]

    def _put(self, facts: Facts) -> None:
        self._facts[facts.id] = facts
        for key in blocking.keys(facts, self.statistics):
            held = self._blocks.get(key)
            if held is None:
                self._blocks[key] = facts.id
            elif isinstance(held, str):
                self._blocks[key] = [held, facts.id]
            else:
                held.append(facts.id)

    def _pairs(self, facts: Facts) -> list[Pair]:
        others: set[str] = set()
        for key in blocking.keys(facts, self.statistics):
            held = self._blocks.get(key, ())
            others.update((held,) if isinstance(held, str) else held)
        others.discard(facts.id)
        threshold = self.statistics.threshold
        judged = (judge(facts, self._facts[other], self.statistics, threshold) for other in others)
        return sorted((pair for pair in judged if pair), key=lambda pair: (-pair.score, pair.a, pair.b))
