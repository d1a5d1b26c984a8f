"""Groups are joined with care."""

from __future__ import annotations

from hypothesis import given

from backoffice.matching import Pair, Record, grouped, normalise, scan
from backoffice.matching.validity import contradicting
from tests.matching.records import SETS


def _pair(a: str, b: str, score: int = 500) -> Pair:
    return Pair(a, b, score, "likely")


def test_pairs_that_share_a_record_are_one_group() -> None:
    (group,) = grouped([_pair("a", "b"), _pair("b", "c", 700)], {})
    assert group.members == ("a", "b", "c")
    assert [pair.score for pair in group.pairs] == [700, 500]
    assert group.score == 700


def test_contradicting_tax_numbers_are_never_in_one_group() -> None:
    """a and c contradict each other; b, which has none, goes with the one it is more like."""
    facts = {"a": normalise(Record("a", tax_id="DK88146328")), "c": normalise(Record("c", tax_id="DK13585628"))}
    groups = grouped([_pair("a", "b", 900), _pair("b", "c", 600)], facts)
    assert [(group.members, group.apart) for group in groups] == [(("a", "b"), ""), (("b", "c"), "tax_id")]


def test_groups_have_a_cap() -> None:
    chain = [_pair(f"r{number}", f"r{number + 1}", 900 - number) for number in range(8)]
    groups = grouped(chain, {}, cap=4)
    assert max(len(group.members) for group in groups) == 4
    assert {group.apart for group in groups} == {"", "size"}


@given(SETS)
def test_each_pair_is_in_one_group_and_no_group_contradicts_itself(records: list[Record]) -> None:
    found = scan(records)
    groups = found.groups(cap=5)
    assert sorted(pair for group in groups for pair in group.pairs) == sorted(found.pairs)
    for group in groups:
        assert len(group.members) <= 5
        if not group.apart:
            facts = [found.facts[name] for name in group.members]
            assert not any(contradicting(one, other) for one in facts for other in facts)
