"""Notices by mail: to whom they are for, in their language, once, and never in the way of a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPConnectError, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from backoffice.models import Mail, Notice, User
from backoffice.services import approvals, notices
from tests.conftest import Login

from .conftest import People, Plan

Person = Callable[[str], User]


@pytest.fixture(autouse=True)
def _configured(settings: LazySettings) -> None:
    settings.NOTICES_BY_MAIL, settings.BACKOFFICE_URL = True, "https://backoffice.example.com"


def states() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("mail", flat=True))


def again() -> int:
    """As if the next try were due."""
    Notice.objects.filter(mail=Mail.DUE).update(mail_at=timezone.now())
    return notices.send_due()


def fails(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(EmailBackend, name, broken)


def test_each_in_their_language(awaiting: Plan, people: People, person: Person) -> None:
    people("anden", "approver", language="da")
    job = awaiting()
    assert mail.outbox == []
    assert notices.send_due() == 2
    danish, english = sorted(mail.outbox, key=lambda each: each.to)
    assert (danish.to, english.to) == (["anden@example.com"], ["approver@example.com"])
    assert english.subject == "Approval asked for: Change 24 clients"
    assert english.body.startswith("steward asks for approval of “Change 24 clients”. It changes 24 records.")
    assert danish.body.startswith("steward beder om godkendelse af »Change 24 clients«.")
    for each in (danish, english):
        assert f"https://backoffice.example.com/jobs/{job.pk}/" in each.body
    assert states() == [Mail.SENT, Mail.SENT]


def test_never_twice(awaiting: Plan) -> None:
    awaiting()
    assert (notices.send_due(), again(), len(mail.outbox)) == (1, 0, 1)


def test_what_was_read_or_settled_needs_no_mail(
    awaiting: Plan, people: People, person: Person, login: Login
) -> None:
    people("other", "approver")
    job = awaiting()
    login("approver").get(f"/jobs/{job.pk}/")
    approvals.approve(job=job, approver=person("approver"))
    assert notices.send_due() == 1
    assert [each.to for each in mail.outbox] == [["steward@example.com"]]


def test_a_server_that_is_down_breaks_no_decision(
    awaiting: Plan, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as down:
        fails(down, "open", SMTPConnectError(421, b"later"))
        job = awaiting()
        assert notices.send_due() == 0
        assert again() == 0
        approvals.approve(job=job, approver=person("approver"))
    assert states() == [Mail.DUE, Mail.DUE]
    assert again() == 1  # what was asked for is decided; only the author is told
    assert [each.to for each in mail.outbox] == [["steward@example.com"]]


def test_it_is_given_up_after_some_tries(awaiting: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    awaiting()
    fails(monkeypatch, "open", ConnectionRefusedError())
    for _try in range(notices.mail.TRIES):
        assert states() == [Mail.DUE]
        again()
    assert states() == [Mail.FAILED]


def test_a_refused_mail_is_tried_again_and_a_lost_one_is_not(
    awaiting: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    awaiting()
    for error, state in (
        (SMTPRecipientsRefused({}), Mail.DUE),
        (SMTPServerDisconnected("in the middle"), Mail.LOST),
    ):
        with monkeypatch.context() as broken:
            fails(broken, "send_messages", error)
            again()
        assert states() == [state]
    assert (again(), mail.outbox) == (0, [])


def test_the_next_try_waits(awaiting: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    awaiting()
    with monkeypatch.context() as down:
        fails(down, "open", TimeoutError())
        notices.send_due()
    assert (notices.send_due(), again()) == (0, 1)


def test_a_sender_that_died_sends_nothing_twice(awaiting: Plan) -> None:
    awaiting()
    Notice.objects.update(mail=Mail.SENDING, mail_at=timezone.now() - timedelta(hours=1))
    assert (notices.send_due(), states(), mail.outbox) == (0, [Mail.LOST], [])


def test_one_line_whatever_the_title_holds(awaiting: Plan) -> None:
    job = awaiting()
    type(job).objects.update(title="One\r\nBcc: all@example.com")
    assert notices.send_due() == 1
    assert mail.outbox[0].subject == "Approval asked for: One Bcc: all@example.com"
    assert mail.outbox[0].recipients() == ["approver@example.com"]


def test_without_a_mail_server_nothing_waits_to_be_sent(
    awaiting: Plan, settings: LazySettings, people: People
) -> None:
    people("mute", "approver")
    User.objects.filter(username="mute").update(email="")
    settings.NOTICES_BY_MAIL = False
    awaiting()
    assert states() == ["", ""]
    settings.NOTICES_BY_MAIL = True
    awaiting()
    assert sorted(states()) == ["", "", "", Mail.DUE]
