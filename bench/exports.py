"""Exports of 100,000 clients with 20 columns, each by a process of its own: how long, and how much memory."""

from __future__ import annotations

import os

from bench.figures import CannotMeasure, Figure
from bench.stage import Stage

AIM = 150  # MB of 1,000,000 bytes, for a process that serves pages
FORMATS = ("xlsx", "csv")
SOURCES = {"copy": "from our copy", "flowtly": "from Flowtly"}


def measure(stage: Stage) -> list[Figure]:
    wanted = stage.sizes.walked
    sandbox = stage.start_sandbox(clients=wanted, counterparties=900)
    kept = {name: os.environ[name] for name in ("FLOWTLY_API_URL", "FLOWTLY_API_TOKEN", "DATABASE_URL")}
    # A database of its own: the clients of the other measures are others.
    os.environ.update(
        FLOWTLY_API_URL=sandbox.url,
        FLOWTLY_API_TOKEN=sandbox.token,
        DATABASE_URL=kept["DATABASE_URL"].replace("bench.sqlite3", "exports.sqlite3"),
    )
    try:
        return _measured(stage, wanted)
    finally:
        os.environ.update(kept)
        stage.stop(sandbox.child)


def _measured(stage: Stage, wanted: int) -> list[Figure]:
    made = stage.ask("bench.exporter", deed="prepare")
    found = [
        Figure(
            f"reading {wanted:,} clients into the index", f"{made['seconds']:.1f} s, {made['peak'] / 1e6:.1f} MB"
        )
    ]
    for source, words in SOURCES.items():
        for ending in FORMATS:
            took = stage.ask("bench.exporter", deed="export", source=source, format=ending)
            if (took["rows"], took["columns"]) != (wanted, 20):
                raise CannotMeasure(f"{took['rows']} rows of {took['columns']} columns came")
            found += _figures(f"{ending.upper()}, {words}", took)
    return found


def _figures(name: str, took: dict[str, float]) -> list[Figure]:
    peak = took["peak"] / 1e6
    memory = f"{peak:.1f} MB ({took['before'] / 1e6:.1f} MB before)"
    return [
        Figure(f"{name}: time", f"{took['seconds']:.1f} s, {took['size'] / 1e6:.1f} MB file"),
        Figure(f"{name}: peak of the process", memory, f"< {AIM} MB", peak < AIM),
    ]
