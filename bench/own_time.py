"""The clients list's own time, beside a Django admin changelist of an equal local table in the same run."""

from __future__ import annotations

from statistics import median, quantiles

from bench.figures import Figure
from bench.stage import Stage

AIM = 1.0


def measure(stage: Stage) -> list[Figure]:
    found = stage.ask("bench.timer", cookie=stage.prepared.cookie, runs=stage.sizes.runs)
    ours, admin, stock = found["list"], found["admin"], found["stock"]
    own = [wall - upstream for wall, upstream in zip(ours["wall"], ours["upstream"], strict=True)]
    # Both with check-boxes in each row.
    ratio = median(own) / median(stock["wall"])
    # Counts what the sockets wait for as nothing and our HTTP library as ours, and suffers least from other work.
    processor = median(ours["processor"]) / median(stock["processor"])
    return [
        Figure("own time of the clients list, 100 rows", _spread(own)),
        Figure("time of the changelist, 100 equal rows", _spread(stock["wall"])),
        Figure("own time / changelist", f"{ratio:.2f}", f"<= {AIM:.1f}", ratio <= AIM),
        Figure("own time / changelist without its checkboxes", f"{median(own) / median(admin['wall']):.2f}"),
        Figure("the same of processor time, HTTP library included", f"{processor:.2f}"),
        Figure("taken out: waiting for the sandbox", _spread(ours["upstream"])),
    ]


def _spread(values: list[float]) -> str:
    """Median and quartiles, in milliseconds."""
    low, middle, high = quantiles(values, n=4)
    return f"{middle:.1f} ms ({low:.1f} to {high:.1f})"
