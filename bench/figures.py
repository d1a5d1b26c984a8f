"""What a measure found, and the one table that shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

HEADS = ("measure", "what", "figure", "aim", "verdict")


class CannotMeasure(Exception):
    """A measure found something else than what it measures; the message says what."""


@dataclass(frozen=True)
class Figure:
    """One line of the table. `met` is None where the figure only explains another."""

    what: str
    value: str
    aim: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "met", False: "MISSED"}[self.met]


def packed(figures: Iterable[Figure]) -> str:
    """One line for another process."""
    return json.dumps([asdict(figure) for figure in figures])


def unpacked(items: Iterable[dict[str, Any]]) -> list[Figure]:
    return [Figure(**item) for item in items]


def table(found: Sequence[tuple[str, Figure]]) -> str:
    """The lines of the table: (measure, figure) each; a measure is named on its first line only."""
    lines: list[tuple[str, ...]] = [HEADS]
    for number, (name, figure) in enumerate(found):
        shown = "" if number and found[number - 1][0] == name else name
        lines.append((shown, figure.what, figure.value, figure.aim, figure.verdict))
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
