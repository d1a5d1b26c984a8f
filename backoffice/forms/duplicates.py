"""What people ask of the queue of duplicates, in its address, and what they say about a card."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from backoffice.models.duplicates import GroupState, VerdictKind

TIERS = ("sure", "likely")
YES, NO = "yes", "no"
TYPED = "typed"  # sent by Enter in a reason, where no script says which
# When a card that was put off comes back; None: when something about its records changes.
LATER: dict[str, timedelta | None] = {"week": timedelta(days=7), "month": timedelta(days=30), "change": None}
_LONGEST = 100  # characters of a filter
_LONGEST_REASON = 2_000
_CHOICES: dict[str, tuple[str, ...]] = {
    "entity": (),
    "state": (GroupState.LATER, GroupState.DECIDED),  # "to be looked at" goes without saying
    "type": (),
    "tier": TIERS,
    "logo": (YES, NO),
    "q": (),
}


def _squeezed(text: str, longest: int = _LONGEST) -> str:
    return " ".join(text.replace("\x00", " ").split())[:longest]


@dataclass(frozen=True)
class QueueFilter:
    """`values` holds only what is set: entity, state, type, tier, logo ("yes", "no") and q. What is none of the
    choices is left out."""

    values: Mapping[str, str]

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        found = {name: _squeezed(query.get(name, "")) for name in _CHOICES}
        fine = {name: text for name, text in found.items() if text in (_CHOICES[name] or (text,))}
        return cls({name: text for name, text in fine.items() if text})

    @property
    def state(self) -> str:
        return self.values.get("state", GroupState.OPEN)

    @property
    def logo(self) -> bool | None:
        return {YES: True, NO: False}.get(self.values.get("logo", ""))

    @property
    def narrowed(self) -> bool:
        return bool(self.values.keys() - {"entity", "state"})

    @property
    def query(self) -> str:
        """To stand after a question mark."""
        return urlencode(self.values)

    def url(self, path: str, page: int = 1) -> str:
        query = urlencode([*self.values.items(), *([("page", str(page))] if page > 1 else [])])
        return f"{path}?{query}" if query else path

    def but(self, **changed: str) -> Self:
        """With other values; "" takes one out."""
        return type(self)({name: text for name, text in {**self.values, **changed}.items() if text})


@dataclass(frozen=True)
class VerdictFilter:
    """The filters of the list of verdicts: kind, state (open, ended, all), entity and q."""

    values: Mapping[str, str]

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        found = {name: _squeezed(query.get(name, "")) for name in ("kind", "state", "entity", "q")}
        if found["kind"] not in VerdictKind.values:
            found["kind"] = ""
        if found["state"] not in ("ended", "all"):
            found["state"] = ""
        return cls({name: text for name, text in found.items() if text})

    def url(self, path: str, page: int = 1) -> str:
        query = urlencode([*self.values.items(), *([("page", str(page))] if page > 1 else [])])
        return f"{path}?{query}" if query else path


@dataclass(frozen=True)
class Spoken:
    """What was sent from a card. `kind` is none of VerdictKind where the form was tampered with ("").

    `version`: of the card that was looked at. `act`: the form's own number; sent again it is one verdict. `keys`:
    the ticked members. `until`: when `later` is over.
    """

    kind: str
    version: str
    act: uuid.UUID | None
    keys: tuple[str, ...]
    reason: str
    until: datetime | None

    @classmethod
    def read(cls, sent: QueryDict) -> Self:
        kind, _dash, span = (sent.get("kind", "") if sent.get("kind") != TYPED else _typed(sent)).partition("-")
        wait = LATER.get(span)
        return cls(
            kind=kind if kind in VerdictKind.values else "",
            version=sent.get("version", "")[:64],
            act=as_uuid(sent.get("act", "")),
            keys=tuple(dict.fromkeys(sent.getlist("key"))),
            reason=_squeezed(sent.get(f"reason_{kind}", ""), _LONGEST_REASON),
            until=timezone.now() + wait if kind == VerdictKind.LATER and wait else None,
        )


def _typed(sent: QueryDict) -> str:
    """The verdict whose reason was typed, where Enter sent it."""
    related = sent.get("reason_related", "").strip() and not sent.get("reason_separate", "").strip()
    return VerdictKind.RELATED if related else VerdictKind.SEPARATE


def as_uuid(text: str) -> uuid.UUID | None:
    """None for what is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
