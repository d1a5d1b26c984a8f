"""What people are told: in the application, and by mail where that is configured."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    ASKED = "asked", _("Approval asked for")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    EXPIRED = "expired", _("Expired")
    COMMENT = "comment", _("Comment")
    ENDED = "ended", _("Ended")
    STOPPED = "stopped", _("Stopped by itself")


class Mail(models.TextChoices):
    """`sending` is stored before the call; where its end is not known the mail is `lost` and never sent again."""

    NONE = "", _("None")
    DUE = "due", _("Due")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    LOST = "lost", _("Lost")


class Notice(models.Model):
    """One person is told of one job. `facts`: numbers for its sentence, never values of records.

    `settled_at`: when it wanted nothing of its reader any more, as an approval that somebody else decided.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    job = models.ForeignKey("backoffice.Job", on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=NoticeKind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    facts: models.JSONField[Any] = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    read_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=7, choices=Mail, default=Mail.NONE, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notice_unread"),
            models.Index(fields=["mail", "mail_at"], condition=~models.Q(mail=""), name="notice_mail"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "user"], condition=models.Q(kind="ended"), name="told_once_that_it_ended"
            )
        ]
