"""Selecting rows in a browser: exact over pages, filters and reloads, quick, by keyboard, over a bad line."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Locator, Request, Route, expect

from .clerk import NARROW, Clerk
from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e

TICKS = "**/selection/"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


def starts(clerk: Clerk, path: str = "/clients/?size=25") -> None:
    """At a list with nothing selected, whatever an earlier journey left."""
    clerk.opens(path)
    if bar(clerk).is_visible():
        clerk.clicks("Clear")
        expect(bar(clerk)).to_be_hidden()


def bar(clerk: Clerk) -> Locator:
    return clerk.page.locator("#selection")


def says(clerk: Clerk, text: str) -> None:
    expect(bar(clerk).locator("[data-selected]")).to_have_text(re.compile(rf"^\s*{re.escape(text)}\s*$"))


def boxes(clerk: Clerk) -> Locator:
    return clerk.page.locator("#records [name=key]")


def keys(clerk: Clerk) -> list[str]:
    return [str(each.get_attribute("value")) for each in boxes(clerk).all()]


def ticked(clerk: Clerk) -> set[str]:
    return {str(each.get_attribute("value")) for each in clerk.page.locator("#records [name=key]:checked").all()}


def goes_to_page(clerk: Clerk, number: int) -> None:
    before = keys(clerk)[0]
    clerk.page.get_by_role("link", name="Next").click()
    clerk.is_at(f"*page={number}*")
    expect(boxes(clerk).first).not_to_have_value(before)


def test_ticks_outlive_pages_sorting_filters_and_a_reload(hire: Hire) -> None:
    clerk = hire("viewer")
    starts(clerk)
    with clerk.without_a_reload():
        first = keys(clerk)
        for place in (0, 3, 4):
            boxes(clerk).nth(place).click()
        boxes(clerk).nth(3).click()
        says(clerk, "2 clients selected (2 on this page)")
        goes_to_page(clerk, 2)
        second = keys(clerk)
        says(clerk, "2 clients selected (0 on this page)")
        clerk.page.locator("[data-row-link]").nth(6).focus()
        clerk.presses("x", "j", "x")
        says(clerk, "4 clients selected (2 on this page)")
        clerk.page.locator("[data-focus=sort-name]").click()
        clerk.is_at("*sort=name*")
        clerk.page.get_by_label("Status", exact=True).select_option("inactive")
        clerk.is_at("*status=inactive*")
        expect(bar(clerk)).to_contain_text("4 clients selected")
    wanted = {first[0], first[4], second[6], second[7]}
    clerk.page.reload()
    expect(bar(clerk)).to_contain_text("4 clients selected")
    clerk.opens("/clients/?size=200")
    found = ticked(clerk)
    goes_to_page(clerk, 2)
    assert found | ticked(clerk) == wanted


def test_a_range_is_ticked_with_shift(hire: Hire) -> None:
    clerk = hire("viewer")
    starts(clerk)
    all_keys = keys(clerk)
    boxes(clerk).nth(2).click()
    boxes(clerk).nth(6).click(modifiers=["Shift"])
    says(clerk, "5 clients selected (5 on this page)")
    boxes(clerk).nth(9).focus()
    clerk.presses("Shift+Space")
    says(clerk, "8 clients selected (8 on this page)")
    assert ticked(clerk) == set(all_keys[2:10])
    expect(boxes(clerk).nth(9)).to_be_focused()
    boxes(clerk).nth(4).click(modifiers=["Shift"])
    says(clerk, "2 clients selected (2 on this page)")
    assert ticked(clerk) == set(all_keys[2:4])


def test_quick_ticking_loses_nothing(hire: Hire) -> None:
    """Ticks while a request is on its way go together in the next one, in their order."""
    clerk = hire("viewer")
    starts(clerk)
    sent: list[str] = []
    clerk.page.on("request", lambda request: sent.append(_body(request)) if _is_tick(request) else None)
    everything = keys(clerk)
    line = SlowLine(clerk)
    with clerk.page.expect_request(_is_tick):
        boxes(clerk).nth(0).click()
    for box in boxes(clerk).all()[1:20]:
        box.click()
    boxes(clerk).nth(5).click()
    boxes(clerk).nth(0).click()
    goes_to_page(clerk, 2)
    boxes(clerk).nth(1).click()
    assert len(sent) == 1
    line.goes_on()
    says(clerk, "19 clients selected (1 on this page)")
    assert 2 <= len(sent) <= 3
    assert set(parse_qs(sent[1])["add"]) == {*everything[1:5], *everything[6:20], keys(clerk)[1]}
    assert parse_qs(sent[1])["remove"] == everything[:1]
    clerk.opens("/clients/?size=25")
    assert ticked(clerk) == {*everything[1:5], *everything[6:20]}


class SlowLine:
    """Holds the first request with ticks back until it is told to let it through."""

    def __init__(self, clerk: Clerk) -> None:
        self.held: list[Route] = []
        self.open = False
        clerk.page.route(TICKS, self._meet)

    def _meet(self, route: Route) -> None:
        if self.open:
            route.continue_()
        else:
            self.held.append(route)

    def goes_on(self) -> None:
        self.open = True
        for route in self.held:
            route.continue_()


def _is_tick(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/selection/")


def _body(request: Request) -> str:
    return request.post_data or ""


def test_a_button_waits_for_the_ticks_before_it(hire: Hire) -> None:
    clerk = hire("viewer")
    starts(clerk)
    boxes(clerk).nth(0).click()
    says(clerk, "1 client selected (1 on this page)")
    line = SlowLine(clerk)
    with clerk.page.expect_request(_is_tick):
        boxes(clerk).nth(1).click()
    boxes(clerk).nth(2).click()
    clerk.clicks("Clear")
    line.goes_on()
    expect(bar(clerk)).to_be_hidden()
    assert ticked(clerk) == set()
    expect(clerk.page.locator("[data-page-box]")).to_be_focused()
    clerk.page.reload()
    assert ticked(clerk) == set()


def test_a_lost_request_is_taken_back_and_said(hire: Hire) -> None:
    clerk = hire("viewer")
    starts(clerk)
    boxes(clerk).nth(0).click()
    says(clerk, "1 client selected (1 on this page)")
    first = keys(clerk)[0]
    clerk.page.route(TICKS, lambda route: route.abort())
    boxes(clerk).nth(1).click()
    expect(clerk.page.locator("#problems")).to_contain_text("The tick could not be saved and was taken back")
    assert ticked(clerk) == {first}
    clerk.page.unroute(TICKS)
    clerk.page.route(TICKS, lambda route: route.fulfill(status=503, body="down"))
    boxes(clerk).nth(0).click()
    expect(boxes(clerk).nth(0)).to_be_checked()
    clerk.page.unroute(TICKS)
    boxes(clerk).nth(2).click()
    says(clerk, "2 clients selected (2 on this page)")
    # What the browser notes about a line that we cut is no complaint about our pages.
    assert all(re.search("ERR_FAILED|htmx|503", each) for each in clerk.complaints), clerk.complaints
    clerk.complaints.clear()


def test_the_page_and_then_everything_that_matches(hire: Hire, flowtly: Flowtly) -> None:
    clerk = hire("viewer")
    starts(clerk)
    total = int(flowtly.total("clients"))
    page_box = clerk.page.locator("[data-page-box]")
    boxes(clerk).nth(3).click()
    expect(page_box).to_have_js_property("indeterminate", True)
    page_box.click()
    says(clerk, "25 clients selected (25 on this page)")
    expect(page_box).to_be_checked()
    clerk.clicks(f"Select all {total:,}")
    says(clerk, f"{total:,} clients selected (25 on this page)")
    expect(clerk.page.locator("#announce")).to_contain_text(f"{total:,} clients selected")
    goes_to_page(clerk, 2)
    says(clerk, f"{total:,} clients selected (25 on this page)")
    expect(page_box).to_be_checked()
    page_box.click()
    says(clerk, f"{total - 25:,} clients selected (0 on this page)")
    clerk.clicks("Clear")
    expect(bar(clerk)).to_be_hidden()


def test_without_a_script(hire: Hire) -> None:
    clerk = hire("viewer", script=False)
    clerk.opens("/contacts/?size=25")
    boxes(clerk).nth(0).check()
    boxes(clerk).nth(2).check()
    clerk.clicks("Keep the ticks of this page")
    says(clerk, "2 contacts selected (2 on this page)")
    clerk.page.get_by_role("link", name="Next").click()
    boxes(clerk).nth(1).check()
    clerk.clicks("Keep the ticks of this page")
    clerk.is_at("/contacts/?size=25&page=2")
    says(clerk, "3 contacts selected (1 on this page)")
    clerk.clicks("Clear")
    says(clerk, "0 contacts selected")


def test_on_a_phone_the_bar_covers_nothing_that_has_the_focus(hire: Hire) -> None:
    clerk = hire("viewer", viewport=NARROW, has_touch=True)
    starts(clerk, "/clients/?size=25")
    boxes(clerk).nth(0).click()
    says(clerk, "1 client selected (1 on this page)")
    clerk.clicks("Whole page")
    says(clerk, "25 clients selected (25 on this page)")
    assert not clerk.scrolls_sideways()
    last = clerk.page.locator("[data-row-link]").last
    last.focus()
    place, cover = last.bounding_box(), bar(clerk).bounding_box()
    assert place
    assert cover
    assert place["y"] + place["height"] <= cover["y"]
    clerk.clicks("Clear")
    expect(bar(clerk)).to_be_hidden()


def test_a_lookup_of_what_is_selected(hire: Hire) -> None:
    clerk = hire("steward")
    # The logos that the sandbox finds are nowhere.
    clerk.page.route(
        re.compile("^https://"), lambda route: route.fulfill(content_type="image/svg+xml", body=PICTURE)
    )
    starts(clerk, "/counterparties/?size=25")
    clerk.page.locator("[data-page-box]").click()
    says(clerk, "25 counterparties selected (25 on this page)")
    clerk.clicks("Find logo and website")
    expect(clerk.title).to_have_text("Find logo and website of 25 counterparties")
    clerk.clicks("Look up 25 counterparties")
    clerk.is_at("/jobs/*")
    expect(clerk.page.locator("#job")).to_contain_text("25 of 25 done")
    expect(clerk.page.locator("#job[hx-get]")).to_have_count(0)


def test_values_are_copied_by_mouse_and_by_keyboard(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client(tin="72584554", tinCountry="DK")
    clerk = hire("viewer", permissions=["clipboard-read", "clipboard-write"])
    clerk.opens(f"/clients/?q={client['name']}")
    row = clerk.row(client["id"])
    row.locator('[data-label="Tax number"]').hover()
    row.get_by_role("button", name="Copy: Tax number").click()
    expect(clerk.page.locator("#announce")).to_have_text("Copied: 72584554")
    assert clerk.page.evaluate("navigator.clipboard.readText()") == "72584554"
    clerk.page.locator("[data-row-link]").focus()
    clerk.presses("c")
    expect(clerk.page.locator("#announce")).to_have_text(f"Copied: {client['id']}")
    clerk.presses("Tab", "Enter")
    expect(clerk.page.locator("#announce")).to_have_text("Copied: 72584554")
    clerk.opens(f"/clients/{client['id']}/")
    clerk.page.get_by_role("button", name="Copy: Tax number", exact=True).click()
    expect(clerk.page.locator("#announce")).to_have_text("Copied: 72584554")
