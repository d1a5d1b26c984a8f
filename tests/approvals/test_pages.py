"""Deciding in the browser: what each role is shown, and forms that keep what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from backoffice.models import Approval, ApprovalComment, AuditEntry, Job, JobState, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import approvals
from backoffice.services.access import give_roles
from tests.conftest import Login
from tests.records.pages import read

from .conftest import Plan, works, written

Person = Callable[[str], User]


def sent(browser: Client, job: Job, what: str, **fields: object) -> HttpResponse:
    fields.setdefault("fingerprint", job.fingerprint)
    return browser.post(f"/jobs/{job.pk}/approval/{what}/", fields)


def buttons(browser: Client, job: Job) -> set[str]:
    text = browser.get(f"/jobs/{job.pk}/").content.decode().split('id="approval"')[1].split("</section>")[0]
    return {
        re.sub(r"<[^>]*>", "", found).strip()
        for found in re.findall(r"<button(?! hidden)[^>]*>(.*?)</button>", text)
    }


def state(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


def test_each_role_is_shown_what_it_may_do(awaiting: Plan, login: Login) -> None:
    job = awaiting()
    assert buttons(login("approver"), job) == {"Approve 24 changes", "Refuse the plan", "Comment"}
    assert buttons(login("steward"), job) == {"Withdraw", "Comment"}
    for role in ("viewer", "editor", "admin"):
        assert buttons(login(role), job) == set()
        text = read(login(role).get(f"/jobs/{job.pk}/")).text
        assert "Who can decide approver" in " ".join(text.split())
        assert "Please look at the north" in text


def test_an_author_with_the_role_is_no_second_person(awaiting: Plan, login: Login, person: Person) -> None:
    give_roles(user=person("steward"), roles=["steward", "approver"])
    job = awaiting()
    assert buttons(login("steward"), job) == {"Withdraw", "Comment"}
    answer = sent(login("steward"), job, "approve")
    assert answer.status_code == 409
    assert "You cannot decide about a plan of your own" in read(answer).text
    assert state(job) == JobState.AWAITING


def test_where_nobody_can_decide_it_is_said(plan: Plan, login: Login) -> None:
    job = plan()
    approvals.request(job=job, actor=job.actor)
    assert "Nobody at the moment." in read(login("steward").get(f"/jobs/{job.pk}/")).text


def test_why_and_which_plan(awaiting: Plan, login: Login, settings: LazySettings) -> None:
    settings.APPROVAL_REQUIRED_ABOVE, settings.APPROVAL_SENSITIVE = 20, True
    job = awaiting(changes={"dueDays": 9})
    settings.APPROVAL_REQUIRED_ABOVE = 10
    answer = login("approver").get(f"/jobs/{job.pk}/")
    text = " ".join(read(answer).text.split())
    assert "It changes 24 records; above 20 a second person has to agree." in text
    assert "a second person has to agree to: Due days." in text
    assert f'title="{job.fingerprint}"' in answer.content.decode()


def test_approved_on_its_page(sandbox: SandboxServer, awaiting: Plan, login: Login) -> None:
    job, browser = awaiting(), login("approver")
    answer = sent(browser, job, "approve", comment="Fine", out=["3", "5"])
    assert (answer.status_code, answer["Location"]) == (303, f"/jobs/{job.pk}/")
    text = " ".join(read(browser.get(f"/jobs/{job.pk}/")).text.split())
    assert "Approved. It runs now." in text
    assert "2 records were taken out." in text
    assert "Fine" in text
    works(job)
    assert set(written(sandbox)) == {str(key) for key in range(1, 25)} - {"3", "5"}
    history = " ".join(read(login("viewer").get("/clients/1/history/")).text.split())
    assert "steward changed" in history
    assert "approved by approver" in history
    whole = " ".join(read(login("viewer").get("/history/")).text.split())
    assert "approver approved Change 24 clients" in whole
    assert "Why: Fine 2 records were taken out." in whole
    assert "steward asked for approval of Change 24 clients" in whole


@pytest.mark.parametrize("shown", ["", "0" * 64])
def test_a_form_of_another_plan_decides_nothing(awaiting: Plan, login: Login, shown: str) -> None:
    job = awaiting()
    for what, typed in (("approve", {"comment": "My words"}), ("refuse", {"reason": "My words"})):
        answer = sent(login("approver"), job, what, fingerprint=shown, out=["3"], **typed)
        assert answer.status_code == 409
        page = answer.content.decode()
        assert "This page showed another plan" in page
        assert "My words" in page
    assert state(job) == JobState.AWAITING
    assert not Step.objects.filter(context__out="approver").exists()


def test_what_is_typed_and_chosen_is_kept(awaiting: Plan, login: Login) -> None:
    job = awaiting()
    answer = sent(login("approver"), job, "approve", comment="w" * 3000, out=["3", "5"])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing was decided" in page
    assert "w" * 3000 in page
    assert re.findall(r'type="hidden" name="out" value="(\d+)"', page) == ["3", "5"]
    assert "2 records are taken out." in page
    odd = sent(login("approver"), job, "approve", out=["three"])
    assert (odd.status_code, state(job)) == (422, JobState.AWAITING)
    foreign = sent(login("approver"), job, "approve", out=["77"])
    assert "are not in this plan" in foreign.content.decode()


def test_rows_of_several_pages_are_put_aside(sandbox: SandboxServer, awaiting: Plan, login: Login) -> None:
    job, browser = awaiting(60), login("approver")
    aside = sent(browser, job, "rows", do="out", out=["3", "5"], comment="So far", query="page=2")
    assert aside["Location"] == f"/jobs/{job.pk}/?page=2"
    page = browser.get(aside["Location"]).content.decode()
    assert "2 records are taken out." in page
    assert "So far" in page
    assert "Approve 58 changes" in page
    kept = re.findall(r'type="hidden" name="out" value="(\d+)"', page)
    assert "2 records are taken out." not in login("approver").get(f"/jobs/{job.pk}/").content.decode()
    assert sent(browser, job, "approve", out=[*kept, "55"]).status_code == 303
    works(job)
    assert set(written(sandbox)) == {str(key) for key in range(1, 61)} - {"3", "5", "55"}


def test_rows_put_aside_come_back(awaiting: Plan, login: Login) -> None:
    job, browser = awaiting(60), login("approver")
    for do in ("out", "back"):
        sent(browser, job, "rows", do=do, out=["3", "5"], comment="So far", query="//evil.example")
    page = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert "are taken out" not in page
    assert "So far" in page
    assert sent(login("steward"), job, "rows", out=["3"]).status_code == 403
    assert state(job) == JobState.AWAITING


def test_a_refusal_needs_its_reason(sandbox: SandboxServer, awaiting: Plan, login: Login) -> None:
    job, browser = awaiting(), login("approver")
    answer = sent(browser, job, "refuse", reason=" ")
    assert answer.status_code == 422
    assert "Say why, so that the author knows what to change." in read(answer).text
    assert sent(browser, job, "refuse", reason="Not the Polish ones").status_code == 303
    text = read(login("steward").get(f"/jobs/{job.pk}/")).text
    assert "Not the Polish ones" in text
    assert buttons(login("approver"), job) == set()
    works(job)
    assert written(sandbox) == []
    late = sent(browser, job, "approve")
    assert late.status_code == 409
    assert "approver was first and refused the plan." in read(late).text


def test_comments(awaiting: Plan, login: Login) -> None:
    job = awaiting()
    for role in ("approver", "steward"):
        assert sent(login(role), job, "comment", text=f"<b>{role}</b>").status_code == 303
    assert sent(login("approver"), job, "comment", text="").status_code == 422
    page = login("viewer").get(f"/jobs/{job.pk}/").content.decode()
    assert "&lt;b&gt;steward&lt;/b&gt;" in page
    answer = sent(login("viewer"), job, "comment", text="Hello")
    assert answer.status_code == 409
    assert "Only people with the role approver" in answer.content.decode()
    assert ApprovalComment.objects.count() == 2


def test_withdrawn_on_its_page(awaiting: Plan, login: Login) -> None:
    job = awaiting()
    answer = sent(login("approver"), job, "withdraw")
    assert (answer.status_code, state(job)) == (409, JobState.AWAITING)
    assert sent(login("steward"), job, "withdraw").status_code == 303
    assert state(job) == JobState.WITHDRAWN
    again = sent(login("steward"), job, "withdraw")
    assert "steward was first and withdrew the plan." in read(again).text


def test_an_expired_one_says_so(awaiting: Plan, login: Login) -> None:
    job = awaiting()
    Approval.objects.update(expires_at=timezone.now())
    answer = sent(login("approver"), job, "approve")
    assert answer.status_code == 409
    assert "The request has expired and nothing was changed." in read(answer).text


def test_a_changed_plan_says_so(awaiting: Plan, login: Login) -> None:
    job = awaiting()
    Step.objects.filter(phase__job=job, number=2).update(changes={"name": "Other"})
    answer = sent(login("approver"), job, "approve")
    assert answer.status_code == 409
    assert "The plan is not what approval was asked for any more" in read(answer).text
    assert AuditEntry.objects.filter(action="plan.approve", outcome="refused").count() == 1


def test_when_it_will_run(awaiting: Plan, login: Login) -> None:
    browser, now = login("approver"), timezone.now()
    for at, words in (
        (None, "It runs as soon as you approve it."),
        (now + timedelta(hours=5), "Once approved it runs at the chosen time:"),
        (now - timedelta(hours=5), "The time chosen for it has passed"),
    ):
        job = awaiting(scheduled_for=at)
        assert words in read(browser.get(f"/jobs/{job.pk}/")).text


@pytest.mark.parametrize("count", [3, 24])
def test_a_waiting_plan_does_not_ask_again_each_second(
    sandbox: SandboxServer, awaiting: Plan, login: Login, count: int
) -> None:
    job, browser = awaiting(count), login("approver")
    browser.get(f"/jobs/{job.pk}/")
    sandbox.clear_log()
    page = browser.get(f"/jobs/{job.pk}/")
    assert "every 1s" not in page.content.decode()
    assert "Flowtly's answer has not arrived" not in read(page).text
    assert sandbox.requests == []


def test_no_panel_where_nobody_was_asked(plan: Plan, login: Login) -> None:
    job = plan()
    assert 'id="approval"' not in login("approver").get(f"/jobs/{job.pk}/").content.decode()
    answer = sent(login("approver"), job, "approve")
    assert (answer.status_code, state(job)) == (409, JobState.PLANNED)
    assert "This plan does not wait for an approval." in read(answer).text
