"""Several workers on one job: on PostgreSQL they share its rows, and no row is in two hands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from backoffice.models import Job, JobState, Outcome, Runner, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, jobs

from .conftest import Start, Worker, wait_for
from .plans import NEW, before, due_days, outcomes, plans, reads, stored, writes

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
KEYS = range(1, 121)
needs_postgres = pytest.mark.skipif(
    "not __import__('django.db').db.connection.features.has_select_for_update_skip_locked",
    reason="rows of one job are shared on PostgreSQL only (DATABASE_URL)",
)


def ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.final


def hosts(job: Job, seen: set[str]) -> set[str]:
    """The processes that were seen at the job so far, with those that are at it now."""
    found = Runner.objects.filter(job=job, done__gt=0).values_list("owner", flat=True)
    seen |= {owner.split(":")[1] for owner in found}
    return seen


@needs_postgres
def test_two_workers_share_the_rows_of_one_job(sandbox: SandboxServer, person: Person, start: Start) -> None:
    sandbox.set_profile(latency_ms=60)
    job = stored(person("steward"), apply=plans(before(sandbox, KEYS)))
    jobs.hand_over(job)
    seen: set[str] = set()
    workers = [start(), start()]
    wait_for(lambda: len(hosts(job, seen)) == 2 or ended(job), "both workers", *workers)
    wait_for(lambda: ended(job), "the end of the job", *workers)
    assert seen == {str(worker.process.pid) for worker in workers}
    assert outcomes(job) == {Outcome.CHANGED: 120}
    assert set(writes(sandbox).values()) == {1}
    assert {reads(sandbox)[f"/clients/{key}"] for key in KEYS} == {1}
    assert due_days(sandbox, KEYS) == {NEW: 120}
    assert audit.verify() == []
    assert [worker.stop() for worker in workers] == [0, 0]


@needs_postgres
def test_the_rows_of_a_dead_worker_go_to_the_living_one(
    sandbox: SandboxServer, person: Person, start: Start
) -> None:
    sandbox.set_profile(latency_ms=60)
    job = stored(person("steward"), apply=plans(before(sandbox, KEYS)))
    jobs.hand_over(job)
    seen: set[str] = set()
    first, second = start(), start()
    wait_for(lambda: len(hosts(job, seen)) == 2, "both workers", first, second)
    first.kill()
    wait_for(lambda: ended(job), "the end of the job", second)
    assert set(outcomes(job)) <= {Outcome.CHANGED, Outcome.NOT_WRITTEN}
    assert outcomes(job)[Outcome.CHANGED] == due_days(sandbox, KEYS)[NEW] > len(KEYS) / 2
    assert max(writes(sandbox).values()) == 1


@pytest.mark.skipif(
    "__import__('django.db').db.connection.features.has_select_for_update_skip_locked",
    reason="on PostgreSQL they share the rows",
)
def test_on_sqlite_one_worker_at_a_time(sandbox: SandboxServer, person: Person, start: Start) -> None:
    assert connection.vendor == "sqlite"
    job = stored(person("steward"), apply=plans(before(sandbox, range(1, 61))))
    jobs.hand_over(job)
    workers: list[Worker] = [start(), start()]
    most = 0

    def watched() -> bool:
        nonlocal most
        most = max(most, Runner.objects.filter(job=job).count())
        return ended(job)

    wait_for(watched, "the end of the job", *workers)
    assert most <= 1
    assert (job.state, outcomes(job)) == (JobState.DONE, {Outcome.CHANGED: 60})
    assert set(writes(sandbox).values()) == {1}
