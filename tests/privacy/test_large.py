"""A job of many records: one person is found among them, and memory does not grow with the job."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from backoffice.models import Job, JobState, Outcome, Phase, Step, StepState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import privacy
from backoffice.services.privacy import retention
from backoffice.services.upstream import current
from tests.privacy.tables import where

TEXT = "x" * 2_000


def large_job(user: User, steps: int) -> Job:
    """A finished change of so many clients, each step with two copies of a few kilobytes."""
    job = Job.objects.create(
        upstream=current(), kind="bulk", entity="clients", title="many", actor=user, nonce="n", fingerprint="f",
        state=JobState.DONE, finished_at=timezone.now(),
    )  # fmt: skip
    phase = Phase.objects.create(job=job, number=1, name="apply")
    Step.objects.bulk_create((_step(phase, number) for number in range(1, steps + 1)), batch_size=500)
    return job


def _step(phase: Phase, number: int) -> Step:
    contact = {
        "@id": f"/client-contacts/{number}",
        "name": f"Person No{number}x",
        "email": f"p{number}@ny.example",
    }
    held: dict[str, Any] = {"name": f"Firma {number}", "invoiceComment": TEXT, "clientContacts": [contact]}
    return Step(
        phase=phase, number=number, verb="update", entity="clients", key=str(number), label=f"Firma {number}",
        changes={"dueDays": 8}, base={"dueDays": 14}, before=held | {"dueDays": 14}, after=held | {"dueDays": 8},
        state=StepState.DONE, outcome=Outcome.CHANGED,
    )  # fmt: skip


def test_one_of_many_with_bounded_memory(sandbox: SandboxServer, person: Callable[[str], User]) -> None:
    steps = 4_000
    large_job(person("steward"), steps)
    whole = steps * 2 * len(TEXT)
    tracemalloc.start()
    counts = privacy.redact(actor=None, actor_name="t", entity="contacts", key="7", reason="request 14")
    retention.PERIODS[0].clear(timezone.now(), steps + 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert counts["steps"] == 1
    assert peak < whole / 2
    assert where("Person No7x") == []


def test_the_neighbours_stay(sandbox: SandboxServer, person: Callable[[str], User]) -> None:
    large_job(person("steward"), 80)
    privacy.redact(actor=None, actor_name="t", entity="contacts", key="7", reason="request 14")
    assert where("Person No7x") == []
    assert all(where(f"Person No{number}x") for number in (1, 6, 8, 70, 77))
