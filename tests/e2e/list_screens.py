"""Pages for arranging a list, added to the screens."""

from __future__ import annotations

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly
from .screens import SCREENS, plain, screen

__all__ = ["SCREENS"]

plain("columns", "/clients/columns/")
plain("views", "/clients/views/")


@screen("viewer")
def list_with_its_columns(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/clients/")
    clerk.link("Columns").click()
    expect(clerk.page.locator("#columns-panel")).to_be_visible()


@screen("approver")
def list_in_a_view_with_its_views(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/contacts/views/")
    if not clerk.link("Of the axe").count():
        clerk.fills(name="Of the axe")
        clerk.clicks("Save view")
    clerk.opens("/contacts/views/")
    clerk.link("Of the axe").click()
    expect(clerk.page.locator("#view-in-use .tag")).to_be_visible()
    clerk.page.locator("[popovertarget=menu-views]").click()
    expect(clerk.page.locator("#menu-views")).to_be_visible()
