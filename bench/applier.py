"""A process that stores a plan, hands it over, and waits for what workers make of it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import django

from bench.question import answer, question

LONGEST = 800.0  # seconds
LOOK = 0.05
WARM = 20  # rows that are done before the worker is killed


def main() -> None:
    asked = question()
    django.setup()
    deeds: dict[str, Callable[..., dict[str, Any]]] = {
        "prepare": _prepare,
        "settle": _settle,
        "plan": _plan,
        "apply": _apply,
        "recover": _recover,
    }
    answer(deeds[asked.pop("deed")](**asked))


def _prepare() -> dict[str, Any]:
    from django.core.management import call_command

    from backoffice.models import User
    from backoffice.services import access, contract
    from backoffice.services.upstream import claim_upstream

    call_command("migrate", interactive=False, verbosity=0)
    claim_upstream()
    access.give_roles(user=User.objects.create_user("measure"), roles=["steward"])
    contract.run_when_due()
    return {}


def _settle() -> dict[str, Any]:
    """A plan of one row run through, so that the workers are up."""
    return _apply(_plan(2, same=False)["job"])


def _plan(rows: int, *, same: bool) -> dict[str, Any]:
    """A change of the first `rows` clients; `same` to what they hold."""
    import itertools
    import uuid

    from backoffice.models import User
    from backoffice.services import jobs
    from backoffice.services.operations import StepPlan
    from backoffice.services.upstream import client

    plans = [
        StepPlan(
            verb="update",
            entity="clients",
            key=str(found["@id"]).rpartition("/")[2],
            base={"dueDays": found.get("dueDays")},
            changes={"dueDays": (found.get("dueDays") or 0) + (0 if same else 1)},
        )
        for found in itertools.islice(client().walk("/clients"), rows)
    ]
    job, _made = jobs.store(
        actor=User.objects.get(username="measure"),
        kind="bulk",
        entity="clients",
        title="Measured",
        nonce=uuid.uuid4().hex,
        phases={"apply": plans},
        request_id="measure",
    )
    return {"job": str(job.pk)}


def _apply(job: str) -> dict[str, Any]:
    """Handed over, where it was not yet, to its end; the seconds are those that a person waits."""
    from backoffice.models import Job, Step
    from backoffice.services import jobs

    began = time.time()
    held = jobs.hand_over(Job.objects.get(pk=job))
    while not held.final and time.time() - began < LONGEST:
        time.sleep(LOOK)
        held.refresh_from_db(fields=["state", "finished_at"])
    outcomes = Counter(Step.objects.filter(phase__job=held).values_list("outcome", flat=True))
    seconds = held.finished_at.timestamp() - began if held.finished_at else LONGEST
    return {"seconds": seconds, "outcomes": dict(outcomes)}


def _recover(job: str) -> dict[str, Any]:
    """Kill the worker that is at the job; the seconds until another row is done."""
    from backoffice.models import Job, Runner, Step
    from backoffice.services import jobs

    held = jobs.hand_over(Job.objects.get(pk=job))
    done = Step.objects.filter(phase__job=held).exclude(finished_at=None)
    until = time.time() + LONGEST
    while done.count() < WARM and time.time() < until:
        time.sleep(LOOK)
    while (runner := Runner.objects.filter(job=held).first()) is None and time.time() < until:
        time.sleep(LOOK)
    assert runner
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(runner.owner.split(":")[1]), signal.SIGKILL)
    killed = time.time()
    before = set(done.values_list("pk", flat=True))
    while done.count() <= len(before) and time.time() < until:
        time.sleep(LOOK)
    first = done.exclude(pk__in=before).order_by("finished_at").first()
    assert first
    assert first.finished_at
    return {"seconds": first.finished_at.timestamp() - killed}


if __name__ == "__main__":
    main()
