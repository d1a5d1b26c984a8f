"""When the daily clearing is due, so that several workers do not repeat it."""

from __future__ import annotations

from typing import Any

from django.db import models


class Upkeep(models.Model):
    """One row for each daily duty. Whoever moves `due_at` on does the next portion.

    `counts`: what the portions of the present round came to, by store; recorded when the round ends.
    """

    name = models.CharField(max_length=30, unique=True)
    due_at = models.DateTimeField()
    counts: models.JSONField[Any] = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name
