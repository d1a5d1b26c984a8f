"""The fit of the weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backoffice.matching.features import SIGNALS
from bench.companies.records import write
from tools import fit_matching


def test_the_same_data_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_matching, "MADE", 600)
    data = tmp_path / "data"
    for folder, seed in (("synthetic", 1), ("real", 2)):
        (data / folder).mkdir(parents=True)
        write(data / folder, 500, seed=seed)
    (data / "real/records.jsonl").rename(data / "real/sites.jsonl")
    (data / "real/gold.csv").rename(data / "real/sites_gold.csv")
    lines = [f"Foo{at} ApS,{'FOO' if at % 2 else 'Bar'}{at} A/S,{str(bool(at % 2)).lower()}" for at in range(40)]
    names = "\n".join(["name1,name2,is_match", *lines]) + "\n"
    (data / "real/names.csv").write_text(names, encoding="utf-8")
    outs = [tmp_path / "one.json", tmp_path / "two.json"]
    for out in outs:
        monkeypatch.setattr("sys.argv", ["fit_matching", str(data), "--out", str(out)])
        assert fit_matching.main() == 0
    one, two = (out.read_bytes() for out in outs)
    assert one == two
    weights = json.loads(one)["weights"]
    assert all(weights[code] * side >= 0 for code, (_, side) in SIGNALS.items())
    assert any(weights.values())
