"""What each signal is worth: fitted by `tools.fit_matching`, stored with the figures of the fit."""

from __future__ import annotations

import hashlib
import json
import math
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

FITTED = Path(__file__).with_name("data") / "weights.json"
HUNDRED = 100  # scores are log-odds in whole hundredths


@cache
def fitted() -> dict[str, Any]:
    """The stored fit: version, weights, cap, threshold, and how it was made."""
    found: dict[str, Any] = json.loads(FITTED.read_text(encoding="utf-8"))
    return found


@cache
def mark() -> str:
    """16 hex digits of the stored fit and of the rules: what different ones found is not to be compared, and keys
    of different ones do not meet."""
    return marked(Path(__file__).parent)


def marked(package: Path) -> str:
    """The mark of the modules and the fit in a folder: no rule can change without it."""
    found = hashlib.blake2b(digest_size=8)
    for path in sorted((*package.rglob("*.py"), *package.rglob("*.json"))):
        found.update(hashlib.blake2b(path.read_bytes()).digest())
    return found.hexdigest()


def threshold(size: int) -> int:
    """The least score of a likely pair in a set of that size, in hundredths.

    The number of pairs grows with the square of the records and that of duplicates with the records, so that the
    odds of any pair fall with the size: the threshold rises with its logarithm, at the fitted rate. Up to the
    largest labelled set it goes through what was best for each of them.
    """
    return threshold_of(fitted()["threshold"], size)


def threshold_of(rule: dict[str, Any], size: int) -> int:
    """By knots [size, hundredths], rising, with straight lines in ln(size) between, and per_e beyond the last."""
    knots: list[list[int]] = rule["knots"]
    last, highest = knots[-1]
    per_e: float = rule["per_e"]
    if size >= last:
        return highest + round(per_e * math.log(size / last))
    for (less, low), (more, high) in pairwise(knots):
        if size < more:
            along = math.log(max(size, less) / less) / math.log(more / less)
            return low + round((high - low) * along)
    return highest
