"""Selecting rows: what the bar says and offers, whose it is, and what it withstands."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from backoffice.models import SelectedKey, Selection, SelectionState
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index, selections
from tests.conftest import ROLES, Login
from tests.records.pages import read, said

HTMX = {"HX-Request": "true"}


def bar_of(response: HttpResponse) -> str:
    text = response.content.decode()
    return text[text.index('id="selection"') :]


def shown_in(response: HttpResponse) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', response.content.decode())
    assert found
    return html.unescape(found[1])


def ticks_in(response: HttpResponse) -> list[str]:
    found = re.search(r'data-ticked="([^"]*)"', response.content.decode())
    assert found
    return found[1].split()


def boxes(response: HttpResponse) -> dict[str, bool]:
    """The boxes of the rows and whether they are ticked."""
    box = r'<input type="checkbox"[^>]*name="key" value="([^"]*)"[^>]*?( checked)?>'
    found = re.findall(box, response.content.decode())
    return {key: bool(tick) for key, tick in found}


def send(browser: Client, path: str, page: HttpResponse, **posted: Any) -> HttpResponse:
    return browser.post(path, {"shown": shown_in(page), **posted}, headers=HTMX)


def words_of(response: HttpResponse) -> str:
    return read(response).text


@pytest.mark.parametrize("role", ROLES)
def test_everybody_may_select_and_sees_what_they_may_do(sandbox: SandboxServer, login: Login, role: str) -> None:
    browser = login(role)
    page = browser.get("/counterparties/")
    answer = send(browser, "/counterparties/selection/", page, add=["1", "2"])
    assert answer.status_code == 200
    assert "2 counterparties selected (2 on this page)" in words_of(answer)
    assert ("Find logo and website" in bar_of(answer)) is (role == "steward")
    asked = browser.post("/counterparties/selection/enrichment/")
    assert asked.status_code == (303 if role == "steward" else 403)
    assert "Find logo" not in bar_of(send(browser, "/clients/selection/", browser.get("/clients/"), add=["1"]))


def test_each_row_has_a_box_with_the_records_name(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("clients", 1, {"name": 'A "quoted" <b>'})
    page = login("viewer").get("/clients/?size=25")
    assert list(boxes(page)) == read(page).rows
    assert 'aria-label="Select A &quot;quoted&quot; &lt;b&gt;"' in page.content.decode()
    assert not any(boxes(page).values())


def test_ticks_outlive_pages_sorting_and_filters(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    first = browser.get("/clients/?size=25")
    send(browser, "/clients/selection/", first, add=[*read(first).rows[:2]])
    second = browser.get("/clients/?size=25&page=2", headers=HTMX)
    assert "2 clients selected (0 on this page)" in words_of(second)
    third = send(browser, "/clients/selection/", second, add=read(second).rows[0], remove=read(first).rows[0])
    assert ticks_in(third) == [read(second).rows[0]]
    again = browser.get("/clients/?size=25&sort=name")
    assert "2 clients selected" in words_of(again)
    wanted = {read(first).rows[1], read(second).rows[0]}
    everything = browser.get("/clients/?size=200")
    assert {key for key, tick in boxes(everything).items() if tick} == wanted
    assert "2 clients selected (2 on this page)" in words_of(everything)
    assert "1 client selected (1 on this page)" in words_of(
        send(browser, "/clients/selection/", everything, remove=[min(wanted)])
    )


def test_the_answer_to_a_tick_asks_flowtly_nothing(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    page = browser.get("/clients/")
    sandbox.clear_log()
    answer = send(browser, "/clients/selection/", page, add=["1"])
    assert sandbox.requests == []
    assert "<html" not in answer.content.decode()
    assert shown_in(answer) == shown_in(page)


def test_all_that_match_are_selected_over_all_pages(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    page = browser.get("/clients/?status=active&size=25")
    total = json.loads(shown_in(page))["total"]
    send(browser, "/clients/selection/", page, add=read(page).rows[0])
    assert f"Select all {total} that match" in bar_of(browser.get("/clients/?status=active&size=25"))
    answer = send(browser, "/clients/selection/all/", page)
    assert f"{total} clients selected (25 on this page)" in words_of(answer)
    assert sorted(ticks_in(answer)) == sorted(read(page).rows)
    assert "Select all" not in bar_of(answer)
    chosen = [sandbox.row("clients", key) or {} for key in SelectedKey.objects.values_list("key", flat=True)]
    assert {row["status"] for row in chosen} == {"active"}
    assert Selection.objects.get().scope == "Status: active"
    assert "Select all 120<" in bar_of(browser.get("/clients/"))
    none = send(browser, "/clients/selection/none/", page)
    assert ticks_in(none) == []
    assert 'class="selection-bar no-js-only"' in none.content.decode()
    assert Selection.objects.count() == 0


def test_a_list_that_is_narrowed_on_this_page_only_does_not_offer_all(
    sandbox: SandboxServer, login: Login
) -> None:
    browser = login("viewer")
    page = browser.get("/clients/?tinType=cvr")
    send(browser, "/clients/selection/", page, add=["1"])
    assert "Select all" not in bar_of(browser.get("/clients/?tinType=cvr"))
    refused = send(browser, "/clients/selection/all/", page)
    assert refused.status_code == 422
    assert "our copy of Flowtly is needed" in words_of(refused)
    index.refresh(PAGES["clients"])
    assert "Select all" in bar_of(browser.get("/clients/?tinType=cvr"))
    answer = send(browser, "/clients/selection/all/", page)
    assert answer.status_code == 200
    assert "From our copy of Flowtly" in words_of(answer)


def test_too_many_are_refused_in_words(
    sandbox: SandboxServer, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "MOST", 2)
    browser = login("viewer")
    page = browser.get("/clients/")
    for path, posted in (("/clients/selection/", {"add": ["1", "2", "3"]}), ("/clients/selection/all/", {})):
        answer = send(browser, path, page, **posted)
        assert answer.status_code == 422
        assert "A selection holds at most 2 records. Nothing was added." in words_of(answer)
    assert SelectedKey.objects.count() == 0


def test_without_a_script_the_page_is_kept_as_it_is_ticked(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    page = browser.get("/clients/?status=active&size=25&page=2")
    first, second, third = read(page).rows[:3]
    form = {"shown": shown_in(page), "ticks": "1"}
    answer = browser.post("/clients/selection/", {**form, "key": [first, second]})
    assert (answer.status_code, answer["Location"]) == (303, "/clients/?status=active&size=25&page=2")
    browser.post("/clients/selection/", {**form, "key": [second, third]})
    assert set(SelectedKey.objects.values_list("key", flat=True)) == {second, third}
    all_of = browser.post("/clients/selection/all/", {"shown": shown_in(page)})
    assert all_of.status_code == 303
    refused = browser.post("/clients/selection/all/", {"shown": json.dumps({"query": "tinType=cvr"})})
    assert "our copy of Flowtly is needed" in said(refused)


ODD = [
    "",
    "x",
    "[]",
    '{"query": 1, "total": -5, "whole": "yes", "keys": 7}',
    '{"query": "page=x&sort=y&status=%00", "total": true, "keys": [1, null, "", ".", "\\u0000", "ok"]}',
    '{"query": "\\ud800", "keys": ["\\ud800"]}',
    '{"keys": [' + '"x",' * 40_000 + '"x"]}',
]


@pytest.mark.parametrize("shown", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("path", ["", "all/", "none/"])
def test_odd_input_breaks_nothing(sandbox: SandboxServer, login: Login, shown: str, path: str) -> None:
    browser = login("viewer")
    posted = {"shown": shown, "add": ["1", "\x00", "", "..", "x" * 300], "remove": "2"}
    for headers in ({}, HTMX):
        assert browser.post(f"/clients/selection/{path}", posted, headers=headers).status_code in (200, 303)
    assert set(SelectedKey.objects.values_list("key", flat=True)) <= {"1", *map(str, range(200))}


def test_a_lookup_is_asked_about_and_begun_once(sandbox: SandboxServer, login: Login) -> None:
    browser = login("steward")
    page = browser.get("/counterparties/?size=25")
    send(browser, "/counterparties/selection/", page, add=read(page).rows)
    place = browser.post("/counterparties/selection/enrichment/")["Location"]
    text = words_of(browser.get(place))
    assert "Find logo and website of 25 counterparties" in text
    assert "51: each record is read before and after" in text
    first, second = browser.post(place), browser.post(place)
    assert first["Location"] == second["Location"]
    held = Selection.objects.get(state=SelectionState.FROZEN)
    assert selections.count(held) == 25
    assert login("viewer").get(place).status_code == 403
    send(browser, "/counterparties/selection/none/", page)
    assert browser.post("/counterparties/selection/enrichment/")["Location"] == "/counterparties/"
    assert browser.post("/clients/selection/enrichment/").status_code == 404


def test_nobody_sees_somebody_elses(sandbox: SandboxServer, login: Login, person: Any) -> None:
    browser = login("steward")
    send(browser, "/counterparties/selection/", browser.get("/counterparties/"), add=["1"])
    place = browser.post("/counterparties/selection/enrichment/")["Location"]
    Selection.objects.update(owner=person("editor"))
    assert browser.get(place).status_code == 404
    assert browser.post(place).status_code == 404
    assert "0 counterparties selected" in words_of(browser.get("/counterparties/"))


def test_values_that_people_carry_elsewhere_can_be_copied(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("clients", 1, {"tin": "72584554", "externalPaymentCustomerId": "DK5000400440116243"})
    browser = login("viewer")
    assert '<td data-label="Tax number" data-copy>' in browser.get("/clients/").content.decode()
    record = browser.get("/clients/1/").content.decode()
    assert 'data-field="tin" data-copy' in record
    assert 'data-field="externalPaymentCustomerId" data-copy' in record
    assert 'data-field="status" data-copy' not in record
