"""What the tests of bulk edits have in common: plans made and run as the services do it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from backoffice.models import Job, Selection, Step, User
from backoffice.resources import PAGES, Resource
from backoffice.sandbox.requestlog import Entry
from backoffice.services import bulk, jobs, selections
from backoffice.services.bulk import FieldChange, How
from backoffice.services.reading import ListQuery

CLIENTS, CONTACTS, COUNTERPARTIES = PAGES["clients"], PAGES["contacts"], PAGES["counterparties"]


def chosen(owner: User, *keys: str, resource: Resource = CLIENTS) -> Selection:
    """These records, ticked one by one and frozen."""
    selections.clear(owner=owner, resource=resource)
    selections.change(owner=owner, resource=resource, add=keys)
    held = selections.freeze(owner=owner, resource=resource)
    assert held is not None
    return held


def matching(owner: User, query: ListQuery, *, resource: Resource = CLIENTS, scope: str = "all") -> Selection:
    """All that a list shows, frozen."""
    selections.clear(owner=owner, resource=resource)
    selections.add_all(owner=owner, resource=resource, query=query, scope=scope)
    held = selections.freeze(owner=owner, resource=resource)
    assert held is not None
    return held


def put(name: str, value: Any) -> FieldChange:
    return FieldChange(name, How.SET, value)


def planned(owner: User, selection: Selection, *changes: FieldChange, resource: Resource = CLIENTS) -> Job:
    return bulk.plan_change(
        actor=owner,
        resource=resource,
        selection=selection,
        changes=changes,
        nonce=uuid.uuid4().hex,
        request_id="test",
    )


def run(job: Job, owner: User, *, reason: str = "As agreed with sales") -> Job:
    """Confirm a plan and run it to its end, here."""
    job = bulk.confirm(job=job, actor=owner, reason=reason)
    jobs.run(job)
    job.refresh_from_db()
    return job


def steps(job: Job) -> list[Step]:
    return list(Step.objects.filter(phase__job=job).order_by("phase__number", "number"))


def by_key(job: Job) -> dict[str, Step]:
    return {step.key: step for step in steps(job)}


def outcomes(job: Job) -> dict[str, str]:
    return {step.key: str(step.outcome) for step in steps(job)}


def forecasts(job: Job) -> dict[str, str]:
    return {step.key: str(step.forecast) for step in steps(job)}


def sent(requests: Sequence[Entry]) -> list[tuple[str, str]]:
    """Method and path of everything in a sandbox's log that writes."""
    return [(each["method"], each["path"]) for each in requests if each["method"] != "GET"]
