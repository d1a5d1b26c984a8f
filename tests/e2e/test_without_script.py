"""Everything essential with JavaScript switched off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .clerk import NARROW
from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


def test_search_open_edit_save_and_undo(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire(script=False)
    clerk.opens("/")
    clerk.signs_in_as("editor")
    clerk.link("Clients").click()
    clerk.search.fill(client["name"])
    clerk.clicks("Apply")
    expect(clerk.rows).to_have_count(1)
    clerk.link(client["name"]).click()
    clerk.link("Edit").click()
    clerk.fills(dueDays="30")
    clerk.saves()
    expect(clerk.toast).to_contain_text("Due days 14 → 30")
    assert flowtly.client(client["id"])["dueDays"] == 30
    clerk.link("History").nth(1).click()
    clerk.page.locator(".timeline").get_by_role("link", name="Undo").click()
    clerk.clicks("Take it back")
    expect(clerk.fact("dueDays")).to_have_text("14")


def test_filter_sort_and_page(hire: Hire) -> None:
    clerk = hire("viewer", script=False)
    clerk.opens("/clients/")
    clerk.page.get_by_label("Status", exact=True).select_option("active")
    clerk.clicks("Apply")
    clerk.page.locator("[data-focus=sort-name]").click()
    clerk.page.get_by_role("link", name="Next").click()
    clerk.is_at("/clients/?status=active&sort=name&page=2")
    expect(clerk.page.get_by_label("Status", exact=True)).to_have_value("active")


def test_a_counterparty_is_found_by_its_name(hire: Hire, flowtly: Flowtly) -> None:
    client, name = flowtly.has_client(), "Fundet Uden Skript ApS"  # no other has this name, whatever ran before
    wanted = flowtly.has_counterparty(displayName=name)
    clerk = hire("editor", script=False)
    clerk.edits(client["id"], defaultCost=name)
    clerk.saves()
    expect(clerk.fact("defaultCost")).to_have_text(name)
    assert str(flowtly.client(client["id"])["defaultCost"]) == wanted


def test_the_menus_open(hire: Hire) -> None:
    clerk = hire(script=False, viewport=NARROW)
    clerk.opens("/login/?next=/clients/")
    clerk.signs_in_as("editor")  # a session of its own: signing out ends it
    clerk.is_at("/clients/")
    clerk.clicks("Menu")
    clerk.page.locator("#sidebar").get_by_role("link", name="History").click()
    clerk.is_at("/history/")
    clerk.clicks("Account")
    clerk.clicks("Sign out")
    clerk.is_at("/login/*")
