"""The queue and its scan: before the first, while one goes on, after one that was stopped, once all is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpResponse

from backoffice.models import DuplicateGroup, Scan, ScanState, Snapshot, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates, index
from tests.conftest import Login
from tests.duplicates.bakeries import queue, twins
from tests.duplicates.cast import COUNTERPARTIES
from tests.records.pages import read

__all__ = ["queue", "twins"]
pytestmark = pytest.mark.django_db(transaction=True)


def text(answer: HttpResponse) -> str:
    return read(answer).text


def test_before_anything_is_there_the_queue_says_what_is_missing(
    sandbox: SandboxServer, login: Login, person: Callable[[str], User]
) -> None:
    browser = login("steward")
    assert "There is nothing to compare yet" in text(browser.get("/duplicates/"))
    browser.post("/duplicates/scan/", {"entity": "counterparties"})
    assert not Scan.objects.exists()
    index.refresh(COUNTERPARTIES)
    assert "The counterparties were not compared yet" in text(browser.get("/duplicates/"))
    assert "A steward can start the first scan." in text(login("viewer").get("/duplicates/"))
    Snapshot.objects.filter(entity="clients").update(problem="Unavailable")
    assert "There is nothing to compare yet" in text(browser.get("/duplicates/?entity=clients"))
    assert browser.get("/duplicates/?entity=notes").status_code == 404


def test_a_queue_that_is_refilled_says_so_until_it_is_done(
    sandbox: SandboxServer, login: Login, queue: DuplicateGroup
) -> None:
    browser = login("steward")
    browser.post("/duplicates/scan/", {"entity": "counterparties"})
    browser.post("/duplicates/scan/", {"entity": "counterparties"})
    scan = Scan.objects.get(state=ScanState.WAITING)
    page = browser.get("/duplicates/")
    assert "The queue is being refilled. Waiting for the worker" in text(page)
    assert str(queue.pk) in read(page).rows or DuplicateGroup.objects.count() > 25
    poll = {"HX-Request": "true", "HX-Target": "scan"}
    Scan.objects.filter(pk=scan.pk).update(state="running", stage="compare", done=1200, total=12000)
    part = browser.get("/duplicates/", headers=poll)
    assert part.status_code == 200
    assert "Comparing: 1,200 of 12,000" in text(part)
    assert "<h1" not in part.content.decode()
    Scan.objects.filter(pk=scan.pk).update(state="waiting", stage="", done=0, total=0)
    duplicates.work()
    done = browser.get("/duplicates/", headers=poll)
    assert (done.status_code, done.headers["HX-Trigger"]) == (286, '{"queue-refilled": {}}')
    assert "records compared less than a minute ago" in text(done)


def test_a_scan_is_stopped_from_the_page(login: Login, queue: DuplicateGroup) -> None:
    browser = login("steward")
    browser.post("/duplicates/scan/", {"entity": "counterparties"})
    browser.post("/duplicates/scan/stop/", {"entity": "counterparties"})
    assert duplicates.going_on(COUNTERPARTIES) is None
    assert "The last scan was stopped before it was done." in text(browser.get("/duplicates/"))


def test_all_done_and_nothing_found_are_told_apart(
    sandbox: SandboxServer, login: Login, queue: DuplicateGroup
) -> None:
    DuplicateGroup.objects.all().delete()
    assert "All groups were looked at" in text(login("viewer").get("/duplicates/"))
    Scan.objects.update(pairs=0)
    assert "No duplicates were found" in text(login("viewer").get("/duplicates/"))
