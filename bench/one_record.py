"""Duplicates with the records in the database: a scan kept, one changed record, and what a form asks."""

from __future__ import annotations

from bench.figures import Figure
from bench.stage import Stage


def measure(stage: Stage) -> list[Figure]:
    size = stage.sizes.companies
    folder = stage.folder / f"companies-in-database-{size}"
    stage.ask("bench.maker", folder=str(folder), size=size, seed=21)
    database = f"sqlite:///{folder / 'looked.sqlite3'}"
    took = stage.ask("bench.looker", records=str(folder / "records.jsonl"), database=database)
    return [
        Figure(f"scan of {size:,} from the index, compared and kept, SQLite", f"{took['scan']:.1f} s"),
        Figure("one changed record: its pairs, median (p99)", _shown(took["pairs"])),
        Figure(
            "one changed record: noticed, its pairs kept, its groups made, median (p99)", _shown(took["whole"])
        ),
        Figure("what looks like a new record, with reasons, median (p99)", _shown(took["form"])),
    ]


def _shown(seconds: list[float]) -> str:
    middle, high = seconds
    return f"{middle * 1e3:.1f} ms ({high * 1e3:.1f} ms)"
