"""`python -m tools.fit_matching DATA`: fit the weights of the matching on labelled data, and store the figures.

DATA holds synthetic/ and real/ as docs/matching.md describes them; it stays where it is. Companies made by
`bench.companies` are added, because the labelled set is small and namesakes come with size. The same data gives
the same bytes. Takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from backoffice.matching.evaluation import Measured
from backoffice.matching.features import CAPPED, SIGNALS
from backoffice.matching.regression import Model, Row, fit
from backoffice.matching.weights import FITTED, threshold_of
from bench.companies.records import write
from tools.labelled import Labelled, load, load_names
from tools.progress import say

VERSION = 1
MADE = 60_000  # made-up records
KEPT = 20  # one of so many of their false pairs is looked at, for so many
# So that no set outweighs the others: the labelled companies count as they are.
SHARES = {"synthetic": 1.0, "sites": 1.0, "made": 0.3, "names": 3.0}
RECALL_PER_TENFOLD = 0.010  # given up for precision as the set grows tenfold
# Not fitted: sets of this size have too few namesakes. Among a million they are most of what is wrongly reported.
HELD = {"name_namesakes": -100, "namesakes_site_differs": -100}
CODES = list(SIGNALS)
SIGNS = [side for _, side in SIGNALS.values()]


@dataclass
class Fit:
    weights: dict[str, int]  # hundredths, with the cap

    def score(self, signals: tuple[tuple[int, int], ...]) -> int:
        total = address = 0
        for column, amount in signals:
            weight = round(self.weights[CODES[column]] * amount / 1000)
            total += weight
            address += weight if CODES[column] in CAPPED else 0
        return total - max(0, address - self.weights["address_cap"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fit_matching", description="Fit the weights.")
    parser.add_argument("data", type=Path, help="the folder with synthetic/ and real/")
    parser.add_argument("--out", type=Path, default=FITTED)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), MADE, seed=5)
        made = load("made", Path(folder) / "records.jsonl", Path(folder) / "gold.csv", thin=KEPT)
    data: Path = options.data
    sets = [
        load("synthetic", data / "synthetic/records.jsonl", data / "synthetic/gold.csv"),
        load("sites", data / "real/sites.jsonl", data / "real/sites_gold.csv"),
        made,
        load_names("names", data / "real/names.csv"),
    ]
    found = fitted(sets)
    stored: dict[str, Any] = {
        "version": VERSION,
        "sets": {each.name: {"records": each.records, "pairs": each.gold} for each in sets},
        "weights": found.weights,
        "threshold": rule(found, sets),
    }
    stored["figures"] = figures(found, sets, stored["threshold"])
    stored["cross_validated"] = validated(sets)
    options.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    say(json.dumps({key: stored[key] for key in ("threshold", "figures", "cross_validated")}, indent=1))
    return 0


def fitted(sets: list[Labelled], half: int | None = None) -> Fit:
    """Weights over all pairs, or over those of one half of each set."""
    rows: list[Row] = []
    for number, each in enumerate(sets):
        for pair in each.pairs:
            if half is None or halved(pair.family) == half:
                values = tuple((column, amount / 1000) for column, amount in pair.signals)
                rows.append((values, pair.label, SHARES[each.name] * pair.weight, number))
    model: Model = fit(rows, SIGNS, len(sets))
    weights = {code: round(100 * weight) for code, weight in zip(CODES, model.weights, strict=True)} | HELD
    # Street, post code, town and phone together say no more than the two strongest of them.
    best = sorted((weights[code] for code in CAPPED if not code.endswith("_shared")), reverse=True)
    return Fit(weights | {"address_cap": sum(best[:2])})


def halved(family: str) -> int:
    """0 or 1: the records of one company are on the same side."""
    return blake2b(family.encode(), digest_size=1).digest()[0] & 1


def rule(found: Fit, sets: list[Labelled], half: int | None = None) -> dict[str, Any]:
    """The threshold at the size of each labelled set, and how it rises beyond: tenfold gives up a fixed recall.

    It is the one with the best F1 there, never above that of a larger set. half: by the pairs of that half only.
    """
    companies, *others = sorted((each for each in sets if each.name != "made"), key=lambda each: -each.records)
    scored = _scored(found, companies, half)
    at = _best(scored)
    knots = [[companies.records, at]]
    for each in others:
        knots.insert(0, [each.records, min(_best(_scored(found, each, half)), knots[0][1])])
    reached = max(recall for score, recall, _ in scored if score >= at)
    tenfold = max(score for score, recall, _ in scored if recall >= reached - RECALL_PER_TENFOLD)
    return {"knots": knots, "per_e": round(max(tenfold - at, 0) / 2.302585, 1)}


def _scored(found: Fit, each: Labelled, half: int | None) -> list[tuple[int, float, float]]:
    """(score, recall, F1) of every score that a pair has, from the highest down."""
    pairs = [
        (found.score(pair.signals), pair) for pair in each.pairs if half is None or halved(pair.family) == half
    ]
    gold = _gold(each, half)
    curve: dict[int, tuple[float, float]] = {}
    right, number = 0, 0.0
    for score, pair in sorted(pairs, key=lambda item: -item[0]):
        right += pair.label
        number += 1.0 if pair.label else pair.weight
        curve[score] = (right / gold, 2 * right / (number + gold))
    return [(score, recall, f1) for score, (recall, f1) in curve.items()]


def _best(scored: list[tuple[int, float, float]]) -> int:
    """The highest score with the best F1."""
    return max(scored, key=lambda point: (point[2], point[0]))[0]


def _gold(each: Labelled, half: int | None) -> int:
    return each.gold if half is None else sum(halved(family) == half for family in each.gold_families)


def figures(
    found: Fit, sets: list[Labelled], threshold: dict[str, Any], half: int | None = None
) -> dict[str, Any]:
    """Precision, recall and F1 of each set at the threshold of its size."""
    stored = {}
    for each in sets:
        limit = threshold_of(threshold, each.records)
        pairs = [pair for pair in each.pairs if half is None or halved(pair.family) == half]
        gold = _gold(each, half)
        kept = [pair for pair in pairs if found.score(pair.signals) >= limit]
        right = sum(pair.label for pair in kept)
        number = sum(1 if pair.label else pair.weight for pair in kept)
        measured = Measured(round(number), gold, right)
        stored[each.name] = {
            "threshold": limit,
            "precision": round(measured.precision, 4),
            "recall": round(measured.recall, 4),
            "f1": round(measured.f1, 4),
        }
    return stored


def validated(sets: list[Labelled]) -> dict[str, Any]:
    """The same figures where each half is judged by weights and threshold of the other."""
    halves = []
    for half in (0, 1):
        say(f"fitting without half {half} ...")
        other = fitted(sets, 1 - half)
        halves.append(figures(other, sets, rule(other, sets, 1 - half), half))
    return {
        name: {
            key: round((halves[0][name][key] + halves[1][name][key]) / 2, 4)
            for key in ("precision", "recall", "f1")
        }
        for name in halves[0]
    }


if __name__ == "__main__":
    sys.exit(main())
