"""Thousands of records from a filter to their end, and exactly those that were chosen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings

from backoffice.models import Job, JobState, Outcome, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, index, jobs, selections
from backoffice.services.reading import ListQuery
from tests.bulk.cast import CLIENTS, matching, planned, put

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 10_000
CITY = "Aarhus C"


@pytest.fixture(scope="module")
def _large() -> Iterator[SandboxServer]:
    with SandboxServer(clients=ROWS, counterparties=5) as server:
        yield server


@pytest.fixture
def large(_large: SandboxServer, connect: Callable[[SandboxServer], SandboxServer]) -> SandboxServer:
    return connect(_large)


def test_ten_thousand_go_through_preview_and_run(
    large: SandboxServer, person: Callable[[str], User], settings: LazySettings
) -> None:
    settings.FLOWTLY_PAGE_SIZE = 100
    owner = person("steward")
    index.refresh(CLIENTS)
    held = matching(owner, ListQuery(), scope="all")
    assert selections.count(held) == ROWS
    came = large.add_row("clients", {**(large.row("clients", 1) or {}), "id": None, "name": "Came later"})
    due = {str(key) for key in range(1, ROWS + 1) if (large.row("clients", key) or {})["addressCity"] != CITY}
    large.clear_log()
    job = bulk.prepare(planned(owner, held, put("addressCity", CITY)))
    assert job.previewed_at is not None, job.problem
    assert len(large.requests) <= math.ceil(ROWS / 100) + 5
    assert {each["method"] for each in large.requests} == {"GET"}
    assert bulk.counts(job).writes == len(due)
    assert bulk.arrivals(job).names == ["Came later"]

    large.clear_log()
    job = bulk.confirm(job=job, actor=owner, reason="As agreed")
    jobs.run(job)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert bulk_outcomes(job) == {Outcome.CHANGED: len(due), Outcome.ALREADY: ROWS - len(due)}
    sent = [each for each in large.requests if each["method"] != "GET"]
    assert sorted(each["path"] for each in sent) == sorted(f"/clients/{key}" for key in due)
    assert all(each["method"] == "PATCH" and each["body"] == {"addressCity": CITY} for each in sent)
    assert (large.row("clients", came) or {})["addressCity"] != CITY
    assert len(large.requests) == ROWS + len(due)


def bulk_outcomes(job: Job) -> dict[str, int]:
    return dict(Counter(Step.objects.filter(phase__job=job).values_list("outcome", flat=True)))
