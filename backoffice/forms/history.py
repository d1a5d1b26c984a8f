"""The filters of the history in its address; what cannot be read is left out and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from backoffice.resources import PAGES, Field, Resource

_TEXTS = ("q", "actor", "entity", "key", "field", "action", "outcome")
_DATES = ("since", "until")
_LONGEST = 100
_YEARS = range(1970, 3000)


@dataclass(frozen=True)
class HistoryFilter:
    """`values` holds only what is set; dates are ISO, a field is written `clients.dueDays`."""

    values: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        found, notes = {}, []
        for name in (*_TEXTS, *_DATES):
            text = " ".join(query.get(name, "").replace("\x00", " ").split())[:_LONGEST]
            if not text:
                continue
            if name in _DATES and not _is_date(text):
                notes.append(_("A date could not be read and was left out; write it as 2026-11-22."))
            elif name == "field" and field_of(text) is None:
                notes.append(_("There is no such field; choose one from the list."))
            else:
                found[name] = text
        return cls(found, tuple(dict.fromkeys(notes)))

    def url(self, path: str, page: int = 1, *, file_format: str = "") -> str:
        more = [("page", str(page))] if page > 1 else []
        more += [("as", file_format)] if file_format else []
        query = urlencode([*self.values.items(), *more], safe="/")
        return f"{path}?{query}" if query else path

    def without(self, name: str) -> Self:
        return type(self)({held: value for held, value in self.values.items() if held != name})


def field_of(text: str) -> tuple[Resource, Field] | None:
    """`clients.dueDays` as the entity and its field."""
    slug, _dot, name = text.partition(".")
    resource = PAGES.get(slug)
    item = resource.by_name.get(name) if resource else None
    return (resource, item) if resource and item else None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).year in _YEARS
    except ValueError:
        return False
