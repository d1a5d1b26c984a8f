"""One cell that came back: whether a person touched it, and what value it holds now.

Touched is what differs from what stood there. Programs retype texts behind a person's back (0123 becomes 123, 1-2
a day in February, TRUE a yes); where what stands there can be the old text retyped, the cell counts as untouched.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

from backoffice.formats import words
from backoffice.resources import Field, Kind
from backoffice.resources.schema import is_key, key_of_iri
from backoffice.services import reading
from backoffice.services.exports.cells import Lists, in_file, is_short

_DIGITS = 15  # a spreadsheet holds no more of a number
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?\d{1,15}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?")


class Unreadable(ValueError):
    """The cell holds what its field cannot; the message says what to write."""


def touched(item: Field, value: Any, base: Any, lists: Lists) -> bool:
    """Whether `value` (None: empty) is not what the file had for `base`."""
    if item.kind is not Kind.REFERENCE and type(value) is type(base) and value == base:
        return False  # nearly every cell of every sheet
    return not _same(in_file(item, base, lists)[0], value)


def cut_short(item: Field, base: Any, lists: Lists) -> bool:
    """Whether the file did not hold the whole value, so that no edit of it can be meant."""
    return in_file(item, base, lists)[1]


def _same(stood: Any, found: Any) -> bool:
    if stood is None or found is None or found == "":
        return all(each is None or (isinstance(each, str) and not each.strip()) for each in (stood, found))
    if isinstance(found, str):
        return _same_text(stood, found) or not (found.strip() or str(stood).strip())
    if isinstance(stood, str):
        return _retyped(stood, found)
    if isinstance(found, int | float):
        # A file holds 15 or 16 digits of a fraction; whole numbers are compared to the last one.
        whole = isinstance(stood, int) and abs(stood) < 10**_DIGITS
        return bool(stood == found or (not whole and math.isclose(stood, found, rel_tol=1e-14)))
    return False


def _same_text(stood: Any, found: str) -> bool:
    if isinstance(stood, str):
        return one_newline(stood) == one_newline(found)
    if isinstance(stood, bool):
        return found.strip().casefold() == str(stood).casefold()
    bare = found.strip()
    return _NUMBER.fullmatch(bare) is not None and float(bare) == float(stood)


def _retyped(stood: str, found: Any) -> bool:
    if isinstance(found, bool):
        return stood.strip().casefold() == str(found).casefold()
    if isinstance(found, int | float):
        return any(_close(text, factor, float(found)) for text, factor in _as_numbers(stood))
    if isinstance(found, timedelta):
        seconds = int(found.total_seconds())
        return _made_of(stood, {seconds // 3600, seconds // 60 % 60, seconds % 60})
    parts: set[int] = set()
    if isinstance(found, date):  # and datetime
        parts |= {found.year, found.year % 100, found.month, found.day}
    if isinstance(found, datetime | time):
        parts |= {found.hour, found.hour % 12, found.minute, found.second}
    return _made_of(stood, parts)


def _as_numbers(text: str) -> list[tuple[str, float]]:
    """The numbers that a program of some language may see in a text, with a factor: 5 % is 0.05."""
    bare = re.sub(r"[\s\u00a0\u202f']", "", text)
    factor = 0.01 if bare.endswith("%") else 1.0
    bare = bare.removesuffix("%")
    if re.fullmatch(r"\(.*\)", bare):
        bare = f"-{bare[1:-1]}"
    forms = {bare, bare.replace(",", ""), bare.replace(".", ""), bare.replace(".", "").replace(",", ".")}
    return [(form, factor) for form in forms if _NUMBER.fullmatch(form)]


def _close(text: str, factor: float, found: float) -> bool:
    """Equal; of a number with more digits than a spreadsheet holds, as far as it holds them."""
    number = float(text) * factor
    long = sum(map(str.isdigit, text)) > _DIGITS or factor != 1.0
    return number == found or (long and math.isclose(number, found, rel_tol=1e-14))


def _made_of(text: str, parts: set[int]) -> bool:
    """Whether a day or a time can be what became of a text: each number in it is a part of it."""
    numbers = re.findall(r"\d+", text)
    told = len(numbers) > 1 or (numbers and re.search(r"[^\W\d_]", text))
    return bool(told) and all(len(number) < 5 and int(number) in parts for number in numbers)


def one_newline(text: str) -> str:
    return _LINE_ENDS.sub("\n", text)


def decoded(item: Field, value: Any, lists: Lists) -> Any:
    """The value that the cell holds for this field; None for an empty one. Raises Unreadable.

    Of a record in a long list its number, as text; whoever asks has to find it.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if item.kind is Kind.INTEGER:
        return _integer(value)
    if item.kind is Kind.BOOLEAN:
        return _boolean(value)
    text = _text(value)
    if item.kind is Kind.REFERENCE:
        return _chosen(item, text.strip(), lists) if is_short(item) else _key(text.strip())
    if item.kind is Kind.COUNTRY_CODE:
        return _country(text.strip())
    return text if item.kind is Kind.LONG_TEXT else text.strip()


def _integer(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_DIGITS:
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, date | time | timedelta):
        raise Unreadable(_("This cell holds a day or a time. Write a whole number, for example 30."))
    raise Unreadable(_("Write a whole number without unit, point or comma, for example 30."))


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().casefold() in ("true", "false"):
        return value.strip().casefold() == "true"
    raise Unreadable(_("Choose TRUE or FALSE from the list of the cell."))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        raise Unreadable(_("This cell holds TRUE or FALSE. Write a text."))
    if isinstance(value, date | time | timedelta):
        raise Unreadable(_("This cell holds a day or a time. Mark it as text, and write it again."))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 10**_DIGITS):
        raise Unreadable(_("This cell holds a number that is not exact. Mark it as text, and write it again."))
    text = one_newline(str(value))
    if _CONTROL.search(text):
        raise Unreadable(_("Remove the invisible control character from this text."))
    return text


def _key(text: str) -> str:
    """A number, or an address that ends in one."""
    key = key_of_iri(re.split(r"[?#]", text)[0])
    if not is_key(key):
        raise Unreadable(_("Write the number of the record; it stands in the address of its page."))
    return key


def _country(text: str) -> str:
    code = text.upper()
    if not words.country_name(code):
        raise Unreadable(_("Write the two letters of a country, for example DK."))
    return code


def _chosen(item: Field, text: str, lists: Lists) -> str:
    """The address of what was chosen: by what the sheet offers, else by its name or number."""
    folded = text.casefold()
    offered = lists.get(item.references, {})
    ways: tuple[Mapping[str, str], ...] = (
        offered,
        {choice.value: choice.label for choice in reading.choices(item.references)},
        {iri: key_of_iri(iri) for iri in offered},
        {iri: iri for iri in offered},
    )
    for way in ways:
        found = [iri for iri, shown in way.items() if shown.casefold() == folded]
        if len(found) == 1:
            return found[0]
    raise Unreadable(_("“%(text)s” is not in the list of the cell. Choose one from it.") % {"text": text[:60]})
