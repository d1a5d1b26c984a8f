"""Walking 100,000 clients through the paging generator: how much memory, how long."""

from __future__ import annotations

from bench.figures import CannotMeasure, Figure
from bench.stage import Stage

AIM = 120  # MB of 1,000,000 bytes


def measure(stage: Stage) -> list[Figure]:
    wanted = stage.sizes.walked
    sandbox = stage.start_sandbox(clients=wanted, counterparties=900)
    try:
        found = stage.ask("bench.walker", url=sandbox.url, token=sandbox.token)
    finally:
        stage.stop(sandbox.child)
    if found["count"] != wanted:
        raise CannotMeasure(f"{found['count']} of {wanted} clients came")
    peak, seconds = found["peak"] / 1e6, found["seconds"]
    return [
        Figure(
            f"peak of a process that walks {wanted:,} clients",
            f"{peak:.1f} MB ({found['before'] / 1e6:.1f} MB before the walk)",
            f"< {AIM} MB",
            peak < AIM,
        ),
        Figure("the walk's time", f"{seconds:.1f} s, {wanted / seconds:,.0f} records/s"),
    ]
