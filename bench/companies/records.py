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
TIMES_WEIGHTS = (912, 70, 11, 4, 3)
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
        for family in families(draw):
            firsts = []
            for entity in family:
                times = draw.choices(TIMES, TIMES_WEIGHTS)[0]
                ids = [f"M{order[number]:07}" for number in range(at, min(at + times, size))]
                for count, name in enumerate(ids):
                    lines[order[at + count]] = json.dumps(
                        {"id": name, **_record(draw, entity, count)}, ensure_ascii=False
                    )
                at += len(ids)
                gold.writerows((one, other) for n, one in enumerate(ids) for other in ids[n + 1 :])
                firsts += ids[:1]
            hard.writerows((one, other) for n, one in enumerate(firsts) for other in firsts[n + 1 :])
            if at >= size:
                break
    (folder / "records.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _pairs(path: Path) -> Any:
    return path.open("w", encoding="utf-8", newline="")


def _record(draw: random.Random, entity: Entity, count: int) -> Row:
    """The first record of a company is nearly clean, the others are not."""
    clean = count == 0 and draw.random() < 0.7
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
        if draw.random() < 0.72:
            found["url"] = _url(draw, entity.domain, clean)
        return found
    return found | _details(draw, entity, clean)


def _details(draw: random.Random, entity: Entity, clean: bool) -> Row:
    moved = not clean and draw.random() < 0.05
    land = entity.land
    street = f"{draw.choice(land.streets)} {draw.randint(1, 250)}" if moved else entity.street
    keep = 0.95 if clean else 0.85
    there = draw.random() < keep
    return {
        "taxId": _tax(draw, entity.tax, clean) if draw.random() < (0.8 if clean else 0.55) else "",
        "street": _street(draw, street, clean) if there else "",
        "postCode": entity.post if there and not moved and draw.random() < keep else "",
        "city": (entity.town if clean or draw.random() < 0.9 else entity.town.upper()) if there else "",
        "country": (land.code if clean or draw.random() < 0.8 else land.name) if there else "",
        "phone": _phone(draw, entity.phone, clean) if draw.random() < 0.65 else "",
        "emails": draw.sample(entity.emails, draw.randint(1, len(entity.emails))) if draw.random() < 0.7 else [],
    }


def _name(draw: random.Random, entity: Entity, clean: bool) -> str:
    short, _, long = entity.form.partition("=")
    if clean:
        return f"{entity.core} {short}"
    core = entity.core
    for chance, change in (
        (0.28, _typo),
        (0.06, _swap),
        (0.12, _plain),
        (0.05, _shorten),
        (0.03, _glue),
        (0.06, _typo),
    ):
        if draw.random() < chance:
            core = change(draw, core)
    form = draw.choices((short, long, "", short.lower(), short.replace(".", "")), (50, 15, 17, 8, 10))[0]
    name = f"{core} {form}".strip()
    if draw.random() < 0.08:
        name = f"{name} ({draw.choice((entity.town, entity.land.name))})"
    return draw.choices((name, name.upper(), name.lower(), f'"{core}" {form}'.strip()), (82, 10, 4, 4))[0]


def _typo(draw: random.Random, text: str) -> str:
    at = draw.randrange(1, len(text) - 1)
    kind = draw.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + draw.choice("abcdefghiklmnoprstuvwy") + text[at + 1 :]


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
        return f"https://www.{domain}"
    return draw.choice(
        (f"www.{domain}", domain, f"http://{domain}/", f"https://{domain}/kontakt", f"HTTPS://WWW.{domain}")
    )


def _tax(draw: random.Random, tax: str, clean: bool) -> str:
    if clean:
        return tax
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
