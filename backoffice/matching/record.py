"""What is compared: one record of a register."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One record as its register holds it. What is not known is "" or ()."""

    id: str
    name: str = ""
    url: str = ""
    tax_id: str = ""
    street: str = ""
    post_code: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""
    emails: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Record:
        """From one line of a JSONL file: id, name, url, taxId, street, postCode, city, country, phone, emails."""
        take = found.get
        return cls(
            _text(take("id")),
            _text(take("name")),
            _text(take("url")),
            _text(take("taxId")),
            _text(take("street")),
            _text(take("postCode")),
            _text(take("city")),
            _text(take("country")),
            _text(take("phone")),
            tuple(map(str, take("emails") or ())),
        )

    def to_json(self) -> dict[str, Any]:
        """What `from_json` takes."""
        return {
            "id": self.id,
            "name": self.name,
            "url": self.url,
            "taxId": self.tax_id,
            "street": self.street,
            "postCode": self.post_code,
            "city": self.city,
            "country": self.country,
            "phone": self.phone,
            "emails": list(self.emails),
        }


def _text(value: object) -> str:
    return value if type(value) is str else "" if value is None else str(value)


def read(path: Path) -> Iterator[Record]:
    """The records of a JSONL file, one at a time."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield Record.from_json(json.loads(line))


def fingerprint(record: Record) -> str:
    """32 hex digits over the identifying fields (all but the id).

    Another one means that the record must be looked at again, and that a verdict about it may no longer hold.
    """
    fields = (
        record.name,
        record.url,
        record.tax_id,
        record.street,
        record.post_code,
        record.city,
        record.country,
        record.phone,
        *sorted(record.emails),
    )
    return hashlib.blake2b(json.dumps(fields).encode(), digest_size=16).hexdigest()
