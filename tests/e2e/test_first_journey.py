"""Sign in, find a client, change its payment terms, see it in Flowtly, take it back: by mouse and by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


def test_the_first_journey(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire()
    clerk.opens("/clients/")
    clerk.is_at("/login/?next=/clients/")
    clerk.signs_in_as("editor")
    clerk.is_at("/clients/")

    with clerk.without_a_reload():
        clerk.search.click()
        clerk.search.press_sequentially(client["name"].removeprefix("Prøve"))
        expect(clerk.rows).to_have_count(1)
        clerk.is_at("/clients/?q=klient*")
        clerk.presses("Home")
        clerk.types("Prø")
        clerk.is_at("/clients/?q=Pr*klient*")
        expect(clerk.search).to_be_focused()
        clerk.types("ve")  # the caret is where it was
        clerk.is_at("/clients/?q=Pr*veklient*")
    clerk.link(client["name"]).click()
    expect(clerk.title).to_have_text(client["name"])
    clerk.goes_back()
    expect(clerk.search).to_have_value(client["name"])
    expect(clerk.rows).to_have_count(1)

    clerk.link(client["name"]).click()
    clerk.link("Edit").click()
    clerk.fills(dueDays="30")
    clerk.saves()
    expect(clerk.toast).to_contain_text(f"{client['name']} was saved. Due days 14 → 30")
    expect(clerk.fact("dueDays")).to_have_text("30")
    assert flowtly.client(client["id"])["dueDays"] == 30
    assert [each["body"] for each in flowtly.writes(f"/clients/{client['id']}")] == [{"dueDays": 30}]

    with clerk.without_a_reload():
        clerk.link("History").nth(1).click()
        expect(clerk.page.locator(".timeline li")).to_have_count(1)
        clerk.is_at(f"/clients/{client['id']}/history/")
    expect(clerk.page.locator(".timeline del")).to_have_text("14")
    expect(clerk.page.locator(".timeline ins")).to_have_text("30")
    clerk.page.locator(".timeline").get_by_role("link", name="Undo").click()
    clerk.clicks("Take it back")
    expect(clerk.toast).to_contain_text("is back to what it was")
    expect(clerk.fact("dueDays")).to_have_text("14")
    assert flowtly.client(client["id"])["dueDays"] == 14


def test_the_same_by_keyboard_alone(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire()
    clerk.opens("/login/")
    expect(clerk.page.locator("#id_username")).to_be_focused()
    clerk.types("editor")
    clerk.presses("Tab")
    clerk.types("demo")
    clerk.presses("Enter")
    clerk.is_at("/")
    clerk.presses("g", "c")
    clerk.is_at("/clients/")
    clerk.presses("/")
    clerk.finds(client["name"])
    expect(clerk.rows).to_have_count(1)
    clerk.presses("ArrowDown")
    expect(clerk.row(client["id"]).locator("[data-row-link]")).to_be_focused()
    clerk.presses("Enter")
    expect(clerk.title).to_have_text(client["name"])
    clerk.presses("e")
    clerk.is_at(f"/clients/{client['id']}/edit/")
    clerk.tabs_to("dueDays")
    clerk.types("30")
    clerk.presses("Enter")
    expect(clerk.toast).to_contain_text("Due days 14 → 30")
    assert flowtly.client(client["id"])["dueDays"] == 30


def test_keys_walk_the_rows(hire: Hire) -> None:
    clerk = hire("editor")
    clerk.opens("/clients/?q=ApS")
    links = clerk.page.locator("tr[data-id] [data-row-link]")
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        clerk.presses(key)
        expect(links.nth(row)).to_be_focused()
    second = clerk.rows.nth(1).get_attribute("data-id")
    clerk.presses("e")
    clerk.is_at(f"/clients/{second}/edit/")


def test_the_list_of_keys_opens_closes_and_gives_the_focus_back(hire: Hire) -> None:
    clerk = hire("editor")
    clerk.opens("/clients/")
    clerk.presses("j")
    keys = clerk.page.locator("#keys")
    clerk.presses("?")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("New client")
    clerk.presses("j", "e")
    clerk.presses("Escape")
    expect(keys).to_be_hidden()
    expect(clerk.page.locator("[data-row-link]").first).to_be_focused()
    clerk.is_at("/clients/")


def test_keys_can_be_switched_off(hire: Hire) -> None:
    clerk = hire("approver")
    clerk.opens("/preferences/")
    clerk.field("shortcuts").uncheck()
    clerk.clicks("Save preferences")
    expect(clerk.toast).to_contain_text("saved")
    clerk.opens("/clients/")
    clerk.presses("?", "/", "j", "g", "h")
    expect(clerk.page.locator("#keys")).to_be_hidden()
    expect(clerk.page.locator("body")).to_be_focused()
    clerk.is_at("/clients/")
    clerk.opens("/preferences/")  # for the journeys to come
    clerk.field("shortcuts").check()
    clerk.clicks("Save preferences")
    expect(clerk.toast).to_contain_text("saved")
