"""True companies, each once, with relatives that look like them: siblings, parents, namesakes and near brands."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.companies import vocabulary as v

ROMAN = ("I", "II", "III", "IV", "V", "VI")
PLAIN = str.maketrans("øæåäöüłóśńżźçéèêñáíúąę", "oaaaoulosnzzceeenaiuae")
Family = tuple[list["Entity"], list["Entity"]]


@dataclass(frozen=True)
class Entity:
    land: v.Land
    core: str  # the name without its form
    form: str  # "short=long"
    front: bool  # the form stands first: "K/S Brand IV"
    site: str
    domain: str
    tax: str
    street: str
    post: str
    town: str
    phone: str
    emails: tuple[str, ...]
    client: bool  # has an address and more; others have a name and perhaps a site


def families(draw: random.Random) -> Iterator[Family]:
    """Without end: (companies that are easily taken for each other, others that belong to them)."""
    while True:
        kind = draw.random()
        if kind < 0.925:
            yield [_single(draw)], []
        elif kind < 0.948:
            yield _siblings(draw, _numbered(draw))
        elif kind < 0.971:
            yield _siblings(draw, [f"{{}} {end}" for end in draw.sample(v.DIVISIONS, draw.randint(2, 4))])
        elif kind < 0.982:
            yield _towns(draw), []
        elif kind < 0.991:
            first = _brand(draw)
            land = draw.choice([land for land in v.LANDS if land is not first.land])
            yield [first, _located(draw, first.core, land, first.client)], []
        else:
            first = _brand(draw)
            word, _, rest = first.core.partition(" ")
            yield [first, _located(draw, f"{_changed(draw, word)} {rest}".strip(), first.land, first.client)], []


def _single(draw: random.Random) -> Entity:
    kind = draw.random()
    if kind < 0.2:
        return _person(draw)
    land, client = _land(draw), draw.random() < 0.5
    trade = draw.choice(land.trades)
    if kind < 0.25:
        return _located(draw, f"{word(draw)}-{word(draw)} {trade}", land, client)
    if kind < 0.29:
        letters = "".join(draw.choice("ABCDEFGHIJKLMNOPRSTV") for _ in range(3))
        return _located(draw, f"{letters} {trade} {draw.choice(land.towns)}", land, client)
    if kind < 0.35:
        return _located(draw, f"{draw.choice(land.towns)} {word(draw)} {trade}", land, client)
    if kind < 0.37:
        return _located(draw, f"{word(draw)} Group", land, client)
    return _brand(draw)


def _numbered(draw: random.Random) -> list[str]:
    """Patterns of names for a brand, numbered one after the other."""
    count, head = draw.randint(2, 4), draw.choice(v.NUMBERED)
    first = draw.randint(1, 80)
    numbers = list(ROMAN[:count]) if draw.random() < 0.4 else [str(first + step) for step in range(count)]
    return [f"{head} {number}" for number in numbers]


def _siblings(draw: random.Random, patterns: list[str]) -> Family:
    """Companies of one group, and the parent that all of them have."""
    brand, land, client = word(draw), _land(draw), draw.random() < 0.5
    end = f" {land.name}" if draw.random() < 0.25 and not patterns[0].endswith(("I", *"123456789")) else ""
    found = [_located(draw, pattern.format(brand) + end, land, client) for pattern in patterns]
    parent = _located(draw, f"{brand} Group", land, client)
    if draw.random() < 0.4:  # one roof
        found = [
            replace(each, street=parent.street, post=parent.post, town=parent.town, phone=parent.phone)
            for each in found
        ]
    if draw.random() < 0.25:  # one domain for mail, of the group or of each
        host = f"{brand.lower()}{draw.choice(('group', '-group', ''))}.{land.suffix}"
        found = [replace(each, emails=_emails(draw, host, land)) for each in found]
        parent = replace(parent, emails=_emails(draw, host, land))
    return found, [parent]


def _towns(draw: random.Random) -> list[Entity]:
    land, client = _land(draw), draw.random() < 0.5
    core = f"{word(draw)} {draw.choice(land.trades)}"
    return [_located(draw, f"{core} {town}", land, client) for town in draw.sample(land.towns, draw.randint(2, 4))]


def _person(draw: random.Random) -> Entity:
    land = _land(draw)
    trade, last, first = draw.choice(land.trades), draw.choice(land.last_names), draw.choice(v.FIRST_NAMES)
    core = draw.choices(
        (
            f"{first} {last} {trade}",
            f"{first} {last} {land.sons} {trade}",
            f"{last} & {draw.choice(land.last_names)} {trade}",
        ),
        (32, 27, 41),
    )[0]
    return _located(draw, core, land, draw.random() < 0.5)


def _brand(draw: random.Random) -> Entity:
    land = _land(draw)
    kind = draw.random()
    if kind < 0.06:
        core = word(draw)
    elif kind < 0.62:
        core = f"{word(draw)} {draw.choice(land.trades)}"
    else:
        core = f"{word(draw)} {draw.choice(v.DIVISIONS)}"
        if draw.random() < 0.3:
            core += f" {land.name}"
    return _located(draw, core, land, draw.random() < 0.5)


def _located(draw: random.Random, core: str, land: v.Land, client: bool) -> Entity:
    domain = _domain(draw, core, land)
    emails = _emails(draw, domain, land)
    tax = "".join(str(draw.randint(1, 9)) if c == "9" else c for c in land.tax)
    digits = "".join(str(draw.randint(0, 9)) for _ in range(8 if land.code in ("DK", "NO") else 9))
    phone = land.dial + digits
    if draw.random() < 0.02:  # a bureau answers for them
        bureau = draw.randrange(len(v.BUREAUS))
        emails = (*emails[:1], f"bogholderi@{v.BUREAUS[bureau]}")
        phone = f"{land.dial}7020{bureau:04}" if draw.random() < 0.3 else phone
    site = domain
    if draw.random() < 0.01:
        site = draw.choice(v.PAGES).format(_slug(core)[:18])
    front = core.startswith("K/S ")
    return Entity(
        land,
        core,
        "" if front else draw.choice(land.forms),
        front,
        site,
        domain,
        tax,
        f"{draw.choice(land.streets)} {draw.randint(1, 250)}",
        "".join(str(draw.randint(0, 9)) for _ in range(land.post)),
        draw.choice(land.towns),
        phone,
        emails,
        client,
    )


def _slug(core: str) -> str:
    return "".join(c for c in core.lower().translate(PLAIN) if c.isalnum())


def _domain(draw: random.Random, core: str, land: v.Land) -> str:
    """Of the whole name, or of its first word, or of the first two: whoever came first has the short one."""
    words = [slug for slug in map(_slug, core.replace("-", " ").split()) if slug]
    kind = draw.random()
    if kind < 0.5:
        made = "".join(words)
    elif kind < 0.7:
        made = "-".join(words)
    elif kind < 0.85:
        made = words[0]
    else:
        made = draw.choice(("", "-")).join(words[:2])
    return f"{made}.{draw.choices((land.suffix, 'com', 'eu', 'net', 'io'), (68, 11, 7, 7, 7))[0]}"


def _emails(draw: random.Random, host: str, land: v.Land) -> tuple[str, ...]:
    found = [f"{draw.choice(v.MAIL_HEADS)}@{host}"] if draw.random() < 0.75 else []
    for _ in range(draw.choice((0 if found else 1, 1, 1, 2, 2, 3))):
        who = f"{draw.choice(v.FIRST_NAMES)}.{draw.choice(land.last_names)}".lower().translate(PLAIN)
        found.append(f"{who}@{host if draw.random() < 0.8 else draw.choice(v.FREE)}")
    return tuple(found)


def word(draw: random.Random) -> str:
    parts = draw.choice((2, 2, 3))
    made = "".join(draw.choice(v.ONSETS) + draw.choice(v.VOWELS) + draw.choice(v.CODAS) for _ in range(parts))
    return made.upper() if draw.random() < 0.06 else made.capitalize()


def _changed(draw: random.Random, text: str) -> str:
    at = draw.randrange(1, len(text))
    return text[:at] + draw.choice([c for c in "abdegiklmnoprstuv" if c != text[at]]) + text[at + 1 :]


def _land(draw: random.Random) -> v.Land:
    return draw.choices(v.LANDS, [land.share for land in v.LANDS])[0]
