"""Groups are joined with care."""

from __future__ import annotations

from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

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


def test_what_must_not_come_together_does_not_through_others() -> None:
    pairs = [_pair("a", "b", 900), _pair("b", "c", 800), _pair("a", "c", 700)]
    groups = grouped(pairs, {}, barred=[("c", "a")])
    assert [(group.members, group.apart) for group in groups] == [(("a", "b"), ""), (("b", "c"), "verdict")]


NAMES = "abcdefgh"
PAIRS = st.lists(st.sampled_from(list(combinations(NAMES, 2))), unique=True)


@given(PAIRS, PAIRS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_no_group_holds_two_that_are_barred(
    pairs: list[tuple[str, str]], barred: list[tuple[str, str]], scores: int, random: Random
) -> None:
    """Each other pair is in exactly one group, whatever order pairs and bars come in."""
    found = [_pair(a, b, 500 + number % scores) for number, (a, b) in enumerate(pairs)]
    groups = grouped(found, {}, cap=6, barred=barred)
    held = sorted((pair.a, pair.b) for group in groups for pair in group.pairs)
    assert held == sorted(set(pairs) - set(barred))
    for group in groups:
        assert set(combinations(group.members, 2)).isdisjoint(barred)
        assert len(group.members) <= 6
    random.shuffle(found)
    turned = [pair[::-1] for pair in random.sample(barred, len(barred))]
    assert grouped(found, {}, cap=6, barred=turned) == groups


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
