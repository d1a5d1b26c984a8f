"""Sheets for editing: what stood in each that was handed out, so that an upload tells what a person changed."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class Sheet(models.Model):
    """One file that was made to be edited; `id` is that of its Export, and stands in the file.

    `columns`: [name of the field, header, whether it may be edited, "name" where the names of related records
    stand], in their order; the first is that of the records' numbers, of no field.
    `lists`: what stands in a cell for each record of a short list, by slug and IRI. After
    `expires_at` it is as if it were not there. `redacted_at`: a person in it was redacted; its rows are gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    upstream = models.ForeignKey("backoffice.Upstream", on_delete=models.PROTECT)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sheets")
    entity = models.CharField(max_length=50)
    columns: models.JSONField[Any] = models.JSONField(default=list)
    lists: models.JSONField[Any] = models.JSONField(default=dict)
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    redacted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.entity} {self.pk}"

    @property
    def expired(self) -> bool:
        return self.expires_at <= timezone.now()


class SheetRow(models.Model):
    """One record of a sheet; `values` are those of its columns, as the Resource decoded them.

    `names`: a digest for each name of a related record that stands in it.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="rows", db_index=False)
    key = models.CharField(max_length=200)
    values: models.JSONField[Any] = models.JSONField(default=dict)
    names: models.JSONField[Any] = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "key"], name="one_row_per_record_of_a_sheet")]
        indexes = [models.Index(fields=["key"], name="sheet_row_key")]

    def __str__(self) -> str:
        return self.key


class SheetUpload(models.Model):
    """What was found in an uploaded sheet, kept until its changes are planned, for a day at most.

    `rows`: as services/transfer writes them down. `problems`: [line, column's letter, header, sentence].
    `notes`: sentences about the sheet as a whole. `cells` counts what was changed in records that are there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="uploads")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=200, blank=True)
    rows: models.JSONField[Any] = models.JSONField(default=list)
    problems: models.JSONField[Any] = models.JSONField(default=list)
    notes: models.JSONField[Any] = models.JSONField(default=list)
    rows_read = models.PositiveIntegerField(default=0)
    cells = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.pk}"
