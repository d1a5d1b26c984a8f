"""Personal data kept here: finding it, redacting one person everywhere, keeping nothing longer than needed."""

from __future__ import annotations

from backoffice.services.privacy import counts
from backoffice.services.privacy.person import ACCOUNTS, ENTITIES, Person
from backoffice.services.privacy.redaction import Done, Preview, Refused, done_before, preview, redact
from backoffice.services.privacy.retention import PERIODS, clear_all, clear_when_due, due
from backoffice.services.privacy.search import SHORTEST, Hit, search
from backoffice.services.privacy.stores import STORES, Store

__all__ = [
    "ACCOUNTS",
    "ENTITIES",
    "PERIODS",
    "SHORTEST",
    "STORES",
    "Done",
    "Hit",
    "Person",
    "Preview",
    "Refused",
    "Store",
    "clear_all",
    "clear_when_due",
    "counts_in_words",
    "done_before",
    "due",
    "preview",
    "redact",
    "search",
]


def counts_in_words(detail: str) -> str:
    """What a redaction or a clearing came to, from the detail of its audit entry."""
    labels = {period.name: period.label for period in PERIODS} | {store.name: store.label for store in STORES}
    return counts.counts_in_words(detail, labels)
