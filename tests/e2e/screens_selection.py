"""More screens: rows that are selected, and the look-up of what is selected."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly
from .screens import screen

_PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@screen(role="steward")
def list_with_a_selection(clerk: Clerk, flowtly: Flowtly) -> None:
    # The logos that the sandbox finds are nowhere.
    clerk.page.route(
        re.compile("^https://"), lambda route: route.fulfill(content_type="image/svg+xml", body=_PICTURE)
    )
    clerk.opens("/counterparties/?size=25")
    if clerk.page.locator("#selection").is_visible():
        clerk.clicks("Clear")
        expect(clerk.page.locator("#selection")).to_be_hidden()
    clerk.page.locator("[data-page-box]").click()
    expect(clerk.page.locator("#selection")).to_contain_text("25 counterparties selected")


@screen(role="steward")
def list_with_a_value_to_copy(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/clients/?size=25")
    clerk.page.locator("[data-row-link]").first.focus()
    expect(clerk.page.locator(".copy-button")).to_have_count(1)


@screen(role="steward")
def look_up_of_a_selection(clerk: Clerk, flowtly: Flowtly) -> None:
    list_with_a_selection(clerk, flowtly)
    clerk.clicks("Find logo and website")
    expect(clerk.page.get_by_role("button", name="Look up 25 counterparties")).to_be_visible()


@screen(role="steward")
def look_up_of_a_selection_ended(clerk: Clerk, flowtly: Flowtly) -> None:
    look_up_of_a_selection(clerk, flowtly)
    clerk.clicks("Look up 25 counterparties")
    expect(clerk.page.locator("#job")).to_contain_text("25 of 25 done")


@screen(role="steward")
def look_up_of_a_selection_refused(clerk: Clerk, flowtly: Flowtly) -> None:
    look_up_of_a_selection(clerk, flowtly)
    flowtly.fails(status=422, method="POST", path="*/enrich-branding-ai", times=None)
    clerk.clicks("Look up 25 counterparties")
    expect(clerk.page.locator("#job")).to_contain_text("25 not done")
