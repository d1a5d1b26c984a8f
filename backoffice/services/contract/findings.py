"""What a check says: findings by code and values, so that they can be stored, compared and put in any language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self


class Severity(StrEnum):
    """`note`: good to know. `warning`: something works less well. `problem`: something does not work."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    """One thing found out. `code` is a key of words.WORDS, `values` fill its sentences; never a secret."""

    code: str
    severity: Severity
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    checked_at: datetime
    address: str
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        return max((item.severity for item in self.findings), key=lambda found: found.rank, default=Severity.OK)

    def as_json(self) -> dict[str, Any]:
        return {
            "checked_at": self.checked_at.isoformat(),
            "address": self.address,
            "findings": [[item.code, item.severity.value, dict(item.values)] for item in self.findings],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(
            checked_at=datetime.fromisoformat(kept["checked_at"]),
            address=kept["address"],
            findings=tuple(
                Finding(code, Severity(severity), values) for code, severity, values in kept["findings"]
            ),
        )


def listed(names: Iterable[str]) -> str:
    """Names in one line, sorted; "–" for none."""
    return ", ".join(sorted(names)) or "–"
