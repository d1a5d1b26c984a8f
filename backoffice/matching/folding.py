"""Text without case, diacritics and spelling habits, so that both readings of a letter become the same.

"ø" is written "o" and "oe", "å" "a" and "aa", "ü" "u" and "ue". All of them are folded to the shorter one, the
spelled-out ones too: "Sønner", "Sonner" and "Soenner" are one word. That "Noel" becomes "nol" with it costs
nothing, because every text goes the same way.
"""

from __future__ import annotations

import unicodedata

_LETTERS = {
    "ø": "o", "æ": "a", "å": "a", "ä": "a", "ö": "o", "ü": "u", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
    "œ": "o", "ı": "i", "ħ": "h", "ŋ": "n", "ŧ": "t", "’": "'", "‘": "'", "´": "'", "`": "'",
}  # fmt: skip
_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяєіїґ",
        "a b v g d e zh z i i k l m n o p r s t u f kh ts ch sh shch * y * e iu ia ie i i g".replace(
            "*", "_"
        ).split(),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        [
            "a",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "th",
            "i",
            "k",
            "l",
            "m",
            "n",
            "x",
            "o",
            "p",
            "r",
            "s",
            "s",
            "t",
            "y",
            "f",
            "ch",
            "ps",
            "o",
        ],
        strict=True,
    )
)
_TABLE = str.maketrans(_LETTERS | {k: v.strip("_") for k, v in (_CYRILLIC | _GREEK).items()})


def fold(text: str) -> str:
    """Lower case, letters a to z where they have one, spelled-out diacritics shortened."""
    text = text.lower()
    if not text.isascii():
        text = text.translate(_TABLE)
        if not text.isascii():
            text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
            text = text.translate(_TABLE)
    return text.replace("oe", "o").replace("ae", "a").replace("ue", "u").replace("aa", "a")
