"""Seconds from kill -9 of the worker that is at a job to the first further row, with a second worker running."""

from __future__ import annotations

import statistics

from bench.apply import LATENCY, control, stand, workers
from bench.figures import CannotMeasure, Figure
from bench.stage import Stage

AIM = 15  # seconds
TIMES = 3  # at full size; the aim is for the longest


def measure(stage: Stage) -> list[Figure]:
    rows = stage.sizes.applied
    took = []
    with stand(stage, rows, "recovery") as sandbox:
        for _ in range(TIMES if stage.sizes.judged else 1):
            with workers(stage, 2):
                plan = stage.ask("bench.applier", deed="plan", rows=rows, same=False)
                control(sandbox, "PATCH", "profile", {"latency_ms": LATENCY})
                control(sandbox, "DELETE", "log")
                took.append(stage.ask("bench.applier", deed="recover", job=plan["job"])["seconds"])
                control(sandbox, "PATCH", "profile", {"latency_ms": 0})
                stage.ask("bench.applier", deed="apply", job=plan["job"])
                written = [each["path"] for each in control(sandbox, "GET", "log") if each["method"] == "PATCH"]
                if len(written) != len(set(written)):
                    raise CannotMeasure("a row was written twice")
    longest = max(took)
    text = f"{longest:.1f} s at most, {statistics.median(took):.1f} s as a rule"
    return [Figure("from kill -9 to the next row", text, f"<= {AIM} s", longest <= AIM)]
