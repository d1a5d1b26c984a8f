"""The whole way of a bulk edit in one go: choose, say, preview, confirm, run, result, undo, trace."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .clerk import NARROW, WIDE, Clerk
from .conftest import Hire

pytestmark = pytest.mark.e2e


def to(clerk: Clerk, selector: str) -> None:
    """Goes to what the selector names by Tab, and presses it."""
    clerk.tabs_until(selector)
    clerk.presses("Enter")


def done(clerk: Clerk, words: str) -> None:
    """Waits until the worker is through with the job of this page."""
    expect(clerk.page.locator("#job [role=status]")).to_contain_text(words, timeout=60_000)
    clerk.rests()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_all_eight_steps_by_keyboard_alone(hire: Hire, viewport: object) -> None:
    clerk = hire("steward", viewport=viewport)
    clerk.opens("/contacts/?size=25")
    if clerk.page.locator("#selection").is_visible():
        clerk.clicks("Clear")
        expect(clerk.page.locator("#selection")).to_be_hidden()
    held = clerk.page.locator("tbody tr").nth(1).inner_text()
    clerk.presses("j", "x", "j", "x")
    expect(clerk.page.locator("#selection")).to_contain_text("2 contacts selected")

    to(clerk, "[data-focus=do-change]")
    expect(clerk.title).to_have_text("Change fields of 2 contacts")
    clerk.types("Title")
    clerk.tabs_until("[data-focus=add]")
    clerk.presses("Enter")
    expect(clerk.page.locator(".change-how select")).to_be_focused()
    clerk.rests()
    clerk.tabs_until(".change-part input")
    clerk.types("Head of everything")
    clerk.presses("Enter")

    expect(clerk.title).to_have_text("Preview: 2 contacts")
    expect(clerk.page.locator("ins", has_text="Head of everything")).to_have_count(2)
    assert not clerk.scrolls_sideways()
    clerk.tabs_until("#id_reason")
    clerk.types("They were promoted")
    to(clerk, "[data-focus=confirm]")

    clerk.is_at("/jobs/*/")
    done(clerk, "2 of 2 done")
    expect(clerk.page.locator("#job .status", has_text="Changed")).to_have_count(2)
    assert not clerk.scrolls_sideways()

    to(clerk, "a[href$='/undo/']")
    expect(clerk.title).to_have_text("Undo the change of 2 contacts")
    to(clerk, "main form button")
    expect(clerk.page.locator("del", has_text="Head of everything")).to_have_count(2)
    to(clerk, "[data-focus=confirm]")
    done(clerk, "2 of 2 done")

    to(clerk, "#job tbody a")
    clerk.is_at("/contacts/*/")
    to(clerk, "a[href$='/history/']")
    expect(clerk.page.locator("main")).to_contain_text("They were promoted")
    expect(clerk.page.locator("main a", has_text="2 contacts").first).to_be_visible()
    clerk.opens("/contacts/?size=25")
    assert clerk.page.locator("tbody tr").nth(1).inner_text() == held
