"""The audit trail: append-only, each entry chained to the one before it (services/audit.py)."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnly(Exception):
    """Raised by any attempt to change or delete an audit entry through the ORM."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Audit entries are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("Audit entries are never deleted.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Audit entries are never changed.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Audit entries are appended one by one, to the chain.")


class AuditEntry(models.Model):
    """One write, refusal, sign-in or export.

    `values` maps a path ("dueDays.before") to {"value", "salt"}; `digests` maps the same paths to the salted
    hash. The chain covers the digests only, so that redaction may drop value and salt and still verify.
    """

    seq = models.PositiveBigIntegerField(_("number"), unique=True, editable=False)
    at = models.DateTimeField(_("when"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    actor_name = models.CharField(_("who"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=50, db_index=True)
    outcome = models.CharField(_("outcome"), max_length=30)
    entity = models.CharField(_("entity"), max_length=50, blank=True)
    key = models.CharField(_("record"), max_length=200, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    action_id = models.UUIDField(_("action id"), default=uuid.uuid4)
    job_id = models.UUIDField(null=True, blank=True, db_index=True)
    detail = models.CharField(max_length=300, blank=True)
    values: models.JSONField[Any] = models.JSONField(default=dict)
    digests: models.JSONField[Any] = models.JSONField(default=dict)
    previous_mac = models.CharField(max_length=64, editable=False)
    mac = models.CharField(max_length=64, editable=False)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-seq"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [models.Index(fields=["entity", "key", "-seq"])]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("Audit entries are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Audit entries are never deleted.")

    @property
    def label(self) -> str:
        """The record's name at the time; empty after redaction."""
        return str(self.values.get("label", {}).get("value", ""))


class AuditHead(models.Model):
    """The end of the chain: the row that writers queue on, and by which a cut-off tail is noticed."""

    seq = models.PositiveBigIntegerField(default=0)
    mac = models.CharField(max_length=64, default="0" * 64)
