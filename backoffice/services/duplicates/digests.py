"""What a verdict keeps of the records it is about: digests of their identifying fields, and no values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from backoffice.matching import Record
from backoffice.resources import Resource


def labels(resource: Resource, wanted: Iterable[str]) -> list[str]:
    """Identifying fields as people know them: the labels of those that are filled from."""
    chosen = set(wanted)
    return [str(item.label) for item in resource.fields if item.matchable in chosen and item.matchable]


def baseline(names: Iterable[str], record: Record, salt: str) -> dict[str, str]:
    """Of the fields that can be told (records.Frozen.names); no change of another one ends a verdict."""
    return {name: digest(record, name, salt) for name in sorted(names)}


def digest(record: Record, name: str, salt: str) -> str:
    written = json.dumps(getattr(record, name), ensure_ascii=False).encode()
    return hashlib.blake2b(written, key=salt.encode(), digest_size=12).hexdigest()


def differing(names: Iterable[str], record: Record, digests: Mapping[str, str], salt: str) -> list[str]:
    """Those of these fields that hold something else than when the digests were made."""
    known = sorted(set(names) & digests.keys())
    return [name for name in known if digest(record, name, salt) != digests[name]]
