"""1,000 list pages at 16 at a time from gunicorn on this machine, and as many changelists from the same server."""

from __future__ import annotations

from statistics import quantiles
from typing import Any

from bench.addresses import ADMIN, LIST, ROWS, Timed
from bench.figures import Figure
from bench.stage import Stage, processor_seconds


def measure(stage: Stage) -> list[Figure]:
    prepared = stage.prepared
    ours = _under_load(stage, "clients list", LIST, prepared.list_paths)
    return ours + _under_load(stage, "changelist", ADMIN, prepared.admin_paths)


def _under_load(stage: Stage, name: str, page: Timed, paths: tuple[str, ...]) -> list[Figure]:
    server, sandbox = stage.web.child, stage.sandbox.child
    before = processor_seconds(server), processor_seconds(sandbox)
    found = stage.ask(
        "bench.loader",
        base=stage.web.url,
        paths=paths,
        cookie=stage.prepared.cookie,
        mark=page.mark,
        rows=ROWS,
        requests=stage.sizes.requests,
        at_once=stage.sizes.at_once,
    )
    spent = [after - first for first, after in zip(before, map(processor_seconds, (server, sandbox)), strict=True)]
    return _figures(name, found, [seconds / found["asked"] * 1000 for seconds in spent])


def _figures(name: str, found: dict[str, Any], spent: list[float]) -> list[Figure]:
    times = found["times"]
    cuts = quantiles(times, n=100)
    errors = f"{found['errors']} of {len(times)}" + "".join(f" ({each})" for each in found["shown"])
    speed = f"p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms, {len(times) / found['seconds']:.1f}/s"
    processor = f"server {spent[0]:.1f} ms, sandbox {spent[1]:.1f} ms"
    return [
        Figure(f"{name}: errors", errors, "0", not found["errors"]),
        Figure(f"{name}: time and throughput", speed),
        Figure(f"{name}: processor time for a page", processor),
    ]
