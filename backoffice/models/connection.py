"""What the last connection check found."""

from __future__ import annotations

from typing import Any

from django.db import models


class ConnectionCheck(models.Model):
    """The last check of one Flowtly; `result` is a contract.Report as JSON: codes and values, never words."""

    upstream = models.OneToOneField("backoffice.Upstream", on_delete=models.CASCADE, related_name="check_result")
    checked_at = models.DateTimeField()
    severity = models.CharField(max_length=10)
    result: models.JSONField[Any] = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.upstream} {self.severity}"
