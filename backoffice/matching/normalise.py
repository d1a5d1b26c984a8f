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
_HOST_END = re.compile(r"[/?#:\s]")
_NOT_TAX = re.compile(r"[^0-9A-Z]+")
_HOUSE = re.compile(r"\d+[a-z]?")
_COUNTRIES = {fold(name): code for name, code in words.COUNTRIES.items()}
_STREET_WORDS = frozenset(map(fold, words.STREET_WORDS))
_ROOMS = frozenset(map(fold, words.ROOMS))
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_ORDINAL_ENDS = frozenset(("st", "nd", "rd", "th"))
_DIRECTIONS = {fold(full): short for full, short in words.DIRECTIONS.items()}
_TURNS = frozenset((*_DIRECTIONS, *_DIRECTIONS.values()))
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

    def complete(self) -> None:
        """Set what follows from the words; each word is in memory once."""
        self.words = tuple(map(intern, self.words))
        self.bag = frozenset(self.words)
        self.compact = "".join(self.words)


def normalise(record: Record) -> Facts:
    """The record as it is compared.

    One with an address, but without tax number, site and e-mail, is informal: a place rather than a company, whose
    name is written in many ways.
    """
    facts = Facts()
    facts.id = record.id
    name = parse(record.name)
    facts.words = name.words
    facts.complete()
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
    facts.informal = bool(facts.street) and not (facts.tax_id or facts.domain or facts.emails)
    return facts


def domain(url: str) -> str:
    """The part of a web address that somebody registered: "shop.acme.co.uk/x" -> "acme.co.uk".

    Of a page on a host that is everybody's it is the page: "linkedin.com/company/acme" -> "acme.linkedin.com".
    """
    whole = url.strip().lower()
    whole = whole.partition("//")[2] or whole
    host = _HOST_END.split(whole, maxsplit=1)[0].rpartition("@")[2].strip(".")
    parts = host.split(".")
    if len(parts) < 2:
        return ""
    end = ".".join(parts[-2:])
    if end in words.PAGES:
        path = whole.partition("?")[0].partition("#")[0].rstrip("/").split("/")[1:]
        return intern(f"{path[-1].replace('.', '-')}.{end}") if path and path[-1] else ""
    if end in words.SUFFIXES:
        return intern(".".join(parts[-3:])) if len(parts) > 2 else ""
    return intern(end)


def is_page(name: str) -> bool:
    """Whether the domain is a page on a host that is everybody's, which a firm may have beside a site."""
    return name.count(".") > 1 and name.partition(".")[2] in words.PAGES


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
    every = tokens(text.partition(",")[0])
    for at, word in enumerate(every):
        if word in _ROOMS and kept:
            if kept[-1].isdigit() and len(kept) > 1:
                kept.pop()  # "1st" of "1st floor"
            break
        if not house and _HOUSE.fullmatch(word):
            house = word
        elif ordinal := _ordinal(every, at):
            kept.append(ordinal)
        elif not word.isdigit() and not (word in _ORDINAL_ENDS and kept and kept[-1] == every[at - 1]):
            # Of two numbers the first is the house: "8938-40", "State 5 / 3".
            kept.append(_DIRECTIONS.get(word, word))
    if len(kept) > 2 and kept[-1][0].isdigit() and not kept[-1].isdigit():
        kept.pop()  # "2b" after the house
    named = [_without_end(word) for word in kept if word not in _STREET_WORDS] or kept
    return intern(" ".join(named)), intern(house)


def _ordinal(every: list[str], at: int) -> str:
    """The number of a street that has one for a name ("27 E 113th St", "27 E 113 St", "27 E 113 th St")."""
    found = _ORDINAL.fullmatch(every[at])
    if found:
        return found[1]
    if not at or not every[at].isdigit():
        return ""
    after = every[at + 1] if at + 1 < len(every) else ""
    named = after in _STREET_WORDS or after in _ORDINAL_ENDS or every[at - 1] in _TURNS
    return every[at] if named else ""


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
    ends = {address.partition("@")[2] for address in addresses}
    hosts = {domain(end) for end in ends} - words.FREE_MAIL - {""}
    return tuple(sorted(addresses)), tuple(sorted(hosts))
