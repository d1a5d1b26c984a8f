"""Everything that stands in the database, as text: what an auditor would search through."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection


def everything() -> str:
    """Every cell of every table, with JSON and sessions written out."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [f"{table}: {_plain(cell)}" for row in cursor.fetchall() for cell in row]
    for session in Session.objects.all():
        held = session.get_decoded()
        found.append(f"session: {held} {_plain(held.get('_messages', ''))}")
    return "\n".join(found)


def where(text: str) -> list[str]:
    """The cells in which a text stands."""
    return [line[:300] for line in everything().splitlines() if text.casefold() in line.casefold()]


def _plain(cell: Any) -> str:
    if isinstance(cell, str) and cell[:1] in "[{":
        try:
            return json.dumps(json.loads(cell), ensure_ascii=False)
        except ValueError:
            return cell
    return json.dumps(cell, ensure_ascii=False, default=str)
