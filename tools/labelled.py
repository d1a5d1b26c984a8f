"""Labelled pairs of records with their signals, for the fit and the measures of the matching."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from backoffice.matching import blocking
from backoffice.matching.evaluation import Ids, read_pairs
from backoffice.matching.features import SIGNALS, compare
from backoffice.matching.normalise import Facts, normalise
from backoffice.matching.record import Record, read
from backoffice.matching.statistics import Statistics, count

COLUMNS = {code: column for column, code in enumerate(SIGNALS)}


@dataclass(frozen=True)
class LabelledPair:
    signals: tuple[tuple[int, int], ...]  # (column, amount), in order
    label: bool
    weight: float
    family: str  # the least id of the company that the first record belongs to


@dataclass(frozen=True)
class Labelled:
    """The candidate pairs of a set. gold counts true pairs that are no candidates too."""

    name: str
    records: int
    gold: int
    gold_families: list[str]
    pairs: list[LabelledPair]


def load(name: str, records: Path, gold_path: Path, thin: int = 1) -> Labelled:
    """The candidates of a JSONL file. thin: keep one of so many false pairs, with that weight."""
    gold = read_pairs(gold_path)
    facts = [normalise(record) for record in read(records)]
    there = {each.id for each in facts}
    gold = {pair for pair in gold if pair <= there}
    families = _families(gold)
    statistics = count(facts)
    pairs = []
    for number, (one, other) in enumerate(_candidates(facts, statistics)):
        label = frozenset((one.id, other.id)) in gold
        if not label and number % thin:
            continue
        family = families.get(one.id, one.id)
        pairs.append(_pair(one, other, statistics, label, 1.0 if label else float(thin), family))
    return Labelled(name, len(facts), len(gold), [families[min(pair)] for pair in gold], pairs)


def load_names(name: str, path: Path) -> Labelled:
    """Pairs of names alone: name1, name2, is_match."""
    statistics = Statistics()
    pairs = []
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            one, other = (normalise(Record(side, line[f"name{side}"])) for side in "12")
            label = line["is_match"] == "true"
            pairs.append(_pair(one, other, statistics, label, 1.0, line["name1"]))
    right = [pair.family for pair in pairs if pair.label]
    return Labelled(name, 2, len(right), right, pairs)


def _pair(
    one: Facts, other: Facts, statistics: Statistics, label: bool, weight: float, family: str
) -> LabelledPair:
    signals = tuple(sorted((COLUMNS[code], amount) for code, amount in compare(one, other, statistics)))
    return LabelledPair(signals, label, weight, family)


def _candidates(facts: list[Facts], statistics: Statistics) -> list[tuple[Facts, Facts]]:
    blocks: dict[int, list[int]] = {}
    for number, each in enumerate(facts):
        for key in blocking.keys(each, statistics):
            blocks.setdefault(key, []).append(number)
    found = {
        pair
        for key, block in blocks.items()
        if len(block) <= blocking.limit(key, statistics.size)
        for pair in combinations(block, 2)
    }
    return [(facts[one], facts[other]) for one, other in sorted(found)]


def _families(gold: set[Ids]) -> dict[str, str]:
    """The least id of the company of each record that has a duplicate."""
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while (parent := parents.get(name, name)) != name:
            name = parent
        return name

    for pair in sorted(map(sorted, gold)):
        one, other = root(pair[0]), root(pair[1])
        parents[max(one, other)] = min(one, other)
        parents.setdefault(min(one, other), min(one, other))
    return {name: root(name) for name in parents}
