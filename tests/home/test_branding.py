"""Branding by type: shares, the lists of what is incomplete, and names that several have."""

from __future__ import annotations

import re

import pytest

from backoffice.models import Snapshot
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index
from backoffice.services.completeness import Completeness, completeness
from tests.conftest import Login
from tests.home.test_home import number_of_list
from tests.records.pages import read, submit

COUNTERPARTIES = PAGES["counterparties"]
WITHOUT = re.compile(r'<a href="([^"]+)">([\d.,]+) without</a>')


@pytest.fixture
def indexed(sandbox: SandboxServer) -> SandboxServer:
    sandbox.patch_row("counterparties", 1, {"type": None, "logoUrl": None, "corporateWebsiteUrl": None})
    index.refresh(COUNTERPARTIES)
    sandbox.clear_log()
    return sandbox


def found() -> Completeness:
    answer = completeness(COUNTERPARTIES)
    assert answer
    return answer


def test_each_number_is_that_of_the_list_it_leads_to(indexed: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    text = browser.get("/branding/").content.decode()
    assert indexed.requests == []
    links = WITHOUT.findall(text)
    assert len(links) >= 6
    assert any("type__empty=true" in url for url, _number in links)
    for url, number in links:
        assert number_of_list(browser, url) == int(number), url


def test_the_shares_add_up(indexed: SandboxServer) -> None:
    seen = found()
    rows = {key: indexed.row("counterparties", key) or {} for key in range(1, 81)}
    assert seen.whole.total == len(rows) == sum(share.total for share in seen.kinds)
    assert seen.whole.having["logoUrl"] == sum(bool(row.get("logoUrl")) for row in rows.values())
    assert seen.kinds[-1].kind == ""
    assert seen.kinds[-1].total == 1
    names = [" ".join(str(row["displayName"]).casefold().split()) for row in rows.values()]
    assert seen.whole.distinct == sum(names.count(name) == 1 for name in names)


def test_names_are_compared_without_capitals_and_spaces(indexed: SandboxServer, login: Login) -> None:
    before = found().groups
    indexed.patch_row("counterparties", 2, {"displayName": "Straße  & SØN"})
    indexed.patch_row("counterparties", 3, {"displayName": "STRASSE & søn"})
    index.refresh(COUNTERPARTIES)
    assert found().groups == before + 1
    shared = next(group for group in found().namesakes if ("3", "STRASSE & søn") in group.records)
    assert (shared.total, len(shared.records)) == (2, 2)
    assert {"/counterparties/2/", "/counterparties/3/"} <= set(read(login("viewer").get("/branding/")).links)


def test_a_name_given_here_counts_at_once(indexed: SandboxServer, login: Login) -> None:
    name = str((indexed.row("counterparties", 5) or {})["displayName"])
    before = found().whole.distinct
    assert submit(login("editor"), "/counterparties/4/edit/", displayName=name).status_code == 303
    assert found().whole.distinct < before


def test_what_the_list_leaves_out_is_not_told(indexed: SandboxServer, login: Login) -> None:
    Snapshot.objects.filter(entity="counterparties").update(missing=["logoUrl"])
    text = read(login("viewer").get("/branding/")).text
    assert "Logo cannot be told" in text
    assert "Website" in text


def test_without_a_copy(sandbox: SandboxServer, login: Login) -> None:
    assert "Nothing can be counted yet" in read(login("viewer").get("/branding/")).text
    assert sandbox.requests == []
