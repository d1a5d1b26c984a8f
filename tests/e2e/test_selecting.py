"""Ticking rows: over pages, sorting, filters and a reload, by mouse and keyboard; the bar has the exact number."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .clerk import NARROW, Clerk
from .conftest import Hire
from .test_narrowing import waits_for_the_copy

pytestmark = pytest.mark.e2e


def tick(clerk: Clerk, row: int, *, shift: bool = False) -> None:
    clerk.page.locator("tbody .select input").nth(row).click(modifiers=["Shift"] if shift else [])


def cleared(clerk: Clerk, path: str) -> None:
    clerk.opens(path)
    if clerk.page.get_by_role("button", name="Clear").count():
        clerk.page.get_by_role("button", name="Clear").click()
        expect(clerk.page.locator("tbody .select input:checked")).to_have_count(0)


def test_ticks_survive_paging_sorting_filters_and_a_reload(hire: Hire) -> None:
    clerk = hire("steward")
    cleared(clerk, "/counterparties/?size=25")
    with clerk.without_a_reload():
        tick(clerk, 0)
        tick(clerk, 3, shift=True)
        expect(clerk.page.locator(".selection-bar")).to_contain_text("4 counterparties selected (4 on this page)")
        clerk.page.get_by_role("link", name="Next").click()
        expect(clerk.page.locator(".selection-bar")).to_contain_text("(0 on this page)")
        clerk.page.locator("[data-page-box]").click()
        expect(clerk.page.locator(".selection-bar")).to_contain_text(
            "29 counterparties selected (25 on this page)"
        )
    clerk.opens("/counterparties/?size=25")
    expect(clerk.page.locator("tbody .select input:checked")).to_have_count(4)
    expect(clerk.page.locator(".selection-bar")).to_contain_text("29 counterparties selected (4 on this page)")
    clerk.page.get_by_label("Recurring", exact=True).select_option("true")
    clerk.is_at("/counterparties/?cyclic=true&size=25")
    expect(clerk.page.locator(".selection-bar")).to_contain_text("29 counterparties selected")
    cleared(clerk, "/counterparties/")


def test_all_that_match_are_selected_and_looked_up(hire: Hire) -> None:
    clerk = hire("steward")
    waits_for_the_copy(clerk)
    cleared(clerk, "/counterparties/?type=bank")
    found = clerk.page.locator("#list-count").inner_text().split()[0]
    clerk.page.locator("[data-page-box]").focus()
    clerk.presses("Space")
    expect(clerk.page.locator(".selection-bar")).to_contain_text(f"{found} counterparties selected")
    clerk.page.locator(".selection-bar").get_by_text("Find logo and website").click()
    expect(clerk.page.get_by_role("heading", level=1)).to_contain_text(f"{found} counterparties")
    clerk.page.get_by_role("button", name="Look up").click()
    expect(clerk.page.locator("#job")).to_contain_text(f"{found} of {found} done", timeout=90_000)
    cleared(clerk, "/counterparties/")


def test_the_bar_fits_a_phone(hire: Hire) -> None:
    clerk = hire("steward", viewport=NARROW)
    cleared(clerk, "/counterparties/")
    tick(clerk, 0)
    expect(clerk.page.locator(".selection-bar")).to_contain_text("1 counterparty selected")
    assert clerk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    cleared(clerk, "/counterparties/")
