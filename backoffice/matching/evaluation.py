"""Found pairs beside the true ones."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

Ids = frozenset[str]


@dataclass(frozen=True)
class Measured:
    found: int
    gold: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def measured(found: set[Ids], gold: set[Ids]) -> Measured:
    return Measured(len(found), len(gold), len(found & gold))


def read_pairs(path: Path) -> set[Ids]:
    """The pairs of a CSV file with id_a and id_b; the order within a pair does not matter."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {frozenset((line["id_a"], line["id_b"])) for line in csv.DictReader(lines)}
