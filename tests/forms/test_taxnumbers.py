"""A tax number with its country in front, and one with a typing error. Invented numbers only."""

from __future__ import annotations

import pytest

from backoffice.formats.taxnumbers import Offer, check, split
from tests.forms.cast import edited


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("PL46584837", Offer("PL", "46584837")),
        ("pl 46584837", Offer("PL", "46584837")),
        ("DK-12 34 56 78", Offer("DK", "12 34 56 78")),
        ("EL123456789", Offer("GR", "123456789")),
        ("NL123456789B01", Offer("NL", "123456789B01")),
        ("ESB12345678", Offer("ES", "B12345678")),
        ("46584837", None),
        ("CHE-123.456.789", None),
        ("QQ123456", None),
        ("DKK", None),
        ("Denmark 12", None),
        ("", None),
    ],
)
def test_split(text: str, offer: Offer | None) -> None:
    assert split(text) == offer


def test_an_offer_waits_for_a_word_and_is_no_error() -> None:
    form = edited(tin="PL46584837")
    assert form.is_valid()
    assert form.offers == {"tin": Offer("PL", "46584837")}


def test_a_number_nobody_touched_is_left_alone() -> None:
    form = edited(tinCountry="PL")
    assert form.is_valid()
    assert not form.offers
    assert not form.doubts


def test_a_wrong_check_digit_is_a_doubt() -> None:
    form = edited(tin="12345678")
    assert form.is_valid()
    assert set(form.doubts) == {"tin"}
    assert "Denmark" in form.doubts["tin"]


@pytest.mark.parametrize(
    ("number", "country", "doubtful"),
    [
        ("13585628", "DK", False),
        ("13585629", "DK", True),
        ("DK13585628", "", False),
        ("12345", "XX", False),
        ("12345", "not a country", False),
        ("", "DK", False),
        ("?", "DK", True),
    ],
)
def test_check(number: str, country: str, doubtful: bool) -> None:
    assert bool(check(number, country)) is doubtful
