"""`python -m backoffice.matching`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from backoffice.matching.__main__ import main

LINES = [
    {
        "id": "1",
        "name": "Krorgstean Energi ApS",
        "url": "https://krorgstean.dk",
        "taxId": "DK88146328",
        "emails": [],
    },
    {"id": "2", "name": "KRORGSTEAN ENERGI", "url": "www.krorgstean.dk", "taxId": "8814 6328"},
    {"id": "3", "name": "Somebody Else A/S"},
]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)) + "\n", encoding="utf-8")
    return path


def test_scan_writes_pairs_and_says_what_it_did(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, frozen = tmp_path / "pairs.csv", tmp_path / "statistics.json"
    assert main(["scan", str(records), "--out", str(out), "--statistics", str(frozen), "--workers", "1"]) == 0
    with out.open(encoding="utf-8", newline="") as lines:
        (line,) = csv.DictReader(lines)
    assert (line["id_a"], line["id_b"], line["tier"]) == ("1", "2", "sure")
    said = capsys.readouterr().out
    assert "records 3" in said
    assert all(word in said for word in ("candidates 1", "pairs 1", "seconds", "peak memory"))
    assert json.loads(frozen.read_text(encoding="utf-8"))["size"] == 3


def test_explain_adds_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / f"{line['id']}.json" for line in LINES[:2]]
    for path, line in zip(paths, LINES, strict=False):
        path.write_text(json.dumps(line), encoding="utf-8")
    assert main(["explain", *map(str, paths)]) == 0
    weights = [
        float(line.split()[0])
        for line in capsys.readouterr().out.splitlines()
        if line.lstrip()[0] in "-0123456789"
    ]
    assert sum(weights[:-1]) == pytest.approx(weights[-1])


def test_evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, gold = tmp_path / "found.csv", tmp_path / "gold.csv"
    found.write_text("id_a,id_b,score,tier\n2,1,5.00,sure\n3,4,4.00,likely\n", encoding="utf-8")
    gold.write_text("id_a,id_b\n1,2\n5,6\n", encoding="utf-8")
    assert main(["evaluate", str(found), str(gold)]) == 0
    assert "P 0.5000 R 0.5000 F1 0.5000" in capsys.readouterr().out


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tmp_path / "none.jsonl"), "--out", str(tmp_path / "out.csv")]) == 1
    assert "none.jsonl" in capsys.readouterr().err
