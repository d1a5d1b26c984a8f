"""Rows that were changed elsewhere since the preview: three values, and a decision for one or for all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpResponse

from backoffice.models import AuditEntry, Job, Outcome, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, jobs
from tests.bulk.cast import by_key, chosen, planned, put, run, sent
from tests.bulk.cast import outcomes as came_to
from tests.conftest import Login
from tests.records.pages import read, said

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.fixture
def owner(sandbox: SandboxServer, person: Person) -> User:
    return person("steward")


@pytest.fixture
def job(owner: User, sandbox: SandboxServer) -> Job:
    """Three rows that somebody else changed between preview and write; one that nobody did."""
    for key in ("1", "2", "3"):
        sandbox.patch_row("clients", key, {"dueDays": 14})
    plan = planned(owner, chosen(owner, "1", "2", "3", "4"), put("dueDays", 21))
    for key, days in (("1", 81), ("2", 82), ("3", 83)):
        sandbox.patch_row("clients", key, {"dueDays": days})
    found = run(plan, owner)
    sandbox.clear_log()
    return found


def plan_of(answer: HttpResponse) -> Job:
    assert answer.status_code == 303
    return Job.objects.get(pk=str(answer["Location"]).split("/")[2])


def numbers(job: Job) -> dict[str, int]:
    return {key: step.number for key, step in by_key(job).items()}


def test_three_values_stand_side_by_side(job: Job, login: Login, sandbox: SandboxServer) -> None:
    page = read(login("viewer").get(f"/jobs/{job.pk}/conflicts/"))
    assert "3 records are open." in page.text
    for days in (81, 82, 83):
        assert f"Due days 14 {days} 21" in page.text
    assert "/clients/1/" in page.links
    assert "Keep theirs" not in page.text  # a viewer may not decide
    assert sandbox.requests == []


def test_each_is_decided_by_itself(job: Job, login: Login, sandbox: SandboxServer) -> None:
    browser, at, where = login("steward"), numbers(job), f"/jobs/{job.pk}/conflicts/"
    form = {"nonce": "n", f"decide-{at['1']}": "theirs", f"decide-{at['2']}": "mine"}
    answer = browser.post(where, form)
    assert "1 record stays as others wrote it." in said(answer)
    plan = plan_of(answer)
    assert sent(sandbox.requests) == []
    assert [(step.key, step.base, step.changes) for step in Step.objects.filter(phase__job=plan)] == [
        ("2", {"dueDays": 82}, {"dueDays": 21})
    ]
    assert plan_of(browser.post(where, form)) == plan  # the same form, sent twice
    page = read(browser.get(where))
    assert "1 record is open." in page.text
    assert "Theirs kept" in page.text
    assert "Ours in a new plan" in page.text
    kept = AuditEntry.objects.filter(action="clients.keep_theirs").get()
    assert (kept.key, kept.actor_name, kept.job_id) == ("1", "steward", job.pk)
    assert came_to(run(plan, plan.actor)) == {"2": Outcome.CHANGED}
    row = sandbox.row("clients", 2)
    assert row is not None
    assert row["dueDays"] == 21


def test_ours_does_not_write_over_a_third_value(job: Job, login: Login, sandbox: SandboxServer) -> None:
    answer = login("steward").post(f"/jobs/{job.pk}/conflicts/", {"nonce": "n", "all": "mine"})
    plan = plan_of(answer)
    assert bulk.counts(plan).writes == 3
    sandbox.patch_row("clients", 3, {"dueDays": 99})
    assert came_to(run(plan, plan.actor)) == {
        "1": Outcome.CHANGED,
        "2": Outcome.CHANGED,
        "3": Outcome.CONFLICT,
    }
    row = sandbox.row("clients", 3)
    assert row is not None
    assert row["dueDays"] == 99


def test_theirs_is_kept_for_all_that_are_open(job: Job, login: Login, sandbox: SandboxServer) -> None:
    browser = login("steward")
    answer = browser.post(f"/jobs/{job.pk}/conflicts/", {"nonce": "n", "all": "theirs"})
    assert "3 records stay as others wrote them." in said(answer)
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert bulk.open_conflicts(job) == 0
    assert sandbox.requests == []
    assert "All of them are decided." in read(browser.get(f"/jobs/{job.pk}/conflicts/")).text
    assert "Decided: what others wrote stays." in read(browser.get(f"/jobs/{job.pk}/")).text


def test_a_choice_is_needed_and_the_right_to_make_it(job: Job, login: Login) -> None:
    where = f"/jobs/{job.pk}/conflicts/"
    assert "Choose for at least one record." in said(login("steward").post(where, {"nonce": "n"}))
    assert login("editor").post(where, {"all": "theirs"}).status_code == 403
    assert bulk.open_conflicts(job) == 3


def test_open_conflicts_want_attention_until_they_are_decided(job: Job, owner: User, login: Login) -> None:
    partly = jobs.listed(viewer=owner, group=jobs.Group.PARTLY)
    assert list(partly.all()) == [job]
    assert "Jobs done in part" in read(login("steward").get("/")).text
    assert str(job.pk) in login("steward").get("/jobs/?group=partly").content.decode()
    bulk.keep_theirs(job=job, actor=owner)
    assert list(partly.all()) == []
