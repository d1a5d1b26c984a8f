"""The start page: each number is that of the list it leads to, and Flowtly is not asked for any of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.models import AuditEntry, Job, JobState, Outcome, Snapshot, Step, User
from backoffice.models.index import ROWS
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import attention, contract, index, jobs, pulse
from backoffice.services.operations import StepPlan
from tests.conftest import Login
from tests.records.pages import read, submit

COUNTED = re.compile(r'<li><a href="([^"]+)">([^<]+)</a><b class="counted-number[^"]*">([\d.,]+)</b></li>')
SUMMARY = re.compile(r'class="summary"[^>]*>\s*([\d.,]+)')


@pytest.fixture
def indexed(sandbox: SandboxServer) -> SandboxServer:
    for resource in PAGES.values():
        assert index.refresh(resource)
    sandbox.clear_log()
    return sandbox


def counted(browser: Client, **headers: str) -> dict[str, tuple[str, str]]:
    """Label to (number, address)."""
    text = browser.get("/", headers=headers).content.decode()
    return {label: (number, url) for url, label, number in COUNTED.findall(text)}


def number_of_list(browser: Client, url: str) -> int:
    text = browser.get(url.replace("&amp;", "&")).content.decode()
    found = SUMMARY.search(text)
    assert found, url
    return int(re.sub(r"\D", "", found[1]))


def stored(actor: User, nonce: str, **changes: Any) -> Job:
    """A job that is there and does nothing; `outcome` is that of its step."""
    outcome = changes.pop("outcome", "")
    plan = StepPlan(verb="update", entity="clients", key="1", label=f"Job {nonce}", changes={"dueDays": 3})
    job, _made = jobs.store(
        actor=actor,
        kind="edit",
        entity="clients",
        title=plan.label,
        nonce=nonce,
        phases={"apply": [plan]},
        request_id="",
    )
    Step.objects.filter(phase__job=job).update(outcome=outcome)
    Job.objects.filter(pk=job.pk).update(**changes)
    return job


def test_each_number_is_that_of_the_list_it_leads_to(indexed: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    found = counted(browser)
    assert set(found) == {
        "Clients without VAT number",
        "Clients without default cost",
        "Clients without contact",
        "Counterparties without logo",
        "Counterparties without website",
    }
    assert {url for _number, url in found.values()} >= {"/clients/?vatNumber__empty=true"}
    for label, (number, url) in found.items():
        assert number_of_list(browser, url) == int(number) > 0, label


def test_a_number_follows_what_is_saved_here(indexed: SandboxServer, login: Login) -> None:
    key = next(index.keys(index.Question(PAGES["clients"], criteria=(PAGES["clients"].watched[1].criterion,))))
    browser = login("editor")
    before = int(counted(browser)["Clients without default cost"][0])
    assert submit(browser, f"/clients/{key}/edit/", defaultCost="/counterparties/3").status_code == 303
    assert int(counted(browser)["Clients without default cost"][0]) == before - 1


def test_flowtly_is_not_asked_even_with_nothing_remembered(indexed: SandboxServer, login: Login) -> None:
    submit(login("editor"), "/clients/1/edit/", currency="/currencies/2", dueDays="3")
    contract.run()
    cache.clear()
    indexed.clear_log()
    for role in ("viewer", "editor", "steward", "approver", "admin"):
        assert login(role).get("/").status_code == 200
    assert indexed.requests == []


def test_without_a_copy_it_says_so_and_counts_nothing(sandbox: SandboxServer, login: Login) -> None:
    page = read(login("viewer").get("/"))
    assert page.text.count("not counted yet") == 5
    assert "There is no copy of Flowtly to count in yet" in page.text
    assert counted(login("viewer")) == {}
    assert sandbox.requests == []


def test_a_field_that_the_list_leaves_out_is_not_counted_as_empty(indexed: SandboxServer, login: Login) -> None:
    Snapshot.objects.filter(entity="clients").update(missing=["vatNumber"])
    found = counted(login("viewer"))
    assert "Clients without VAT number" not in found
    assert "Clients without default cost" in found
    assert "cannot be told" in read(login("viewer").get("/")).text


def test_contacts_without_a_copy_of_their_own_are_not_told(sandbox: SandboxServer, login: Login) -> None:
    index.refresh(PAGES["clients"])
    found = counted(login("viewer"))
    assert set(found) == {"Clients without VAT number", "Clients without default cost"}


def test_the_numbers_in_danish(indexed: SandboxServer, login: Login) -> None:
    model = ROWS["counterparties"]
    now = timezone.now()
    rows = [
        model(
            key=f"x{n}", iri=f"/counterparties/x{n}", label="x", search="x", digest="x", generation=1, read_at=now
        )
        for n in range(1500)
    ]
    model._default_manager.bulk_create(rows)
    number, url = counted(login("viewer"), **{"accept-language": "da"})["Modparter uden logo"]
    assert re.fullmatch(r"1\.\d{3}", number)
    assert number_of_list(login("viewer"), url) == int(number.replace(".", ""))


# The copy


def test_the_age_and_a_way_to_read_again(indexed: SandboxServer, login: Login) -> None:
    Snapshot.objects.filter(entity="notes").update(refreshed_at=timezone.now() - timedelta(minutes=10))
    browser = login("viewer")
    assert re.search(r"read 1\d minutes ago", read(browser.get("/")).text)
    answer = browser.post("/refresh/")
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert attention.copies().asked
    waiting = browser.get("/").content.decode()
    assert "Being read again…" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    index.refresh_due()
    assert "Being read again…" not in browser.get("/").content.decode()


def test_the_counts_are_a_part_for_htmx(indexed: SandboxServer, login: Login) -> None:
    htmx = {"HX-Request": "true"}
    for answer in (login("viewer").get("/", headers=htmx), login("viewer").post("/refresh/", headers=htmx)):
        text = answer.content.decode()
        assert "<html" not in text
        assert text.count('id="attention"') == 1
        assert len(COUNTED.findall(text)) == 5


def test_a_copy_that_could_not_be_read_again_is_named(indexed: SandboxServer, login: Login) -> None:
    indexed.fault("status", method="GET", path="/client-contacts*", status=403, times=None)
    index.refresh(PAGES["contacts"])
    assert "the last attempt to read the contacts again failed" in read(login("viewer").get("/")).text


# Jobs


def test_jobs_by_what_they_want(indexed: SandboxServer, login: Login, person: Callable[[str], User]) -> None:
    editor = person("editor")
    stored(editor, "1", state=JobState.RUNNING)
    stored(editor, "2", state=JobState.FAILED)
    stored(editor, "3", state=JobState.FAILED)
    stored(editor, "4", state=JobState.DONE, outcome=Outcome.UNKNOWN)
    stored(editor, "5", state=JobState.DONE, outcome=Outcome.CHANGED)
    stored(editor, "6", state=JobState.FAILED, created_at=timezone.now() - timedelta(days=30))
    expected = {"Jobs running": "1", "Jobs that failed": "2", "Jobs of unknown outcome": "1"}
    for role in ("editor", "steward", "approver", "admin"):
        found = counted(login(role))
        assert {label: found[label][0] for label in found if label.startswith("Jobs")} == expected, role
        for label, number in expected.items():
            assert len(read(login(role).get(found[label][1])).rows) == int(number), (role, label)
    assert len(read(login("steward").get("/jobs/")).rows) == 6


def test_who_looks_after_nobody_sees_own_jobs_only(
    indexed: SandboxServer, login: Login, person: Callable[[str], User]
) -> None:
    stored(person("steward"), "1", state=JobState.FAILED)
    for role in ("viewer", "editor"):
        assert not [label for label in counted(login(role)) if label.startswith("Jobs")]
        assert read(login(role).get("/jobs/?group=failed")).rows == []
        assert "Job 1" not in login(role).get("/jobs/").content.decode()


@pytest.mark.parametrize("query", ["?group=nothing", "?group=%00&page=x", "?page=99"])
def test_odd_addresses_of_jobs(sandbox: SandboxServer, login: Login, query: str) -> None:
    assert login("viewer").get(f"/jobs/{query}").status_code == 200


# Changes


def test_what_the_team_changed(indexed: SandboxServer, login: Login) -> None:
    submit(login("editor"), "/clients/1/edit/", addressCity="Ny <b>by</b>")
    for role, undo in (("viewer", False), ("editor", True), ("steward", True)):
        text = login(role).get("/").content.decode()
        assert "Ny &lt;b&gt;by&lt;/b&gt;" in text
        assert 'href="/clients/1/"' in text
        assert ("/undo/" in text) is undo, role
        assert "1 change in the last 14 days" in text


def test_what_was_refused_is_no_change(indexed: SandboxServer, login: Login) -> None:
    login("viewer").get("/clients/new/")
    assert AuditEntry.objects.filter(action="access.refused").exists()
    assert "What anybody changes is listed here" in read(login("admin").get("/")).text


def test_the_days_are_told_in_words(indexed: SandboxServer, login: Login) -> None:
    submit(login("editor"), "/clients/1/edit/", addressCity="Ny by")
    text = login("viewer").get("/", headers={"accept-language": "da"}).content.decode()
    today = timezone.localdate()
    assert f"{today.day:02}.{today.month:02}.{today.year}: 1" in text
    assert text.count('class="day-bar"') == 14
    assert "style=" not in text


def test_the_number_of_queries_does_not_grow(indexed: SandboxServer, login: Login) -> None:
    browser = login("steward")

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get("/")
        return len(queries)

    submit(browser, "/clients/1/edit/", addressCity="Ny by", dueDays="77")
    browser.get("/clients/1/")
    asked()
    before = asked()
    for key in range(2, 7):
        submit(browser, f"/clients/{key}/edit/", addressCity="Ny by", dueDays="77")
        browser.get(f"/clients/{key}/")
    assert asked() == before


# Flowtly's state


def test_how_flowtly_answers_is_seen_from_the_calls_of_pages(indexed: SandboxServer, login: Login) -> None:
    pulse.forget()
    browser = login("viewer")
    assert "Not asked since this server started" in read(browser.get("/")).text
    browser.get("/clients/")
    assert re.search(r"Answers in [\d,]+ ms", read(browser.get("/")).text)
    indexed.fault("status", status=503, times=None)
    browser.get("/clients/1/")
    assert "Did not answer" in read(browser.get("/")).text


def test_what_the_last_check_found(indexed: SandboxServer, login: Login) -> None:
    assert "Never checked" in read(login("viewer").get("/")).text
    report = contract.run()
    assert contract.summary(report) in read(login("viewer").get("/")).text
    assert "/connection/" not in read(login("viewer").get("/")).links
    assert "/connection/" in read(login("admin").get("/")).links
