"""What each signal is worth: fitted by `backoffice.matching.fit`, stored with the figures of the fit."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

FITTED = Path(__file__).with_name("data") / "weights.json"
HUNDRED = 100  # scores are log-odds in whole hundredths


@cache
def fitted() -> dict[str, Any]:
    """The stored fit: version, weights, cap, threshold, and how it was made."""
    found: dict[str, Any] = json.loads(FITTED.read_text(encoding="utf-8"))
    return found


def threshold(size: int) -> int:
    """The least score of a likely pair in a set of that size, in hundredths.

    The number of pairs grows with the square of the records and that of duplicates with the records, so that the
    odds of any pair fall with the size: the threshold rises with its logarithm, at the fitted rate.
    """
    return threshold_of(fitted()["threshold"], size)


def threshold_of(rule: dict[str, Any], size: int) -> int:
    return int(rule["at"] + round(rule["per_e"] * math.log(max(size, rule["least"]) / rule["size"])))
