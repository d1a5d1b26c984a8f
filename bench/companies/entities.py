"""True companies, each once, with relatives that look like them: siblings, namesakes and near brands."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.companies import vocabulary as v


@dataclass(frozen=True)
class Entity:
    land: v.Land
    core: str  # the name without its form
    form: str  # "short=long"
    domain: str
    tax: str
    street: str
    post: str
    town: str
    phone: str
    emails: tuple[str, ...]
    client: bool  # has an address and more; others have a name and perhaps a site


def families(draw: random.Random) -> Iterator[list[Entity]]:
    """Without end: one company, or several that are easily taken for each other."""
    while True:
        kind = draw.random()
        if kind < 0.885:
            yield [_person(draw) if draw.random() < 0.22 else _brand(draw)]
        elif kind < 0.925:
            yield _siblings(draw, [f"{draw.choice(v.NUMBERED)} {number}" for number in _numbers(draw)])
        elif kind < 0.965:
            yield _siblings(draw, draw.sample(v.DIVISIONS, draw.randint(2, 4)))
        elif kind < 0.98:
            yield _towns(draw)
        elif kind < 0.989:
            first = _brand(draw)
            yield [first, _located(draw, first.core, draw.choice(v.LANDS), first.client)]
        else:
            first = _brand(draw)
            word, _, rest = first.core.partition(" ")
            yield [first, _located(draw, f"{_changed(draw, word)} {rest}", first.land, first.client)]


def _numbers(draw: random.Random) -> list[str]:
    count = draw.randint(2, 5)
    if draw.random() < 0.4:
        return ["I", "II", "III", "IV", "V"][:count]
    first = draw.randint(1, 70)
    return [str(first + step) for step in range(count)]


def _siblings(draw: random.Random, ends: list[str]) -> list[Entity]:
    brand, land, client = word(draw), _land(draw), draw.random() < 0.5
    head = ends[0].rpartition(" ")[0]
    names = [f"{brand} {head} {end.rpartition(' ')[2]}".replace("  ", " ") for end in ends]
    found = [_located(draw, name, land, client) for name in names]
    if draw.random() < 0.45:  # one roof
        first = found[0]
        found = [
            replace(each, street=first.street, post=first.post, town=first.town, phone=first.phone)
            for each in found
        ]
    if draw.random() < 0.4:  # one mail domain
        host = f"{brand.lower()}group.{land.suffix}"
        found = [replace(each, emails=(f"{draw.choice(v.MAIL_HEADS)}@{host}",)) for each in found]
    return found


def _towns(draw: random.Random) -> list[Entity]:
    land, client = _land(draw), draw.random() < 0.5
    core = f"{word(draw)} {draw.choice(land.trades)}"
    towns = draw.sample(land.towns, 2)
    return [_located(draw, f"{core} {town}", land, client) for town in towns]


def _person(draw: random.Random) -> Entity:
    land = _land(draw)
    trade, last = draw.choice(land.trades), draw.choice(land.last_names)
    first = draw.choice(v.FIRST_NAMES)
    core = draw.choice(
        (
            f"{first} {last} {trade}",
            f"{first} {last} {land.sons} {trade}",
            f"{last} & {draw.choice(land.last_names)} {trade}",
        )
    )
    return _located(draw, core, land, draw.random() < 0.5)


def _brand(draw: random.Random) -> Entity:
    land = _land(draw)
    end = draw.choice(land.trades if draw.random() < 0.6 else v.DIVISIONS)
    core = f"{word(draw)} {end}" if draw.random() < 0.93 else word(draw)
    if draw.random() < 0.08:
        core += f" {land.name}"
    return _located(draw, core, land, draw.random() < 0.5)


def _located(draw: random.Random, core: str, land: v.Land, client: bool) -> Entity:
    slug = "".join(c for c in core.lower() if c.isalnum()).translate(
        str.maketrans("øæåäöüłóśńçéèñ", "oaaaoulosnceen")
    )
    slug = slug if draw.random() < 0.6 else f"{slug[:10]}{draw.randint(1, 9999)}"
    domain = f"{slug}.{land.suffix if draw.random() < 0.8 else draw.choice(('com', 'eu', 'net'))}"
    hosts = [domain if draw.random() < 0.8 else draw.choice(v.FREE) for _ in range(draw.randint(1, 3))]
    people = [f"{draw.choice(v.FIRST_NAMES)}.{draw.choice(land.last_names)}".lower() for _ in hosts]
    emails = [f"{draw.choice(v.MAIL_HEADS)}@{domain}"]
    emails += [f"{who}@{host}" for who, host in zip(people, hosts, strict=True)]
    if draw.random() < 0.05:
        emails.append(f"bogholderi@{draw.choice(v.BUREAUS)}")
    tax = "".join(str(draw.randint(1, 9)) if c == "9" else c for c in land.tax)
    phone = land.dial + "".join(str(draw.randint(0, 9)) for _ in range(8 if land.code in ("DK", "NO") else 9))
    street = f"{draw.choice(land.streets)} {draw.randint(1, 250)}"
    post = "".join(str(draw.randint(1, 9)) for _ in range(land.post))
    return Entity(
        land,
        core,
        draw.choice(land.forms),
        domain,
        tax,
        street,
        post,
        draw.choice(land.towns),
        phone,
        tuple(emails),
        client,
    )


def word(draw: random.Random) -> str:
    parts = draw.choice((2, 2, 3))
    made = "".join(draw.choice(v.ONSETS) + draw.choice(v.VOWELS) + draw.choice(v.CODAS) for _ in range(parts))
    return made.upper() if draw.random() < 0.06 else made.capitalize()


def _changed(draw: random.Random, text: str) -> str:
    at = draw.randrange(1, len(text))
    return text[:at] + draw.choice([c for c in "abdegiklmnoprstuv" if c != text[at]]) + text[at + 1 :]


def _land(draw: random.Random) -> v.Land:
    return draw.choices(v.LANDS, [land.share for land in v.LANDS])[0]
