"""Whether two tax numbers contradict each other. Check digits are looked at for pairs only."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from backoffice.matching.normalise import Facts


def contradicting(a: Facts, b: Facts) -> bool:
    """Two different tax numbers that are no misspelling of each other.

    One that differs by a single typo contradicts only where the check digits of both are right: a typo breaks
    them. Numbers further apart contradict also where no rule is known to check them.
    """
    if not a.tax_id or not b.tax_id or a.tax_id == b.tax_id:
        return False
    if OSA.distance(a.tax_id, b.tax_id, score_cutoff=1) > 1:
        return True
    return valid(a.tax_id, a.tax_country) is True and valid(b.tax_id, b.tax_country) is True


@lru_cache(maxsize=4096)
def valid(tax_id: str, country: str) -> bool | None:
    """Whether the check digits are right; None where the country or its rule is unknown."""
    module = _rule(country)
    return None if module is None else bool(module.is_valid(tax_id))


@lru_cache(maxsize=64)
def _rule(country: str) -> Any:
    from stdnum.util import get_cc_module  # slow to import, and only few pairs need it

    if not country:
        return None
    for kind in ("vat", "tin"):
        try:
            found = get_cc_module(country.lower(), kind)
        except (ImportError, ValueError):
            found = None
        if found is not None:
            return found
    return None
