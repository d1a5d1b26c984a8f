"""A plan of ten thousand rows: its page and its file take no more because of the rows that are not shown."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.models import Forecast, Job, Step, User, Verb
from backoffice.sandbox.server import SandboxServer
from tests.bulk.cast import chosen, planned, put
from tests.bulk.pages import chips, move, page_of
from tests.conftest import Login

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 10_000
MOST_QUERIES = 45
MOST_MEMORY = 30_000_000  # bytes; all the rows as objects take a multiple


@pytest.fixture
def job(sandbox: SandboxServer, person: Callable[[str], User]) -> Job:
    """One real plan, with its one row many times over."""
    owner = person("steward")
    made = planned(owner, chosen(owner, "1"), put("dueDays", 21), put("defaultCost", "/counterparties/3"))
    phase = made.phases.get()
    rows = (
        Step(
            phase=phase,
            number=number,
            verb=Verb.UPDATE,
            entity="clients",
            key=str(1000 + number),
            label=f"Client {number}",
            base={"dueDays": 30, "defaultCost": f"/counterparties/{number % 80}"},
            changes={"dueDays": 21, "defaultCost": "/counterparties/3"},
            forecast=Forecast.CHANGE,
        )
        for number in range(2, ROWS + 1)
    )
    Step.objects.bulk_create(rows, batch_size=1000)
    return made


def test_a_page_takes_few_queries_and_no_request(job: Job, sandbox: SandboxServer, login: Login) -> None:
    browser = login("steward")
    page_of(browser, job)
    sandbox.clear_log()
    with CaptureQueriesContext(connection) as asked:
        page = page_of(browser, job, "?show=change&page=200")
    assert len(page.rows) == 50
    assert "Change Due days and Default cost of 10,000 clients. About 20,000 calls to Flowtly" in page.text
    assert len(asked) <= MOST_QUERIES
    assert sandbox.requests == []


def test_all_rows_of_a_filter_are_moved(job: Job, login: Login) -> None:
    browser = login("steward")
    move(browser, job, "out-all", show="change")
    assert chips(browser, job) == {"All": "10,000", "Taken out": "10,000"}
    move(browser, job, "back-all", show="out")
    assert chips(browser, job) == {"All": "10,000", "Will change": "10,000"}


def test_the_file_is_made_some_rows_at_a_time(job: Job, login: Login) -> None:
    browser: Client = login("steward")
    browser.get(f"/jobs/{job.pk}/preview/file/").close()  # what is loaded once
    tracemalloc.start()
    answer = browser.get(f"/jobs/{job.pk}/preview/file/")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = sum(len(piece) for piece in answer.streaming_content)
    assert size > 100_000
    assert peak < MOST_MEMORY
