"""Properties of the score, and its account."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.matching import Explanation, Record, Statistics, explain, scan
from backoffice.matching.features import CAPPED, SIGNALS
from backoffice.matching.weights import fitted, threshold
from tests.matching.records import NAMES, RECORDS, SETS

COMPANY = Record("a", "Krorgstean Energi ApS", tax_id="DK12345674", street="Strandvej 12", phone="86123456")
FIELDS = ("url", "tax_id", "street", "post_code", "city", "country", "phone")


@given(RECORDS, RECORDS)
def test_a_pair_has_one_score(one: Record, other: Record) -> None:
    there, back = explain(one, other), explain(other, one)
    assert there.score == back.score
    assert there.tier == back.tier
    assert sorted((line.code, line.weight) for line in there.contributions) == sorted(
        (line.code, line.weight) for line in back.contributions
    )


@given(RECORDS, RECORDS)
def test_the_contributions_sum_to_the_score(one: Record, other: Record) -> None:
    found = explain(one, other)
    assert sum(line.weight for line in found.contributions) == found.score


@given(SETS)
def test_they_do_so_under_the_statistics_of_a_scan(records: list[Record]) -> None:
    found = scan(records)
    by_id = {record.id: record for record in records}
    for pair in found.pairs:
        account = explain(by_id[pair.a], by_id[pair.b], found.statistics)
        assert (account.score, account.tier) == (pair.score, pair.tier)


@given(RECORDS, RECORDS, st.sampled_from(FIELDS))
def test_a_field_that_agrees_never_speaks_against(one: Record, other: Record, field: str) -> None:
    """Than the same pair with that field unknown on one side. Records with a legal form are asked, because another
    field may make a company of a record without one."""
    one, other = (
        replace(one, name=f"{one.name} ApS", emails=()),
        replace(other, name=f"{other.name} ApS", emails=()),
    )
    value = getattr(one, field)
    if field == "url" and value:
        value = "https://www.liabria.dk"
    unknown = explain(replace(one, **{field: value}), replace(other, **{field: ""}))
    agreeing = explain(replace(one, **{field: value}), replace(other, **{field: value}))
    assert agreeing.score >= unknown.score


@given(RECORDS, st.permutations(["krorgstean", "solar", "park"]))
def test_the_order_of_words_does_not_matter(other: Record, words: list[str]) -> None:
    straight = explain(Record("a", "krorgstean solar park ApS"), other)
    turned = explain(Record("a", f"{' '.join(words)} ApS"), other)
    assert _codes(straight) == _codes(turned)


def _codes(account: Explanation) -> set[tuple[str, int]]:
    """What a whole name looks like is the one signal that knows of order."""
    return {(line.code, line.weight) for line in account.contributions if line.code != "name_unlike"}


@given(NAMES, NAMES)
def test_a_name_alone_is_never_sure(one: str, other: str) -> None:
    assert explain(Record("a", one), Record("b", other)).tier != "sure"


def test_two_signals_that_agree_are_sure() -> None:
    other = replace(COMPANY, id="b", name="KRORGSTEAN ENERGI")
    assert explain(COMPANY, other).tier == "sure"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tax_id": "DK88146328"}, "tax_id_differs"),
        ({"name": "Krorgstean Energi 2 ApS"}, "numbers_one_side"),
        ({"name": "Krorgstean Energi GmbH"}, "form_country_differs"),
    ],
)
def test_a_contradiction_is_shown_and_never_sure(changes: dict[str, str], code: str) -> None:
    found = explain(COMPANY, replace(COMPANY, id="b", url="", **changes))
    assert code in {line.code for line in found.contributions if line.weight < 0}
    assert found.tier != "sure"


def test_numbers_that_differ_are_no_veto() -> None:
    one = Record("a", "Liabria Park 41 ApS", tax_id="DK12345674", emails=("info@liabria.dk",), phone="86123456")
    found = explain(one, replace(one, id="b", name="Liabria Park 14 ApS"))
    assert found.contradictions == ("numbers_differ",)
    assert found.tier == "likely"


def test_a_rare_word_says_more_than_a_common_one() -> None:
    records = [
        Record(str(number), f"Brand{chr(97 + number % 26)}{chr(97 + number // 26)}x solar") for number in range(60)
    ]
    statistics = scan(records).statistics
    assert statistics.information("solar") < statistics.information("krorgstean")


def test_one_address_counts_no_more_than_its_cap() -> None:
    one = Record("a", "Liabria ApS", street="Strandvej 12", post_code="8000", city="Aarhus", phone="86123456")
    lines = explain(one, replace(one, id="b")).contributions
    speaking = sum(line.weight for line in lines if line.code in CAPPED)
    capped = sum(line.weight for line in lines if line.code == "address_cap")
    assert speaking + capped <= fitted()["weights"]["address_cap"]


def test_every_line_says_what_was_compared() -> None:
    found = explain(COMPANY, replace(COMPANY, id="b", street="STRANDV. 12, 1. sal"))
    line = next(line for line in found.contributions if line.field == "street")
    assert line.raw == ("Strandvej 12", "STRANDV. 12, 1. sal")
    assert line.normalised == ("strand 12", "strand 12")


def test_weights_keep_to_their_side() -> None:
    weights = fitted()["weights"]
    assert set(weights) == {*SIGNALS, "address_cap"}
    assert all(weights[code] * side >= 0 for code, (_, side) in SIGNALS.items())


def test_the_threshold_rises_with_the_set() -> None:
    thresholds = [threshold(size) for size in (0, 1_000, 10_000, 100_000, 1_000_000)]
    assert thresholds == sorted(thresholds)
    assert thresholds[-1] > thresholds[0]
    assert Statistics(size=100_000).threshold == threshold(100_000)
