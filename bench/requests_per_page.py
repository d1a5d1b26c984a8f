"""Requests to Flowtly for each page, counted by the sandbox, beside the budget of docs/architecture.md."""

from __future__ import annotations

from bench.figures import Figure
from bench.stage import Stage

BUDGET: dict[str, int | None] = {
    "list": 1,
    "detail": 2,  # contacts come as addresses here; one less where the API embeds them
    "edit form": 1,
    "save": 2,
    "new form": 0,
    "create": 2,
    "undo form": 1,
    "undo": 3,
    "history tab": 0,
    "type-ahead": 1,
    "home, branding, history, jobs, preferences, healthz": 0,
    "readyz": 1,
    "first visits": None,
}
SHOWN = {"first visits": "before look-ups are warm: list, new form, type-ahead"}


def measure(stage: Stage) -> list[Figure]:
    counts: dict[str, list[int]] = {}
    for kind, count in stage.ask("bench.visitor", control=stage.sandbox.control, cookie=stage.prepared.cookie):
        counts.setdefault(kind, []).append(count)
    return [_figure(kind, counts[kind], most) for kind, most in BUDGET.items()]


def _figure(kind: str, counts: list[int], most: int | None) -> Figure:
    what = SHOWN.get(kind, kind)
    if most is None:
        return Figure(what, ", ".join(map(str, counts)))
    shown = ", ".join(map(str, counts)) if len(set(counts)) > 1 else str(counts[0])
    pages = f" ({len(counts)} pages)" if len(counts) > 1 else ""
    return Figure(what, shown + pages, f"<= {most}", max(counts) <= most)
