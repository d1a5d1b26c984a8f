"""Files that people had made of lists: what was asked for, how far it is, where it lies until it expires."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ExportFormat(models.TextChoices):
    XLSX = "xlsx", _("Excel (XLSX)")
    CSV = "csv", _("CSV with commas")
    CSV_DA = "csv-da", _("CSV for Danish spreadsheets")
    CSV_PL = "csv-pl", _("CSV for Polish spreadsheets")
    SHEET = "sheet", _("Sheet for editing (XLSX)")

    def fits(self, for_editing: bool) -> bool:
        """Whether it is offered to somebody who may change many records, or may not."""
        return for_editing or self is not ExportFormat.SHEET

    @property
    def extension(self) -> str:
        return "xlsx" if self is ExportFormat.SHEET else self.value.partition("-")[0]


class ExportState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Being made")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


class Export(models.Model):
    """One file for its owner alone.

    `source` says what is in it: {"query": {"search", "criteria", "sort", "address"}}, where criteria are lists of
    name, operator and values, and address is the query string of the list; or {"selection": id}. `columns` are
    names of fields; none means all, with the numbers of related records beside their names. `total` is None where
    only reading tells. `read_at` is the age of the copy that it is made from, None where it comes from Flowtly
    itself. `problem` is the name of what went wrong. `file` is its name below DATA_DIR/exports, another one at
    each attempt.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    entity = models.CharField(max_length=50)
    title = models.TextField()
    source: models.JSONField[Any] = models.JSONField()
    columns: models.JSONField[Any] = models.JSONField(default=list)
    format = models.CharField(max_length=10, choices=ExportFormat)
    language = models.CharField(max_length=10)
    request_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.WAITING)
    rows = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    read_at = models.DateTimeField(null=True)
    unsorted = models.BooleanField(default=False)
    shortened = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=50, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    file = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(default=0)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "lease_until"], name="export_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def going_on(self) -> bool:
        return self.state in (ExportState.WAITING, ExportState.RUNNING)

    @property
    def ready(self) -> bool:
        """Whether there is a file to be had."""
        return self.state == ExportState.DONE and self.expires_at > timezone.now()
