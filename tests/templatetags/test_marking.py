"""What a search meant, marked."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.templatetags.marking import marked


@pytest.mark.parametrize(
    ("text", "sought", "shown"),
    [
        ("Østjysk Handel", "øst", "<mark>Øst</mark>jysk Handel"),
        ("Anna & Anders", "an & s", "<mark>An</mark>na <mark>&amp;</mark> <mark>An</mark>der<mark>s</mark>"),
        ("Anden", "an anden", "<mark>Anden</mark>"),
        ("Großmann", "ss", "Gro<mark>ß</mark>mann"),
        ("Großmann", "s", "Gro<mark>ß</mark>mann"),
        ("GROSSMANN", "groß", "<mark>GROSS</mark>MANN"),
        ("<b>fed</b>", "b", "&lt;<mark>b</mark>&gt;fed&lt;/<mark>b</mark>&gt;"),
        ("a.b", ".", "a<mark>.</mark>b"),
        ("Anden", "", "Anden"),
        ("", "an", ""),
    ],
)
def test_words_are_marked(text: str, sought: str, shown: str) -> None:
    assert marked(text, sought) == shown


@given(st.text(), st.text())
def test_nothing_is_lost_and_nothing_is_markup(text: str, sought: str) -> None:
    assert html.unescape(re.sub("</?mark>", "", marked(text, sought))) == html.unescape(html.escape(text))
