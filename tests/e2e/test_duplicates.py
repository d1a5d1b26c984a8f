"""The queue by keyboard alone, wide and narrow: found, told apart, taken back, put off, dropped, added, merged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from .clerk import NARROW, WIDE, Clerk
from .conftest import Hire
from .doubles import company, kind, opens_card, scans
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


def tabs_to(clerk: Clerk, wanted: Locator) -> None:
    """Presses Tab until it has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(120):
        clerk.presses("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab never reaches {wanted}.")


def hears(clerk: Clerk, text: str) -> None:
    """Once the next card is there: what was said is read out, and the card begins at its heading."""
    expect(clerk.page.locator("#announce")).to_have_text(text)
    expect(clerk.title).to_be_focused()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_groups_are_decided_by_keyboard(hire: Hire, flowtly: Flowtly, size: ViewportSize) -> None:
    # Long: one journey through a whole queue, each step of which begins where the one before it ended.
    clerk, own = hire("steward", viewport=size), kind()
    for _ in range(4):
        company(flowtly, own)
    scans(clerk)
    clerk.opens(f"/duplicates/?q={own}")
    expect(clerk.rows).to_have_count(4)
    clerk.presses("j", "Enter")
    clerk.is_at("/duplicates/*-*/?*")
    first = clerk.title.inner_text()

    clerk.presses("n")
    expect(clerk.page.locator("#reason_separate")).to_be_focused()
    clerk.presses("Enter")  # without a reason nothing is kept
    expect(clerk.page.locator("#trouble")).to_contain_text("Say why they are not duplicates.")
    expect(clerk.page.locator("#reason_separate")).to_be_focused()
    clerk.types("Two owners")
    clerk.presses("Enter")
    hears(clerk, "Not duplicates: 1 pair.")
    expect(clerk.title).not_to_have_text(first)

    clerk.presses("u")
    hears(clerk, "Taken back: Not duplicates: 1 pair.")
    expect(clerk.title).to_have_text(first)

    clerk.presses("l")
    expect(clerk.page.get_by_role("button", name="1 week")).to_be_focused()
    clerk.presses("Enter")
    hears(clerk, "Later: 1 pair.")
    second = clerk.title.inner_text()

    clerk.presses("r")
    expect(clerk.page.locator("#reason_related")).to_be_focused()
    clerk.types("Branch")
    clerk.presses("Escape")
    expect(clerk.page.locator("#reason_related")).to_be_hidden()
    clerk.presses("r")
    clerk.presses("Enter")
    hears(clerk, "Related but separate: 1 pair.")
    third = clerk.title.inner_text()
    assert third not in (first, second)

    # From the first of the two that are left: taken back, a group of equal score may stand anywhere.
    clerk.opens(f"/duplicates/?q={own}")
    expect(clerk.rows).to_have_count(2)
    clerk.presses("j", "Enter")
    clerk.is_at("/duplicates/*-*/?*")
    front = clerk.title.inner_text()
    clerk.presses("j")
    expect(clerk.title).not_to_have_text(front)
    clerk.presses("k")
    expect(clerk.title).to_have_text(front)
    assert not clerk.scrolls_sideways()

    clerk.opens(f"/duplicates/?q={own}&state=later")
    expect(clerk.rows).to_have_count(1)
    clerk.opens("/duplicates/verdicts/?state=all&q=Two owners")
    expect(clerk.rows.first).to_contain_text("Taken back by steward")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_group_is_taken_apart_and_led_to_the_merge(hire: Hire, flowtly: Flowtly, size: ViewportSize) -> None:
    clerk, own = hire("steward", viewport=size), kind()
    found = company(flowtly, own, 3)
    scans(clerk)
    opens_card(clerk, found)
    expect(clerk.page.get_by_role("checkbox")).to_have_count(3)
    expect(clerk.page.locator(".signals").first).to_be_visible()

    tabs_to(clerk, clerk.page.get_by_role("button", name=f"Drop {found.name} IVS from this group"))
    clerk.presses("Enter")
    hears(clerk, "Taken apart: 2 pairs.")
    expect(clerk.title).to_have_text(f"{found.name} ApS and {found.name} A/S")

    clerk.presses("a")
    expect(clerk.page.locator("#add_key")).to_be_focused()
    clerk.types(found.keys[2])
    expect(clerk.page.get_by_role("option", name=f"{found.name} IVS")).to_be_visible()
    clerk.presses("ArrowDown", "Enter", "Enter")
    hears(clerk, "The record was added.")
    expect(clerk.page.get_by_role("checkbox")).to_have_count(3)

    for key in found.keys[:2]:
        tabs_to(clerk, clerk.page.locator(f"input[name=key][value='{key}']"))
        clerk.presses("Space")
    clerk.presses("s")
    hears(clerk, "Taken apart: 2 pairs.")
    expect(clerk.title).to_have_text(f"{found.name} ApS and {found.name} A/S")

    clerk.presses("m")
    clerk.is_at(f"/merges/new/?ids={found.keys[0]},{found.keys[1]}")
    clerk.reads(f"{found.name} A/S")
    clerk.opens(f"/duplicates/?q={own}&state=decided")
    expect(clerk.rows).to_have_count(1)


def test_the_whole_queue_without_a_script(hire: Hire, flowtly: Flowtly) -> None:
    own = kind()
    found = company(flowtly, own)
    scans(hire("steward"))
    clerk = hire("steward", script=False)
    opens_card(clerk, found)
    clerk.page.locator("summary", has_text="Not duplicates").click()
    clerk.page.locator("#reason_separate").fill("Two owners")
    clerk.page.locator("#reason_separate").press("Enter")
    clerk.is_at(f"/duplicates/*q={own}*")
    clerk.reads("Not duplicates: 1 pair.")
    clerk.opens(f"/duplicates/verdicts/?q={found.keys[0]}")
    clerk.page.get_by_role("button", name="Take back").click()
    clerk.reads("Taken back.")
    clerk.opens(f"/duplicates/?q={own}")
    expect(clerk.rows).to_have_count(1)


@pytest.fixture
def without_shortcuts(hire: Hire) -> Iterator[None]:
    """The steward's single keys are switched off, and on again for the other journeys."""
    clerk = hire("steward")

    def switch(on: bool) -> None:
        clerk.opens("/preferences/")
        clerk.page.locator("[name=shortcuts]").set_checked(on)
        clerk.page.locator(".form-actions .btn-primary").click()
        expect(clerk.toast).to_be_visible()

    switch(False)
    yield
    switch(True)


@pytest.mark.usefixtures("without_shortcuts")
def test_single_keys_can_be_switched_off(hire: Hire, flowtly: Flowtly) -> None:
    found = company(flowtly, kind())
    clerk = hire("steward")
    scans(clerk)
    opens_card(clerk, found)
    here = clerk.page.url
    clerk.presses("n", "m", "l")
    expect(clerk.page.locator("#reason_separate")).to_be_hidden()
    assert clerk.page.url == here
    assert not clerk.page.locator("kbd.hint:visible").count()
    clerk.page.locator("summary", has_text="Not duplicates").click()
    expect(clerk.page.locator("#reason_separate")).to_be_focused()
