"""How many rows of each store, as the audit trail keeps it and as people read it."""

from __future__ import annotations

from collections.abc import Mapping


def in_detail(counts: Mapping[str, int]) -> str:
    """Counts as the chain of the audit trail covers them: `steps=3 audit=4`."""
    return " ".join(f"{name}={count}" for name, count in counts.items() if count)


def from_detail(detail: str) -> dict[str, int]:
    pairs = (part.partition("=") for part in detail.split())
    return {name: int(count) for name, _sign, count in pairs if count.isdecimal()}


def counts_in_words(detail: str, labels: Mapping[str, object]) -> str:
    """For the history: "Names for display: 2; Values in the audit trail: 5"."""
    return "; ".join(f"{labels.get(name, name)}: {count}" for name, count in from_detail(detail).items())
