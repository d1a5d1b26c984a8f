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
from backoffice.matching.weights import FITTED
from bench.companies.records import write
from tools.labelled import Labelled, load, load_names
from tools.progress import say

VERSION = 1
MADE = 60_000  # made-up records
KEPT = 10  # one of so many of their false pairs is looked at, for so many
# So that no set outweighs the others: the labelled companies count as they are.
SHARES = {"synthetic": 1.0, "sites": 1.0, "made": 0.1, "names": 3.0}
RECALL_PER_TENFOLD = 0.010  # given up for precision as the set grows tenfold
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
        "threshold": rule(found, sets[0]),
    }
    stored["figures"] = figures(found, sets, stored["threshold"])
    stored["cross_validated"] = validated(sets, stored["threshold"])
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
    weights = {code: round(100 * weight) for code, weight in zip(CODES, model.weights, strict=True)}
    # Street, post code, town and phone together say no more than the two strongest of them.
    best = sorted((weights[code] for code in CAPPED if not code.endswith("_shared")), reverse=True)
    return Fit(weights | {"address_cap": sum(best[:2])})


def halved(family: str) -> int:
    """0 or 1: the records of one company are on the same side."""
    return blake2b(family.encode(), digest_size=1).digest()[0] & 1


def rule(found: Fit, companies: Labelled) -> dict[str, Any]:
    """The threshold of the labelled size, at the best F1, and how it rises: tenfold gives up a fixed recall."""
    scored = sorted(((found.score(pair.signals), pair.label) for pair in companies.pairs), reverse=True)
    best, at, right = 0.0, 0, 0
    recalls: list[tuple[int, float]] = []
    for number, (score, label) in enumerate(scored, 1):
        right += label
        recalls.append((score, right / companies.gold))
        f1 = 2 * right / (number + companies.gold)
        if f1 > best:
            best, at = f1, score
    wanted = max(recall for score, recall in recalls if score >= at) - RECALL_PER_TENFOLD
    tenfold = max(score for score, recall in recalls if recall >= wanted)
    return {
        "at": at,
        "size": companies.records,
        "per_e": round(max(tenfold - at, 0) / 2.302585, 1),
        "least": 100,
    }


def figures(
    found: Fit, sets: list[Labelled], threshold: dict[str, Any], half: int | None = None
) -> dict[str, Any]:
    """Precision, recall and F1 of each set at the threshold of its size."""
    from backoffice.matching.weights import threshold_of

    stored = {}
    for each in sets:
        limit = threshold_of(threshold, each.records)
        pairs = [pair for pair in each.pairs if half is None or halved(pair.family) == half]
        gold = each.gold if half is None else sum(halved(family) == half for family in each.gold_families)
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


def validated(sets: list[Labelled], threshold: dict[str, Any]) -> dict[str, Any]:
    """The same figures where each half is judged by weights and threshold of the other."""
    halves = []
    for half in (0, 1):
        say(f"fitting without half {half} ...")
        halves.append(figures(fitted(sets, 1 - half), sets, threshold, half))
    return {
        name: {
            key: round((halves[0][name][key] + halves[1][name][key]) / 2, 4)
            for key in ("precision", "recall", "f1")
        }
        for name in halves[0]
    }


if __name__ == "__main__":
    sys.exit(main())
