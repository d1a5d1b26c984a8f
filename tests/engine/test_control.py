"""Pause, go on, stop, the calendar, and SIGTERM: records in hand are finished, the rest is left as it was."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from backoffice.models import Job, JobState, Outcome, Runner, Step, StepState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs
from backoffice.services.jobs import running

from .conftest import Start, wait_for
from .plans import NEW, before, due_days, outcomes, plans, reads, stored, writes

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
KEYS = range(1, 101)


@pytest.fixture
def job(sandbox: SandboxServer, person: Person) -> Job:
    return stored(person("steward"), apply=plans(before(sandbox, KEYS)))


@contextmanager
def at_work(job: Job) -> Iterator[None]:
    """The job runs in a thread meanwhile; ends with it."""

    def work() -> None:
        try:
            jobs.run(Job.objects.get(pk=job.pk))
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


@pytest.mark.parametrize("wish", [jobs.pause, jobs.stop])
def test_the_records_in_hand_are_finished_and_the_rest_goes_on_later(
    sandbox: SandboxServer, job: Job, wish: Callable[[Job], Job]
) -> None:
    sandbox.set_profile(latency_ms=20)
    with at_work(job):
        wait_for(lambda: len(writes(sandbox)) > 8, "the first writes")
        assert wish(job).state == wish(job).state in (JobState.PAUSED, JobState.STOPPED)
    done = outcomes(job)
    assert 0 < done[Outcome.CHANGED] < len(KEYS)
    assert done[Outcome.CHANGED] == len(writes(sandbox)) == due_days(sandbox, KEYS)[NEW]
    assert not Step.objects.filter(state__in=(StepState.WRITING, StepState.SETTLING)).exists()
    assert not Step.objects.exclude(runner="").exists()
    assert not Runner.objects.exists()
    assert jobs.sweep() == 0
    sandbox.set_profile(latency_ms=0)
    assert jobs.go_on(job).state == jobs.go_on(job).state == JobState.RUNNING
    jobs.run(job)
    assert (state(job), outcomes(job)) == (JobState.DONE, {Outcome.CHANGED: 100})
    assert set(writes(sandbox).values()) == {1}


def test_a_stopped_job_is_closed_for_good(sandbox: SandboxServer, job: Job) -> None:
    sandbox.set_profile(latency_ms=20)
    with at_work(job):
        wait_for(lambda: len(writes(sandbox)) > 8, "the first writes")
        jobs.stop(job)
    changed = outcomes(job)[Outcome.CHANGED]
    assert jobs.close_stopped(job).state == JobState.DONE
    assert outcomes(job) == {Outcome.CHANGED: changed, Outcome.NOT_REACHED: 100 - changed}
    assert jobs.go_on(job).state == JobState.DONE
    assert jobs.close_stopped(job).state == JobState.DONE
    assert len(writes(sandbox)) == changed


def test_what_is_in_doubt_keeps_a_stopped_job_open(sandbox: SandboxServer, job: Job) -> None:
    Job.objects.update(state=JobState.STOPPED)
    later = timezone.now() + timedelta(hours=1)
    Step.objects.filter(number=1).update(state=StepState.SETTLING, due_at=later, written_at=timezone.now())
    assert jobs.close_stopped(job).state == JobState.STOPPED
    assert "not_reached" not in outcomes(job)


def test_an_answer_in_doubt_is_read_back_while_the_job_is_paused(
    sandbox: SandboxServer, job: Job, start: Start
) -> None:
    """Its worker died in the call; the job says paused, and no row is left in doubt for that."""
    step = Step.objects.get(number=1)
    Step.objects.filter(pk=step.pk).update(
        state=StepState.WRITING, runner="dead", before={"dueDays": 14}, written_at=timezone.now()
    )
    sandbox.patch_row("clients", step.key, {"dueDays": NEW})
    Job.objects.update(state=JobState.PAUSED)
    worker = start()
    wait_for(lambda: outcomes(job).get(Outcome.CHANGED) == 1, "the row", worker)
    assert state(job) == JobState.PAUSED
    assert writes(sandbox) == {}
    assert reads(sandbox)[f"/clients/{step.key}"] == 1


def test_a_wish_for_a_job_that_does_not_run_changes_nothing(job: Job) -> None:
    assert jobs.pause(job).state == JobState.PLANNED
    assert jobs.stop(job).state == JobState.PLANNED
    assert jobs.go_on(job).state == JobState.PLANNED
    Job.objects.update(state=JobState.DONE)
    assert {wish(job).state for wish in (jobs.pause, jobs.stop, jobs.go_on, jobs.hand_over)} == {JobState.DONE}


def test_a_plan_that_waits_for_approval_is_started_only_by_whoever_knows_it_was_given(job: Job) -> None:
    Job.objects.update(state=JobState.AWAITING)
    assert jobs.hand_over(job).state == JobState.AWAITING
    assert jobs.schedule(job, timezone.now()).state == JobState.AWAITING
    assert jobs.hand_over(job, approved=True).state == JobState.RUNNING


def test_a_job_for_tonight_begins_when_its_time_has_come(sandbox: SandboxServer, job: Job, start: Start) -> None:
    tonight = timezone.now() + timedelta(hours=5)
    assert jobs.schedule(job, tonight).state == JobState.SCHEDULED
    jobs.sweep()
    assert (state(job), job.scheduled_for, sandbox.requests) == (JobState.SCHEDULED, tonight, [])
    Job.objects.update(scheduled_for=timezone.now())
    worker = start()
    wait_for(lambda: state(job) == JobState.DONE, "the end of the job", worker)
    assert outcomes(job) == {Outcome.CHANGED: 100}


def test_sigterm_finishes_the_records_in_hand_and_hands_the_rest_over(
    sandbox: SandboxServer, job: Job, start: Start
) -> None:
    sandbox.set_profile(latency_ms=30)
    jobs.hand_over(job)
    first = start()
    wait_for(lambda: len(writes(sandbox)) > 5, "the first writes", first)
    assert first.stop() == 0, first.output
    assert "worker stopped" in first.output
    assert state(job) == JobState.RUNNING
    changed = outcomes(job)[Outcome.CHANGED]
    assert changed == len(writes(sandbox)) < len(KEYS)
    assert not Step.objects.filter(state__in=(StepState.WRITING, StepState.SETTLING)).exists()
    assert not Runner.objects.exists()
    second = start()
    wait_for(lambda: state(job) == JobState.DONE, "the end of the job", second)
    assert outcomes(job) == {Outcome.CHANGED: 100}
    assert set(writes(sandbox).values()) == {1}


def test_a_task_that_was_lost_strands_no_job(sandbox: SandboxServer, job: Job, start: Start) -> None:
    from django_tasks_db.models import DBTaskResult

    jobs.hand_over(job)
    assert DBTaskResult.objects.all().delete()[0] == 1
    worker = start()
    wait_for(lambda: state(job) == JobState.DONE, "the end of the job", worker)
    assert outcomes(job) == {Outcome.CHANGED: 100}


def test_long_jobs_share_a_worker(sandbox: SandboxServer, person: Person, start: Start) -> None:
    sandbox.set_profile(latency_ms=10)
    keys = before(sandbox, KEYS)
    pair = [stored(person("steward"), apply=plans(half)) for half in (keys[:50], keys[50:])]
    for job in pair:
        jobs.hand_over(job)
    worker = start(SLICE="0.1")
    wait_for(lambda: all(state(job) == JobState.DONE for job in pair), "the end of both", worker)
    order = [int(each["path"].rpartition("/")[2]) <= 50 for each in sandbox.requests if each["method"] == "PATCH"]
    assert sum(one != other for one, other in itertools.pairwise(order)) > 2  # they took turns


def test_one_database_one_runner_where_rows_cannot_be_shared(sandbox: SandboxServer, job: Job) -> None:
    from backoffice.services.jobs.runners import joined, shared

    with joined(job) as first:
        assert first
        with joined(job) as second:
            assert bool(second) is shared()


def test_old_tasks_are_cleared(db: None) -> None:
    from django_tasks_db.models import DBTaskResult

    from backoffice.services.jobs import engines
    from backoffice.services.jobs.tasks import work_on

    for age in (timedelta(minutes=1), timedelta(hours=2), timedelta(days=2)):
        task = work_on.enqueue("00000000-0000-0000-0000-000000000000")
        moment = timezone.now() - age
        DBTaskResult.objects.filter(pk=task.id).update(status="SUCCESSFUL", finished_at=moment)
    lost = work_on.enqueue("00000000-0000-0000-0000-000000000000")
    DBTaskResult.objects.filter(pk=lost.id).update(status="RUNNING", started_at=timezone.now() - timedelta(days=3))
    engines._cleared = 0.0
    assert engines.clear_old_tasks() == 3
    assert DBTaskResult.objects.count() == 1


@pytest.mark.parametrize("found", [StepState.PLANNED, StepState.WRITING])
def test_a_plan_of_one_row_whose_runner_died_is_taken_up(
    sandbox: SandboxServer, person: Person, found: StepState
) -> None:
    job = stored(person("steward"), apply=plans(before(sandbox, [1])))
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    Step.objects.filter(phase__job=job).update(
        state=found, runner="dead", before={"dueDays": 14}, written_at=timezone.now() - timedelta(minutes=1)
    )
    assert jobs.sweep() == 1
    Step.objects.filter(phase__job=job).update(due_at=None)
    assert jobs.sweep() == (found == StepState.WRITING)  # which is looked at twice
    assert state(job) == (JobState.DONE if found == StepState.PLANNED else JobState.FAILED)
    assert len(writes(sandbox)) == (found == StepState.PLANNED)


def test_a_phase_that_waits_for_an_answer_keeps_nobody_busy(sandbox: SandboxServer, person: Person) -> None:
    """The rows of the next phase must not make it look as if there were something to do."""
    keys = before(sandbox, range(1, 21))
    job = stored(person("steward"), first=plans(keys[:10]), second=plans(keys[10:]))
    jobs.hand_over(job)
    later = timezone.now() + timedelta(hours=1)
    waiting = Step.objects.filter(phase__name="first", number=1)
    waiting.update(state=StepState.SETTLING, due_at=later, context={"looked": True}, before={"dueDays": 14})
    assert running.run_slice(job.pk)
    assert (state(job), job.put_off_until, job.woken_at) == (JobState.RUNNING, later, None)
    assert outcomes(job) == {Outcome.CHANGED: 9, "": 11}
    assert jobs.sweep() == 0
    seen = jobs.progress(job)
    assert (seen.waiting, seen.checking, seen.waiting_until) == (jobs.Waiting.CHECKING, 1, later)
