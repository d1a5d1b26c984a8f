"""A record as it is compared: each field without the habits of who typed it."""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern

from backoffice.matching.data import words
from backoffice.matching.folding import fold
from backoffice.matching.naming import parse, tokens
from backoffice.matching.record import Record

_DIGITS = re.compile(r"\d+")
_NOT_TAX = re.compile(r"[^0-9A-Z]+")
_HOUSE = re.compile(r"\d+[a-z]?")
_COUNTRIES = {fold(name): code for name, code in words.COUNTRIES.items()}
_STREET_WORDS = frozenset(map(fold, words.STREET_WORDS))
_ROOMS = frozenset(map(fold, words.ROOMS))
_DIRECTIONS = {fold(full): short for full, short in words.DIRECTIONS.items()}
_TAX_PREFIXES = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "EL",
        "GR",
        "ES",
        "FI",
        "FR",
        "GB",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "US",
        "CH",
        "IS",
        "XI",
    ]
)


class Facts:
    """One record, normalised. All texts are folded; "" and () stand for what is not known."""

    __slots__ = (
        "bag", "city", "compact", "country", "domain", "emails", "form", "house", "id", "informal", "mail_domains",
        "numbers", "phone", "post_code", "street", "tax_country", "tax_id", "words",
    )  # fmt: skip

    id: str
    words: tuple[str, ...]  # of the name, in their order
    bag: frozenset[str]  # the same words
    compact: str  # the same words without spaces
    numbers: tuple[str, ...]
    form: str
    domain: str  # the registrable part
    tax_id: str  # without prefix of the country
    tax_country: str
    street: str  # without kind of street and house number
    house: str
    post_code: str
    city: str
    country: str  # ISO code
    phone: str  # the last eight digits
    emails: tuple[str, ...]
    mail_domains: tuple[str, ...]  # those of companies only
    informal: bool


def normalise(record: Record) -> Facts:
    """The record as it is compared.

    One with an address, but without legal form, tax number, site and e-mail, is informal: a place rather than a
    company, whose name is written in many ways.
    """
    facts = Facts()
    facts.id = record.id
    name = parse(record.name)
    facts.words = tuple(map(intern, name.words))
    facts.bag = frozenset(facts.words)
    facts.compact = "".join(facts.words)
    facts.numbers, facts.form = name.numbers, name.form
    facts.domain = domain(record.url) if record.url else ""
    facts.country = country(record.country) if record.country else ""
    facts.tax_id, facts.tax_country = (
        tax_id(record.tax_id, facts.country) if record.tax_id else ("", facts.country)
    )
    facts.street, facts.house = street(record.street) if record.street else ("", "")
    facts.post_code = post_code(record.post_code) if record.post_code else ""
    facts.city = city(record.city) if record.city else ""
    facts.phone = phone(record.phone) if record.phone else ""
    facts.emails, facts.mail_domains = emails(record.emails) if record.emails else ((), ())
    facts.informal = bool(facts.street) and not (facts.form or facts.tax_id or facts.domain or facts.emails)
    return facts


def domain(url: str) -> str:
    """The part of a web address that somebody registered: "shop.acme.co.uk/x" -> "acme.co.uk"."""
    host = url.strip().lower()
    host = host.partition("//")[2] or host
    host = re.split(r"[/?#:\s]", host, maxsplit=1)[0].rpartition("@")[2].strip(".")
    parts = host.split(".")
    if len(parts) < 2:
        return ""
    wanted = 3 if len(parts) > 2 and ".".join(parts[-2:]) in words.SUFFIXES else 2
    return intern(".".join(parts[-wanted:]))


def label(name: str) -> str:
    """What a domain is called, without its suffix and hyphens, folded."""
    return fold(name.partition(".")[0]).replace("-", "")


@lru_cache(maxsize=4096)
def country(text: str) -> str:
    """The ISO code of a country's code or name; an unknown one in its own letters."""
    plain = "".join(tokens(text))
    return _COUNTRIES.get(plain, plain.upper())


def tax_id(text: str, where: str = "") -> tuple[str, str]:
    """(number without prefix, country). One that cannot be a number, as "n/a" or zeros, is ""."""
    plain = _NOT_TAX.sub("", text.upper())
    if plain[:2] in _TAX_PREFIXES and len(plain) > 6:
        plain, where = plain[2:], {"EL": "GR", "XI": "GB"}.get(plain[:2], plain[:2])
    if where == "NO" or (where == "" and plain.endswith("MVA")):
        plain = plain.removesuffix("MVA")
    if where in ("SE", "") and len(plain) == 12 and plain.endswith("01") and plain[2] >= "2":
        plain = plain[:10]  # the organisation's number within the VAT number
    if where == "FR" and len(plain) == 11:
        plain = plain[2:]  # the SIREN within the VAT number
    digits = sum(map(str.isdigit, plain))
    if digits < 5 or len(set(plain)) < 2:
        return "", where
    return plain, where


@lru_cache(maxsize=1 << 15)
def street(text: str) -> tuple[str, str]:
    """(name without kind of street, house number) of the part before the first comma."""
    house = ""
    kept: list[str] = []
    for word in tokens(text.partition(",")[0]):
        if word in _ROOMS and kept:
            break
        if not house and _HOUSE.fullmatch(word):
            house = word
        elif not word.isdigit():  # of two numbers the first is the house: "8938-40", "State 5 / 3"
            kept.append(_DIRECTIONS.get(word, word))
    if kept and kept[-1][0].isdigit() and len(kept) > 2:
        kept.pop()  # "1st" of "1st floor"
    named = [_without_end(word) for word in kept if word not in _STREET_WORDS] or kept
    return intern(" ".join(named)), intern(house)


def _without_end(word: str) -> str:
    for end in (*words.STREET_ENDS, "v", "g"):
        if word.endswith(end) and len(word) > len(end) + 3:
            return word.removesuffix(end)
    return word


@lru_cache(maxsize=1 << 14)
def post_code(text: str) -> str:
    """Letters and digits, without the country before them."""
    plain = "".join(c for c in text.upper() if c.isalnum())
    if len(plain) > 4 and plain[0].isalpha() and plain.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").isdigit():
        plain = plain.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return intern(plain)


@lru_cache(maxsize=1 << 14)
def city(text: str) -> str:
    """The words of a town without its numbers ("København K 1" and "København" differ)."""
    return intern(" ".join(word for word in tokens(text) if not word.isdigit()))


def phone(text: str) -> str:
    """The last eight digits: neither the country's number nor a leading zero is among them."""
    digits = "".join(_DIGITS.findall(text))
    if len(digits) < 6 or len(set(digits)) < 2:
        return ""
    return digits[-8:]


def emails(given: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(addresses, domains that are a company's), sorted, each once."""
    addresses = {text.strip().lower().removeprefix("mailto:") for text in given if "@" in text}
    hosts = {domain(address) for address in addresses} - words.FREE_MAIL - {""}
    return tuple(sorted(addresses)), tuple(sorted(hosts))
