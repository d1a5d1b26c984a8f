"""Plans of many that wait for somebody, and people with the role."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import Job, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import approvals, jobs
from backoffice.services.access import give_roles
from backoffice.services.operations import StepPlan

Plan = Callable[..., Job]
People = Callable[..., User]


@pytest.fixture
def people(person: Callable[[str], User]) -> People:
    """Somebody of a name with some roles, who gets mail."""

    def get(name: str, *roles: str, **values: Any) -> User:
        user = User.objects.create_user(name, email=f"{name}@example.com", **values)
        give_roles(user=user, roles=list(roles))
        return user

    return get


@pytest.fixture
def plan(sandbox: SandboxServer, person: Callable[[str], User]) -> Plan:
    """A plan of the steward's that changes some clients, not yet confirmed."""

    def make(count: int = 24, *, actor: User | None = None, changes: Any = None, **values: Any) -> Job:
        changes = changes or {"invoiceComment": "Agreed"}
        steps = [
            StepPlan(
                verb="update",
                entity="clients",
                key=str(key),
                label=f"Client {key}",
                base={name: sandbox.row("clients", key)[name] for name in changes},
                changes=changes,
            )
            for key in range(1, count + 1)
        ]
        job, _made = jobs.store(
            actor=actor or person("steward"),
            kind="bulk",
            entity="clients",
            title=f"Change {count} clients",
            nonce=uuid.uuid4().hex,
            phases={"apply": steps},
            request_id="r",
        )
        if values:
            Job.objects.filter(pk=job.pk).update(**values)
            job.refresh_from_db()
        return job

    return make


@pytest.fixture
def awaiting(plan: Plan, person: Callable[[str], User]) -> Plan:
    """The same, asked about; `approver` is there to be told."""

    def make(count: int = 24, **values: Any) -> Job:
        person("approver")
        job = plan(count, **values)
        approvals.request(job=job, actor=job.actor, message="Please look at the north")
        job.refresh_from_db()
        return job

    return make


def works(job: Job) -> None:
    """What the workers would do with it, until there is nothing left that they may do."""
    jobs.sweep()
    jobs.run(Job.objects.get(pk=job.pk))


def written(sandbox: SandboxServer) -> list[str]:
    """The keys of clients that were written, in order."""
    return [entry["path"].rpartition("/")[2] for entry in sandbox.requests if entry["method"] == "PATCH"]
