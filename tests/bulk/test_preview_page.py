"""The preview of a plan: what would happen to each record, as counters, rows and a file; rows out and back in."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from backoffice.models import AuditEntry, Forecast, Job, JobState, Outcome, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, index
from backoffice.services.bulk import Row
from tests.bulk.cast import CLIENTS, by_key, chosen, outcomes, planned, put, run, sent, steps
from tests.bulk.pages import HTMX, change, chips, due_days, form_url, move, page_of, set_to
from tests.conftest import Login
from tests.records.pages import read

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.fixture
def browser(sandbox: SandboxServer, login: Login) -> Client:
    return login("steward")


def rows_plan(owner: User, *rows: Row) -> Job:
    return bulk.plan_rows(
        actor=owner,
        resource=CLIENTS,
        rows=rows,
        scope="Sheet leads.xlsx",
        source={"kind": "sheet"},
        nonce="sheet",
        request_id="test",
    )


def mixed(owner: User, sandbox: SandboxServer) -> Job:
    """One row of most kinds: 1 changes, 2 is edited since, 3 is not valid, 4 is already so, one is new."""
    sandbox.patch_row("clients", 1, {"dueDays": 45, "name": "Acme Ltd"})
    sandbox.patch_row("clients", 2, {"dueDays": 7})
    sandbox.patch_row("clients", 4, {"dueDays": 21})
    country = {"country": "/countries/1", "currency": "/currencies/1", "tinType": "cvr", "status": "lead"}
    return rows_plan(
        owner,
        Row("1", {"dueDays": 21}, line=2),
        Row("2", {"dueDays": 21}, base={"dueDays": 45}, line=3),
        Row("3", {"dueDays": "soon"}, line=4),
        Row("4", {"dueDays": 21}, line=5),
        Row("", {"name": "Ny Klient ApS", "tin": "123", **country}, line=6),
    )


def test_counters_are_filters_of_the_rows(browser: Client, sandbox: SandboxServer, person: Person) -> None:
    job = mixed(person("steward"), sandbox)
    assert chips(browser, job) == {
        "All": "5",
        "Will change": "1",
        "New record": "1",
        "Edited since": "1",
        "Not valid": "1",
        "Already so": "1",
        "With warnings": "1",
    }
    assert page_of(browser, job).rows == ["1", "2", "3", "4", "new-5"]
    assert page_of(browser, job, "?show=change").rows == ["1"]
    assert page_of(browser, job, "?show=edited").rows == ["2"]
    assert page_of(browser, job, "?show=warned").rows == ["new-5"]
    assert page_of(browser, job, "?show=nonsense&page=99").rows == ["1", "2", "3", "4", "new-5"]


def test_each_row_shows_what_was_and_what_comes(browser: Client, sandbox: SandboxServer, person: Person) -> None:
    job = mixed(person("steward"), sandbox)
    text = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert '<del><bdi dir="auto">45</bdi></del> → <ins><bdi dir="auto">21</bdi></ins>' in text
    page = page_of(browser, job)
    assert "You saw: 45 Now: 7 New: 21" in page.text
    assert "Write a whole number" in page.text
    assert "not a valid number" in page.text
    assert "line 6" in page.text
    assert "/clients/1/" in page.links
    assert "Take Acme Ltd out" in text
    assert "Nothing has been written." in page.text
    assert page.text.count("Sensitive") >= 1


def test_the_page_asks_flowtly_nothing(browser: Client, sandbox: SandboxServer) -> None:
    job = due_days(browser, "1", "2")
    page_of(browser, job)
    sandbox.clear_log()
    page_of(browser, job)
    move(browser, job, "out", 1)
    page_of(browser, job, "?show=out")
    browser.get(f"/jobs/{job.pk}/preview/file/").close()
    assert sandbox.requests == []


def test_rows_are_taken_out_and_put_back(browser: Client, sandbox: SandboxServer) -> None:
    job = due_days(browser, "1", "2", "3")
    answer = move(browser, job, "out", 1, 2)
    assert (answer.status_code, answer["Location"]) == (303, f"/jobs/{job.pk}/")
    assert chips(browser, job) == {"All": "3", "Will change": "1", "Taken out": "2"}
    text = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert "Put" in text
    assert "Change 1 client" in text
    move(browser, job, "back", 2)
    assert page_of(browser, job, "?show=out").rows == ["1"]
    answer = browser.post(f"/jobs/{job.pk}/rows/", {"do": "back-all", "show": "out"})
    assert chips(browser, job) == {"All": "3", "Will change": "3"}


def test_all_of_a_filter_are_taken_out(browser: Client, sandbox: SandboxServer, person: Person) -> None:
    job = mixed(person("steward"), sandbox)
    move(browser, job, "out-all", show="change")
    assert outcomes(job)["1"] == Outcome.EXCLUDED
    assert chips(browser, job)["Taken out"] == "1"
    move(browser, job, "back-all", show="edited")
    assert outcomes(job)["2"] == Outcome.NONE
    assert "Change Due days of 1 client. Create 1 client." in page_of(browser, job).text


def test_a_fragment_keeps_what_was_typed_below(browser: Client, sandbox: SandboxServer) -> None:
    job = due_days(browser, "1", "2")
    posted = {"do": "out", "row": "1", "reason": "As agreed", "when": "at", "at": "2030-01-01T10:00"}
    answer = browser.post(f"/jobs/{job.pk}/rows/", posted, headers={**HTMX, "HX-Target": "plan"})
    page = read(answer, "plan-confirm")
    assert "<html" not in answer.content.decode()
    assert (page.fields["reason"], page.fields["when"]) == ("As agreed", "at")
    assert page.fields["at"] == "2030-01-01T10:00"
    assert "Change 1 client" in page.text
    assert page.fields["stamp"] == bulk.stamp(job)


def test_a_page_of_the_rows_is_a_fragment_of_its_own(browser: Client, sandbox: SandboxServer) -> None:
    job = due_days(browser, *(str(number) for number in range(1, 61)))
    assert len(page_of(browser, job).rows) == 50
    answer = browser.get(f"/jobs/{job.pk}/?page=2", headers={**HTMX, "HX-Target": "plan-rows"})
    assert len(read(answer).rows) == 10
    assert 'id="plan-confirm"' not in answer.content.decode()


def test_a_long_preview_is_made_by_the_worker(
    browser: Client, sandbox: SandboxServer, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.services.bulk.preparing.AT_ONCE", 0)
    job = due_days(browser, "1", "2")
    text = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert "Being read: 0 of 2" in text
    assert 'hx-trigger="every 1s"' in text
    poll = f"/jobs/{job.pk}/?poll=1"
    headers = {**HTMX, "HX-Target": "plan"}
    assert browser.get(poll, headers=headers).status_code == 200
    assert move(browser, job, "out", 1).status_code == 303
    assert bulk.prepare_due(lambda: False) == 1
    answer = browser.get(poll, headers=headers)
    assert answer.status_code == 286
    assert "Change 2 clients" in answer.content.decode()


def test_what_could_not_be_read_says_so_and_is_read_again(browser: Client, sandbox: SandboxServer) -> None:
    url = form_url(browser, "1")
    sandbox.fault("status", method="GET", status=503, times=100)
    browser.post(url, set_to(dueDays="21"))
    job = Job.objects.get()
    page = page_of(browser, job)
    assert "There is no preview." in page.text
    assert "Read again" in page.text
    assert "Change 1 client" not in page.text
    sandbox.clear_faults()
    assert browser.post(f"/jobs/{job.pk}/preview/").status_code == 303
    assert "Change Due days of 1 client." in page_of(browser, job).text


def test_previewed_again_it_tells_what_is_there_now(browser: Client, sandbox: SandboxServer) -> None:
    job = due_days(browser, "1", "2", "3")
    move(browser, job, "out", 3)
    sandbox.patch_row("clients", 1, {"dueDays": 21})
    browser.post(f"/jobs/{job.pk}/preview/")
    assert chips(browser, job) == {"All": "3", "Will change": "1", "Already so": "1", "Taken out": "1"}


def test_what_came_later_is_offered_and_makes_a_new_plan(browser: Client, sandbox: SandboxServer) -> None:
    for number in range(1, 121):
        sandbox.patch_row("clients", number, {"status": "lead" if number <= 20 else "active"})
    browser.post("/clients/selection/all/", {"shown": '{"query": "status=lead"}'}, headers=HTMX)
    url = str(browser.post("/clients/selection/change/")["Location"])
    sandbox.patch_row("clients", 50, {"status": "lead", "name": "Late Ltd"})
    browser.post(url, set_to(dueDays="21"))
    job = Job.objects.get()
    page = page_of(browser, job)
    assert "1 more record matches now that was not selected. Late Ltd" in page.text
    first = browser.post(f"/jobs/{job.pk}/arrivals/")
    job.refresh_from_db()
    assert job.state == JobState.WITHDRAWN
    wider = Job.objects.exclude(pk=job.pk).get()
    assert first["Location"] == f"/jobs/{wider.pk}/"
    assert len(steps(wider)) == 21
    assert by_key(wider)["50"].changes == {"dueDays": 21}
    assert "more record" not in page_of(browser, wider).text
    assert "Status: lead" in page_of(browser, wider).text
    assert browser.post(f"/jobs/{job.pk}/arrivals/").status_code == 303
    assert Job.objects.count() == 2


def test_an_undo_says_what_it_is(browser: Client, sandbox: SandboxServer, person: Person) -> None:
    owner = person("steward")
    job = planned(owner, chosen(owner, "1", "2"), put("addressCity", "Malmö"))
    job = run(job, owner)
    undo = bulk.undo(job=job, actor=owner, nonce="u", request_id="test")
    page = page_of(browser, undo)
    assert "Undo of 2 clients" in page.text
    assert f"/jobs/{job.pk}/" in page.links
    assert page.rows == ["1", "2"]


# As a file


def _file(browser: Client, job: Job) -> list[tuple[Any, ...]]:
    answer = browser.get(f"/jobs/{job.pk}/preview/file/")
    assert answer.status_code == 200
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return [tuple(cell.value for cell in row) for row in book.active.rows]


def test_the_preview_as_a_file(browser: Client, sandbox: SandboxServer, person: Person) -> None:
    job = mixed(person("steward"), sandbox)
    move(browser, job, "out", 4)
    rows = _file(browser, job)
    assert rows[0][:4] == ("Number in Flowtly", "Name", "Line of the sheet", "Forecast")
    assert rows[0][4:] == ("Field", "Now", "New", "Message")
    by_number = {row[0]: row for row in rows[1:] if row[0]}
    assert by_number["1"][1:7] == ("Acme Ltd", 2, "Will change", "Due days", "45", "21")
    assert by_number["2"][3] == "Edited since"
    assert by_number["3"][3] == "Not valid"
    assert "Write a whole number" in by_number["3"][7]
    assert by_number["4"][3] == "Taken out"
    new = [row for row in rows if row[1] == "Ny Klient ApS"]
    assert {row[4] for row in new} >= {"Name", "Country", "Currency", "Tax number"}
    assert "Poland" in {row[6] for row in new} or any("countries" not in str(row[6]) for row in new)
    entry = AuditEntry.objects.filter(action="clients.export").get()
    assert (entry.detail, entry.job_id) == ("xlsx, 5", job.pk)


def test_a_file_of_a_plan_is_for_those_who_see_the_plan(
    browser: Client, sandbox: SandboxServer, login: Login
) -> None:
    job = due_days(browser, "1")
    for role, status in (("viewer", 404), ("editor", 404), ("approver", 200)):
        answer = login(role).get(f"/jobs/{job.pk}/preview/file/")
        assert answer.status_code == status, role
        answer.close()


# Who may


def test_who_may_see_a_plan_and_who_may_touch_it(browser: Client, sandbox: SandboxServer, login: Login) -> None:
    job = due_days(browser, "1", "2")
    for role in ("viewer", "editor"):
        assert login(role).get(f"/jobs/{job.pk}/").status_code == 404
    for role in ("approver", "admin"):
        answer = login(role).get(f"/jobs/{job.pk}/")
        assert answer.status_code == 200
        text = answer.content.decode()
        for word in ("Take out", "Discard this plan", "plan-confirm", "checkbox"):
            assert word not in text.split('id="main"')[1], (role, word)
        for what in ("rows", "preview", "arrivals", "confirm", "discard"):
            assert login(role).post(f"/jobs/{job.pk}/{what}/", {"do": "out", "row": "1"}).status_code == 403
    assert outcomes(job) == {"1": Outcome.NONE, "2": Outcome.NONE}
    assert sent(sandbox.requests) == []


def test_other_jobs_are_no_plans(browser: Client, sandbox: SandboxServer, login: Login) -> None:
    page = browser.get("/clients/1/edit/")
    browser.post("/clients/1/edit/", {**read(page).fields, "addressCity": "Plan"})
    job = Job.objects.get()
    for what in ("rows", "preview", "arrivals", "confirm", "discard"):
        assert browser.post(f"/jobs/{job.pk}/{what}/").status_code == 404


def test_the_list_of_jobs_has_it_as_planned(browser: Client, sandbox: SandboxServer) -> None:
    due_days(browser, "1", "2")
    text = read(browser.get("/jobs/")).text
    assert "2 clients Change of many Planned" in text


# Large plans


def test_a_page_takes_as_many_queries_for_many_rows_as_for_few(
    browser: Client, sandbox: SandboxServer, person: Person
) -> None:
    index.refresh(CLIENTS)
    sandbox.clear_log()
    cost = {"defaultCost": "/counterparties/3", "dueDays": "21"}
    few = change(browser, ["1", "2"], set_to(**cost))
    many = change(browser, [str(number) for number in range(1, 121)], set_to(**cost))
    page_of(browser, few)
    counted = []
    for job in (few, many):
        with CaptureQueriesContext(connection) as asked:
            page_of(browser, job)
        counted.append(len(asked))
    assert counted[1] <= counted[0] + 1  # a part of the changes is read at a time
    assert counted[1] < 40


def test_forecasts_have_words(browser: Client, sandbox: SandboxServer) -> None:
    sandbox.delete_row("clients", 2)
    job = due_days(browser, "1", "2")
    page = page_of(browser, job, "?show=gone")
    assert page.rows == ["2"]
    assert "The record no longer exists in Flowtly." in page.text
    assert "/clients/2/" not in page.links
    assert by_key(job)["2"].forecast == Forecast.GONE
