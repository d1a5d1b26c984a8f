"""Flowtly in trouble in the middle of several hundred rows: each ends rightly, nothing done is done again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from backoffice.models import Job, JobState, Outcome, Step, Upstream, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs
from backoffice.services.jobs import running, setbacks
from backoffice.services.upstream import client, forget

from .plans import NEW, OLD, before, due_days, outcomes, plans, reads, stored, writes

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
KEYS = range(1, 301)


@pytest.fixture(scope="session")
def _server() -> object:
    """A Flowtly with more clients than the usual one."""
    with SandboxServer(clients=320, counterparties=10) as server:
        yield server


@pytest.fixture
def job(sandbox: SandboxServer, person: Person) -> Job:
    return stored(person("steward"), apply=plans(before(sandbox, KEYS)))


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are there, and short."""
    monkeypatch.setattr(setbacks, "FIRST_PAUSE", 0.01)


def outcome_of(job: Job, key: int) -> str:
    return Step.objects.get(phase__job=job, key=str(key)).outcome


def test_storms_of_429_cost_time_and_nothing_else(sandbox: SandboxServer, job: Job) -> None:
    for skip in (20, 90, 160):
        sandbox.fault("status", status=429, method="PATCH", path="/clients/*", retry_after=1, skip=skip, times=8)
        sandbox.fault("status", status=429, method="GET", path="/clients/*", skip=skip, times=8)
    jobs.run(job)
    assert outcomes(job) == {Outcome.CHANGED: 300}
    done = [each["path"] for each in sandbox.requests if each["method"] == "PATCH" and each["status"] == 200]
    assert len(done) == len(set(done)) == 300
    assert due_days(sandbox, KEYS) == {NEW: 300}


def test_a_long_wait_for_the_rate_limit_is_the_jobs_and_can_be_seen(sandbox: SandboxServer, job: Job) -> None:
    sandbox.fault("status", status=429, path="/clients/*", retry_after=120, skip=40, times=1)
    jobs.hand_over(job)
    began = time.monotonic()
    running.SLICE, kept = 0.5, running.SLICE
    try:
        running.run_slice(job.pk)
    finally:
        running.SLICE = kept
    assert time.monotonic() - began < 60
    seen = jobs.progress(job)
    assert (seen.waiting, seen.in_hand) == (jobs.Waiting.ASKED, 0)
    assert seen.waiting_until == seen.paused_until
    assert seen.paused_until is not None
    assert timedelta(seconds=60) < seen.paused_until - timezone.now() <= timedelta(seconds=120)
    assert set(outcomes(job)) == {"", Outcome.CHANGED}
    asked = len(sandbox.requests)
    assert jobs.sweep() == 0
    assert len(sandbox.requests) == asked  # nobody knocks meanwhile
    Upstream.objects.update(paused_until=0)
    forget()
    jobs.run(job)
    assert outcomes(job) == {Outcome.CHANGED: 300}


def test_lost_answers_are_read_back_and_never_sent_again(sandbox: SandboxServer, job: Job) -> None:
    kinds = ("reset", "truncate", "garbage", "empty")
    for place, kind in enumerate(kinds):
        for applied in (True, False):
            key = 50 + 20 * place + applied
            sandbox.fault(kind, method="PATCH", path=f"/clients/{key}", apply=applied)
    sandbox.fault("status", status=502, body="html", method="PATCH", path="/clients/200", apply=True)
    sandbox.fault("status", status=500, method="PATCH", path="/clients/201", apply=False)
    jobs.run(job)
    assert set(writes(sandbox).values()) == {1}
    lost = {50 + 20 * place for place in range(len(kinds))} | {201}
    assert outcomes(job) == {Outcome.CHANGED: 300 - len(lost), Outcome.NOT_WRITTEN: len(lost)}
    assert {outcome_of(job, key) for key in lost} == {Outcome.NOT_WRITTEN}
    assert due_days(sandbox, KEYS) == {NEW: 300 - len(lost), OLD: len(lost)}


def test_somebody_elses_value_after_a_lost_answer_is_for_a_person(sandbox: SandboxServer, job: Job) -> None:
    sandbox.fault("reset", method="PATCH", path="/clients/70", apply=False)
    sandbox.edit_before("clients", 70, {"dueDays": 55}, method="GET", path="/clients/70", skip=1)
    jobs.run(job)
    assert outcomes(job) == {Outcome.CHANGED: 299, Outcome.UNKNOWN: 1}
    assert (sandbox.row("clients", 70) or {})["dueDays"] == 55


@pytest.mark.usefixtures("soon")
def test_pages_of_a_proxy_in_the_middle(sandbox: SandboxServer, job: Job) -> None:
    sandbox.fault("status", status=503, body="html", method="GET", path="/clients/*", skip=100, times=30)
    sandbox.fault("garbage", method="GET", path="/clients/33", times=1)
    jobs.run(job)
    assert outcomes(job) == {Outcome.CHANGED: 300}
    assert set(writes(sandbox).values()) == {1}


