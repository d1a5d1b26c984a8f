"""One job, one runner; a plan that cannot be read is not run; the fingerprint covers what is sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.models import Job, JobState, StepState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs
from backoffice.services.jobs import single
from backoffice.services.jobs.lease import lease
from backoffice.services.operations import StepPlan

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)

Person = Callable[[str], User]


@pytest.fixture
def job(sandbox: SandboxServer, person: Person) -> Job:
    sandbox.patch_row("clients", 1, {"dueDays": 14})
    return stored(person("editor"), changes={"dueDays": 44})


def stored(user: User, **parts: Any) -> Job:
    plan = StepPlan(**{"verb": "update", "entity": "clients", "key": "1", "base": {"dueDays": 14}} | parts)
    made, _new = jobs.store(
        actor=user,
        kind="edit",
        entity="clients",
        title="A client",
        nonce=uuid.uuid4().hex,
        phases={"apply": [plan]},
        request_id="r",
    )
    return made


def writes(sandbox: SandboxServer) -> int:
    return sum(entry["method"] == "PATCH" for entry in sandbox.requests)


def test_two_runners_never_hold_one_job(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoffice.services.jobs.lease.LEASE", timedelta(hours=1))
    with lease(job, states=(JobState.PLANNED, JobState.RUNNING)) as first:
        with lease(job, states=(JobState.PLANNED, JobState.RUNNING)) as second:
            assert first
            assert second == ""
        job.refresh_from_db()
        assert job.lease_owner == first
    assert job.lease_owner == ""


def test_a_job_in_other_hands_is_left_alone(job: Job, sandbox: SandboxServer) -> None:
    held = {
        "state": JobState.RUNNING,
        "lease_owner": "elsewhere",
        "lease_until": timezone.now() + timedelta(hours=1),
    }
    Job.objects.update(**held)
    jobs.run(job)
    assert jobs.sweep() == 0
    assert sandbox.requests == []


def test_a_lapsed_lease_is_taken_up(job: Job, sandbox: SandboxServer) -> None:
    gone = {"state": JobState.RUNNING, "lease_owner": "dead", "lease_until": timezone.now() - timedelta(seconds=1)}
    Job.objects.update(**gone)
    assert jobs.sweep() == 1
    job.refresh_from_db()
    assert job.final


def test_the_runner_that_lost_its_lease_writes_nothing(
    job: Job, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its check took so long that another took the job; it notices right before the call."""
    mark = single._mark_writing

    def late(step: Any, owner: str) -> bool:
        Job.objects.update(lease_owner="elsewhere")
        return mark(step, owner)

    monkeypatch.setattr(single, "_mark_writing", late)
    jobs.run(job)
    assert writes(sandbox) == 0
    step = job.step
    assert step is not None
    assert step.state == StepState.PLANNED


def test_running_twice_is_harmless(job: Job, sandbox: SandboxServer) -> None:
    jobs.run(job)
    jobs.run(job)
    assert writes(sandbox) == 1


def test_a_plan_of_another_format_is_read_and_not_run(job: Job, sandbox: SandboxServer) -> None:
    job.format_version = 99
    job.save()
    jobs.run(job)
    assert (job.state, sandbox.requests) == (JobState.PLANNED, [])


def test_the_fingerprint_covers_what_is_sent(sandbox: SandboxServer, person: Person) -> None:
    one, same, other = (stored(person("editor"), changes={"dueDays": days}) for days in (1, 1, 2))
    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != other.fingerprint
