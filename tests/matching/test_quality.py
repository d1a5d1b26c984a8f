"""How good it is: on labelled data where it lies beside the repository, on made-up companies anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from backoffice.matching import scan
from backoffice.matching.evaluation import Measured, measured, read_pairs
from backoffice.matching.record import read
from bench.companies.records import write
from tests.conftest import SHARED

LABELLED = SHARED / "data"
labelled = pytest.mark.skipif(not LABELLED.is_dir(), reason="the labelled data is not here")


def _measured(records: Path, gold: Path) -> Measured:
    found = scan(read(records))
    return measured({frozenset(pair[:2]) for pair in found.pairs}, read_pairs(gold))


@labelled
def test_companies() -> None:
    folder = LABELLED / "synthetic"
    found = scan(read(folder / "records.jsonl"))
    pairs = {frozenset(pair[:2]): pair.tier for pair in found.pairs}
    quality = measured(set(pairs), read_pairs(folder / "gold.csv"))
    assert quality.precision > 0.98
    assert quality.recall > 0.96
    assert len(read_pairs(folder / "hard_negatives.csv") & set(pairs)) <= 3
    sure = {ids for ids, tier in pairs.items() if tier == "sure"}
    assert measured(sure, read_pairs(folder / "gold.csv")).precision > 0.99


@labelled
def test_sites() -> None:
    assert _measured(LABELLED / "real/sites.jsonl", LABELLED / "real/sites_gold.csv").f1 > 0.95


def test_made_up_companies(tmp_path: Path) -> None:
    write(tmp_path, 4000, seed=3)
    quality = _measured(tmp_path / "records.jsonl", tmp_path / "gold.csv")
    assert quality.f1 > 0.92
