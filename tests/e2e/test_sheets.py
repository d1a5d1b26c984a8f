"""Editing in a spreadsheet, from the selection to the plan, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Hire
from .sheets import edited, sheet_of, uploads

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("script", [True, False])
def test_a_sheet_is_made_edited_uploaded_and_planned(hire: Hire, script: bool) -> None:
    clerk = hire("steward", script=script)
    book = sheet_of(clerk, "11", "12", "13")
    page = book.worksheets[0]
    heads = [cell.value for cell in page[1]]
    city = heads.index("City") + 1
    for line in (2, 3):
        page.cell(line, city).value = f"Sheetby {script} {line}"
    uploads(clerk, edited(book))
    clerk.is_at("/sheets/*/")
    expect(clerk.page.locator("dl.facts")).to_contain_text("2, in rows: 2")
    clerk.clicks("Preview the changes")
    clerk.is_at("/jobs/*/")
    expect(clerk.page.get_by_role("heading", level=1)).to_be_visible()


def test_the_list_leads_to_both_pages(hire: Hire) -> None:
    clerk = hire("steward")
    for link, address in (
        ("Select by numbers", "/clients/selection/paste/"),
        ("Upload a sheet", "/clients/sheet/"),
    ):
        clerk.opens("/clients/")
        clerk.page.get_by_role("button", name="More").click()
        clerk.page.get_by_role("link", name=link).click()
        clerk.is_at(address)
