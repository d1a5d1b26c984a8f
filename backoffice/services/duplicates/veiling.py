"""Statistics that still count a word or value which may not be read any more.

A scan keeps the words, values and towns that several records share, since a score depends on how many do. Of a
person who was redacted a keyed digest stands in their place: nobody can read or guess it from the database, and
whoever has a record with the same word finds it counted as before, so that scores stay what they were.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from backoffice.matching import Record, Statistics, normalise
from backoffice.matching.statistics import values
from backoffice.models import Scan

_MARK = "~"  # what a digest begins with; no word and no value does
_COUNTS = ("words", "shared")  # texts with how many records have them; "places" are texts alone


def read(text: str) -> Statistics:
    """The statistics of a scan, as they were stored."""
    found = Statistics.from_json(text)
    if f'"{_MARK}' not in text:
        return found
    return replace(found, words=_Counts(found.words), shared=_Counts(found.shared), places=_Names(found.places))


def texts_of(record: Record) -> set[str]:
    """How a record stands in statistics: the words of its name, what others may share, its town."""
    facts = normalise(record)
    return {*facts.bag, *values(facts), facts.city} - {""}


def texts_in(text: str) -> set[str]:
    """The same of a name, an e-mail address or a phone number, whichever it is."""
    return texts_of(Record(id="", name=text, phone=text, emails=(text,)))


def veiled(text: str, texts: Collection[str]) -> str:
    """Stored statistics in which none of these can be read; as they were where none could."""
    held: dict[str, Any] = json.loads(text)
    found = held | {name: {_veil(each, texts): n for each, n in held[name].items()} for name in _COUNTS}
    found["places"] = sorted(_veil(each, texts) for each in held["places"])
    return text if found == held else json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def readable(texts: Collection[str]) -> Iterator[tuple[UUID, str]]:
    """The scans in whose statistics one of these can be read, with statistics in which none can."""
    for number, text in Scan.objects.exclude(statistics="").values_list("pk", "statistics").iterator(chunk_size=1):
        if (another := veiled(text, texts)) != text:
            yield number, another


def _veil(text: str, texts: Collection[str]) -> str:
    return _digest(text) if text in texts else text


@lru_cache(maxsize=1 << 14)
def _digest(text: str) -> str:
    return _MARK + hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


class _Counts(dict[str, int]):
    """Finds what is veiled by the text itself."""

    def __contains__(self, text: object) -> bool:
        return super().__contains__(text) or super().__contains__(_digest(str(text)))

    def __missing__(self, text: str) -> int:
        if (found := self.get(text)) is None:
            raise KeyError(text)
        return int(found)

    def get(self, text: str, default: Any = None, /) -> Any:
        found = super().get(text)
        return super().get(_digest(text), default) if found is None else found


class _Names(frozenset[str]):
    def __contains__(self, text: object) -> bool:
        return super().__contains__(text) or super().__contains__(_digest(str(text)))
