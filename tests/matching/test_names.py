"""What the words of two names say."""

from __future__ import annotations

import pytest

from backoffice.matching import Record, Statistics, explain, scan

TRADES = ("solar", "byg", "transport", "revision", "handel")
FAMILIES = ("Hansen", "Jensen", "Olsen", "Lund", "Holm", "Dahl", "Skov", "Toft")


def _codes(one: str, other: str, statistics: Statistics | None = None) -> set[str]:
    return {line.code for line in explain(Record("a", one), Record("b", other), statistics).contributions}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SpoflausPackaging UK Ltd", "Spfolaus Packaging UK Ltd"),
        ("Hon Wai Precision Industry", "Hon Hai Precision Industry"),
        ("Goodwill Company", "Good Will Company"),
    ],
)
def test_whole_names_that_are_the_same_but_for_a_slip(one: str, other: str) -> None:
    assert not _codes(one, other) & {"name_differs", "name_longer"}


def test_two_known_words_are_no_slip_of_each_other() -> None:
    """Wherever they stand in a long name."""
    names = [f"{first} {second}" for first in ("hansen", "jansen") for second in map(str, range(9))]
    known = scan([Record(str(at), f"{name} precision industry") for at, name in enumerate(names)]).statistics
    assert "name_differs" in _codes("Hansen Precision Industry", "Jansen Precision Industry", known)


def test_initials_stand_for_a_name() -> None:
    assert "name_initials" in _codes("KES ApS", "Krorgstean Energi Solutions ApS")
    assert "name_initials" not in _codes("KSE ApS", "Krorgstean Energi Solutions ApS")


def test_the_next_key_is_a_slip_and_any_other_letter_another_name() -> None:
    assert "name_letter_replaced" not in _codes("Krorgstean Energi", "Krprgstean Energi")
    assert "name_letter_replaced" in _codes("Krorgstean Energi", "Krxrgstean Energi")
    assert "name_letter_replaced" not in _codes("Krorgstean Energi", "Krorgtsean Energi")


def test_names_with_other_places_are_not_the_same() -> None:
    assert "name_same" not in _codes("Krorgstean Aarhus", "Krorgstean Odense")
    assert "name_same" in _codes("Krorgstean Aarhus", "Krorgstean")


def test_a_name_of_common_words_and_its_site_are_not_two_signals() -> None:
    """Many families, few trades: the next "Hansen & Lund Byg" is somebody else, and may have been called so on the
    web before. A name that nobody else can have is sure with its site."""
    crowd = [
        Record(f"r{at}", f"{one} & {other} {trade} ApS")
        for at, (one, other, trade) in enumerate(
            (one, other, trade) for one in FAMILIES for other in FAMILIES for trade in TRADES if one < other
        )
    ]
    known = scan(crowd).statistics
    common = Record("a", "Hansen & Lund Byg ApS", url="hansenlundbyg.dk")
    own = Record("a", "Krorgstean Byg ApS", url="krorgstean.dk")
    for record, tier in ((common, "likely"), (own, "sure")):
        found = explain(record, Record("b", record.name, url=f"https://{record.url}"), known)
        assert found.score >= found.threshold
        assert found.tier == tier
