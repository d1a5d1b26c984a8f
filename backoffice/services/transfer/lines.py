"""The rows of an uploaded sheet that are to change something, and what is said about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple


class Problem(NamedTuple):
    """A sentence about one cell, or with no column about a whole row. `line` counts from 1 as the program does."""

    line: int
    column: str
    header: str
    text: str


@dataclass
class Line:
    """One row. `key` "" is a new record; `changes` are the touched fields with what is to be sent, `base` what
    they held when the sheet was made; `problems` by field ("" for the row), any of which keeps the row from
    being written; `alike`: a sentence that names records that a new one looks like."""

    number: int
    key: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    base: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    alike: str = ""

    def kept(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Line:
        return cls(**kept)
