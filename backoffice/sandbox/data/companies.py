"""Company names: believable ones, the same company written differently, and others that only look alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .names import LANDS, Land

_ASCII = str.maketrans(
    {"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "ß": "ss", "å": "a", "Å": "A"}
)
_SPELT_OUT = str.maketrans(
    {"ø": "oe", "Ø": "Oe", "æ": "ae", "Æ": "Ae", "å": "aa", "Å": "Aa", "ü": "ue", "ö": "oe", "ä": "ae", "ß": "ss"}
)
_OTHER_FORMS = {
    "ApS": ("Aps", "APS", "Anpartsselskab", ""),
    "A/S": ("AS", "a/s", "Aktieselskab", ""),
    "I/S": ("IS", ""),
    "sp. z o.o.": ("Sp. z o.o.", "SP Z O O", "Spółka z o.o.", "sp.zo.o", ""),
    "S.A.": ("SA", "Spółka Akcyjna"),
    "GmbH": ("Gmbh", "G.m.b.H.", "GMBH", ""),
    "GmbH & Co. KG": ("GmbH & Co KG", "GmbH und Co. KG"),
    "AG": ("Aktiengesellschaft", ""),
    "AB": ("Aktiebolag", "Ab", ""),
    "Ltd": ("Ltd.", "Limited", "LTD", ""),
    "Limited": ("Ltd", ""),
}


@dataclass(frozen=True)
class Company:
    root: str
    trade: str
    form: str
    land: Land

    @property
    def name(self) -> str:
        return " ".join(each for each in (self.root, self.trade, self.form) if each)

    @property
    def domain(self) -> str:
        """A website's host; `.example` belongs to nobody."""
        return f"{slug(self.root)}-{slug(self.trade)}.example" if self.trade else f"{slug(self.root)}.example"


def land(random: Random) -> Land:
    return random.choices(LANDS, weights=[each.weight for each in LANDS])[0]


def company(random: Random, where: Land) -> Company:
    root = random.choice(where.heads) + random.choice(where.tails)
    shape = random.random()
    if shape < 0.2:
        root = f"{random.choice(where.family)} & {random.choice(where.family)}"
    elif shape < 0.3:
        root = f"{random.choice(where.given)} {random.choice(where.family)}"
    return Company(root, random.choice(where.trades), random.choice(where.forms), where)


def slug(text: str) -> str:
    """Lower-case ASCII with hyphens."""
    plain = unicodedata.normalize("NFKD", text.translate(_SPELT_OUT).translate(_ASCII))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-") or "x"


def plain_letters(text: str) -> str:
    """Without diacritics, one letter for one."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_ASCII))
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def _other_form(random: Random, firm: Company) -> str:
    form = random.choice(_OTHER_FORMS.get(firm.form, (firm.form.lower(), "")))
    return " ".join(each for each in (firm.root, firm.trade, form) if each)


def _typo(random: Random, firm: Company) -> str:
    """Two letters exchanged, one lost or one doubled, somewhere inside the root."""
    root = firm.root
    place = random.randrange(1, max(2, len(root) - 2))
    changed = random.choice(
        (
            root[:place] + root[place + 1] + root[place] + root[place + 2 :],
            root[:place] + root[place + 1 :],
            root[:place] + root[place] + root[place:],
        )
    )
    return firm.name.replace(root, changed, 1)


def _conjunction(random: Random, firm: Company) -> str:
    if " & " in firm.root:
        return firm.name.replace(" & ", f" {firm.land.ampersand} ", 1)
    return f"{firm.name} ({firm.land.code})"


_VARIANTS: tuple[Callable[[Random, Company], str], ...] = (
    _other_form,
    _other_form,
    _typo,
    _conjunction,
    lambda _, firm: plain_letters(firm.name),
    lambda _, firm: firm.name.translate(_SPELT_OUT),
    lambda _, firm: firm.name.upper(),
    lambda _, firm: f"{firm.trade} {firm.root} {firm.form}".strip(),
    lambda _, firm: f" {firm.root}  {firm.trade}, {firm.form}".rstrip(", "),
    lambda _, firm: firm.name,
)


def variants(random: Random, firm: Company, count: int) -> list[str]:
    """`count` spellings of one company, its own name first; a few may be equal, as they are in real life."""
    return [firm.name, *(random.choice(_VARIANTS)(random, firm) for _ in range(count - 1))]


def lookalikes(random: Random, firm: Company) -> list[Company]:
    """Companies that a careless matcher would take for one: numbered, of another trade, or of another country."""
    kind = random.randrange(3)
    if kind == 0:
        numbers = random.choice((("1", "2", "3"), ("I", "II", "III"), ("2019", "2021")))
        return [Company(firm.root, f"Ejendomme {number}", firm.form, firm.land) for number in numbers]
    if kind == 1:
        trades = random.sample(firm.land.trades, 3)
        return [Company(firm.root, trade, firm.form, firm.land) for trade in trades]
    others = random.sample(LANDS, 2)
    return [Company(firm.root, "", other.forms[0], other) for other in others]
