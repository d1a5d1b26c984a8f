"""The whole data set in chunks of rows, ready to be inserted; the same seed gives the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Any

from ..storage import Chunk, Seed
from . import companies
from .counterparties import counterparties
from .names import (
    ATTRIBUTE_SETS,
    COST_GROUPS,
    COUNTRIES,
    CURRENCIES,
    EMPLOYEES,
    NOTES,
    ODD_PLACES,
    Land,
)
from .taxids import GENERATORS, spoilt

Values = tuple[Any, ...]
_EPOCH = datetime(2024, 1, 1, 8, tzinfo=UTC)
_CHUNK = 5_000
_KEPT = 5_000
"""Data sets up to this many records are kept, because a test-suite starts the same one again and again."""


@dataclass(frozen=True)
class Plan:
    clients: int
    counterparties: int
    seed: int
    codes_as_ids: bool


def demo_data(*, clients: int, counterparties: int, seed: int, codes_as_ids: bool) -> Seed:
    """What fills a new database."""
    plan = Plan(clients, counterparties, seed, codes_as_ids)
    if clients + counterparties <= _KEPT:
        return lambda: _kept(plan)
    return lambda: _chunks(plan)


def duplicate_groups(counterparties_: int = 900, seed: int = 1) -> list[tuple[int, ...]]:
    """The truth about a data set: ids of counterparties that are one company."""
    return counterparties(counterparties_, seed).duplicates


def lookalike_groups(counterparties_: int = 900, seed: int = 1) -> list[tuple[int, ...]]:
    """Ids of counterparties that look alike and are not the same."""
    return counterparties(counterparties_, seed).lookalikes


@lru_cache(maxsize=8)
def _kept(plan: Plan) -> tuple[Chunk, ...]:
    return tuple(_chunks(plan))


def _chunks(plan: Plan) -> Iterator[Chunk]:
    yield "countries", [(_code(plan, number, code), name, code) for number, (code, name) in _listed(COUNTRIES)]
    yield "currencies", [(_code(plan, number, code), name, code) for number, (code, name) in _listed(CURRENCIES)]
    yield "employees", [(number, *each) for number, each in _listed(EMPLOYEES)]
    yield "cost-groups", [(number, *each) for number, each in _listed(COST_GROUPS)]
    yield "attribute-sets", list(_listed(ATTRIBUTE_SETS))
    yield "counterparties", counterparties(plan.counterparties, plan.seed).rows
    clients = _clients(plan)
    while some := list(islice(clients, _CHUNK)):
        yield "clients", [row for row, _ in some]
        lands = [(row[0], where) for row, where in some]
        yield from _belongings(plan, lands)


def _listed(values: tuple[Any, ...]) -> list[tuple[int, Any]]:
    return list(enumerate(values, 1))


def _code(plan: Plan, number: int, code: str) -> str:
    return code if plan.codes_as_ids else str(number)


def _keys(plan: Plan, values: tuple[Any, ...]) -> dict[str, str]:
    """Code -> key."""
    return {code: _code(plan, number, code) for number, (code, _) in _listed(values)}


def _clients(plan: Plan) -> Iterator[tuple[Values, Land]]:
    random = Random(f"{plan.seed}:clients")  # noqa: S311 - no secret
    countries, currencies = _keys(plan, COUNTRIES), _keys(plan, CURRENCIES)
    groups = [
        json.dumps({"id": number, "name": name, "type": kind}) for number, (name, kind, _) in _listed(COST_GROUPS)
    ]
    for number in range(1, plan.clients + 1):
        where = companies.land(random)
        firm = companies.company(random, where)
        tax_number = GENERATORS[where.code](random)
        group = random.randrange(len(groups)) if random.random() < 0.4 else None
        yield (
            (
                number,
                countries[where.code],
                currencies["EUR" if random.random() < 0.1 else where.currency],
                _default_cost(random, plan.counterparties),
                random.choices(("active", "inactive", "lead"), (70, 15, 15))[0],
                random.choice((1, 2, 3)) if random.random() < 0.2 else None,
                ODD_PLACES.get(number, firm.name),
                random.choice((0, 8, 14, 14, 14, 30, 30, 30, 45, 60)),
                *_tax(random, where, tax_number),
                f"cus_{random.getrandbits(48):012x}" if random.random() < 0.15 else None,
                random.choice(where.comments) if random.random() < 0.1 else None,
                where.tax_rate if random.random() < 0.7 else None,
                where.language,
                *_address(random, where, countries),
                _vat_number(random, where, tax_number),
                None if group is None else groups[group],
                None if group is None else COST_GROUPS[group][2],
            ),
            where,
        )


def _default_cost(random: Random, counterparties_: int) -> int | None:
    """A counterparty for two clients in three; a few counterparties are far more usual than the rest."""
    if not counterparties_ or random.random() > 0.65:
        return None
    return int(counterparties_ * random.random() ** 3) + 1


def _tax(random: Random, where: Land, number: str) -> Values:
    """tinType, tinCountry, tin: mostly right, sometimes wrong, prefixed or missing."""
    luck = random.random()
    if luck < 0.05:
        return "none", None, None
    if luck < 0.09:
        return where.tin_type, where.code, spoilt(number)
    if luck < 0.11:
        return where.tin_type, None, f"{where.vat_prefix}{number}"
    return where.tin_type, where.code if luck < 0.95 else None, number


def _vat_number(random: Random, where: Land, number: str) -> str | None:
    """What the same company writes on an invoice; missing for two in five."""
    return None if random.random() < 0.4 else f"{where.vat_prefix}{number}{where.vat_suffix}"


def _address(random: Random, where: Land, countries: dict[str, str]) -> Values:
    """Phone, city, post code, street, building, locale, country; some records have none of it."""
    if random.random() < 0.08:
        return (None,) * 7
    post_code, city = random.choice(where.cities)
    return (
        _phone(random, where) if random.random() < 0.6 else None,
        city,
        post_code,
        random.choice(where.streets) if random.random() < 0.9 else None,
        str(random.randrange(1, 180)) if random.random() < 0.85 else None,
        random.choice(("st. tv.", "1. th.", "2", "B", "14")) if random.random() < 0.2 else None,
        countries[where.code] if random.random() < 0.8 else None,
    )


def _phone(random: Random, where: Land) -> str:
    return f"{where.phone} {random.randrange(10, 100)} {random.randrange(10, 100)} {random.randrange(1000, 10000)}"


def _belongings(plan: Plan, clients: list[tuple[int, Land]]) -> Iterator[Chunk]:
    """Contacts, notes and documents of some clients."""
    random = Random(f"{plan.seed}:belongings:{clients[0][0]}")  # noqa: S311 - no secret
    contacts: list[Values] = []
    notes: list[Values] = []
    documents: list[Values] = []
    for client, where in clients:
        for position in range(random.choice((0, 1, 1, 1, 2, 2, 3)) if client > 1 else 2):
            contacts.append(_contact(random, client, where, position))
        for place in range(random.choice((0, 0, 0, 1, 2))):
            notes.append(_note(random, client, place))
        for _ in range(random.choice((0, 0, 1, 2, 4))):
            documents.append(_document(random, client))
    yield "client-contacts", contacts
    yield "client-notes", notes
    yield "documents", documents


def _moment(random: Random) -> str:
    return (_EPOCH + timedelta(minutes=random.randrange(1_200_000))).isoformat(timespec="seconds")


def _contact(random: Random, client: int, where: Land, position: int) -> Values:
    given, family = random.choice(where.given), random.choice(where.family)
    host = random.choice(("example.com", "example.org", "example.net"))
    made = _moment(random)
    return (
        None,
        client,
        random.choice(("invoice", "contract", "general")),
        position,
        f"{_address_part(given)}.{_address_part(family)}@{host}",
        f"{given} {family}",
        random.choice(where.titles) if random.random() < 0.7 else None,
        _phone(random, where) if random.random() < 0.5 else None,
        made,
        made,
    )


_address_part = lru_cache(maxsize=512)(companies.slug)


def _note(random: Random, client: int, place: int) -> Values:
    made = _moment(random)
    key = f"018cc0de-{place:04x}-7000-8000-{client:012x}"
    return (key, client, random.randrange(1, len(EMPLOYEES) + 1), random.choice(NOTES), made, made)


def _document(random: Random, client: int) -> Values:
    number = f"F-{random.randrange(2023, 2027)}-{random.randrange(1, 100_000):05}"
    return (None, client, number, f"{random.randrange(100, 5_000_000) / 100:.2f}", _moment(random))