@pytest.mark.usefixtures("soon")
def test_one_record_that_cannot_be_read_ends_as_not_saved(sandbox: SandboxServer, job: Job) -> None:
    sandbox.fault("status", status=500, method="GET", path="/clients/44", times=None)
    jobs.run(job)
    assert outcomes(job) == {Outcome.CHANGED: 299, Outcome.NOT_WRITTEN: 1}
    assert reads(sandbox)["/clients/44"] == setbacks.TRIES


def test_the_servers_refusals_are_each_rows_own(sandbox: SandboxServer, job: Job) -> None:
    sandbox.fault("status", status=422, detail="Not this one", method="PATCH", path="/clients/12")
    sandbox.fault("status", status=403, method="GET", path="/clients/13")
    sandbox.delete_row("clients", 14)
    jobs.run(job)
    assert [outcome_of(job, key) for key in (12, 13, 14)] == [Outcome.REJECTED, Outcome.NOT_WRITTEN, Outcome.GONE]
    assert outcomes(job)[Outcome.CHANGED] == 297
    assert Step.objects.get(phase__job=job, key="12").error["message"] == "Not this one"


def test_tokens_that_run_out_in_the_middle_are_renewed_once(
    sandbox: SandboxServer, person: Person, settings: LazySettings
) -> None:
    settings.FLOWTLY_API_TOKEN = ""
    settings.FLOWTLY_USERNAME, settings.FLOWTLY_PASSWORD = sandbox.profile.username, sandbox.profile.password
    forget()
    client().check()
    job = stored(person("steward"), apply=plans(before(sandbox, KEYS)))
    sandbox.fault("status", status=401, path="/clients/*", skip=150, times=1)
    sandbox.expire_tokens()
    jobs.run(job)
    assert outcomes(job) == {Outcome.CHANGED: 300}
    logins = [each for each in sandbox.requests if each["path"] == "/login"]
    assert len(logins) == 2
    assert set(writes(sandbox).values()) <= {1, 2}  # a refused one was not done
    done = [each["path"] for each in sandbox.requests if each["method"] == "PATCH" and each["status"] == 200]
    assert len(done) == len(set(done)) == 300


def test_a_flowtly_that_is_away_puts_the_job_off_and_burns_no_row(sandbox: SandboxServer, job: Job) -> None:
    sandbox.fault("status", status=503, path="/clients/*", skip=60, times=None)
    jobs.hand_over(job)
    assert running.run_slice(job.pk)
    job.refresh_from_db()
    assert (job.state, job.setbacks) == (JobState.RUNNING, 1)
    assert Outcome.NOT_WRITTEN not in outcomes(job)
    seen = jobs.progress(job)
    assert (seen.waiting, seen.waiting_until, seen.in_hand) == (jobs.Waiting.AWAY, job.put_off_until, 0)
    first = job.put_off_until
    assert first is not None
    assert jobs.sweep() == 0
    Job.objects.update(put_off_until=None)
    assert running.run_slice(job.pk)
    job.refresh_from_db()
    assert job.setbacks == 2
    assert job.put_off_until is not None
    assert job.put_off_until - timezone.now() > timedelta(seconds=setbacks.FIRST_PAUSE)
    sandbox.clear_faults()
    assert jobs.go_on(job).state == JobState.RUNNING
    Job.objects.update(put_off_until=None)
    jobs.run(job)
    assert job.setbacks == 0
    found = outcomes(job)
    # What was lost on its way when Flowtly went away was read back, and is as it was found.
    assert found[Outcome.CHANGED] == due_days(sandbox, KEYS)[NEW]
    assert found.get(Outcome.NOT_WRITTEN, 0) + found[Outcome.CHANGED] == 300
    assert max(writes(sandbox).values()) == 1


@pytest.mark.usefixtures("soon")
def test_a_flowtly_that_stays_away_pauses_the_job_with_words(
    sandbox: SandboxServer, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setbacks, "MOST", 2)
    sandbox.fault("status", status=401, path="/clients/*", times=None)
    jobs.run(job)
    assert (job.state, job.problem) == (JobState.PAUSED, setbacks.GAVE_UP)
    assert outcomes(job) == {"": 300}
    sandbox.clear_faults()
    assert jobs.go_on(job).problem == ""
    jobs.run(job)
    assert outcomes(job) == {Outcome.CHANGED: 300}


def test_progress_adds_up(
    sandbox: SandboxServer, job: Job, django_assert_num_queries: Callable[[int], object]
) -> None:
    sandbox.patch_row("clients", 5, {"dueDays": 70})
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        seen = jobs.progress(job)
    assert (seen.total, seen.left, seen.done, seen.waiting, seen.seconds_left) == (300, 300, 0, "", None)
    jobs.run(job)
    seen = jobs.progress(job)
    assert seen.outcomes == {Outcome.CHANGED: 299, Outcome.CONFLICT: 1}
    assert (seen.total, seen.left, seen.done, seen.in_hand) == (300, 0, 300, 0)
    assert seen.rate > 0
