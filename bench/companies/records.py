"""Records of the companies, as people type them: once, or several times and never quite the same."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

from bench.companies import vocabulary as v
from bench.companies.entities import Entity, families

TIMES = (1, 2, 3, 4, 5)
TIMES_WEIGHTS = (914, 69, 11, 3, 3)
Row = dict[str, Any]


def write(folder: Path, size: int, seed: int = 1) -> None:
    """records.jsonl, gold.csv and hard_negatives.csv in the folder; the same files for the same size and seed."""
    draw = random.Random(seed)  # noqa: S311
    order = list(range(size))
    draw.shuffle(order)
    at = 0
    lines: list[str] = [""] * size
    with _pairs(folder / "gold.csv") as gold_file, _pairs(folder / "hard_negatives.csv") as hard_file:
        gold, hard = csv.writer(gold_file), csv.writer(hard_file)
        gold.writerow(("id_a", "id_b"))
        hard.writerow(("id_a", "id_b"))
        for family, others in families(draw):
            firsts = []
            for entity in family + others:
                times = draw.choices(TIMES, TIMES_WEIGHTS)[0]
                ids = [f"M{order[number]:07}" for number in range(at, min(at + times, size))]
                for count, name in enumerate(ids):
                    lines[order[at + count]] = json.dumps(
                        {"id": name, **_record(draw, entity, count)}, ensure_ascii=False
                    )
                at += len(ids)
                gold.writerows((one, other) for n, one in enumerate(ids) for other in ids[n + 1 :])
                firsts += ids[:1] if entity in family else []
            hard.writerows((one, other) for n, one in enumerate(firsts) for other in firsts[n + 1 :])
            if at >= size:
                break
    (folder / "records.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _pairs(path: Path) -> Any:
    return path.open("w", encoding="utf-8", newline="")


def _record(draw: random.Random, entity: Entity, count: int) -> Row:
    """The first record of a company is nearly clean, the others are not."""
    clean = count == 0 and draw.random() < 0.85
    empty = {
        "url": "",
        "taxId": "",
        "street": "",
        "postCode": "",
        "city": "",
        "country": "",
        "phone": "",
        "emails": [],
    }
    found: Row = {"name": _name(draw, entity, clean), **empty}
    if not entity.client:
        if draw.random() < 0.73:
            found["url"] = _url(draw, _other_suffix(draw, entity.site, clean), clean)
        return found
    return found | _details(draw, entity, clean)


def _other_suffix(draw: random.Random, site: str, clean: bool) -> str:
    """Some firms have their name registered under several suffixes."""
    if clean or "/" in site or draw.random() > 0.05:
        return site
    return f"{site.partition('.')[0]}.com"


def _details(draw: random.Random, entity: Entity, clean: bool) -> Row:
    land = entity.land
    street, post, town = entity.street, entity.post, entity.town
    moved = not clean and draw.random() < 0.15
    if moved:
        street, town = f"{draw.choice(land.streets)} {draw.randint(1, 250)}", draw.choice(land.towns)
        post = "".join(str(draw.randint(0, 9)) for _ in range(land.post))
    phone = entity.phone
    if not clean and draw.random() < 0.07:
        phone = phone[:-6] + "".join(str(draw.randint(0, 9)) for _ in range(6))
    there = draw.random() < (1 if clean else 0.94)
    return {
        "taxId": _tax(draw, entity, clean) if draw.random() < (0.8 if clean else 0.65) else "",
        "street": _street(draw, street, clean) if there else "",
        "postCode": post if there and draw.random() < (1 if clean else 0.85) else "",
        "city": _town(draw, town, clean) if there else "",
        "country": (land.code if clean or draw.random() < 0.7 else land.name) if there else "",
        "phone": _phone(draw, phone, clean) if draw.random() < (0.75 if clean else 0.6) else "",
        "emails": draw.sample(entity.emails, draw.randint(1, len(entity.emails)))
        if draw.random() < (0.85 if clean else 0.75)
        else [],
    }


def _town(draw: random.Random, town: str, clean: bool) -> str:
    return town.upper() if not clean and draw.random() < 0.1 else town


def _name(draw: random.Random, entity: Entity, clean: bool) -> str:
    short, _, long = entity.form.partition("=")
    if clean:
        return f"{entity.core} {short}".strip()
    core = entity.core
    for chance, change in (
        (0.22, _typo),
        (0.08, _swap),
        (0.12, _plain),
        (0.08, _shorten),
        (0.05, _glue),
        (0.08, _typo),
        (0.03, _cut),
        (0.05, _drop),
        (0.02, _initials),
        (0.06, _dots),
    ):
        if draw.random() < chance:
            core = change(draw, core) or core
    form = draw.choices((short, long, "", short.lower(), short.replace(".", "")), (54, 14, 18, 7, 7))[0]
    name = f"{core} {form}".strip()
    if draw.random() < 0.1:
        name = _branch(draw, entity, name)
    return draw.choices(
        (name, name.upper(), name.lower(), f'"{core}" {form}'.strip(), f"The {name}"), (86, 6, 4, 3, 1)
    )[0]


def _branch(draw: random.Random, entity: Entity, name: str) -> str:
    land = entity.land
    if draw.random() < 0.25 and land.code in v.BRANCHES:
        return f"{name} {v.BRANCHES[land.code]} {entity.town}"
    where = draw.choice((entity.town, land.name))
    return draw.choice((f"{name} ({where})", f"{name} - {where}"))


def _cut(draw: random.Random, text: str) -> str:
    return text[: -draw.randint(1, 3)] if len(text) > 10 and not _numbered(text) else text


def _drop(draw: random.Random, text: str) -> str:
    words = text.split()
    return " ".join(words[:-1]) if len(words) > 2 and not _numbered(text) else text


def _numbered(text: str) -> bool:
    """A number is never what is lost of a name."""
    return any(map(str.isdigit, text)) or text.endswith((" I", " II", " III", " IV"))


def _initials(draw: random.Random, text: str) -> str:
    words = text.replace("-", " ").split()
    if len(words) < 3:
        return text
    return "".join(part if part.isdigit() else part[0] for part in words if part != "&").upper()


def _dots(draw: random.Random, text: str) -> str:
    return draw.choice((text.replace(" ", ", ", 1), text.replace(" ", "  "), f"{text}.", text.replace("&", "+")))


def _typo(draw: random.Random, text: str) -> str:
    """A slip within a word: a letter lost, one too many, two turned round, or the next key."""
    end = text.rfind(" ") if _numbered(text) else len(text) - 1
    places = [at for at in range(1, end - 1) if text[at].isalpha() and text[at + 1].isalpha()]
    if not places:
        return text
    at = draw.choice(places)
    kind = draw.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + draw.choice((text[at], draw.choice("aeiorstn"))) + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + draw.choice(v.BESIDE.get(text[at].lower(), text[at])) + text[at + 1 :]


def _swap(draw: random.Random, text: str) -> str:
    words = text.split()
    return " ".join(words[1:] + words[:1])


def _plain(draw: random.Random, text: str) -> str:
    long: dict[str, str | int | None] = {
        "ø": "oe",
        "æ": "ae",
        "å": "aa",
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Å": "Aa",
        "Ö": "Oe",
        "Ä": "Ae",
    }
    plain: dict[str, str | int | None] = {
        "ø": "o",
        "æ": "ae",
        "å": "a",
        "ä": "a",
        "ö": "o",
        "ü": "u",
        "ł": "l",
        "ó": "o",
        "ś": "s",
        "ń": "n",
        "é": "e",
    }
    return text.translate(str.maketrans(draw.choice((long, plain))))


def _shorten(draw: random.Random, text: str) -> str:
    return " ".join(v.SHORT.get(part, part) for part in text.split())


def _glue(draw: random.Random, text: str) -> str:
    return text.replace(" ", "", 1) if draw.random() < 0.5 else text.replace(" ", "-", 1)


def _url(draw: random.Random, domain: str, clean: bool) -> str:
    if clean:
        return f"https://www.{domain.removeprefix('www.')}"
    ways = ("www.{}", "{}", "http://{}/", "https://{}/kontakt", "HTTPS://WWW.{}", "https://{}/?utm_source=mail")
    return draw.choice(ways[:3] if "/" in domain else ways).format(domain.removeprefix("www."))


def _tax(draw: random.Random, entity: Entity, clean: bool) -> str:
    tax = entity.tax
    if clean:
        return tax
    if draw.random() < 0.005:  # registered anew
        tax = "".join(str(draw.randint(1, 9)) if c.isdigit() else c for c in tax)
    digits = tax.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") if tax[:2].isalpha() else tax
    if draw.random() < 0.03:
        at = draw.randrange(len(digits) - 3)
        return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    return draw.choice((tax, digits, f"{tax[:4]} {tax[4:]}", tax.lower(), f"{tax[:2]}-{tax[2:]}"))


def _street(draw: random.Random, street: str, clean: bool) -> str:
    if clean:
        return street
    short = street.replace("straße", "str.").replace("vej ", "v. ").replace("Street", "St").replace("Road", "Rd")
    return draw.choice((street, short, f"{street}, 1. sal", street.upper(), _plain(draw, street)))


def _phone(draw: random.Random, phone: str, clean: bool) -> str:
    dial, number = phone[:-8], phone[-8:]
    if clean:
        return phone
    return draw.choice(
        (phone, f"{dial} {number[:4]} {number[4:]}", number, "00" + phone[1:], f"({dial}) {number}")
    )
