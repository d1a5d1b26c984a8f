"""The last word on a plan: what it would take, why, when, and whether somebody else has to agree."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from backoffice.models import Approval, Job, JobState, Outcome
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk
from tests.bulk.cast import outcomes, sent
from tests.bulk.pages import change, confirm, due_days, move, page_of, set_to
from tests.conftest import Login
from tests.records.pages import read

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(sandbox: SandboxServer, login: Login) -> Client:
    return login("steward")


def cities(browser: Client, *keys: str) -> Job:
    """A plan that needs nobody else."""
    return change(browser, keys, set_to(addressCity="Malmö"))


def test_it_says_what_it_takes(browser: Client, sandbox: SandboxServer) -> None:
    job = change(browser, ["1", "2"], set_to(addressCity="Malmö", invoiceComment="Tak"))
    page = page_of(browser, job)
    assert "Change Comment on invoices and City of 2 clients. About 4 calls to Flowtly" in page.text
    assert "Change 2 clients" in page.text
    assert set(page.fields) == {"csrfmiddlewaretoken", "stamp", "reason", "when", "at"}


def test_once_confirmed_a_second_click_is_harmless(browser: Client, sandbox: SandboxServer) -> None:
    job = cities(browser, "1", "2")
    fields = page_of(browser, job).fields
    url = f"/jobs/{job.pk}/confirm/"
    answers = [browser.post(url, {**fields, "reason": " As agreed "}) for _ in range(2)]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, f"/jobs/{job.pk}/")] * 2
    job.refresh_from_db()
    assert (job.state, job.reason, job.scheduled_for) == (JobState.RUNNING, "As agreed", None)
    assert sent(sandbox.requests) == []
    assert move(browser, job, "out", 1).status_code == 303
    assert outcomes(job)["1"] == Outcome.NONE
    browser.post(f"/jobs/{job.pk}/discard/")
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_a_plan_that_changed_meanwhile_is_not_confirmed(browser: Client, sandbox: SandboxServer) -> None:
    job = cities(browser, "1", "2", "3")
    fields = page_of(browser, job).fields
    move(browser, job, "out", 1)
    bulk.put_back(job=job, numbers=[1])
    bulk.take_out(job=job, numbers=[2])
    answer = browser.post(f"/jobs/{job.pk}/confirm/", {**fields, "reason": "As agreed"})
    page = read(answer, "plan-confirm")
    assert answer.status_code == 422
    assert "The plan has changed since this page was shown." in page.text
    assert page.fields["reason"] == "As agreed"
    again = browser.post(f"/jobs/{job.pk}/confirm/", page.fields)
    assert again.status_code == 303


def test_a_chosen_time(browser: Client, sandbox: SandboxServer) -> None:
    job = cities(browser, "1", "2")
    moment = (timezone.localtime() + timedelta(days=1)).replace(second=0, microsecond=0)
    confirm(browser, job, when="at", at=f"{moment:%Y-%m-%dT%H:%M}")
    job.refresh_from_db()
    assert (job.state, job.scheduled_for) == (JobState.SCHEDULED, moment)


def test_tonight(browser: Client, sandbox: SandboxServer) -> None:
    job = cities(browser, "1", "2")
    text = browser.get(f"/jobs/{job.pk}/").content.decode()
    evening = text.split('name="when" value="20')[1].split('"')[0]
    confirm(browser, job, when=f"20{evening}")
    job.refresh_from_db()
    assert job.scheduled_for is not None
    assert timezone.localtime(job.scheduled_for).strftime("%H:%M") == "22:00"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"when": "at", "at": "2020-01-01T10:00"}, "That time has passed."),
        ({"when": "2020-01-01T22:00:00+01:00"}, "That time has passed."),
        ({"when": "at", "at": ""}, "Choose a day and a time."),
        ({"when": "at", "at": "tomorrow"}, "Choose a day and a time."),
        ({"when": "sometime"}, "Choose a day and a time."),
    ],
)
def test_a_time_that_is_none_keeps_everything(
    browser: Client, sandbox: SandboxServer, given: dict[str, str], said: str
) -> None:
    job = cities(browser, "1", "2")
    answer = confirm(browser, job, reason="As agreed", **given)
    page = read(answer, "plan-confirm")
    assert answer.status_code == 422
    assert page.text.count(said) == 2
    assert page.fields["reason"] == "As agreed"
    job.refresh_from_db()
    assert job.state == JobState.PLANNED


def test_now_does_not_look_at_the_time(browser: Client, sandbox: SandboxServer) -> None:
    assert confirm(browser, cities(browser, "1"), when="now", at="nonsense").status_code == 303


def test_many_need_a_reason(browser: Client, sandbox: SandboxServer, settings: LazySettings) -> None:
    settings.REASON_REQUIRED_ABOVE = 1
    job = cities(browser, "1", "2")
    answer = confirm(browser, job, reason=" ")
    page = read(answer, "plan-confirm")
    assert answer.status_code == 422
    assert page.text.count("Write why: it is needed for so many records.") == 2
    assert confirm(browser, job, reason="As agreed").status_code == 303


def test_nothing_left_to_write(browser: Client, sandbox: SandboxServer) -> None:
    job = cities(browser, "1", "2")
    fields = page_of(browser, job).fields
    move(browser, job, "out", 1, 2)
    assert "nothing would be written" in page_of(browser, job).text
    answer = browser.post(f"/jobs/{job.pk}/confirm/", {**fields, "stamp": bulk.stamp(job)})
    assert answer.status_code == 422
    assert "nothing would be written" in read(answer).text
    job.refresh_from_db()
    assert job.state == JobState.PLANNED


def test_sensitive_fields_ask_a_second_person(
    browser: Client, sandbox: SandboxServer, settings: LazySettings
) -> None:
    settings.APPROVAL_SENSITIVE = True
    job = due_days(browser, "1", "2")
    page = page_of(browser, job)
    assert "It touches fields that a second person has to agree to: Due days." in page.text
    assert "Request approval of 2 changes" in page.text
    answer = confirm(browser, job, reason="As agreed", message="Please before noon")
    assert answer.status_code == 303
    job.refresh_from_db()
    asked = Approval.objects.get(job=job)
    assert (job.state, asked.message) == (JobState.AWAITING, "Please before noon")
    assert "Please before noon" in read(browser.get(f"/jobs/{job.pk}/")).text


def test_one_record_needs_nobody(browser: Client, sandbox: SandboxServer, settings: LazySettings) -> None:
    settings.APPROVAL_SENSITIVE = True
    job = due_days(browser, "1", "2")
    move(browser, job, "out", 1)
    page = page_of(browser, job)
    assert "Change 1 client" in page.text
    assert "Request approval" not in page.text
    assert "message" not in page.fields


def test_many_ask_a_second_person(browser: Client, sandbox: SandboxServer, settings: LazySettings) -> None:
    settings.APPROVAL_REQUIRED_ABOVE = 1
    job = cities(browser, "1", "2")
    assert "above 1 a second person has to agree" in page_of(browser, job).text


def test_a_discarded_plan_is_over(browser: Client, sandbox: SandboxServer) -> None:
    job = cities(browser, "1")
    answer = browser.post(f"/jobs/{job.pk}/discard/", follow=True)
    assert "The plan was discarded. Nothing was written to Flowtly." in answer.content.decode()
    job.refresh_from_db()
    assert job.state == JobState.WITHDRAWN
    assert browser.get(f"/jobs/{job.pk}/").status_code == 200
    assert sent(sandbox.requests) == []


def test_loading_the_address_of_an_error_leads_back(browser: Client, sandbox: SandboxServer) -> None:
    job = cities(browser, "1")
    answer = browser.get(f"/jobs/{job.pk}/confirm/")
    assert (answer.status_code, answer["Location"]) == (303, f"/jobs/{job.pk}/")


def test_a_plan_that_is_not_previewed_is_not_confirmed(browser: Client, sandbox: SandboxServer) -> None:
    job = cities(browser, "1")
    fields = page_of(browser, job).fields
    Job.objects.filter(pk=job.pk).update(previewed_at=None)
    assert browser.post(f"/jobs/{job.pk}/confirm/", fields).status_code in (303, 422)
    job.refresh_from_db()
    assert job.state == JobState.PLANNED
