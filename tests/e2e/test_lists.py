"""The list: filters, sorting and pages without a reload, one address for each state, small screens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .clerk import NARROW, Clerk
from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


def names(clerk: Clerk) -> list[str]:
    return clerk.page.locator("[data-row-link]").all_inner_texts()


def test_filters_sorting_and_pages_come_without_a_reload(hire: Hire) -> None:
    clerk = hire("viewer")
    clerk.opens("/clients/")
    with clerk.without_a_reload():
        clerk.page.get_by_label("Status", exact=True).select_option("active")
        clerk.is_at("/clients/?status=active")
        expect(clerk.page.locator('td[data-label="Status"]').filter(has_not_text="active")).to_have_count(0)
        everything = clerk.page.locator("#list-count").inner_text()
        clerk.page.locator("[data-focus=sort-name]").click()
        clerk.is_at("/clients/?status=active&sort=name")
        expect(clerk.page.locator("th[aria-sort=ascending]")).to_contain_text("Name")
        expect(clerk.page.locator("[data-focus=sort-name]")).to_be_focused()
        first = names(clerk)
        clerk.page.get_by_role("link", name="Next").click()
        clerk.is_at("/clients/?status=active&sort=name&page=2")
        expect(clerk.page.locator("[data-row-link]").first).not_to_have_text(first[0])
        assert clerk.page.locator("#list-count").inner_text() == everything
    second = names(clerk)
    address = clerk.page.url

    other = hire("editor")
    other.opens(address)
    assert names(other) == second
    expect(other.page.get_by_label("Status", exact=True)).to_have_value("active")

    clerk.goes_back()
    clerk.is_at("/clients/?status=active&sort=name")
    expect(clerk.page.locator("[data-row-link]").first).to_have_text(first[0])
    clerk.goes_back()
    clerk.is_at("/clients/?status=active")
    clerk.goes_back()
    clerk.is_at("/clients/")
    expect(clerk.page.get_by_label("Status", exact=True)).to_have_value("")


def test_the_table_fits_and_keeps_its_place_when_a_filter_is_set(hire: Hire) -> None:
    clerk = hire("viewer")
    clerk.opens("/clients/")
    table = clerk.page.locator(".table-box")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
    before = table.bounding_box()
    clerk.page.get_by_label("Status", exact=True).select_option("active")
    expect(clerk.page.locator("#list-count")).to_contain_text("Clear")
    after = table.bounding_box()
    assert before
    assert after
    assert before["y"] == after["y"]


def test_names_of_related_records_arrive(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client(defaultCost="/counterparties/11")
    clerk = hire("viewer")
    clerk.opens(f"/clients/?q={client['name']}")
    cell = clerk.row(client["id"]).locator('[data-label="Default cost"]')
    name = flowtly.counterparty("11")["displayName"]
    expect(cell).to_have_text(name)
    expect(cell.get_by_title(name)).to_be_visible()
    clerk.page.reload()
    expect(cell).to_have_text(name)


def test_an_outage_is_named_in_the_list_and_passes(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("viewer")
    clerk.opens("/clients/")
    flowtly.is_down()
    with clerk.without_a_reload():
        clerk.search.fill("Prøveklient")
        expect(clerk.page.locator("#records")).to_contain_text("Flowtly cannot be reached")
        flowtly.recovers()
        clerk.search.fill(client["name"])
        expect(clerk.row(client["id"])).to_be_visible()


def test_a_small_screen_shows_cards_and_a_menu(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client(name="Et meget langt navn uden ende " * 7 + "ApS")
    clerk = hire("editor", viewport=NARROW, has_touch=True)
    clerk.opens(f"/clients/?q={client['name'][:60]}")
    row = clerk.row(client["id"])
    expect(row).to_have_css("display", re.compile("block|grid|flex"))
    expect(row.locator('[data-label="Due days"]')).to_be_visible()
    assert not clerk.scrolls_sideways()

    sidebar = clerk.page.locator("#sidebar")
    expect(sidebar).to_be_hidden()
    clerk.clicks("Menu")
    expect(sidebar).to_be_visible()
    sidebar.get_by_role("link", name="History").click()
    clerk.is_at("/history/")
    expect(sidebar).to_be_hidden()
    clerk.clicks("Menu")
    clerk.presses("Escape")
    expect(sidebar).to_be_hidden()


def test_the_open_tab_is_in_sight_on_a_phone(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("viewer", viewport=NARROW)
    clerk.opens(f"/clients/{client['id']}/history/")
    expect(clerk.page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)
