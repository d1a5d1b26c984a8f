"""The filters of the history in its address; what cannot be read is left out and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

_TEXTS = ("actor", "entity", "action", "outcome", "key")
_DATES = ("since", "until")
_LONGEST = 100


@dataclass(frozen=True)
class HistoryFilter:
    """`values` holds only what is set; dates are ISO."""

    values: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        texts = {name: query.get(name, "").replace("\x00", "").strip()[:_LONGEST] for name in _TEXTS}
        asked = {name: query.get(name, "").strip() for name in _DATES}
        dates = {name: text for name, text in asked.items() if _is_date(text)}
        notes = (
            []
            if len(dates) == len([text for text in asked.values() if text])
            else [_("A date could not be read and was left out; write it as 2026-11-22.")]
        )
        return cls({name: value for name, value in (texts | dates).items() if value}, tuple(notes))

    def url(self, path: str, page: int = 1) -> str:
        query = urlencode([*sorted(self.values.items()), *([("page", page)] if page > 1 else [])])
        return f"{path}?{query}" if query else path


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
