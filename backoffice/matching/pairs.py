"""What a scan finds: pairs, and how they are written."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from backoffice.matching.features import compare_rest
from backoffice.matching.names import compare_names
from backoffice.matching.normalise import Facts
from backoffice.matching.scoring import Tier, as_text, best_of_name, tier, total
from backoffice.matching.statistics import Statistics


class Pair(NamedTuple):
    """Two records that look like one. a comes before b; score in hundredths of log-odds."""

    a: str
    b: str
    score: int
    tier: Tier


def judge(a: Facts, b: Facts, statistics: Statistics, threshold: int) -> Pair | None:
    """The pair, or None below the threshold. Names are compared only where they could lift the rest above it."""
    rest = compare_rest(a, b, statistics)
    score = total(rest)
    if score + best_of_name() < threshold:
        return None
    signals = compare_names(a, b, statistics)
    score += total(signals)
    if score < threshold:
        return None
    first, second = sorted((a.id, b.id))
    return Pair(first, second, score, tier(score, signals + rest, a, b, threshold))


def write(path: Path, pairs: Iterable[Pair]) -> None:
    """A CSV file with id_a,id_b,score,tier."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("id_a", "id_b", "score", "tier"))
        lines.writerows((pair.a, pair.b, as_text(pair.score), pair.tier) for pair in pairs)
