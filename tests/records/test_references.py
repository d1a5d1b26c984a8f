"""Who refers to a counterparty, told by the index where Flowtly cannot; and what is gone leaves the lists."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache

from backoffice.models.index import ROWS
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index
from tests.conftest import Login
from tests.records.pages import form_of, read

CLIENTS = PAGES["clients"]
TAB, DELETE = "/counterparties/5/clients/", "/counterparties/5/delete/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def indexed(sandbox: SandboxServer) -> SandboxServer:
    """Seven clients name counterparty 5, and a few another one."""
    for key in range(1, 121):
        sandbox.patch_row("clients", key, {"defaultCost": 5 if key <= 7 else 6 if key < 10 else None})
    index.refresh(CLIENTS)
    sandbox.clear_log()
    return sandbox


def test_the_tab_is_told_by_the_index_with_its_age(indexed: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    page = read(browser.get(TAB))
    assert sorted(page.rows, key=int) == [str(key) for key in range(1, 8)]
    assert re.search(r"7 found in our copy of (less than a minute|\d+\sminutes?) ago", page.text)
    link = next(link for link in page.links if link.startswith("/clients/?"))
    assert sorted(read(browser.get(link)).rows, key=int) == sorted(page.rows, key=int)


def test_the_tab_as_a_part_costs_flowtly_nothing(indexed: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    browser.get(TAB)
    indexed.clear_log()
    part = browser.get(TAB, headers=HTMX)
    assert len(read(part).rows) == 7
    assert indexed.requests == []


def test_a_long_tab_has_pages(indexed: SandboxServer, login: Login) -> None:
    for key in range(1, 121):
        indexed.patch_row("clients", key, {"defaultCost": 5})
    index.refresh(CLIENTS)
    first, second = read(login("viewer").get(TAB)), read(login("viewer").get(f"{TAB}?page=2"))
    assert (len(first.rows), len(second.rows)) == (100, 20)
    assert "?page=2" in first.links
    assert not set(first.rows) & set(second.rows)


def test_the_question_names_the_number_with_its_age(indexed: SandboxServer, login: Login) -> None:
    page = read(login("steward").get(DELETE))
    assert re.search(r"7 refer to it, by our copy of (less than a minute|\d+\sminutes?) ago:", page.text)
    link = next(link for link in page.links if link.startswith("/clients/?"))
    assert len(read(login("steward").get(link)).rows) == 7
    assert "None, by our copy of" in read(login("steward").get("/counterparties/7/delete/")).text


def test_flowtly_itself_is_believed_first(indexed: SandboxServer, login: Login) -> None:
    indexed.set_profile(filters=("defaultCost",))
    cache.clear()
    indexed.patch_row("clients", 8, {"defaultCost": 5})
    text = read(login("steward").get(DELETE)).text
    assert "8 refer to it:" in text
    assert "by our copy" not in text


@pytest.mark.parametrize("held", ["/costs/5", "5", "/cost-groups/9"])
def test_values_that_name_no_counterparty_tell_nothing(indexed: SandboxServer, login: Login, held: str) -> None:
    ROWS["clients"]._default_manager.filter(key="20").update(v_defaultCost=held)
    assert "cannot be counted" in read(login("steward").get(DELETE)).text
    assert "cannot be told through Flowtly's interface" in read(login("viewer").get(TAB)).text


def test_a_prefix_before_the_addresses_is_fine(indexed: SandboxServer, login: Login) -> None:
    rows = ROWS["clients"]._default_manager.exclude(v_defaultCost=None)
    rows.filter(v_defaultCost="/counterparties/6").update(v_defaultCost="/api/counterparties/6")
    rows.filter(v_defaultCost="/counterparties/5").update(v_defaultCost="/api/counterparties/5")
    assert "7 refer to it, by our copy" in read(login("steward").get(DELETE)).text


def test_what_is_gone_leaves_the_lists_at_once(indexed: SandboxServer, login: Login) -> None:
    browser, narrowed = login("viewer"), "/clients/?defaultCost=/counterparties/5&sort=-defaultCost"
    indexed.delete_row("clients", 3)
    assert "3" in read(browser.get(narrowed)).rows
    assert browser.get("/clients/3/").status_code == 404
    assert "3" not in read(browser.get(narrowed)).rows


def test_an_outage_takes_nothing_from_the_lists(indexed: SandboxServer, login: Login) -> None:
    indexed.fault("status", status=503, times=None)
    login("viewer").get("/clients/3/")
    indexed.clear_faults()
    assert index.total(index.Question(CLIENTS)) == 120


def test_a_gone_record_leads_to_what_was_created_again(sandbox: SandboxServer, login: Login) -> None:
    browser, url = login("steward"), "/contacts/1/delete/"
    undo = browser.post(url, form_of(browser, url))["Location"] + "undo/"
    gone = read(browser.get("/contacts/1/"))
    assert undo in gone.links
    seen = browser.get(undo).content.decode().split('name="seen" value="')[1].split('"')[0]
    again = browser.post(undo, {"seen": seen})["Location"]
    gone = read(browser.get("/contacts/1/"))
    assert again in gone.links
    assert "created again from its copy" in gone.text
    assert sandbox.row("client-contacts", again.split("/")[2]) is not None
