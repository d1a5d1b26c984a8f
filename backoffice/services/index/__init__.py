"""The index: a local copy of each entity for lists that the API cannot filter or sort, and for counting.

Whatever is opened or changed is read from Flowtly itself; the copy only says which records to look at.
"""

from __future__ import annotations

from backoffice.services.index.query import (
    Age,
    Held,
    Lack,
    Question,
    State,
    age,
    can_answer,
    counts,
    every,
    held,
    keys,
    keys_query,
    lack_for,
    left_out,
    looks_like_number,
    names_records_of,
    naming,
    page,
    problem,
    referring,
    state,
    total,
)
from backoffice.services.index.refresh import ask, forget, read, refresh, refresh_due
from backoffice.services.index.rows import patch, put, put_all, remove

__all__ = [
    "Age",
    "Held",
    "Lack",
    "Question",
    "State",
    "age",
    "ask",
    "can_answer",
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
    "naming",
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
    "state",
    "total",
]
