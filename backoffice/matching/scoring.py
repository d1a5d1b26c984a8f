"""The score of a pair: the sum of what its signals are worth, and the account of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from backoffice.matching.features import CAPPED, SIGNALS, compare
from backoffice.matching.names import FIRST_WORDS, MORE_WORDS, Signals
from backoffice.matching.normalise import Facts, normalise
from backoffice.matching.record import Record
from backoffice.matching.statistics import MILLI, Statistics
from backoffice.matching.validity import contradicting
from backoffice.matching.weights import HUNDRED, fitted

Tier = Literal["sure", "likely", ""]
# A name is one signal, however much of it agrees; each of these is another, independent one.
_INDEPENDENT = {
    "tax_id_same": "tax_id",
    "site_same": "site",
    "email_same": "email",
    "email_site_same": "site",
    "phone_same": "place",
    "street_same": "place",
}
_NAMED = frozenset(("name_same", "name_same_but_typos", "informal_same"))
NAMESAKES = 500  # of "name_namesakes": from here on a name and the site that is called like it are no two signals
# None of these may stand in a sure pair.
_CONTRADICTIONS = frozenset(
    ["tax_id_differs", "numbers_differ", "places_differ", "form_country_differs", "country_differs"]
)
_UNSURE = _CONTRADICTIONS | {"name_rare_typo", "name_other", "site_differs", "numbers_one_side", "form_differs"}


@dataclass(frozen=True, slots=True)
class Contribution:
    """One line of the account. weight in hundredths of log-odds, above zero speaks for the pair.

    code is stable (`features.SIGNALS`, or "address_cap"); raw and normalised hold the values of (a, b).
    """

    field: str
    code: str
    weight: int
    raw: tuple[str, str]
    normalised: tuple[str, str]

    @property
    def speaks_for(self) -> bool:
        return self.weight > 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair has its score: contributions sum to it exactly. contradictions are codes, outweighed or not."""

    score: int
    threshold: int
    tier: Tier
    contributions: tuple[Contribution, ...]
    contradictions: tuple[str, ...]


def weigh(signals: Signals) -> list[tuple[str, int]]:
    """(code, hundredths) of each signal, and of the cap on the address group where it bites."""
    model = _model()
    found = []
    address = 0
    for code, amount in signals:
        weight = _share(model[code], amount)
        if code in CAPPED:
            address += weight
        found.append((code, weight))
    if address > model["address_cap"]:
        found.append(("address_cap", model["address_cap"] - address))
    return found


def total(signals: Signals) -> int:
    """The score of a pair in hundredths of log-odds."""
    model = _model()
    score = address = 0
    for code, amount in signals:
        weight = model[code] if amount == MILLI else _share(model[code], amount)
        score += weight
        if code in CAPPED:
            address += weight
    cap = model["address_cap"]
    return score - address + cap if address > cap else score


@cache
def best_of_name() -> int:
    """The most that the words of a name can speak for a pair."""
    model = _model()
    words = _share(model["name_words"], FIRST_WORDS) + _share(model["name_words_more"], MORE_WORDS)
    whole = max(model[code] for code in ("name_same", "name_same_but_typos", "name_initials", "informal_same"))
    return words + whole + max(model["name_rare_word"], model["informal_rare_word"])


def tier(score: int, signals: Signals, a: Facts, b: Facts, threshold: int) -> Tier:
    """ "sure" has two independent agreeing signals and no contradiction; a name alone never is."""
    if score < threshold:
        return ""
    codes = dict(signals)
    agreeing = {_INDEPENDENT[code] for code in codes.keys() & _INDEPENDENT.keys()}
    if codes.get("name_namesakes", 0) > NAMESAKES:
        agreeing.discard("site")
        agreeing.discard("email")
    if codes.keys() & _NAMED:
        agreeing.add("name")
    if len(agreeing) < 2 or codes.keys() & _UNSURE or contradicting(a, b):
        return "likely"
    return "sure"


def explain(a: Record, b: Record, statistics: Statistics | None = None) -> Explanation:
    """The account of a pair, under the frozen statistics of a scan; without them, as of two records in no set."""
    statistics = statistics or Statistics()
    ours, theirs = normalise(a), normalise(b)
    signals = compare(ours, theirs, statistics)
    score = total(signals)
    lines = tuple(
        Contribution(field, code, weight, _raw(field, a, b), _normalised(field, ours, theirs))
        for code, weight in weigh(signals)
        for field in (field_of(code),)
    )
    against = [code for code, _ in signals if code in _CONTRADICTIONS]
    if contradicting(ours, theirs) and "tax_id_differs" not in against:
        against.append("tax_id_differs")
    limit = statistics.threshold
    return Explanation(score, limit, tier(score, signals, ours, theirs, limit), lines, tuple(against))


def field_of(code: str) -> str:
    return SIGNALS[code][0] if code in SIGNALS else "address"


@cache
def _model() -> dict[str, int]:
    found: dict[str, int] = fitted()["weights"]
    return found


def _share(weight: int, amount: int) -> int:
    """weight times amount, rounded half away from zero by whole numbers only."""
    product = weight * amount
    half = MILLI // 2
    return (product + half) // MILLI if product >= 0 else -((-product + half) // MILLI)


def as_text(hundredths: int) -> str:
    """ "12.34": a score as it is written in files."""
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), HUNDRED)
    return f"{sign}{whole}.{rest:02}"


def _raw(field: str, a: Record, b: Record) -> tuple[str, str]:
    return _raw_of(field, a), _raw_of(field, b)


def _raw_of(field: str, record: Record) -> str:
    if field in ("name", "number", "place", "form"):
        return record.name
    if field == "site":
        return record.url
    if field == "email":
        return ", ".join(record.emails)
    if field == "address":
        parts = (record.street, record.post_code, record.city, record.phone)
        return ", ".join(part for part in parts if part)
    return str(getattr(record, field))


def _normalised(field: str, a: Facts, b: Facts) -> tuple[str, str]:
    return _normalised_of(field, a), _normalised_of(field, b)


def _normalised_of(field: str, facts: Facts) -> str:
    if field in ("name", "place"):
        return " ".join(facts.words)
    if field == "number":
        return " ".join(facts.numbers)
    if field == "site":
        return facts.domain
    if field == "email":
        return ", ".join((*facts.emails, *facts.mail_domains))
    if field == "street":
        return f"{facts.street} {facts.house}".strip()
    if field == "address":
        parts = (facts.street, facts.house, facts.post_code, facts.city, facts.phone)
        return ", ".join(part for part in parts if part)
    return str(getattr(facts, field))
