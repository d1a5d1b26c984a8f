"""A full scan, and one record at a time under the same frozen statistics."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice import matching
from backoffice.matching import Matcher, Pair, Record, Statistics, blocking, scan, weights
from backoffice.matching.blocking import BLOCK_LIMIT
from tests.matching.records import RECORDS, SETS


@given(SETS, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(records: list[Record], draw: random.Random) -> None:
    found = scan(records)
    turned = list(records)
    draw.shuffle(turned)
    again = scan(turned)
    assert again.pairs == found.pairs
    assert again.statistics == found.statistics
    assert again.groups() == found.groups()


@given(SETS, st.data())
@settings(max_examples=60)
def test_one_record_at_a_time_finds_what_a_full_scan_finds(records: list[Record], data: st.DataObject) -> None:
    """Records come, change and go; the pairs that are kept up to date are those of a scan from nothing."""
    frozen = scan(records).statistics
    matcher = Matcher(frozen)
    kept: dict[frozenset[str], Pair] = {}
    now: dict[str, Record] = {}
    for record in records:
        now[record.id] = record
        kept |= {frozenset(pair[:2]): pair for pair in matcher.add(record)}
    for name in data.draw(st.lists(st.sampled_from(sorted(now)), max_size=5)):
        kept = {ids: pair for ids, pair in kept.items() if name not in ids}
        if data.draw(st.booleans()):
            now[name] = replace(data.draw(RECORDS), id=name)
            kept |= {frozenset(pair[:2]): pair for pair in matcher.replace(now[name])}
        elif name in matcher:
            matcher.remove(name)
            del now[name]
    full = scan(now.values(), statistics=frozen)
    assert sorted(kept.values()) == sorted(full.pairs)
    assert len(matcher) == len(now)


@given(SETS)
def test_frozen_statistics_survive_being_stored(records: list[Record]) -> None:
    frozen = scan(records).statistics
    assert Statistics.from_json(frozen.to_json()) == frozen


def test_several_workers_find_the_same() -> None:
    records = [Record(f"r{number:05}", f"Brand {number // 2 * 7919:x} Solar ApS") for number in range(10_050)]
    told: list[str] = []
    assert scan(records, workers=2, progress=lambda *args: told.append(args[0])).pairs == scan(records).pairs
    assert {"read", "compare"} == set(told)


def test_blocks_that_are_too_large_are_stopped_and_stay_so() -> None:
    """Everybody has the bureau's phone: it makes no pairs, neither in the scan nor after it."""
    crowd = [
        Record(f"r{number:03}", f"brand{number * 104729 % 9973}", phone="86123456")
        for number in range(BLOCK_LIMIT + 5)
    ]
    found = scan(crowd)
    assert len(found.statistics.stopped) == 1
    assert found.candidates < len(crowd)


def test_among_many_pieces_of_names_say_less_and_whole_values_do_not() -> None:
    """A house in a street is a piece of an address, its post code makes a value of it."""
    value, piece = 1, 0
    sizes = (1, 10_000, 100_000, 1_000_000)
    assert [blocking.limit(piece, size) for size in sizes] == [BLOCK_LIMIT, BLOCK_LIMIT, 13, 8]
    assert {blocking.limit(value, size) for size in sizes} == {BLOCK_LIMIT}


@pytest.mark.parametrize("size", [0, blocking.LARGE])
@pytest.mark.parametrize(
    "typed",
    ["Krorgtean Energi", "Krorgsteann Energi", "Energi Krorgstaen", "KrorgsteanEnergi", "Krorgstean Enrgi"],
)
def test_one_typo_hides_no_record(typed: str, size: int) -> None:
    statistics = Statistics(size)
    names = ("Krorgstean Energi ApS", typed)
    right, wrong = (blocking.keys(matching.normalise(Record("", name)), statistics) for name in names)
    assert right & wrong


def test_no_rule_changes_without_another_mark(tmp_path: Path) -> None:
    """Otherwise the keys and pairs that are kept would be mixed with those of other rules."""
    package = Path(matching.__file__).parent
    for name in ("one", "two"):
        shutil.copytree(package, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert weights.marked(tmp_path / "one") == weights.mark()
    for name in ("blocking.py", "data/words.py", "data/weights.json"):
        before = weights.marked(tmp_path / "two")
        with (tmp_path / "two" / name).open("a") as file:
            file.write("\n")
        assert weights.marked(tmp_path / "two") != before


def test_a_block_that_grew_since_the_scan_is_still_compared() -> None:
    """One record at a time finds them too; the next full scan will stop it."""
    crowd = [
        Record(f"r{n:03}", f"Brand{n * 104729 % 9973} ApS", tax_id="DK88146328") for n in range(BLOCK_LIMIT + 3)
    ]
    before = crowd[:BLOCK_LIMIT]
    frozen = scan(before).statistics
    assert not frozen.stopped
    grown = scan(crowd, statistics=frozen)
    assert grown.candidates == len(crowd) * (len(crowd) - 1) // 2
    assert set(Matcher(frozen, before).look(crowd[-1])) <= set(grown.pairs)


def test_looking_puts_nothing_in() -> None:
    known = Record("1", "Krorgstean Energi ApS", url="krorgstean.dk")
    matcher = Matcher(scan([known]).statistics, [known])
    typed = Record("", "Krorgstaen Energi", url="www.krorgstean.dk")
    assert [pair.b for pair in matcher.look(typed)] == ["1"]
    assert len(matcher) == 1


def test_an_id_is_put_in_once() -> None:
    matcher = Matcher(Statistics())
    matcher.add(Record("1", "Krorgstean"))
    with pytest.raises(ValueError, match="1"):
        matcher.add(Record("1", "Other"))
    with pytest.raises(KeyError):
        matcher.remove("2")


def test_a_full_scan_is_due_when_the_set_grew_by_a_twentieth() -> None:
    records = [Record(str(number), f"n{number}") for number in range(100)]
    matcher = Matcher(scan(records).statistics, records)
    for number in range(100, 105):
        matcher.add(Record(str(number), f"n{number}"))
    assert not matcher.due
    matcher.add(Record("105", "n105"))
    assert matcher.due
