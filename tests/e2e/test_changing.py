"""Changing fields of many records: by keyboard alone, on a phone, and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .clerk import NARROW
from .conftest import Hire
from .screens_changing import adds, selects

pytestmark = pytest.mark.e2e


def test_by_keyboard_alone(hire: Hire) -> None:
    clerk = hire("steward")
    clerk.opens("/counterparties/?size=25")  # another list, so that no other journey's ticks are in the way
    if clerk.page.locator("#selection").is_visible():
        clerk.clicks("Clear")
        expect(clerk.page.locator("#selection")).to_be_hidden()
    clerk.presses("j", "x", "j", "x", "j", "x")
    expect(clerk.page.locator("#selection")).to_contain_text("3 counterparties selected")
    clerk.tabs_until("[data-focus=do-change]")
    clerk.presses("Enter")
    expect(clerk.title).to_have_text("Change fields of 3 counterparties")
    expect(clerk.page.locator("#id_added")).to_be_focused()
    clerk.types("Web")
    clerk.tabs_until("[data-focus=add]")
    with clerk.without_a_reload():
        clerk.presses("Enter")
        expect(clerk.page.locator(".change-how select")).to_be_focused()
        clerk.rests()
    clerk.tabs_until(".change-part input")
    clerk.types("https://ystad.example/")
    clerk.presses("Enter")  # the first button of the form
    expect(clerk.title).to_have_text("Preview: 3 counterparties")
    expect(clerk.page.locator("ins")).to_have_count(3)
    clerk.waits()
    clerk.presses("j", "j", "x")
    expect(clerk.page.locator("tbody .select input").nth(1)).to_be_checked()
    clerk.page.keyboard.press("Shift+Tab")
    for _ in range(20):
        if clerk.page.evaluate("document.activeElement.matches('[data-focus=out]')"):
            break
        clerk.presses("Shift+Tab")
    clerk.presses("Enter")
    expect(clerk.page.locator("tr.is-out")).to_have_count(1)
    expect(clerk.page.locator("[data-focus=out]")).to_be_focused()
    expect(clerk.page.locator(".plan-sentence")).to_contain_text("of 2 counterparties.")
    clerk.rests()
    clerk.tabs_until("#id_reason")
    clerk.types("As agreed")
    clerk.tabs_until("[data-focus=confirm]")
    clerk.presses("Enter")
    clerk.is_at("/jobs/*/")
    expect(clerk.page.locator("#plan")).to_have_count(0)
    expect(clerk.title).to_contain_text("3 counterparties")


def test_on_a_phone(hire: Hire) -> None:
    clerk = hire("steward", viewport=NARROW)
    selects(clerk)
    clerk.clicks("Change fields")
    adds(clerk, "addressCity")
    assert not clerk.scrolls_sideways()
    clerk.fills(**{"value-addressCity": "Lund"})
    clerk.page.locator(".form-actions").get_by_role("button", name="Preview").click()
    expect(clerk.page.locator("#plan-rows")).to_be_visible()
    assert not clerk.scrolls_sideways()
    clerk.page.locator("tbody .select input").first.click()
    clerk.clicks("Take out")
    expect(clerk.page.locator("tr.is-out")).to_have_count(1)
    clerk.clicks("Discard this plan")
    expect(clerk.toast).to_contain_text("The plan was discarded.")


def test_without_a_script(hire: Hire) -> None:
    clerk = hire("steward", script=False)
    clerk.opens("/contacts/?size=25")
    boxes = clerk.page.locator("tbody .select input")
    boxes.nth(0).check()
    boxes.nth(1).check()
    clerk.clicks("Keep the ticks of this page")
    expect(clerk.page.locator("#selection")).to_contain_text("2 ")
    clerk.clicks("Change fields")
    first = clerk.page.locator("#id_added option").first.get_attribute("value")
    assert first
    clerk.clicks("Add")
    expect(clerk.page.locator(f'[data-field="{first}"]')).to_be_visible()
    clerk.page.locator("[data-focus^=remove]").click()
    expect(clerk.page.locator(".change-field")).to_have_count(0)


def test_what_was_typed_below_stays_when_rows_move(hire: Hire) -> None:
    clerk = hire("steward")
    selects(clerk)
    clerk.clicks("Change fields")
    adds(clerk, "addressCity")
    clerk.fills(**{"value-addressCity": "Lund"})
    clerk.page.locator(".form-actions").get_by_role("button", name="Preview").click()
    clerk.fills(reason="Half typed")
    clerk.page.locator("tbody .select input").first.click()
    with clerk.without_a_reload():
        clerk.clicks("Take out")
        expect(clerk.page.locator("tr.is-out")).to_have_count(1)
        expect(clerk.field("reason")).to_have_value("Half typed")
        clerk.rests()
        clerk.page.locator("[data-focus=show-out]").click()
        expect(clerk.page.locator("tbody tr")).to_have_count(1)
        expect(clerk.field("reason")).to_have_value("Half typed")
    clerk.is_at("/jobs/*/?show=out")
