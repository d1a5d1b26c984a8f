"""Filtering and sorting 100,000 clients by the index, beside a Django admin changelist of an equal table."""

from __future__ import annotations

from statistics import median, quantiles

from bench.figures import CannotMeasure, Figure
from bench.stage import Stage

AIM = 1.0


def measure(stage: Stage) -> list[Figure]:
    wanted = stage.sizes.walked
    sandbox = stage.start_sandbox(clients=wanted, counterparties=900)
    try:
        found = stage.ask(
            "bench.asker", url=sandbox.url, token=sandbox.token, runs=stage.sizes.large_runs, clients=wanted
        )
    finally:
        stage.stop(sandbox.child)
    if found["indexed"] != wanted:
        raise CannotMeasure(f"{found['indexed']} of {wanted} clients are in the index")
    ours = [one for times in found["ours"].values() for one in times]
    admin = [one for times in found["admin"].values() for one in times]
    ratio = _p95(ours) / _p95(admin)
    return [
        Figure(
            f"filter and sort {wanted:,} clients, p95",
            f"{_p95(ours):.0f} ms (median {median(ours):.0f})",
        ),
        Figure("the changelist, p95", f"{_p95(admin):.0f} ms (median {median(admin):.0f})"),
        Figure("p95 / changelist", f"{ratio:.2f}", f"<= {AIM:.1f}", ratio <= AIM),
        *(
            Figure(
                f"median of {name}", f"{median(times):.0f} ms, changelist {median(found['admin'][name]):.0f} ms"
            )
            for name, times in found["ours"].items()
        ),
        Figure("reading all into the index", f"{found['first']:.1f} s, again {found['again']:.1f} s"),
        Figure("peak of the process that reads it", f"{found['peak'] / 1e6:.0f} MB"),
    ]


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]
