"""A worker killed between any two moments of a merge: another goes on, and no record is merged away twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backoffice.models import Job, JobState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, merges
from tests.engine.conftest import Start, wait_for

from .cast import FIRST, KEEPS, OF_FIRST, OF_KEEPS, OF_SECOND, SECOND, counted, merge_calls, naming, planned, stage
from .cast import there as in_flowtly

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
ALL = sorted({*OF_KEEPS, *OF_FIRST, *OF_SECOND})
# What is sent: the survivor's field, two merges, five repairs. What is read before: four looks and one of each.
MOMENTS = [
    ("before the read", 1),
    ("after the read", 4),
    ("within the transaction that ends", 2),
    ("after the mark", 1),
    ("after the call", 1),
    ("before the read", 6),
    ("within the transaction that marks", 2),
    ("after the mark", 2),
    ("after the call", 2),
    ("after the mark", 3),
    ("after the call", 3),
    ("after it was written down", 3),
    ("after the mark", 5),
    ("after the call", 6),
    ("while leaving", 1),
]


@pytest.mark.parametrize(("boundary", "number"), MOMENTS)
def test_another_worker_goes_on(
    sandbox: SandboxServer, person: Person, start: Start, boundary: str, number: int
) -> None:
    stage(sandbox)
    sandbox.set_profile(merge_moves_references=False)
    user = person("steward")
    job = planned(user, changes={"displayName": "Hansen El ApS"})
    merges.confirm(job=job, actor=user, reason="One firm")
    first = start(boundary, str(number), SLICE="0.1")
    assert first.end() == -9, first.output
    second = start()
    wait_for(lambda: rests(job), "the end of the job", second)
    if job.state == JobState.STOPPED:  # it died between the mark and the call: certain that nothing was done
        counted(job)
        merges.finish(job=job, actor=user, nonce="n", request_id="r")
        wait_for(lambda: rests(job), "the end of the job", second)
    assert job.state == JobState.DONE
    if not merges.verified(job):
        job = merges.finish(job=job, actor=user, nonce="rest", request_id="r")
        merges.confirm(job=job, actor=user, reason="One firm")
        wait_for(lambda: rests(job), "the end of the rest", second)
    nothing_was_lost(sandbox, job)


def rests(job: Job) -> bool:
    job.refresh_from_db()
    return job.final or job.state == JobState.STOPPED


def nothing_was_lost(sandbox: SandboxServer, job: Job) -> None:
    calls = merge_calls(sandbox)
    assert calls == {f"['/counterparties/{FIRST}']": 1, f"['/counterparties/{SECOND}']": 1}
    assert [in_flowtly(sandbox, key) for key in (KEEPS, FIRST, SECOND)] == [True, False, False]
    assert naming(sandbox, KEEPS) == ALL
    assert merges.verified(job)
    counted(job)
    assert audit.verify() == []


@pytest.mark.parametrize("applied", [True, False])
def test_killed_while_the_merge_is_under_way(
    sandbox: SandboxServer, person: Person, start: Start, applied: bool
) -> None:
    stage(sandbox)
    user = person("steward")
    job = planned(user)
    merges.confirm(job=job, actor=user, reason="One firm")
    path = f"/counterparties/{KEEPS}/merge"
    sandbox.fault("hang", method="POST", path=path, seconds=600, apply=applied)
    first = start()
    wait_for(lambda: merge_calls(sandbox), "the call", first)
    wait_for(lambda: in_flowtly(sandbox, FIRST) is not applied, "the merge", first)
    first.kill()
    sandbox.clear_faults()
    second = start()
    wait_for(lambda: rests(job), "the end of the job", second)
    assert job.state == (JobState.DONE if applied else JobState.STOPPED)
    if not applied:
        assert in_flowtly(sandbox, FIRST)
        assert naming(sandbox, FIRST) == list(OF_FIRST)
        merges.finish(job=job, actor=user, nonce="n", request_id="r")
        wait_for(lambda: rests(job), "the end of the job", second)
    assert naming(sandbox, KEEPS) == ALL
    assert merges.verified(job)
    assert max(merge_calls(sandbox).values()) == (1 if applied else 2)
