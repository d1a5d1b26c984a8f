"""Looking for texts in columns of JSON, on both databases."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast


def as_text(rows: QuerySet[Any], *columns: str) -> QuerySet[Any]:
    written: QuerySet[Any] = rows.annotate(**{f"{column}_text": Cast(column, TextField()) for column in columns})
    return written


def any_of(column: str, needles: list[str]) -> Q:
    """PostgreSQL writes a JSON value out for each comparison, so there it is one."""
    if not settings.SQLITE:
        return Q(**{f"{column}__regex": "|".join(map(re.escape, needles))})
    found = Q(pk=None)
    for needle in needles:
        found |= Q(**{f"{column}__contains": needle})
    return found
