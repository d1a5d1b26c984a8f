"""What is ticked over pages, in fragments and by "select all", is what is edited: these records and no other."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import Job, Outcome, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs
from tests.bulk.cast import outcomes
from tests.bulk.pages import HTMX, confirm, set_to
from tests.conftest import Login
from tests.records.pages import read
from tests.records.test_selection import send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(sandbox: SandboxServer, login: Login) -> Client:
    return login("steward")


def edited(browser: Client, sandbox: SandboxServer) -> tuple[Job, list[str]]:
    """Goes on from what is ticked to the end; the job, and the keys of what was written, as often as it was."""
    form = browser.post("/clients/selection/change/")["Location"]
    made = browser.post(form, set_to(addressCity="Skagen"))
    job = Job.objects.get(pk=str(made["Location"]).split("/")[2])
    sandbox.clear_log()
    assert confirm(browser, job, reason="As agreed").status_code == 303
    jobs.run(job)
    job.refresh_from_db()
    sent = [each for each in sandbox.requests if each["method"] != "GET"]
    assert {each["method"] for each in sent} == {"PATCH"}
    assert all(each["body"] == {"addressCity": "Skagen"} for each in sent)
    return job, sorted(each["path"].rsplit("/", 1)[-1] for each in sent)


def test_ticks_of_three_pages_edit_exactly_those(browser: Client, sandbox: SandboxServer) -> None:
    wanted: set[str] = set()
    for query in ("?size=25", "?size=25&page=2", "?size=25&sort=-name&page=3", "?size=25&status=lead"):
        page = browser.get(f"/clients/{query}", headers=HTMX)
        add, remove = read(page).rows[1:9], read(page).rows[3]
        send(browser, "/clients/selection/", page, add=add)
        send(browser, "/clients/selection/", page, remove=remove)
        wanted = (wanted | set(add)) - {remove}
    job, written = edited(browser, sandbox)
    assert written == sorted(wanted)
    assert outcomes(job) == dict.fromkeys(wanted, Outcome.CHANGED)
    assert job.spec["rows"] == len(wanted)


def test_all_that_match_edit_exactly_those_who_matched_then(browser: Client, sandbox: SandboxServer) -> None:
    right = {str(key) for key in range(1, 121) if (sandbox.row("clients", key) or {})["status"] == "active"}
    page = browser.get("/clients/?status=active&size=25", headers=HTMX)
    send(browser, "/clients/selection/all/", page)
    browser.get("/clients/?status=active&size=25&page=2", headers=HTMX)
    other = next(str(key) for key in range(1, 121) if str(key) not in right)
    left = min(right)
    sandbox.patch_row("clients", other, {"status": "active"})
    sandbox.patch_row("clients", left, {"status": "inactive"})
    job, written = edited(browser, sandbox)
    assert written == sorted(right)
    assert job.spec["arrivals"] == [other]
    assert job.spec["rows"] == len(right)


def test_what_somebody_else_selected_is_nobody_elses_plan(
    browser: Client, sandbox: SandboxServer, login: Login
) -> None:
    other = login("editor")
    assert User.objects.count() == 2
    send(other, "/clients/selection/", other.get("/clients/"), add=["5", "6"])
    send(browser, "/clients/selection/", browser.get("/clients/"), add=["7"])
    _job, written = edited(browser, sandbox)
    assert written == ["7"]
