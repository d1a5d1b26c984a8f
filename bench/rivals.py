"""What others find among the same records: an exact match here, libraries in an environment of their own.

The libraries are no dependency of ours. They are installed for the run into a temporary environment; where that is
not possible the table says so.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from backoffice.matching.evaluation import measured, read_pairs
from bench.figures import CannotMeasure, Figure
from bench.stage import Stage

HERE = Path(__file__).parent
LOCK = HERE / "requirements-matching.txt"
METHODS = {
    "exact": "exact name, tax number or site",
    "string_grouper": "string_grouper, names",
    "splink": "Splink, EM",
    "dedupe": "dedupe, 800 labelled pairs",
}
INSTALL_SECONDS = 600


def measure(stage: Stage, folder: Path) -> list[Figure]:
    python = _environment(stage.folder / "rivals")
    figures = []
    for method, words in METHODS.items():
        if python is None and method != "exact":
            figures.append(Figure(words, "not installed: no package index"))
            continue
        figures.append(_figure(stage, words, method, folder, python or sys.executable))
    return figures


def _figure(stage: Stage, words: str, method: str, folder: Path, python: str) -> Figure:
    out = stage.folder / f"{method}.csv"
    try:
        took: dict[str, Any] = stage.ask(
            "bench.rival", method=method, folder=str(folder), out=str(out), python=python
        )
    except CannotMeasure as error:
        return Figure(words, f"failed: {str(error).splitlines()[-1][:60]}")
    found = read_pairs(out)
    quality = measured(found, read_pairs(folder / "gold.csv"))
    hard = len(found & read_pairs(folder / "hard_negatives.csv"))
    three = f"{quality.precision:.3f}, {quality.recall:.3f}, {quality.f1:.3f}"
    return Figure(
        f"{words}: P, R, F1", f"{three}; {hard:,} hard; {took['seconds']:.1f} s, {took['megabytes']:.0f} MB"
    )


def _environment(folder: Path) -> str | None:
    """A Python that has the libraries, or None."""
    python = folder / "bin" / "python"
    try:
        venv.create(folder, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK)]
        subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return str(python)
