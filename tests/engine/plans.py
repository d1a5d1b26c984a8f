"""Plans of many rows, and what the sandbox saw of them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any

from backoffice.models import Job, Outcome, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs
from backoffice.services.operations import StepPlan

OLD, NEW = 14, 33


def plans(keys: Iterable[int], *, old: int = OLD, new: int = NEW) -> list[StepPlan]:
    return [
        StepPlan(verb="update", entity="clients", key=str(key), base={"dueDays": old}, changes={"dueDays": new})
        for key in keys
    ]


def stored(user: User, **phases: list[StepPlan]) -> Job:
    made, _new = jobs.store(
        actor=user,
        kind="bulk",
        entity="clients",
        title="Many clients",
        nonce=uuid.uuid4().hex,
        phases=phases,
        request_id="r",
    )
    return made


def before(sandbox: SandboxServer, keys: Iterable[int], **values: Any) -> list[int]:
    """These clients as the plans take them to be; the log forgets."""
    found = list(keys)
    for key in found:
        sandbox.patch_row("clients", key, {"dueDays": OLD, **values})
    sandbox.clear_log()
    return found


def outcomes(job: Job) -> dict[str, int]:
    return dict(Counter(Step.objects.filter(phase__job=job).values_list("outcome", flat=True)))


def writes(sandbox: SandboxServer) -> Counter[str]:
    """How often each record was written to."""
    return Counter(each["path"] for each in sandbox.requests if each["method"] == "PATCH")


def reads(sandbox: SandboxServer) -> Counter[str]:
    return Counter(each["path"] for each in sandbox.requests if each["method"] == "GET")


def due_days(sandbox: SandboxServer, keys: Iterable[int]) -> Counter[Any]:
    return Counter((sandbox.row("clients", key) or {}).get("dueDays") for key in keys)


ALL_CHANGED = str(Outcome.CHANGED)
