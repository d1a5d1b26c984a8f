"""The log of merges, the mapping of numbers, and where an old number leads."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest
from django.test import Client

from backoffice.models import AuditEntry, Job, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import merges
from tests.conftest import Login
from tests.records.pages import read

from .cast import FIRST, KEEPS, SECOND, again
from .pages import NEW, composed, confirmed, job_at, merged, words

pytestmark = pytest.mark.django_db(transaction=True)


def restored(browser: Client, job: Job) -> Job:
    plan = job_at(browser.post(f"/jobs/{job.pk}/undo/", {"nonce": "n"}))
    confirmed(browser, plan)
    return again(plan)


def mapping(browser: Client) -> list[dict[str, str]]:
    answer = browser.get("/merges/mapping.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_the_mapping_is_a_file(browser: Client, steward: User) -> None:
    job = merged(browser, survivor=KEEPS)
    rows = mapping(browser)
    assert list(rows[0]) == ["old", "into", "new", "name", "at", "by", "job"]
    assert [(row["old"], row["into"], row["new"]) for row in rows] == [
        (FIRST, KEEPS, KEEPS),
        (SECOND, KEEPS, KEEPS),
    ]
    assert datetime.fromisoformat(rows[0]["at"]).tzinfo
    assert (rows[0]["by"], rows[0]["job"]) == (steward.get_username(), str(job.pk))
    assert AuditEntry.objects.filter(action="counterparties.download", detail="csv · 2").exists()


def test_a_name_is_no_formula(sandbox: SandboxServer, browser: Client) -> None:
    sandbox.patch_row("counterparties", FIRST, {"displayName": "=1+1"})
    merged(browser, survivor=KEEPS)
    assert mapping(browser)[0]["name"] == "'=1+1"


def test_the_log_lists_merges_and_restores_and_is_searched(browser: Client, login: Login) -> None:
    empty = words(browser.get("/merges/"))
    assert "Nothing was merged yet" in empty
    job = merged(browser, survivor=KEEPS)
    assert "Hansen El, HANSEN EL into Hansen El A/S" in words(browser.get("/merges/"))
    back = restored(browser, job)
    page = read(login("viewer").get("/merges/"))
    assert page.rows == [str(back.pk), str(job.pk)]
    assert "Restoring a merge" in page.text
    assert page.text.count("As planned") == 2
    for text in (FIRST, KEEPS, "hansen"):
        assert str(job.pk) in read(browser.get("/merges/", {"q": text})).rows, text
    assert read(browser.get("/merges/", {"q": "nobody"})).rows == []
    assert "No merge is about this" in words(browser.get("/merges/", {"q": "nobody\x00"}))


def test_plans_are_not_in_the_log(browser: Client) -> None:
    composed(browser)
    assert read(browser.get("/merges/")).rows == []


def test_what_did_not_come_out_as_planned_is_said_in_the_log(sandbox: SandboxServer, browser: Client) -> None:
    sandbox.set_profile(merge_moves_references=False)
    sandbox.fault("status", method="PATCH", path="/clients/3", status=422)
    merged(browser, survivor=KEEPS)
    assert "Not all as planned" in words(browser.get("/merges/"))


# An old number


@pytest.mark.parametrize("answered", ["404", "410", "redirect", "survivor"])
def test_an_old_number_opens_the_one_that_stands_for_it(
    sandbox: SandboxServer, browser: Client, answered: str
) -> None:
    sandbox.set_profile(merged_answer=answered)
    job = merged(browser, survivor=KEEPS)
    answer = browser.get(f"/counterparties/{FIRST}/")
    assert answer["Location"] == f"/counterparties/{KEEPS}/?was={FIRST}"
    page = browser.get(answer["Location"])
    assert f"{FIRST} was merged into {KEEPS} by steward" in words(page)
    assert f"/jobs/{job.pk}/" in read(page).links
    history = next(link for link in read(page).links if link == f"/counterparties/{FIRST}/history/")
    assert "merged away" in words(browser.get(history))


def test_after_a_restore_it_opens_the_new_record(browser: Client) -> None:
    back = restored(browser, merged(browser, survivor=KEEPS))
    new = merges.successor(FIRST)
    assert new not in (FIRST, KEEPS, "")
    answer = browser.get(f"/counterparties/{FIRST}/", follow=True)
    assert f"{FIRST} was merged and created again as {new} by steward" in words(answer)
    assert f"/jobs/{back.pk}/" in read(answer).links


def test_it_leads_through_later_merges(browser: Client) -> None:
    merged(browser, url=f"{NEW}?ids={FIRST},{SECOND}", survivor=SECOND)
    merged(browser, url=f"{NEW}?ids={KEEPS},{SECOND}", survivor=KEEPS)
    answer = browser.get(f"/counterparties/{FIRST}/", follow=True)
    assert f"{FIRST} was merged into {SECOND}, which is {KEEPS} today" in words(answer)


@pytest.mark.parametrize("path", ["/search/?q={}", "/counterparties/?q={}", "/merges/?q={}"])
def test_the_searches_find_the_one_that_stands_for_it(browser: Client, path: str) -> None:
    merged(browser, survivor=KEEPS)
    page = read(browser.get(path.format(FIRST)))
    assert any(link.startswith(f"/counterparties/{KEEPS}/") for link in page.links)
    assert f"{FIRST} was merged" in page.text


def test_the_search_offers_the_old_number_no_more(browser: Client) -> None:
    merged(browser, survivor=KEEPS)
    found = browser.get("/search/", {"q": FIRST, "stage": "here"}, headers={"HX-Request": "true"})
    assert f'href="/counterparties/{FIRST}/"' not in found.content.decode()
    assert f"/counterparties/{KEEPS}/?was={FIRST}" in found.content.decode()


@pytest.mark.parametrize("tab", ["edit/", "history/", "clients/"])
def test_other_pages_of_an_old_number_say_where_it_went(browser: Client, tab: str) -> None:
    merged(browser, survivor=KEEPS)
    answer = browser.get(f"/counterparties/{FIRST}/{tab}")
    assert answer.status_code == 404
    assert f"/counterparties/{KEEPS}/" in read(answer).links


def test_a_number_that_was_never_merged_is_simply_not_there(browser: Client) -> None:
    merged(browser, survivor=KEEPS)
    assert browser.get("/counterparties/999999/").status_code == 404
    assert "was merged" not in words(browser.get(f"/counterparties/{KEEPS}/?was=999999"))
    assert "was merged" not in words(browser.get(f"/counterparties/20/?was={FIRST}"))


def test_an_old_number_in_the_address_may_be_anything(browser: Client) -> None:
    merged(browser, survivor=KEEPS)
    assert "was merged" in words(browser.get(f"/counterparties/{KEEPS}/?was=%00{FIRST}"))
    assert "was merged" not in words(browser.get(f"/counterparties/{KEEPS}/?was=%00"))
