"""Duplicates: how fast, how much memory, how right; and what others do with the same records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backoffice.matching.evaluation import Measured, measured, read_pairs
from backoffice.matching.weights import fitted
from bench import rivals
from bench.figures import Figure
from bench.stage import Stage

WORKERS = 2
LABELLED = Path(__file__).resolve().parents[2] / "shared" / "data"


def measure(stage: Stage) -> list[Figure]:
    few, many = stage.sizes.companies, stage.sizes.companies * 10
    small, large = _made(stage, few, seed=21), _made(stage, many, seed=22)
    one, ten = _scanned(stage, small), _scanned(stage, large)
    figures = [
        *_speed(f"full scan of {few:,}", one, seconds=8, megabytes=500),
        *_quality(f"made up, {few:,}", small, precision=0.98, recall=0.95),
        *_speed(f"full scan of {many:,}", ten, seconds=120, megabytes=4000),
        *_quality(f"made up, {many:,}", large, precision=0.97, recall=0.92),
        _ratio("time", ten["seconds"] / one["seconds"]),
        *_labelled(stage),
        *_one_record(stage, small),
    ]
    return figures + (rivals.measure(stage, small) if stage.sizes.rivals else [])


def _made(stage: Stage, size: int, seed: int) -> Path:
    folder = stage.folder / f"companies-{size}"
    stage.ask("bench.maker", folder=str(folder), size=size, seed=seed)
    return folder


def _scanned(stage: Stage, folder: Path, records: str = "records.jsonl") -> dict[str, Any]:
    asked = {"records": str(folder / records), "out": str(stage.folder / f"{folder.name}.csv"), "workers": WORKERS}
    found: dict[str, Any] = stage.ask("bench.scanner", **asked)
    return found


def _speed(what: str, took: dict[str, Any], seconds: float, megabytes: float) -> list[Figure]:
    candidates = f"{took['seconds']:.1f} s, {took['candidates']:,} pairs scored"
    return [
        Figure(f"{what}, cold", candidates, f"<= {seconds:g} s", took["seconds"] <= seconds),
        Figure(
            f"{what}: peak", f"{took['megabytes']:.0f} MB", f"<= {megabytes:g} MB", took["megabytes"] <= megabytes
        ),
    ]


def _ratio(what: str, found: float) -> Figure:
    return Figure(f"ten times the records: {what}", f"{found:.1f} times", "<= 11", found <= 11)


def _quality(what: str, folder: Path, precision: float, recall: float) -> list[Figure]:
    found = read_pairs(folder.parent / f"{folder.name}.csv")
    quality = measured(found, read_pairs(folder / "gold.csv"))
    hard = read_pairs(folder / "hard_negatives.csv")
    met = quality.precision >= precision and quality.recall >= recall
    return [
        Figure(f"{what}: P, R, F1", shown(quality), f"P {precision}, R {recall}", met),
        Figure(f"{what}: siblings and namesakes reported", f"{len(found & hard)} of {len(hard):,}"),
    ]


def shown(quality: Measured) -> str:
    return f"{quality.precision:.3f}, {quality.recall:.3f}, {quality.f1:.3f}"


def _labelled(stage: Stage) -> list[Figure]:
    """The labelled sets: as fitted, and as each half is judged by the other (from the stored fit)."""
    halves = fitted()["cross_validated"]
    figures = []
    for name, aim in (("synthetic", 0.96), ("sites", 0.975), ("names", 0.89)):
        f1 = halves[name]["f1"]
        figures.append(Figure(f"{name}: F1 on halves that were not fitted", f"{f1:.3f}", f">= {aim}", f1 >= aim))
    if not LABELLED.is_dir():
        return [*figures, Figure("labelled sets", "not here")]
    for folder, records, gold in (
        (LABELLED / "synthetic", "records.jsonl", "gold.csv"),
        (LABELLED / "real", "sites.jsonl", "sites_gold.csv"),
    ):
        _scanned(stage, folder, records)
        found = read_pairs(stage.folder / f"{folder.name}.csv")
        quality = measured(found, read_pairs(folder / gold))
        figures.append(Figure(f"{folder.name}/{records}, fitted on: P, R, F1", shown(quality)))
        if (folder / "hard_negatives.csv").exists():
            hard = read_pairs(folder / "hard_negatives.csv")
            share = len(found & hard) / len(hard) * 15_000
            value = f"{len(found & hard)} of {len(hard):,}"
            figures.append(Figure("listed hard negatives reported", value, "<= 15 of 15,000", share <= 15))
    return figures


def _one_record(stage: Stage, folder: Path) -> list[Figure]:
    took = stage.ask("bench.changer", records=str(folder / "records.jsonl"))
    middle, high, name = took["median"] * 1e3, took["p99"] * 1e3, took["name"] * 1e6
    what = f"one changed record among {stage.sizes.companies:,}, index in memory: median (p99)"
    return [
        Figure(what, f"{middle:.2f} ms ({high:.2f} ms)", "<= 5 ms", middle <= 5),
        Figure("a pair of names alone, both normalised", f"{name:.0f} µs", "<= 50 µs", name <= 50),
    ]
