"""Previews of plans of many clients: requests beside the budget, time and memory."""

from __future__ import annotations

import math
import os
from typing import Any

from bench.figures import CannotMeasure, Figure
from bench.stage import Stage

AIM = 200  # MB of 1,000,000 bytes


def measure(stage: Stage) -> list[Figure]:
    wanted = stage.sizes.planned
    sandbox = stage.start_sandbox(clients=wanted, counterparties=20)
    kept = {name: os.environ[name] for name in ("FLOWTLY_API_URL", "FLOWTLY_API_TOKEN", "DATABASE_URL")}
    os.environ.update(
        FLOWTLY_API_URL=sandbox.url,
        FLOWTLY_API_TOKEN=sandbox.token,
        DATABASE_URL=kept["DATABASE_URL"].replace("bench.sqlite3", "preview.sqlite3"),
    )
    try:
        filtered = stage.ask("bench.previewer", filtered=True)
        return [
            *_figures("from a filter", filtered, filtered["rows"]),
            *_figures("ticked by hand", stage.ask("bench.previewer", filtered=False), wanted),
        ]
    finally:
        os.environ.update(kept)
        stage.stop(sandbox.child)


def _figures(words: str, took: dict[str, Any], listed: int) -> list[Figure]:
    if not took["rows"] or took["judged"] != took["rows"]:
        raise CannotMeasure(f"{took['judged']} of {took['rows']} rows were judged")
    name, budget = f"preview of {took['rows']:,}, {words}", math.ceil(listed / took["page_size"]) + 2
    peak = took["peak"] / 1e6
    memory = f"{peak:.1f} MB ({took['before'] / 1e6:.1f} MB before)"
    return [
        Figure(f"{name}: requests", f"{took['calls']}", f"<= {budget}", took["calls"] <= budget),
        Figure(f"{name}: time", f"{took['seconds']:.1f} s"),
        Figure(f"{name}: peak of the process", memory, f"< {AIM} MB", peak < AIM),
    ]
