"""What has been kept for long enough goes: once a day, in portions, recorded; who did what and when stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from backoffice.management.commands.worker import DUTIES, UPKEEP
from backoffice.models import AuditEntry, Job, JobState, Label, RecentRecord, Redacted, Step, Upkeep, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, branding, history, jobs, outcomes, privacy, undoing
from backoffice.services.privacy import retention
from tests.conftest import Login
from tests.privacy.tables import everything, where
from tests.records.pages import form_of, read, submit

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Clock = Callable[[int], None]
EMAIL = "gammel@ny.example"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The day on which everything happens, counted from the first."""

    def turn(day: int) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + timedelta(days=day))

    turn(0)
    return turn


@pytest.fixture
def old(clock: Clock, sandbox: SandboxServer, login: Login, settings: Any) -> Clock:
    """One contact changed and another deleted on day 0; values are kept for 30 days in jobs, 60 in the trail."""
    settings.KEEP_STEP_VALUES_DAYS, settings.KEEP_AUDIT_VALUES_DAYS = 30, 60
    settings.KEEP_OPENED_DAYS, settings.KEEP_NAMES_DAYS, settings.KEEP_SIGN_INS_DAYS = 10, 90, 20
    steward = login("steward")
    steward.get("/contacts/1/")
    submit(steward, "/contacts/1/edit/", email=EMAIL)
    steward.post("/contacts/2/delete/", form_of(steward, "/contacts/2/delete/"))
    Client().post("/login/", {"username": "steward", "password": "wrong"})
    return clock


def cleared() -> dict[str, int]:
    entry = AuditEntry.objects.filter(action="privacy.retention").order_by("-seq").first()
    return {} if entry is None else dict(_pair(part) for part in entry.detail.split())


def _pair(part: str) -> tuple[str, int]:
    name, _sign, count = part.partition("=")
    return name, int(count)


def test_each_store_keeps_for_its_own_time(old: Clock) -> None:
    edit = Job.objects.get(kind="edit")
    for day, gone in [
        (9, {"sessions": 1}),
        (11, {"opened": 1}),
        (21, {"sign_ins": 2}),
        (29, {}),
        (31, {"steps": 2}),
        (59, {}),
    ]:
        old(day)
        assert privacy.clear_when_due()
        found = (
            cleared()
            if AuditEntry.objects.filter(action="privacy.retention", at__gte=NOON + timedelta(day))
            else {}
        )
        assert found == gone, day
        assert undoing.undoable(edit) is (day < 31)
    assert where(EMAIL)  # in the trail
    old(61)
    privacy.clear_when_due()
    assert cleared()["audit"] == 2  # a sign-in has no values
    assert where(EMAIL) == []
    assert audit.verify() == []
    old(91)
    privacy.clear_when_due()
    assert not Label.objects.exists()


def test_who_did_what_and_when_stays(old: Clock, login: Login) -> None:
    old(400)
    privacy.clear_when_due()
    found = history.for_record(entity="contacts", key="1").entries
    assert [(entry.actor_name, entry.action, entry.outcome, entry.at) for entry in found] == [
        ("steward", "contacts.update", "changed", NOON)
    ]
    assert [name for name, _before, _after in found[0].changes] == ["email"]
    page = read(login("steward").get("/history/")).text
    assert "Redacted" in page
    assert "/undo/" not in page
    for job in Job.objects.all():
        text = read(login("steward").get(f"/jobs/{job.pk}/")).text
        assert "Values were redacted" in text
        assert login("steward").get(f"/jobs/{job.pk}/undo/").status_code == 409
    assert set(Step.objects.values_list("redacted", flat=True)) == {Redacted.ALL}


def test_no_mark_reaches_flowtly_after_retention(old: Clock, sandbox: SandboxServer, person: Any) -> None:
    old(400)
    privacy.clear_when_due()
    sandbox.clear_log()
    for job in Job.objects.all():
        assert not undoing.undoable(job)
        with pytest.raises(undoing.NotUndoable):
            undoing.undo(actor=person("steward"), job=job, nonce=f"n{job.pk}", request_id="r")
    assert sandbox.requests == []


def test_once_a_day_whoever_asks(old: Clock) -> None:
    old(400)
    assert privacy.clear_when_due()
    assert not privacy.clear_when_due()
    old(401)
    assert privacy.clear_when_due()
    assert AuditEntry.objects.filter(action="privacy.retention").count() == 1


def test_a_worker_that_died_is_followed_by_another(old: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    old(400)

    def dies(*_: Any) -> bool:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(retention, "_portion", dies)
        with pytest.raises(SystemExit):
            privacy.clear_when_due()
    assert not privacy.clear_when_due()  # for some minutes it may still be at work
    Upkeep.objects.update(due_at=NOON)
    assert privacy.clear_when_due()
    assert where(EMAIL) == []


def test_in_portions_that_any_worker_goes_on_with(old: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PORTION", 1)
    old(400)
    before = privacy.due()
    rounds = 0
    while privacy.clear_when_due():
        rounds += 1
        assert rounds < 100
    assert rounds > 3
    assert cleared() == {name: count for name, count in before.items() if count}
    assert where(EMAIL) == []


def test_what_is_not_finished_is_kept(old: Clock) -> None:
    Job.objects.filter(kind="edit").update(state=JobState.AWAITING)
    old(400)
    privacy.clear_when_due()
    assert Step.objects.get(phase__job__kind="edit").changes == {"email": EMAIL}


def test_a_look_up_of_several_loses_its_values_and_keeps_its_count(
    clock: Clock, sandbox: SandboxServer, person: Callable[[str], User], login: Login
) -> None:
    job = branding.enrich_many(
        actor=person("steward"), iris=["/counterparties/1", "/counterparties/2"], nonce="n", request_id="r"
    )
    jobs.run(job)
    clock(400)
    privacy.clear_when_due()
    assert (outcomes.counts(job).total, outcomes.counts(job).left) == (2, 0)
    assert [line.changes for line in outcomes.lines(job, start=0, size=9)] in ([], [[], []])
    assert login("steward").get(f"/jobs/{job.pk}/").status_code == 200


def test_the_worker_looks_after_it(old: Clock) -> None:
    old(400)
    for duty in (*DUTIES, *UPKEEP):
        duty(lambda: False)
    assert cleared()["steps"] == 2
    assert not RecentRecord.objects.exists()
    assert not AccessAttempt.objects.exists()
    assert not Session.objects.exists()


def test_the_command_shows_and_does(old: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    old(400)
    before = everything()
    call_command("retention", dry_run=True)
    said = capsys.readouterr().out
    assert "Nothing was changed." in said
    assert "older than 30 days" in said
    assert everything() == before
    call_command("retention")
    assert "Done and recorded." in capsys.readouterr().out
    assert where(EMAIL) == []
    assert sum(privacy.due().values()) == 0


def test_redacted_before_and_cleared_later(old: Clock) -> None:
    privacy.redact(actor=None, actor_name="test", entity="contacts", key="1", reason="request 14")
    old(400)
    privacy.clear_when_due()
    assert set(Step.objects.values_list("redacted", flat=True)) == {Redacted.ALL}
    assert AuditEntry.objects.get(action="privacy.redact").values["reason.after"]["value"] == "request 14"
    assert audit.verify() == []
