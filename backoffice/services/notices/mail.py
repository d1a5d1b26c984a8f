"""Notices by mail, best effort and never twice: a mail server that is down breaks no decision.

A mail is tried again only where it is certain that it was not taken. Where the connection broke while it was on
its way it is given up, because the other side may have it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from backoffice.models import Mail, Notice
from backoffice.services.notices.words import sentence

TRIES = 5
_WAIT = timedelta(minutes=1)  # doubled at each try
_LONGEST = timedelta(minutes=5)  # that one mail may take; a process that died in it is waited for no longer
_AT_ONCE = 50
log = structlog.get_logger("backoffice.notices")


def send_due(stop: Callable[[], bool] = lambda: False) -> int:
    """The worker's duty: what is due goes out over one connection; returns how many mails were handed over."""
    _give_up_lost()
    now = timezone.now()
    due = Notice.objects.filter(mail=Mail.DUE, mail_at__lte=now).order_by("mail_at", "pk")[:_AT_ONCE]
    found = list(due.select_related("user", "by", "job"))
    if not found or not settings.NOTICES_BY_MAIL:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        for notice in found:
            _again(notice, error)
        return 0
    try:
        return sum(_send(notice, connection) for notice in found if not stop())
    finally:
        connection.close()


def _send(notice: Notice, connection: BaseEmailBackend) -> bool:
    """Whoever moves the row on sends it, so that two workers do not; what was read meanwhile needs no mail."""
    if notice.read_at or not (notice.user.email and notice.user.is_active):
        Notice.objects.filter(pk=notice.pk, mail=Mail.DUE).update(mail=Mail.NONE)
        return False
    claimed = Notice.objects.filter(pk=notice.pk, mail=Mail.DUE, read_at=None)
    if not claimed.update(mail=Mail.SENDING, mail_at=timezone.now()):
        return False
    try:
        _message(notice, connection).send()
    except (SMTPResponseException, SMTPRecipientsRefused) as error:  # the server said no
        _again(notice, error)
    except (SMTPException, OSError) as error:
        _end(notice, Mail.LOST)
        log.warning("a mail may not have arrived", notice=notice.pk, kind=type(error).__name__)
    else:
        _end(notice, Mail.SENT)
        return True
    return False


def _end(notice: Notice, state: Mail) -> None:
    Notice.objects.filter(pk=notice.pk).update(mail=state, mail_at=timezone.now())


def _again(notice: Notice, error: Exception) -> None:
    """Certainly not sent: later once more, up to TRIES times."""
    tries = notice.mail_tries + 1
    state = Mail.FAILED if tries >= TRIES else Mail.DUE
    rows = Notice.objects.filter(pk=notice.pk, mail__in=(Mail.DUE, Mail.SENDING))
    rows.update(mail=state, mail_tries=tries, mail_at=timezone.now() + _WAIT * 2**notice.mail_tries)
    log.warning(
        "a mail was not sent", notice=notice.pk, kind=type(error).__name__, tries=tries, again=tries < TRIES
    )


def _give_up_lost() -> None:
    old = Notice.objects.filter(mail=Mail.SENDING, mail_at__lt=timezone.now() - _LONGEST)
    if lost := old.update(mail=Mail.LOST):
        log.warning("mails may not have arrived: their sender died", count=lost)


def _message(notice: Notice, connection: BaseEmailBackend) -> EmailMessage:
    with translation.override(notice.user.language or settings.LANGUAGE_CODE):
        words = sentence(notice)
        address = settings.BACKOFFICE_URL + reverse("job", args=[notice.job_id])
        foot = _("You get this mail because of your role in the Flowtly back office.")
        return EmailMessage(
            subject=_subject(notice),
            body=f"{words}\n\n{address}\n\n-- \n{foot}\n",
            to=[notice.user.email],
            connection=connection,
        )


def _subject(notice: Notice) -> str:
    """In one line, whatever stands in the plan's title."""
    return " ".join(f"{notice.get_kind_display()}: {notice.job.named}".split())[:150]
