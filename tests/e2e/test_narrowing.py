"""Narrowing a list by keyboard and mouse: one filter more, chips, several sorts, the copy and its age."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from .clerk import NARROW, Clerk
from .conftest import Hire

pytestmark = pytest.mark.e2e
_LONG = 180.0  # seconds; only ever reached by a failure


def waits_for_the_copy(clerk: Clerk) -> None:
    """The worker reads it soon after its start."""
    deadline = time.monotonic() + _LONG
    while True:
        clerk.opens("/clients/?vatNumber__empty=true")
        if clerk.page.locator("#list-age").count():
            return
        assert time.monotonic() < deadline, "the worker never read the clients"
        clerk.page.wait_for_timeout(200)


def test_a_filter_is_added_and_taken_away_by_keyboard(hire: Hire) -> None:
    clerk = hire("viewer")
    waits_for_the_copy(clerk)
    clerk.opens("/clients/")
    more = clerk.page.locator("#more-filters")
    more.focus()
    clerk.presses("Enter")
    field = clerk.page.get_by_label("Field", exact=True)
    expect(field).to_be_focused()
    clerk.presses("Escape")
    expect(field).to_have_count(0)
    expect(more).to_be_focused()
    clerk.presses("Enter")
    expect(field).to_be_focused()
    field.select_option(label="Due days")
    expect(clerk.page.get_by_label("How", exact=True)).to_be_visible()
    clerk.page.get_by_label("How", exact=True).select_option(label="is empty")
    expect(clerk.page.get_by_label("What", exact=True)).to_be_hidden()
    clerk.page.get_by_label("How", exact=True).select_option(label="from")
    clerk.page.get_by_label("What", exact=True).fill("many")
    clerk.presses("Enter")
    expect(clerk.page.get_by_text("Write a whole number.")).to_be_visible()
    clerk.page.get_by_label("What", exact=True).fill("45")
    clerk.presses("Enter")
    clerk.is_at("/clients/?dueDays__gte=45")
    expect(clerk.page.locator(".chip")).to_have_count(1)
    with clerk.without_a_reload():
        clerk.page.get_by_label("Status", exact=True).select_option("active")
        clerk.is_at("/clients/?dueDays__gte=45&status=active")
        expect(clerk.page.locator(".chip")).to_have_count(2)
        clerk.page.locator(".chip", has_text="Status").focus()
        clerk.presses("Enter")
        clerk.is_at("/clients/?dueDays__gte=45")
        expect(clerk.page.get_by_label("Status", exact=True)).to_have_value("")
        expect(clerk.page.locator(".chip")).to_have_count(1)


def test_shift_sorts_by_one_column_more(hire: Hire) -> None:
    clerk = hire("viewer")
    waits_for_the_copy(clerk)
    clerk.opens("/clients/")
    with clerk.without_a_reload():
        clerk.page.locator("[data-focus=sort-dueDays]").click()
        clerk.is_at("/clients/?sort=dueDays")
        clerk.page.locator("[data-focus=sort-tin]").click(modifiers=["Shift"])
        clerk.is_at("/clients/?sort=dueDays,tin")
        expect(clerk.page.locator("th[aria-sort]")).to_have_count(2)
        expect(clerk.page.locator("th[aria-sort] sup")).to_have_text(["2", "1"])
        clerk.page.locator("[data-focus=sort-tin]").click(modifiers=["Shift"])
        clerk.is_at("/clients/?sort=dueDays,-tin")


def test_cards_on_a_phone_are_sorted_by_the_menu(hire: Hire) -> None:
    clerk = hire("viewer", viewport=NARROW)
    waits_for_the_copy(clerk)
    clerk.opens("/clients/")
    clerk.page.get_by_role("button", name="Sort").click()
    clerk.page.get_by_role("link", name="Due days, descending").click()
    clerk.is_at("/clients/?sort=-dueDays")
    days = clerk.page.locator('#records td[data-label="Due days"]').all_inner_texts()
    shown = [int(text.split()[-1]) for text in days if text.strip() != "–"]
    assert len(shown) > 10
    assert shown == sorted(shown, reverse=True)


def test_the_copy_is_read_again_and_the_list_follows(hire: Hire) -> None:
    clerk = hire("viewer")
    waits_for_the_copy(clerk)
    read = clerk.page.locator("#list-age [title]").first
    before = read.get_attribute("title")
    with clerk.without_a_reload():
        clerk.page.get_by_role("button", name="Read again").click()
        expect(read).not_to_have_attribute("title", re.compile(re.escape(before or "")))
        expect(clerk.page.get_by_role("button", name="Read again")).to_be_visible()
