"""Values as markup: every kind, escaped, in the language of the reader."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from backoffice.formats import words
from backoffice.resources import Field, Kind
from backoffice.resources.clients import CLIENTS
from backoffice.templatetags import ui

COST = CLIENTS.by_name["defaultCost"]


def value(field: Field, raw: Any, names: dict[str, str] | None = None) -> str:
    return str(ui.value_html(field, raw, names or {}))


@pytest.mark.parametrize("raw", [None, "", [], {}])
def test_empty_is_a_grey_dash(raw: Any) -> None:
    assert "–" in value(CLIENTS.by_name["tin"], raw)


def test_zero_and_false_are_values() -> None:
    assert ">0<" in value(CLIENTS.by_name["dueDays"], 0)
    assert ">No<" in value(Field(name="x", label="X", kind=Kind.BOOLEAN), False)


@pytest.mark.parametrize(("language", "shown"), [("en", "1,234"), ("da", "1.234")])
def test_numbers_by_locale(language: str, shown: str) -> None:
    with translation.override(language):
        assert shown in value(CLIENTS.by_name["dueDays"], 1234)


@pytest.mark.parametrize(
    ("language", "day", "time"), [("en", "22 Nov 2026", "14:05"), ("da", "22.11.2026", "14.05")]
)
def test_dates_by_locale(language: str, day: str, time: str) -> None:
    stamp = Field(name="createdAt", label="Created", kind=Kind.TIMESTAMP)
    with translation.override(language), timezone.override("Europe/Copenhagen"):
        html = value(stamp, "2026-11-22T13:05:09+00:00")
        assert f">{day}</time>" in html
        assert "14:05:09 CET" in html
        assert 'datetime="2026-11-22T14:05:09+01:00"' in html
        assert f"{day} {time}" in str(ui.moment(datetime(2026, 11, 22, 13, 5, tzinfo=UTC)))


@pytest.mark.parametrize(
    "raw", ["soon", 12, True, {"a": 1}, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
def test_what_is_no_time_stamp_stays_as_it_came(raw: Any) -> None:
    assert value(Field(name="at", label="At", kind=Kind.TIMESTAMP), raw)


@pytest.mark.parametrize(
    ("language", "country", "tongue"), [("en", "Germany", "Danish"), ("da", "Tyskland", "Dansk")]
)
def test_codes_by_name(language: str, country: str, tongue: str) -> None:
    with translation.override(language):
        assert country in value(CLIENTS.by_name["tinCountry"], "DE")
        assert tongue in value(CLIENTS.by_name["documentsLanguage"], "da")
        assert "qq" in value(CLIENTS.by_name["documentsLanguage"], "qq")
        assert words.country_name("Q") == ""


def test_a_reference_shows_its_name_or_waits_for_it() -> None:
    assert "Office" in value(COST, "/counterparties/17", {"/counterparties/17": "Office"})
    waiting = value(COST, "/counterparties/17")
    assert ">#17<" in waiting
    assert ui.pending_class("/counterparties/17") in waiting
    assert ui.pending_class("/counterparties/18") not in waiting


def test_a_change_is_told_without_colour() -> None:
    html = str(ui.diff_html(CLIENTS, [("dueDays", 14, 30), ("addressCity", None, "Aarhus"), ("odd", 1, None)], {}))
    assert "<del>" in html
    assert "<ins>" in html
    assert html.count(">empty<") == 2
    assert "City" in html
    assert ">odd<" in html


def test_nothing_changed_is_no_table() -> None:
    assert ui.diff_html(CLIENTS, [], {}) == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(raw=JSON, field=st.sampled_from(CLIENTS.fields))
def test_any_value_in_any_field_is_shown_and_escaped(raw: Any, field: Field) -> None:
    for html in (value(field, raw), str(ui.cell_html(field, raw, {}, "Label")), str(ui.other_html(raw))):
        assert html
    poisoned = f"<script>{raw}</script>\"'&"
    for html in (
        value(field, poisoned),
        str(ui.cell_html(field, poisoned, {}, "Label")),
        str(ui.other_html(poisoned)),
    ):
        assert "<script" not in html
