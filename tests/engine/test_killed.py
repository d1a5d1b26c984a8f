"""A worker killed at every boundary of a step: another goes on, nothing is sent twice, nothing is missed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backoffice.models import Job, Outcome, Runner, Step, User
from backoffice.models.jobs import WRITTEN
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, jobs

from .conftest import Start, wait_for
from .plans import NEW, OLD, before, outcomes, plans, stored, writes
from .worker import BOUNDARIES

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
KEYS = range(1, 61)
LATER = 9  # the time at which it dies: some rows are done, others under way
LOOKS = [name for name in BOUNDARIES if "in doubt" in name]
SLICES = ["joined", "while leaving", "between two slices", "after the next slice was asked for"]


def handed_over(sandbox: SandboxServer, user: User) -> Job:
    job = stored(user, apply=plans(before(sandbox, KEYS)))
    return jobs.hand_over(job)


def ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.final


@pytest.mark.parametrize("boundary", [name for name in BOUNDARIES if name not in LOOKS])
def test_another_worker_goes_on(sandbox: SandboxServer, person: Person, start: Start, boundary: str) -> None:
    sandbox.set_profile(latency_ms=10)
    job = handed_over(sandbox, person("steward"))
    number = 2 if boundary in SLICES else LATER
    first = start(boundary, str(number), SLICE="0.1")
    assert first.end() == -9, first.output
    job.refresh_from_db()
    assert not job.final
    done = set(Step.objects.filter(phase__job=job).exclude(outcome="").values_list("pk", flat=True))
    finished_at = dict(Step.objects.filter(pk__in=done).values_list("pk", "finished_at"))
    second = start()
    wait_for(lambda: ended(job), "the end of the job", second)
    assert dict(Step.objects.filter(pk__in=done).values_list("pk", "finished_at")) == finished_at
    nothing_was_lost(sandbox, job)
    assert second.stop() == 0, second.output


@pytest.mark.parametrize("boundary", LOOKS)
@pytest.mark.parametrize("applied", [True, False])
def test_another_worker_reads_back(
    sandbox: SandboxServer, person: Person, start: Start, boundary: str, applied: bool
) -> None:
    job = handed_over(sandbox, person("steward"))
    sandbox.fault("reset", method="PATCH", path="/clients/30", apply=applied)
    first = start(boundary, "1")
    assert first.end() == -9, first.output
    second = start()
    wait_for(lambda: ended(job), "the end of the job", second)
    nothing_was_lost(sandbox, job)
    step = Step.objects.get(phase__job=job, key="30")
    assert step.outcome == (Outcome.CHANGED if applied else Outcome.NOT_WRITTEN)


@pytest.mark.parametrize("applied", [True, False])
def test_killed_while_calls_are_under_way(
    sandbox: SandboxServer, person: Person, start: Start, applied: bool
) -> None:
    """The calls hang at Flowtly, some carried out and some not, when the worker is killed from outside."""
    job = handed_over(sandbox, person("steward"))
    for key in (7, 8, 9):
        sandbox.fault("hang", method="PATCH", path=f"/clients/{key}", seconds=600, apply=applied)
    first = start()
    hanging = {f"/clients/{key}" for key in (7, 8, 9)}
    wait_for(lambda: hanging <= set(writes(sandbox)), "the calls", first)
    first.kill()
    sandbox.clear_faults()
    second = start()
    wait_for(lambda: ended(job), "the end of the job", second)
    nothing_was_lost(sandbox, job)
    found = set(Step.objects.filter(phase__job=job, key__in=(7, 8, 9)).values_list("outcome", flat=True))
    assert found == {Outcome.CHANGED if applied else Outcome.NOT_WRITTEN}


def nothing_was_lost(sandbox: SandboxServer, job: Job) -> None:
    """The witness is the sandbox: each row was written to once at most, and holds what its outcome says."""
    assert max(writes(sandbox).values()) == 1
    found = outcomes(job)
    assert set(found) <= {Outcome.CHANGED, Outcome.NOT_WRITTEN}
    # Only rows that were marked when a worker died, or was taken for dead, may have been read back as not written.
    assert found[Outcome.CHANGED] > len(KEYS) / 2
    for step in Step.objects.filter(phase__job=job):
        row = sandbox.row("clients", step.key)
        assert row is not None
        assert row["dueDays"] == (NEW if step.outcome in WRITTEN else OLD), step.key
    wait_for(lambda: not Runner.objects.filter(job=job).exists(), "the end of the last runner")
    assert audit.verify() == []
