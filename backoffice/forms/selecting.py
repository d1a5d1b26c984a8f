"""What a list showed when its selection bar was made; sent along, so that no answer reads the list again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.http import QueryDict

MOST_KEYS = 200  # rows of the longest page
_LONGEST_KEY = 200
_LONGEST = 60_000  # characters


@dataclass(frozen=True)
class Shown:
    """One page of a list: the list's query string, how many it holds (None: not known) and the keys of its rows.

    `whole`: all pages can be named, so that selecting all of them can be offered.
    """

    query: str = ""
    total: int | None = None
    whole: bool = False
    keys: tuple[str, ...] = ()

    @classmethod
    def read(cls, posted: QueryDict) -> Self:
        """What was sent along; nothing of it where it cannot be read. It decides about what is shown only."""
        try:
            held = json.loads(posted.get("shown", "")[:_LONGEST])
            json.dumps(held, ensure_ascii=False).encode()  # halves of a surrogate pair fit in no database
        except ValueError:
            return cls()
        if not isinstance(held, dict):
            return cls()
        query, total, keys = held.get("query"), held.get("total"), held.get("keys")
        return cls(
            query=query if isinstance(query, str) else "",
            total=total if type(total) is int and 0 <= total < 10**9 else None,
            whole=held.get("whole") is True,
            keys=taken(keys if isinstance(keys, list) else ()),
        )

    def pack(self) -> str:
        held = {"query": self.query, "total": self.total, "whole": self.whole, "keys": self.keys}
        return json.dumps(held, ensure_ascii=False, separators=(",", ":"))


def taken(keys: Iterable[Any]) -> tuple[str, ...]:
    """The keys that can be some, each once."""
    fine = (key for key in keys if isinstance(key, str) and 0 < len(key) <= _LONGEST_KEY and "\x00" not in key)
    return tuple(key for key in dict.fromkeys(fine) if key not in (".", ".."))
