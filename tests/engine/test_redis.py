"""Redis and RQ in place of the database's engine, by settings alone, against the real Redis."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import pytest

from backoffice.models import Job, Outcome, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs

from .conftest import Start, wait_for
from .plans import before, outcomes, plans, stored, writes

ADDRESS = ("127.0.0.1", 6379)
REDIS = {"TASKS_ENGINE": "rq", "REDIS_URL": "redis://{}:{}/0".format(*ADDRESS)}
Person = Callable[[str], User]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _redis() -> None:
    """Without a Redis there is nothing to test, but where CI says that there is one its absence is a failure."""
    try:
        socket.create_connection(ADDRESS, timeout=2).close()
    except OSError:
        if os.environ.get("CI"):
            pytest.fail("no Redis answers at 127.0.0.1:6379, and CI is set")
        pytest.skip("no Redis answers at 127.0.0.1:6379")


def ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.final


def handed_over(sandbox: SandboxServer, user: User) -> Job:
    return jobs.hand_over(stored(user, apply=plans(before(sandbox, range(1, 101)))))


def test_a_job_is_run_through_redis(sandbox: SandboxServer, person: Person, start: Start) -> None:
    """The job waits for a task that Redis never had, so the sweep asks; the slices after it come by Redis."""
    sandbox.set_profile(latency_ms=10)
    job = handed_over(sandbox, person("steward"))
    Job.objects.update(woken_at=None)
    worker = start(**REDIS, SLICE="0.2")
    wait_for(lambda: ended(job), "the end of the job", worker)
    assert outcomes(job) == {Outcome.CHANGED: 100}
    assert set(writes(sandbox).values()) == {1}
    assert "engine=rq" in worker.output
    assert "nobody came" not in worker.output
    assert "out of order" not in worker.output
    assert worker.stop() == 0, worker.output


def test_a_worker_killed_with_redis_as_engine(sandbox: SandboxServer, person: Person, start: Start) -> None:
    sandbox.set_profile(latency_ms=10)
    job = handed_over(sandbox, person("steward"))
    Job.objects.update(woken_at=None)
    first = start("after the call", "20", **REDIS)
    assert first.end() == -9, first.output
    second = start(**REDIS)
    wait_for(lambda: ended(job), "the end of the job", second)
    assert set(writes(sandbox).values()) == {1}
    assert outcomes(job).get(Outcome.NOT_WRITTEN, 0) <= 4


def test_sigterm_with_redis_as_engine(sandbox: SandboxServer, person: Person, start: Start) -> None:
    sandbox.set_profile(latency_ms=30)
    job = handed_over(sandbox, person("steward"))
    Job.objects.update(woken_at=None)
    worker = start(**REDIS)
    wait_for(lambda: len(writes(sandbox)) > 5, "the first writes", worker)
    assert worker.stop() == 0, worker.output
    idle = start(**REDIS)
    wait_for(lambda: ended(job), "the end of the job", idle)
    assert idle.stop() == 0, idle.output
    assert outcomes(job) == {Outcome.CHANGED: 100}


def test_a_redis_that_is_away_strands_no_job(sandbox: SandboxServer, person: Person, start: Start) -> None:
    job = handed_over(sandbox, person("steward"))
    with socket.socket() as closed:  # bound, so that nobody else takes the port, and not listening
        closed.bind(("127.0.0.1", 0))
        nowhere = f"redis://127.0.0.1:{closed.getsockname()[1]}/0"
        worker = start(TASKS_ENGINE="rq", REDIS_URL=nowhere)
        wait_for(lambda: ended(job), "the end of the job", worker)
        assert outcomes(job) == {Outcome.CHANGED: 100}
        assert worker.stop() == 0, worker.output
