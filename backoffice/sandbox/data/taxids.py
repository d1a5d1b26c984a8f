"""Tax numbers with right check digits, drawn at random: none is anybody's on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random


def _digits(random: Random, count: int) -> list[int]:
    """Digits of which the first is not zero."""
    return [random.randrange(1, 10), *(random.randrange(10) for _ in range(count - 1))]


def _text(digits: Sequence[int]) -> str:
    return "".join(map(str, digits))


def _weighted(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def cvr(random: Random) -> str:
    """Denmark: eight digits, weighted sum divisible by 11."""
    while True:
        digits = _digits(random, 7)
        check = -_weighted(digits, (2, 7, 6, 5, 4, 3, 2)) % 11
        if check < 10:
            return _text([*digits, check])


def nip(random: Random) -> str:
    """Poland: ten digits, the last is the weighted sum modulo 11."""
    while True:
        digits = _digits(random, 9)
        check = _weighted(digits, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11
        if check < 10:
            return _text([*digits, check])


def ust_id(random: Random) -> str:
    """Germany: nine digits, ISO 7064 modulo 11, 10."""
    digits = _digits(random, 8)
    product = 10
    for digit in digits:
        product = ((digit + product - 1) % 10 + 1) * 2 % 11
    return _text([*digits, (11 - product) % 10])


def orgnr(random: Random) -> str:
    """Sweden: ten digits beginning 55 or 56 as companies' do, the last by Luhn."""
    digits = [5, random.choice((5, 6)), random.randrange(2, 10), *(random.randrange(10) for _ in range(6))]
    doubled = (digit * (2 - place % 2) for place, digit in enumerate(digits))
    return _text([*digits, -sum(sum(divmod(each, 10)) for each in doubled) % 10])


def gb_vat(random: Random) -> str:
    """Great Britain: nine digits, weighted sum and the last two divisible by 97."""
    digits = _digits(random, 7)
    check = 97 - _weighted(digits, (8, 7, 6, 5, 4, 3, 2)) % 97
    return f"{_text(digits)}{check:02}"


def spoilt(number: str) -> str:
    """The same number with its last digit wrong."""
    return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"


GENERATORS: dict[str, Callable[[Random], str]] = {
    "DK": cvr,
    "PL": nip,
    "DE": ust_id,
    "SE": orgnr,
    "GB": gb_vat,
}
