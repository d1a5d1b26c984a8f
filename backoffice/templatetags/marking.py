"""The part of a text that a search meant, marked."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString


def marked(text: str, sought: str) -> SafeString:
    """`text` with `<mark>` around each place where a word of `sought` stands, whatever its capitals."""
    pattern = _pattern(sought)
    if pattern is None:
        return escape(text)
    # Folding may lengthen a letter ("ß" becomes "ss"): `at` leads from each folded one back to its own.
    at = [place for place, letter in enumerate(text) for _each in letter.casefold()]
    parts, end = [], 0
    for match in pattern.finditer(text.casefold()):
        first, last = max(at[match.start()], end), at[match.end() - 1] + 1
        if first < last:
            parts += [escape(text[end:first]), "<mark>", escape(text[first:last]), "</mark>"]
            end = last
    return SafeString("".join([*parts, escape(text[end:])]))


@lru_cache(maxsize=64)
def _pattern(sought: str) -> re.Pattern[str] | None:
    words = sorted(set(sought.casefold().split()), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words))) if words else None
