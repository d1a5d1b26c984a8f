"""More screens: a sheet that comes back, and selecting by numbers."""

from __future__ import annotations

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly
from .screens import screen
from .sheets import edited, sheet_of, uploads


@screen(role="steward")
def sheet_of_a_selection(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/clients/selection/paste/")
    clerk.page.get_by_label("Numbers, tax numbers or addresses").fill("1\n2\n3")
    clerk.clicks("Select them")
    clerk.clicks("Sheet for editing")
    expect(clerk.page.get_by_role("button", name="Make the file")).to_be_visible()


@screen(role="steward")
def sheet_found(clerk: Clerk, flowtly: Flowtly) -> None:
    book = sheet_of(clerk, "1", "2", "3")
    page = book.worksheets[0]
    page.cell(2, 2).value = "Another name"
    page.cell(3, 2).value = None
    page.cell(6, 2).value = page.cell(4, 2).value
    uploads(clerk, edited(book))
    expect(clerk.page.get_by_role("heading", name="Problems")).to_be_visible()


@screen(role="steward")
def sheet_refused(clerk: Clerk, flowtly: Flowtly) -> None:
    uploads(clerk, b"Number;Name\r\n")
    expect(clerk.page.get_by_role("alert")).to_contain_text("This is a CSV file")


@screen(role="steward")
def numbers_that_nobody_has(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/clients/selection/paste/")
    clerk.page.get_by_label("Numbers, tax numbers or addresses").fill("1\n999999\n/contacts/3/")
    clerk.clicks("Select them")
    expect(clerk.page.get_by_role("status").first).to_contain_text("2 lines named no record")
