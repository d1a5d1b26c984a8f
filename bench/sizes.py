"""How much each measure does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """`judged`: whether an aim that is missed fails the run; the aims are about the full sizes."""

    name: str
    clients: int  # in the sandbox and in the local table beside it: full pages of 100
    runs: int  # of each page, for own time
    requests: int  # to each server, under load
    at_once: int
    walked: int  # clients walked through, and in the large list
    large_runs: int  # of each question to the large list
    planned: int  # clients of which plans are previewed
    applied: int  # clients that a plan changes
    applied_long: int  # and in a long one
    companies: int  # made up, among which duplicates are looked for; and ten times as many
    rivals: bool = False  # whether others look for them too: they are installed for it
    judged: bool = False


FULL = Sizes(
    "full",
    clients=2_000,
    runs=151,
    requests=1_000,
    at_once=16,
    walked=100_000,
    large_runs=21,
    planned=14_000,
    applied=1_000,
    applied_long=10_000,
    companies=100_000,
    rivals=True,
    judged=True,
)
QUICK = Sizes(
    "quick",
    clients=400,
    runs=31,
    requests=200,
    at_once=16,
    walked=10_000,
    large_runs=9,
    planned=2_000,
    applied=300,
    applied_long=1_000,
    companies=10_000,
)
TINY = Sizes(
    "tiny",
    clients=200,
    runs=3,
    requests=12,
    at_once=4,
    walked=250,
    large_runs=2,
    planned=250,
    applied=100,
    applied_long=120,
    companies=300,
)
