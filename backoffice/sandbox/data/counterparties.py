"""Counterparties of the demo data, with what is known about which of them are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from . import companies
from .companies import Company
from .names import COST_GROUPS, ODD_PLACES

_ICONS = tuple(icon for _, _, icon in COST_GROUPS)
_PER_GROUP = 15
_PER_LOOKALIKES = 40


@dataclass(frozen=True)
class Draft:
    name: str
    domain: str
    group: int = 0
    """Number of the group of duplicates; 0 for none."""
    lookalikes: int = 0


@dataclass(frozen=True)
class Counterparties:
    rows: list[tuple[Any, ...]]
    duplicates: list[tuple[int, ...]]
    """Ids that are one and the same company."""
    lookalikes: list[tuple[int, ...]]
    """Ids that look like one company and are several."""


@lru_cache(maxsize=4)
def counterparties(count: int, seed: int) -> Counterparties:
    random = Random(f"{seed}:counterparties")  # noqa: S311 - no secret
    drafts = _drafts(random, count)
    rows = [_row(random, number, draft) for number, draft in enumerate(drafts, 1)]
    groups: dict[int, list[int]] = {}
    alike: dict[int, list[int]] = {}
    for number, draft in enumerate(drafts, 1):
        if number in ODD_PLACES:
            continue
        if draft.group:
            groups.setdefault(draft.group, []).append(number)
        if draft.lookalikes:
            alike.setdefault(draft.lookalikes, []).append(number)
    return Counterparties(rows, _several(groups), _several(alike))


def _several(found: dict[int, list[int]]) -> list[tuple[int, ...]]:
    return sorted(tuple(ids) for ids in found.values() if len(ids) > 1)


def _drafts(random: Random, count: int) -> list[Draft]:
    """Groups of duplicates, then lookalikes, then companies that are only themselves; all shuffled."""
    firms = _distinct(random)
    drafts: list[Draft] = []
    for group in range(1, count // _PER_GROUP + 1):
        drafts += _duplicates(random, next(firms), group)
    for number in range(1, count // _PER_LOOKALIKES + 1):
        firm = next(firms)
        drafts += [Draft(each.name, each.domain, lookalikes=number) for each in companies.lookalikes(random, firm)]
    while len(drafts) < count:
        firm = next(firms)
        drafts.append(Draft(firm.name, firm.domain))
    drafts = drafts[:count]
    random.shuffle(drafts)
    return drafts


def _duplicates(random: Random, firm: Company, group: int) -> list[Draft]:
    size = random.choice((2, 2, 2, 3, 3, 4))
    return [Draft(name, firm.domain, group) for name in companies.variants(random, firm, size)]


def _distinct(random: Random) -> Iterator[Company]:
    """Companies that differ in root or trade, so that no duplicate comes about by chance while names last."""
    seen: set[tuple[str, str]] = set()
    misses = 0
    while True:
        firm = companies.company(random, companies.land(random))
        if (firm.root, firm.trade) in seen and misses < 50:
            misses += 1
            continue
        misses = 0
        seen.add((firm.root, firm.trade))
        yield firm


def _row(random: Random, number: int, draft: Draft) -> tuple[Any, ...]:
    name = ODD_PLACES.get(number, draft.name)
    website = None
    if random.random() < 0.55:
        website = random.choice(("https://{}/", "https://www.{}", "http://{}/")).format(draft.domain)
    logo = f"https://logo.example/{number}.png" if random.random() < 0.3 else None
    return (
        number,
        random.choices(("vendor", "customer", "bank", "other"), (70, 15, 5, 10))[0],
        random.random() < 0.6,
        random.random() < 0.2,
        random.random() < 0.05,
        logo,
        website,
        name,
        random.choice(_ICONS) if random.random() < 0.4 else None,
    )
