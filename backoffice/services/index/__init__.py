"""The index: a local copy of each entity for lists that the API cannot filter or sort, and for counting.

Whatever is opened or changed is read from Flowtly itself; the copy only says which records to look at.
"""

from __future__ import annotations

from backoffice.services.index.query import (
    Age,
    Held,
    Lack,
    Question,
    age,
    can_answer,
    changes,
    counts,
    every,
    held,
    keys,
    keys_query,
    lack_for,
    left_out,
    looks_like_number,
    names_records_of,
    page,
    problem,
    referring,
    total,
)
from backoffice.services.index.refresh import ask, forget, read, refresh, refresh_due
from backoffice.services.index.rows import patch, put, put_all, remove

__all__ = [
    "Age",
    "Held",
    "Lack",
    "Question",
    "age",
    "ask",
    "can_answer",
    "changes",
    "counts",
    "every",
    "forget",
    "held",
    "keys",
    "keys_query",
    "lack_for",
    "left_out",
    "looks_like_number",
    "names_records_of",
    "page",
    "patch",
    "problem",
    "put",
    "put_all",
    "read",
    "referring",
    "refresh",
    "refresh_due",
    "remove",
    "total",
]
