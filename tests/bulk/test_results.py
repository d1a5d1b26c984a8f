"""The page of a job of many after it was confirmed: how far it is, what became of each row, and what then."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from backoffice.models import AuditEntry, Job, JobState, Outcome, Step, StepState, Upstream, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, doubts, jobs, outcomes
from backoffice.services.jobs import setbacks
from backoffice.services.reading import ListQuery
from tests.bulk.cast import by_key, chosen, matching, planned, put, run, sent
from tests.bulk.cast import outcomes as came_to
from tests.conftest import Login
from tests.records.pages import Page, read, said

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.fixture
def owner(sandbox: SandboxServer, person: Person) -> User:
    return person("steward")


def page_of(browser: Client, job: Job, query: str = "", **headers: str) -> Page:
    return read(browser.get(f"/jobs/{job.pk}/{query}", headers=headers))


def told(answer: HttpResponse) -> str:
    """The page after a redirect."""
    assert answer.status_code == 303, answer.content[:500]
    return str(answer["Location"])


def job_at(address: str) -> Job:
    return Job.objects.get(pk=address.strip("/").split("/")[1])


@pytest.fixture
def job(owner: User, sandbox: SandboxServer) -> Job:
    sandbox.patch_row("clients", 2, {"dueDays": 21})
    plan = planned(owner, chosen(owner, "1", "2", "3", "4", "5", "6"), put("dueDays", 21))
    bulk.take_out(job=plan, numbers=[by_key(plan)["6"].number])
    sandbox.patch_row("clients", 3, {"dueDays": 99})
    sandbox.delete_row("clients", 5)
    sandbox.fault(
        "status",
        method="PATCH",
        path="/clients/4*",
        status=422,
        times=1,
        detail="dueDays: No more than 14 for this one.",
    )
    found = run(plan, owner)
    words = "No more than 14 for this one."
    error = {"message": f"dueDays: {words}", "violations": [["dueDays", words]]}
    Step.objects.filter(phase__job=found, key="4").update(error=error)
    sandbox.clear_log()
    return found


def test_every_row_is_counted_and_listed_with_why(job: Job, login: Login, sandbox: SandboxServer) -> None:
    assert came_to(job) == {
        "1": Outcome.CHANGED,
        "2": Outcome.ALREADY,
        "3": Outcome.CONFLICT,
        "4": Outcome.REJECTED,
        "5": Outcome.GONE,
        "6": Outcome.EXCLUDED,
    }
    browser = login("viewer")
    page = page_of(browser, job)
    assert "2 of 5 done · 3 not done · 1 left out" in page.text
    assert page.rows == ["1", "2", "3", "4", "5", "6"]
    assert "/clients/1/" in page.links
    assert "/clients/5/" not in page.links  # it is gone
    assert "Due days: No more than 14 for this one." in page.text
    assert "The author left it out." in page.text
    assert "As agreed with sales" in page.text
    for fate, key in (("changed", "1"), ("conflict", "3"), ("excluded", "6"), ("gone", "5")):
        assert page_of(browser, job, f"?outcome={fate}").rows == [key]
    assert sandbox.requests == []
    assert "Try this" not in page.text  # a viewer may not


def test_what_failed_is_tried_again_and_nothing_else(job: Job, login: Login, sandbox: SandboxServer) -> None:
    browser = login("steward")
    assert "Try this one again" in page_of(browser, job).text
    plan = job_at(told(browser.post(f"/jobs/{job.pk}/retry/", {"nonce": "a"})))
    assert [step.key for step in Step.objects.filter(phase__job=plan)] == ["4"]
    again = job_at(told(browser.post(f"/jobs/{job.pk}/retry/", {"nonce": "a"})))
    assert again == plan  # the same form, sent twice
    assert sent(sandbox.requests) == []
    plan = run(plan, plan.actor)
    assert came_to(plan) == {"4": Outcome.CHANGED}
    assert outcomes.counts(plan).failed == 0
    assert f"/jobs/{plan.pk}/" in page_of(browser, job).links
    assert f"/jobs/{job.pk}/" in page_of(browser, plan).links


def test_the_report_holds_every_row_and_its_why(job: Job, login: Login) -> None:
    answer = login("viewer").get(f"/jobs/{job.pk}/report/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer)))
    assert book.sheetnames == ["Report", "Records"]
    facts = {row[0]: row[1] for row in book["Report"].iter_rows(min_row=2, values_only=True)}
    assert (facts["Author"], facts["Reason"]) == ("steward", "As agreed with sales")
    assert (facts["All records"], facts["Changed"], facts["Left out"]) == (6, 1, 1)
    rows = {row[0]: row for row in book["Records"].iter_rows(min_row=2, values_only=True)}
    assert list(rows) == ["1", "2", "3", "4", "5", "6"]
    assert rows["1"][2:6] == ("Changed", "Due days", 45, 21)
    assert "No more than 14" in str(rows["4"][6])
    assert "Due days: 99" in str(rows["3"][6])  # what others wrote
    entry = AuditEntry.objects.filter(action="clients.download").get()
    assert (entry.actor_name, entry.job_id) == ("viewer", job.pk)


def test_a_large_job_is_shown_by_few_queries(
    owner: User, sandbox: SandboxServer, login: Login, django_assert_max_num_queries: Any
) -> None:
    plan = planned(owner, matching(owner, ListQuery()), put("dueDays", 21))
    job = bulk.confirm(job=plan, actor=owner, reason="x")
    Job.objects.filter(pk=job.pk).update(woken_at=None)  # nobody has come
    browser, number = login("steward"), Step.objects.filter(phase__job=plan).count()
    assert number > 100
    browser.get(f"/jobs/{job.pk}/")
    with django_assert_max_num_queries(20):
        answer = browser.get(f"/jobs/{job.pk}/?page=2", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    page = read(answer)
    assert f"0 of {number} done · {number} left" in page.text
    assert "Waiting for the worker" in page.text
    assert len(page.rows) == 50
    with django_assert_max_num_queries(1):
        assert outcomes.counts(job).left == number


def test_the_page_goes_on_asking_until_nothing_moves(owner: User, login: Login, sandbox: SandboxServer) -> None:
    plan = planned(owner, chosen(owner, "1", "2"), put("dueDays", 21))
    job = bulk.confirm(job=plan, actor=owner, reason="x")
    browser = login("steward")
    sandbox.clear_log()

    def asked() -> HttpResponse:
        return browser.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})

    assert 'hx-trigger="every 1s"' in asked().content.decode()
    assert told(browser.post(f"/jobs/{job.pk}/pause/")) == f"/jobs/{job.pk}/"
    paused = asked()
    assert paused.status_code == 286
    assert "Paused · 0 of 2 done · 2 left" in read(paused).text
    browser.post(f"/jobs/{job.pk}/pause/")  # once more is harmless
    browser.post(f"/jobs/{job.pk}/go-on/")
    assert asked().status_code == 200
    browser.post(f"/jobs/{job.pk}/stop/")
    assert "Stopped · 0 of 2 done" in read(asked()).text
    browser.post(f"/jobs/{job.pk}/close/")
    page = read(asked())
    assert "0 of 2 done · 2 not done" in page.text
    assert "Try these 2 again" in page.text
    assert sandbox.requests == []
    said_so = AuditEntry.objects.filter(job_id=job.pk, action__startswith="plan.").order_by("seq")
    assert list(said_so.values_list("action", flat=True)) == [
        "plan.confirm",
        "plan.pause",
        "plan.go_on",
        "plan.stop",
        "plan.close",
    ]


def test_why_it_rests_is_said_in_the_reader_s_language(owner: User, login: Login) -> None:
    job = bulk.confirm(job=planned(owner, chosen(owner, "1", "2"), put("dueDays", 21)), actor=owner, reason="x")
    Job.objects.filter(pk=job.pk).update(state=JobState.PAUSED, problem=setbacks.GAVE_UP)
    browser = login("steward")
    assert setbacks.GAVE_UP in page_of(browser, job).text
    assert "Flowtly har længe ikke kunnet nås." in page_of(browser, job, **{"Accept-Language": "da"}).text


def test_a_scheduled_job_begins_now_or_not_at_all(owner: User, login: Login) -> None:
    browser = login("steward")
    for deed, state in (("begin", JobState.RUNNING), ("call-off", JobState.WITHDRAWN)):
        plan = planned(owner, chosen(owner, "1", "2"), put("dueDays", 21))
        Job.objects.filter(pk=plan.pk).update(state=JobState.SCHEDULED, scheduled_for="2030-01-01T22:00Z")
        page = page_of(browser, plan)
        assert "Begins:" in page.text
        assert "Will change" in page.text
        browser.post(f"/jobs/{plan.pk}/{deed}/")
        plan.refresh_from_db()
        assert plan.state == state
    assert "Not run: it was given up." in page_of(browser, plan).text


@pytest.mark.parametrize("role", ["viewer", "editor", "approver"])
def test_only_who_may_edit_many_steers(owner: User, login: Login, role: str) -> None:
    plan = planned(owner, chosen(owner, "1", "2"), put("dueDays", 21))
    job = bulk.confirm(job=plan, actor=owner, reason="x")
    browser = login(role)
    for deed in ("pause", "stop", "go-on", "close", "retry", "begin", "call-off"):
        assert browser.post(f"/jobs/{job.pk}/{deed}/").status_code == 403
    assert "Pause" not in page_of(browser, job).text
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


# Outcomes that nobody knows


@pytest.fixture
def lost(owner: User, sandbox: SandboxServer) -> Job:
    """One row whose answer was lost, and which then held something else."""
    plan = planned(owner, chosen(owner, "1", "2"), put("dueDays", 21))
    job = run(plan, owner)
    step = by_key(job)["1"]
    Step.objects.filter(pk=step.pk).update(outcome=Outcome.UNKNOWN, after=None, state=StepState.DONE)
    sandbox.clear_log()
    return job


@pytest.mark.parametrize(
    ("held", "words"),
    [(21, "it holds what we sent"), (45, "it holds what it held before"), (60, "it holds neither")],
)
def test_an_unknown_row_is_looked_at_again(
    lost: Job, login: Login, sandbox: SandboxServer, held: int, words: str
) -> None:
    sandbox.patch_row("clients", 1, {"dueDays": held})
    browser = login("steward")
    address = f"/jobs/{lost.pk}/rows/{by_key(lost)['1'].number}/"
    assert address in page_of(browser, lost).links
    assert words in read(browser.get(address)).text
    assert [(each["method"], each["path"]) for each in sandbox.requests] == [("GET", "/clients/1")]


@pytest.mark.parametrize(("word", "outcome"), [("yes", Outcome.CHANGED), ("no", Outcome.NOT_WRITTEN)])
def test_a_person_settles_what_nobody_knows(
    lost: Job, login: Login, sandbox: SandboxServer, word: str, outcome: str
) -> None:
    browser, step = login("steward"), by_key(lost)["1"]
    address = f"/jobs/{lost.pk}/rows/{step.number}/"
    assert browser.post(address).status_code == 422
    assert login("viewer").post(address, {"written": word}).status_code == 403
    answer = browser.post(address, {"written": word})
    assert "Nothing was sent" in said(answer)
    assert came_to(lost)["1"] == outcome
    assert sent(sandbox.requests) == []
    entry = AuditEntry.objects.filter(action="clients.settle").get()
    assert (entry.outcome, entry.key, entry.actor_name) == (outcome, "1", "steward")
    assert told(browser.post(address, {"written": "no"})) == f"/jobs/{lost.pk}/"  # said once is enough
    assert came_to(lost)["1"] == outcome
    assert "A person looked and said" in page_of(browser, lost).text


def test_settled_as_saved_an_undo_finds_what_was_edited_since(
    lost: Job, owner: User, sandbox: SandboxServer
) -> None:
    sandbox.patch_row("clients", 1, {"dueDays": 60})
    step = Step.objects.select_related("phase__job").get(pk=by_key(lost)["1"].pk)
    assert doubts.settle(step=step, actor=owner, written=True, request_id="t")
    plan = bulk.undo(job=lost, actor=owner, nonce="u", request_id="t")
    assert {step.key: step.forecast for step in Step.objects.filter(phase__job=plan)} == {
        "1": "edited",
        "2": "change",
    }
    jobs.sweep()
    held: Any = sandbox.row("clients", 1)
    assert held["dueDays"] == 60


def test_the_page_says_what_a_running_job_waits_for(owner: User, login: Login) -> None:
    job = bulk.confirm(job=planned(owner, chosen(owner, "1", "2"), put("dueDays", 21)), actor=owner, reason="x")
    browser, rows = login("steward"), Job.objects.filter(pk=job.pk)
    later = timezone.now() + timedelta(minutes=5)
    said_then = timezone.localtime(later).strftime("%H:%M:%S")
    rows.update(put_off_until=later, setbacks=2)
    assert f"Flowtly cannot be reached; the next try is at {said_then}." in page_of(browser, job).text
    rows.update(setbacks=0)
    assert f"the records are read back at {said_then}." in page_of(browser, job).text
    Upstream.objects.update(paused_until=later.timestamp())
    assert f"Waiting until {said_then}: Flowtly asked us to." in page_of(browser, job).text
    assert "closing the page changes nothing" in page_of(browser, job).text


def test_a_row_that_an_approver_left_out_says_so(job: Job, login: Login) -> None:
    Step.objects.filter(phase__job=job, key="6").update(context={"out": "approver"})
    Step.objects.filter(phase__job=job, key="5").update(outcome=Outcome.EXCLUDED, context={"out": "edited"})
    text = page_of(login("viewer"), job, "?outcome=excluded").text
    assert "The approver left it out." in text
    assert "It was edited since, and nobody took it in." in text
    assert "2 left out" in text
