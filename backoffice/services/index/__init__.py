"""The index: a local copy of each entity for lists that the API cannot filter or sort, and for counting.

Whatever is opened or changed is read from Flowtly itself; the copy only says which records to look at.
"""

from __future__ import annotations

from backoffice.services.index.query import (
    Age,
    Lack,
    Question,
    age,
    can_answer,
    counts,
    every,
    keys,
    keys_query,
    lack_for,
    left_out,
    looks_like_number,
    names_records_of,
    page,
    referring,
    total,
)
from backoffice.services.index.refresh import ask, forget, refresh, refresh_due
from backoffice.services.index.rows import patch, put, put_all, remove

__all__ = [
    "Age",
    "Lack",
    "Question",
    "age",
    "ask",
    "can_answer",
    "counts",
    "every",
    "forget",
    "keys",
    "keys_query",
    "lack_for",
    "left_out",
    "looks_like_number",
    "names_records_of",
    "page",
    "patch",
    "put",
    "put_all",
    "referring",
    "refresh",
    "refresh_due",
    "remove",
    "total",
]
