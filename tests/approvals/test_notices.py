"""Who is told of what, once; and the bell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from backoffice.models import Approval, Job, JobState, Notice, NoticeKind, Outcome, Step, StepState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import approvals, endings, jobs, notices, privacy
from tests.conftest import Login
from tests.records.pages import read, submit

from .conftest import People, Plan, works

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)

Person = Callable[[str], User]


def told(user: User) -> list[str]:
    return [notice.kind for notice in notices.listed(user).filter(read_at=None)]


def test_everybody_who_may_decide_is_asked(plan: Plan, people: People, person: Person) -> None:
    both, other, gone = (
        people("both", "steward", "approver"),
        people("other", "viewer", "approver"),
        people("gone", "approver", is_active=False),
    )
    approvals.request(job=plan(actor=both), actor=both)
    assert [told(user) for user in (other, both, gone, person("viewer"))] == [["asked"], [], [], []]
    assert notices.sentence(notices.listed(other).get()) == (
        "both asks for approval of “Change 24 clients”. It changes 24 records."
    )


def test_whoever_decides_settles_it_for_all(awaiting: Plan, people: People, person: Person) -> None:
    other = people("other", "approver")
    job = awaiting()
    approvals.approve(job=job, approver=person("approver"), excluded=[3])
    assert (told(other), told(person("approver"))) == ([], [])
    assert notices.sentence(notices.listed(other).get()).endswith("It was decided meanwhile.")
    assert told(person("steward")) == ["approved"]
    words = notices.sentence(notices.listed(person("steward")).get())
    assert words == "approver approved “Change 24 clients”. 1 record was taken out."


def test_the_other_ends(awaiting: Plan, person: Person) -> None:
    refused, withdrawn, late = awaiting(), awaiting(), awaiting()
    approvals.refuse(job=refused, approver=person("approver"), reason="no")
    approvals.withdraw(job=withdrawn, author=person("steward"))
    Approval.objects.filter(job=late).update(expires_at=timezone.now())
    approvals.expire_due()
    assert sorted(told(person("steward"))) == ["expired", "refused"]
    assert told(person("approver")) == []


def test_a_comment_is_told_to_the_others(awaiting: Plan, people: People, person: Person) -> None:
    other = people("other", "approver")
    job = awaiting()
    notices.mark_all_read(other)
    approvals.comment(job=job, author=person("approver"), text="Why?")
    assert (told(person("steward")), told(other)) == (["comment"], [])
    approvals.comment(job=job, author=person("steward"), text="Because")
    assert told(other) == ["comment"]
    assert told(person("approver")) == ["comment", "asked"]
    assert told(person("steward")) == ["comment"]


# The end of a long job


def test_the_author_is_told_that_it_ended(sandbox: SandboxServer, plan: Plan, person: Person) -> None:
    job = plan(24)
    sandbox.patch_row("clients", 3, {"invoiceComment": "Theirs"})
    sandbox.fault("status", method="PATCH", path="/clients/4", status=422)
    jobs.hand_over(job)
    assert endings.tell_due() == 0
    works(job)
    assert (endings.tell_due(), endings.tell_due()) == (1, 0)
    found = notices.listed(person("steward")).get()
    assert notices.sentence(found) == (
        "“Change 24 clients” has ended. 22 of 24 done, 1 changed elsewhere, 1 not done."
    )


def test_nobody_is_told_of_what_they_waited_for(sandbox: SandboxServer, login: Login, plan: Plan) -> None:
    submit(login("editor"), "/clients/1/edit/", addressCity="Ny by")
    jobs.run(plan(3))
    assert endings.tell_due() == 0


def test_a_short_plan_that_was_previewed_is_told(sandbox: SandboxServer, plan: Plan) -> None:
    jobs.run(plan(3, previewed_at=timezone.now()))
    jobs.run(plan(1, previewed_at=timezone.now()))
    old = jobs.run(plan(30))
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=9))
    assert endings.tell_due() == 1


def test_what_the_author_watched_end_is_no_news(sandbox: SandboxServer, plan: Plan, login: Login) -> None:
    job = jobs.run(plan(24))
    login("viewer").get(f"/jobs/{job.pk}/")
    assert notices.unread(job.actor) == 0
    assert Notice.objects.count() == 0
    login("steward").get(f"/jobs/{job.pk}/")
    assert endings.tell_due() == 0
    assert (notices.unread(job.actor), Notice.objects.get().kind) == (0, NoticeKind.ENDED)


def test_two_workers_tell_once(sandbox: SandboxServer, plan: Plan) -> None:
    job = jobs.run(plan(24))
    for _worker in range(2):
        notices.tell_ended(job=job, facts={"total": 24, "done": 24})
    assert Notice.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(user=job.actor, job=job, kind=NoticeKind.ENDED)


def test_one_of_unknown_outcome(sandbox: SandboxServer, plan: Plan) -> None:
    job = plan(24)
    Step.objects.filter(phase__job=job).update(state=StepState.DONE, outcome=Outcome.CHANGED)
    Step.objects.filter(phase__job=job, number=9).update(outcome=Outcome.UNKNOWN)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, finished_at=timezone.now())
    endings.tell_due()
    assert notices.sentence(Notice.objects.get()).endswith("23 of 24 done, 1 not known.")


# The bell


def bell(browser: Client) -> str:
    return browser.get("/").content.decode().split('id="bell"')[1].split("</a>")[0]


def test_the_bell_counts_what_is_unread(awaiting: Plan, login: Login) -> None:
    browser = login("approver")
    assert "unread" not in bell(browser)
    first, _second = awaiting(), awaiting()
    assert "Notices, 2 unread" in bell(browser)
    browser.get(f"/jobs/{first.pk}/")
    assert "Notices, 1 unread" in bell(browser)
    assert "unread" not in bell(login("viewer"))


def test_the_bell_is_asked_again(awaiting: Plan, login: Login) -> None:
    browser = login("approver")
    awaiting()
    assert browser.get("/notices/bell/?shown=1").status_code == 204
    more = browser.get("/notices/bell/?shown=0").content.decode()
    assert "Notices, 1 unread" in more
    assert 'id="announce"' in more
    fewer = browser.get("/notices/bell/?shown=3").content.decode()
    assert 'id="announce"' not in fewer
    assert "?shown=1" in fewer


def test_an_ended_session_takes_no_page_away(awaiting: Plan) -> None:
    answer = Client().get("/notices/bell/?shown=1", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Reswap"], answer.content) == (286, "none", b"")
    assert "HX-Refresh" not in answer


def test_the_page_of_notices(awaiting: Plan, login: Login, person: Person) -> None:
    job = awaiting()
    browser = login("approver")
    page = read(browser.get("/notices/"))
    assert "steward asks for approval of “Change 24 clients”." in page.text
    assert "Unread" in page.text
    assert f"/jobs/{job.pk}/" in page.links
    assert browser.post("/notices/read/").status_code == 303
    assert "Unread" not in read(browser.get("/notices/")).text
    assert "No notices" in read(login("viewer").get("/notices/")).text
    Job.objects.update(title="")
    assert "“Redacted job”" in read(browser.get("/notices/")).text


def test_the_bell_costs_one_query_and_no_request(
    sandbox: SandboxServer, awaiting: Plan, login: Login, django_assert_num_queries: Callable[..., object]
) -> None:
    awaiting()
    browser = login("approver")
    sandbox.clear_log()
    browser.get("/notices/")
    with django_assert_num_queries(3):  # session, person, number
        browser.get("/notices/bell/?shown=1")
    assert sandbox.requests == []


def test_notices_are_not_kept_for_ever(awaiting: Plan, settings: LazySettings) -> None:
    settings.KEEP_NOTICES_DAYS = 30
    awaiting()
    Notice.objects.update(created_at=timezone.now() - timedelta(days=29))
    privacy.clear_all(actor_name="test")
    assert Notice.objects.count() == 1
    Notice.objects.update(created_at=timezone.now() - timedelta(days=31))
    privacy.clear_all(actor_name="test")
    assert Notice.objects.count() == 0


def test_what_an_account_was_told_goes_with_it(awaiting: Plan, person: Person) -> None:
    awaiting()
    approver = person("approver")
    privacy.redact(actor=None, actor_name="test", entity="users", key=str(approver.pk), reason="request 14")
    assert not Notice.objects.filter(user=approver).exists()
    assert not notices.listed(approver).exists()


# What waits


def test_home_says_what_waits(awaiting: Plan, login: Login) -> None:
    job = awaiting()
    for role, words in (("approver", "Awaiting your approval"), ("steward", "Your jobs awaiting approval")):
        text = read(login(role).get("/")).text
        assert words in text, role
    page = read(login("approver").get("/jobs/?group=to_approve"))
    assert page.rows == [str(job.pk)]
    for role in ("admin", "viewer", "editor"):
        assert "waiting approval" not in read(login(role).get("/")).text
