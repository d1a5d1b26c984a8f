"""What a card showed, as a short text that a verdict brings back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from backoffice.matching import fingerprint
from backoffice.models import DuplicateGroup
from backoffice.resources import Resource
from backoffice.services.duplicates import records
from backoffice.services.duplicates.said import portions


def fingerprints(resource: Resource, keys: Iterable[str]) -> dict[str, str]:
    """What the identifying fields of these records hold, as the index has them."""
    under, found = records.frozen(resource), dict[str, str]()
    for some in portions(sorted(keys)):
        found |= {key: fingerprint(record) for key, record in under.records(some).items()}
    return found


def version_of(group: DuplicateGroup, keys: Iterable[str], prints: Mapping[str, str]) -> str:
    """Of a group and its members: another one where a verdict of somebody else, another record, or a change of one
    of them came between. `prints`: their fingerprints."""
    members = [(key, prints.get(key, "")) for key in sorted(keys)]
    shown = json.dumps([group.entity, group.state, members])
    return hashlib.blake2b(shown.encode(), digest_size=8).hexdigest()
