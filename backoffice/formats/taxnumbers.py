"""Tax numbers: one that carries its country, and one whose check digit does not fit. Advice, never a wall."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from stdnum import get_cc_module

from backoffice.formats import words

# Countries that write another prefix into VAT numbers than their ISO code.
_PREFIXES = {"EL": "GR"}
# National numbers beside the VAT number, by the names that python-stdnum gives them.
_NATIONAL = ("vat", "tin", "cvr", "nip", "orgnr", "stnr", "idnr", "utr", "mva")
# A prefix is believed only before something that is mostly a number.
_WITH_COUNTRY = re.compile(r"([A-Za-z]{2})[\s.:-]*((?=[A-Za-z0-9]{0,4}\d)[A-Za-z0-9][A-Za-z0-9\s./-]{2,})")
_LEAST_DIGITS = 4


@dataclass(frozen=True)
class Offer:
    """`country` (ISO 3166) and the `number` without it."""

    country: str
    number: str


def split(text: str) -> Offer | None:
    """`PL46584837` as PL and 46584837; None where no known country stands in front.

    The Swiss CHE-123.456.789 is a number of its own and not Switzerland's CH before E123456789.
    """
    found = _WITH_COUNTRY.fullmatch(text.strip())
    if found is None or sum(char.isdigit() for char in found[2]) < _LEAST_DIGITS:
        return None
    prefix = found[1].upper()
    country = _PREFIXES.get(prefix, prefix)
    if not words.country_name(country) or (prefix == "CH" and found[2][0] in "Ee"):
        return None
    return Offer(country, found[2].strip())


def offers_of(values: Mapping[str, Any]) -> dict[str, Offer]:
    """The offers among these fields, by field name."""
    return {name: offer for name, value in values.items() if (offer := split(str(value or "")))}


def check(number: str, country: str) -> str:
    """A warning where the number is none of the numbers that python-stdnum knows of the country; else ""."""
    offer = split(number)
    if offer is not None:
        country, number = offer.country, offer.number
    validators = _validators(country.lower())
    if not number or not validators or any(_valid(module, number, country) for module in validators):
        return ""
    return _("This is not a valid number of %(country)s. Check it for a typing error.") % {
        "country": words.country_name(country) or country
    }


@lru_cache(maxsize=512)
def _validators(country: str) -> tuple[Any, ...]:
    if not re.fullmatch("[a-z]{2}", country):
        return ()
    found = (get_cc_module(country, name) for name in _NATIONAL)
    return tuple(dict.fromkeys(module for module in found if module is not None))


def _valid(module: Any, number: str, country: str) -> bool:
    return bool(module.is_valid(number) or module.is_valid(f"{country}{number}"))
