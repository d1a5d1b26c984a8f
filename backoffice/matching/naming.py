"""Names of companies: words without legal form, numbers, and the legal form by itself."""

from __future__ import annotations

import re
from typing import NamedTuple

from backoffice.matching.data import forms, words
from backoffice.matching.folding import fold

# "a/s", "S.p.A.", "sp.k.", "z.o.o.": short parts with dots or slashes are one word.
_SHORTENED = re.compile(r"(?:\w{1,2}[./]){1,}\w{0,3}[.,;]*")
_WORD = re.compile(r"\w+")
_ROMAN = re.compile(r"(?=[xvi])(x{0,3})(ix|iv|v?i{0,3})")
_FIRST_ROMAN = frozenset(("ii", "iii", "iv", "vii", "viii"))  # no words: numbers before a name, too
_UNITED = {"states": "usa", "kingdom": "uk"}
_SINGLE = re.compile(r"(?<![\w.&/])[IVX](?![\w.&/])")
_ROMAN_VALUES = {"x": 10, "v": 5, "i": 1}
_QUOTES = str.maketrans({"'": None, "(": " ", ")": " ", '"': " ", "„": " ", "”": " ", "“": " "})


class Name(NamedTuple):
    """words in their order, numbers sorted, form "" where there is none."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    form: str


def tokens(text: str) -> list[str]:
    """The folded words of a text; shortened ones without their dots."""
    text = fold(text)
    chunks = text.split()
    if "".join(chunks).isalnum():
        return chunks
    found: list[str] = []
    for chunk in text.translate(_QUOTES).split():
        if chunk.isalnum():
            found.append(chunk)
        elif _SHORTENED.fullmatch(chunk):
            found.append(chunk.replace(".", "").replace("/", "").rstrip(",;"))
        else:
            found += _WORD.findall(chunk)
    return found


def _read_forms() -> tuple[dict[str, str], dict[str, int], dict[str, frozenset[str]]]:
    codes: dict[str, str] = {}
    starts: dict[str, int] = {}
    countries = {}
    for code, where, spellings in forms.rows():
        countries[code] = where
        for spelling in spellings:
            parts = [word for word in tokens(spelling) if word not in words.JOINING]
            compact = "".join(parts)
            codes.setdefault(compact, code)
            # Letter by letter, as in "s p a", it has most words.
            longest = max(len(parts) + 1, len(compact) if len(compact) <= 6 else 0)
            for start in {parts[0], compact, *([compact[0]] if len(compact) <= 4 else ())}:
                starts[start] = max(starts.get(start, 0), longest)
            if len(parts) > 1 and len(compact) <= 10:
                for end in range(2, len(parts)):
                    starts.setdefault("".join(parts[:end]), longest)
    return codes, starts, countries


_FORMS, _STARTS, FORM_COUNTRIES = _read_forms()
_SYNONYMS = {fold(short): fold(full) for short, full in words.NAMES.items()}
_JOINING = frozenset(map(fold, words.JOINING))
_ARTICLES = frozenset(map(fold, words.ARTICLES))
_BRANCHES = frozenset(map(fold, words.BRANCHES))
_PLACES = frozenset(map(fold, words.PLACES))
_NOTHING = _JOINING | _ARTICLES | {"publ"}


def parse(text: str) -> Name:
    """A name taken apart. Something is always left of a name that has a letter or a digit."""
    single = not text.isupper() and ("I" in text or "V" in text or "X" in text)
    every = tokens(_SINGLE.sub(_figure, text) if single else text)
    core, form = _without_form(every)
    core = _without_branch(_with_states(core))
    numbers, rest = _numbers(core)
    kept = [_SYNONYMS.get(word, word) for word in _spelled(rest) if word not in _NOTHING]
    if not kept:
        kept = rest or ([] if numbers else every)
    return Name(tuple(kept), tuple(sorted(numbers)), form)


def _figure(found: re.Match[str]) -> str:
    """A capital I, V or X by itself is a number, and no "i"; where all is in capitals, only at the end."""
    return {"I": "1", "V": "5", "X": "10"}[found[0]]


def _without_form(every: list[str]) -> tuple[list[str], str]:
    """The words that are no legal form; the longest form stands for the name where there are several."""
    rest: list[str] = []
    best = ("", "")
    at = 0
    while at < len(every):
        found = _form_at(every, at) if every[at] in _STARTS else None
        if found is None:
            rest.append(every[at])
            at += 1
        else:
            at, compact = found
            if len(compact) > len(best[0]) or _FORMS[best[0]] == "co":
                best = (compact, _FORMS[compact])
    return (rest, best[1]) if rest else (every, "")


def _form_at(every: list[str], at: int) -> tuple[int, str] | None:
    longest = _STARTS[every[at]] + 2
    parts = ""
    found = None
    for end in range(at, min(len(every), at + longest)):
        if every[end] not in _JOINING or (len(every[end]) == 1 and every[end] != "&"):
            parts += every[end]
            if parts in _FORMS:
                found = (end + 1, parts)
    return found


def _with_states(core: list[str]) -> list[str]:
    """ "united states" and "united kingdom" in one word."""
    if "united" not in core:
        return core
    found: list[str] = []
    for word in core:
        if found and found[-1] == "united" and word in _UNITED:
            found[-1] = _UNITED[word]
        else:
            found.append(word)
    return found


def _without_branch(core: list[str]) -> list[str]:
    if _BRANCHES.isdisjoint(core):
        return core
    for at, word in enumerate(core):
        if at and word in _BRANCHES:
            return core[:at]
    return core


def _numbers(core: list[str]) -> tuple[set[str], list[str]]:
    """(numbers in figures, other words). A single "i", "v" or "x" is a number only at the end."""
    if "".join(core).isalpha() and _ROMAN_VALUES.keys().isdisjoint([word[0] for word in core]):
        return set(), core  # most names
    numbers: set[str] = set()
    rest: list[str] = []
    last = max((at for at, word in enumerate(core) if word not in _PLACES), default=0)
    for at, word in enumerate(core):
        if word[0].isdigit() and word.isdigit():
            numbers.add(word.lstrip("0") or "0")
        elif (
            word[0] in _ROMAN_VALUES
            and _ROMAN.fullmatch(word)
            and ((at and (len(word) > 1 or at == last)) or (word in _FIRST_ROMAN and len(core) > 1))
        ):
            numbers.add(str(_roman(word)))
        elif any(map(str.isdigit, word)) and word not in _SYNONYMS:
            numbers.add(word)
        else:
            rest.append(word)
    return numbers, rest


def _roman(word: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in word]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def _spelled(rest: list[str]) -> list[str]:
    """Letters that stand alone beside each other are one word: "J P Morgan" is "jp morgan"."""
    if 1 not in map(len, rest):
        return rest
    found: list[str] = []
    alone = False
    for word in rest:
        single = len(word) == 1
        if single and alone:
            found[-1] += word
        else:
            found.append(word)
        alone = single
    return found
