"""Arranging a list by keyboard: columns, and views."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .clerk import Clerk
from .conftest import Hire

pytestmark = pytest.mark.e2e


def heads(clerk: Clerk) -> Locator:
    return clerk.page.locator("thead th:not(.select, :has(.visually-hidden))")


def settled(clerk: Clerk) -> None:
    """Names of related records have arrived: a page that is left while they load says so in the console."""
    expect(clerk.page.locator(".htmx-request, .htmx-settling, [aria-busy], [hx-get^='/labels/']")).to_have_count(0)


def test_a_column_is_chosen_and_moved_by_keyboard(hire: Hire) -> None:
    clerk = hire("viewer")
    clerk.opens("/contacts/")
    page = clerk.page
    with clerk.without_a_reload():
        clerk.link("Columns").focus()
        clerk.presses("Enter")
        expect(page.locator("#column-title")).to_be_focused()
        page.locator("#column-position").focus()
        clerk.presses("Space")
        expect(heads(clerk).nth(6)).to_have_text("Position")
        expect(page.locator("#column-position")).to_be_focused()
        up = page.locator("#column-up-position")
        up.focus()
        for place in (5, 4, 3, 2, 1):
            clerk.presses("Enter")
            expect(heads(clerk).nth(place)).to_have_text("Position")
            expect(up).to_be_focused()
        clerk.presses("Escape")
        expect(page.locator("#columns-panel")).to_have_count(0)
        expect(clerk.link("Columns")).to_be_focused()
    settled(clerk)
    page.reload()
    expect(heads(clerk).nth(0)).to_have_text("Name")
    expect(heads(clerk).nth(1)).to_have_text("Position")
    clerk.link("Columns").click()
    page.locator("#columns-reset").click()
    expect(heads(clerk).nth(1)).to_have_text("Client")


def test_a_view_is_saved_and_opens_by_itself(hire: Hire) -> None:
    clerk = hire("viewer")
    clerk.opens("/clients/")
    page = clerk.page
    page.get_by_label("Status", exact=True).select_option("active")
    clerk.is_at("/clients/?status=active")
    settled(clerk)
    page.get_by_role("button", name="Views", exact=True).focus()
    clerk.presses("Enter")
    page.locator("#view-name").focus()
    clerk.types("Active ones")
    clerk.presses("Enter")
    clerk.is_at("/clients/?view=*")
    tag = page.locator("#view-in-use .tag")
    expect(tag).to_contain_text("Active ones")
    settled(clerk)

    page.get_by_label("Status", exact=True).select_option("lead")
    expect(page.locator("#view-in-use")).to_contain_text("unsaved changes")
    page.get_by_label("Status", exact=True).select_option("active")
    expect(page.locator("#view-in-use")).not_to_contain_text("unsaved changes")
    settled(clerk)
    clerk.page.get_by_role("button", name="Views", exact=True).click()
    clerk.clicks("Always open with this")
    expect(page.locator("#view-in-use")).to_contain_text("your list opens with this view")
    settled(clerk)
    clerk.opens("/clients/")
    expect(tag).to_contain_text("Active ones")
    expect(page.get_by_label("Status", exact=True)).to_have_value("active")
    settled(clerk)
    clerk.link("Show all clients").click()
    clerk.is_at("/clients/?view=none")
    expect(tag).to_have_count(0)
    settled(clerk)

    clerk.opens("/clients/views/")
    clerk.clicks("Open with everything again")
    clerk.page.get_by_role("link", name="Edit Active ones").click()
    clerk.page.get_by_text("Delete this view").click()
    clerk.clicks("Delete view")
    expect(clerk.toast).to_contain_text("was deleted")
    clerk.opens("/clients/")
    expect(tag).to_have_count(0)


def test_columns_and_views_without_a_script(hire: Hire) -> None:
    clerk = hire("admin", script=False)
    clerk.opens("/notes/")
    clerk.link("Columns").click()
    clerk.page.locator("#column-employee").uncheck()
    clerk.clicks("Show these columns")
    expect(clerk.page.locator(".columns-order li")).to_contain_text(["Text", "Client", "Written"])
    clerk.clicks("Move Written up")
    clerk.link("Back to the list").click()
    expect(heads(clerk)).to_have_text(["Text", "Written", "Client"], use_inner_text=True)
    clerk.page.get_by_role("button", name="Views", exact=True).click()
    clerk.page.locator("#view-name").fill("By day")
    clerk.clicks("Save view")
    expect(clerk.page.locator("#view-in-use .tag")).to_contain_text("By day")
    clerk.clicks("25")
    expect(clerk.page.locator("#view-in-use")).to_contain_text("unsaved changes")
    clerk.clicks("Save changes")
    expect(clerk.page.locator(".list-sizes b")).to_have_text("25")
