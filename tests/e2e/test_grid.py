"""The grid in a browser: edited by keyboard, filled down, pasted into, undone; and what it leads to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .axe import findings
from .clerk import NARROW, Clerk
from .conftest import Hire
from .flowtly import Flowtly
from .screens_grid import opens_a_grid

pytestmark = pytest.mark.e2e
COLUMNS = "status country dueDays addressCity invoiceComment defaultCost"
STATUS, COUNTRY, DAYS, CITY, COMMENT, COST = range(1, 7)


def three(flowtly: Flowtly) -> list[str]:
    """Keys of three clients that no other journey knows."""
    return [str(flowtly.has_client(dueDays=14, status="active", addressCity="Vejle")["id"]) for _ in range(3)]


def cell(clerk: Clerk, row: int, column: int) -> Locator:
    """Both count from 1; column 0 is the name."""
    return clerk.page.locator(f"#grid tbody tr:nth-child({row}) > :nth-child({column + 1})")


def says(clerk: Clerk, text: str) -> None:
    expect(clerk.page.locator("#grid-count")).to_have_text(text)


def notes(clerk: Clerk, text: str) -> None:
    expect(clerk.page.locator("#grid-note")).to_contain_text(text)


def pastes(clerk: Clerk, text: str) -> None:
    clerk.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    clerk.presses("Control+v")


def copied(clerk: Clerk) -> str:
    clerk.presses("Control+c")
    found: str = clerk.page.evaluate("navigator.clipboard.readText()")
    return found


def at_hand(hire: Hire, **options: Any) -> Clerk:
    return hire("steward", permissions=["clipboard-read", "clipboard-write"], **options)


def sent(clerk: Clerk) -> dict[str, dict[str, str]]:
    """What the form would send now."""
    found: dict[str, dict[str, str]] = json.loads(clerk.page.locator("#grid-form [name=cells]").input_value())
    return found


def test_a_grid_is_edited_by_keyboard_alone(hire: Hire, flowtly: Flowtly) -> None:
    clerk, keys = hire("steward"), three(flowtly)
    opens_a_grid(clerk, *keys, columns=COLUMNS)
    says(clerk, "No cell changed yet")
    while not cell(clerk, 1, STATUS).evaluate("cell => cell === document.activeElement"):
        clerk.presses("Tab")
    clerk.presses("ArrowRight", "ArrowRight")
    clerk.types("21")
    clerk.presses("Enter")
    expect(cell(clerk, 2, DAYS)).to_be_focused()
    expect(cell(clerk, 1, DAYS)).to_have_text("21")
    expect(cell(clerk, 1, DAYS)).to_have_attribute("title", "Was: 14")
    clerk.presses("F2", "End")
    clerk.types("4")
    clerk.presses("Tab")
    expect(cell(clerk, 2, CITY)).to_be_focused()
    clerk.types("Nowhere")
    clerk.presses("Escape")
    expect(cell(clerk, 2, CITY)).to_have_text("Vejle")
    clerk.presses("Delete", "Control+Home", "ArrowDown", "End", "Home", "ArrowRight", "PageDown")
    expect(cell(clerk, 3, STATUS)).to_be_focused()
    clerk.presses("ArrowRight")
    clerk.types("Swe")
    expect(clerk.page.get_by_label("Country: new value")).to_be_focused()
    clerk.presses("Enter")
    expect(cell(clerk, 3, COUNTRY)).to_have_text("Sweden")
    says(clerk, "4 cells of 3 records changed")
    assert {key: set(fields) for key, fields in sent(clerk).items()} == {
        keys[0]: {"dueDays"},
        keys[1]: {"dueDays", "addressCity"},
        keys[2]: {"country"},
    }
    assert sent(clerk)[keys[1]] == {"dueDays": "144", "addressCity": ""}
    assert findings(clerk.page) == []


def test_a_related_record_is_found_by_its_name(hire: Hire, flowtly: Flowtly) -> None:
    clerk = hire("steward")
    opens_a_grid(clerk, *three(flowtly), columns=COLUMNS)
    name = flowtly.counterparty("7")["displayName"]
    cell(clerk, 1, COST).click()
    clerk.types(name[:6])
    clerk.page.locator(".grid-editor [role=option]", has_text=name).first.wait_for()
    clerk.page.locator(".grid-editor [role=option]", has_text=name).first.click()
    expect(cell(clerk, 1, COST)).to_have_text(name)
    expect(cell(clerk, 1, COST)).to_be_focused()
    clerk.presses("Shift+ArrowDown", "Shift+ArrowDown", "Control+d")
    says(clerk, "3 cells of 3 records changed")
    assert {fields["defaultCost"] for fields in sent(clerk).values()} == {"/counterparties/7"}


def test_a_column_is_filled_down_and_undone(hire: Hire, flowtly: Flowtly) -> None:
    clerk = hire("steward")
    opens_a_grid(clerk, *three(flowtly), columns=COLUMNS)
    cell(clerk, 1, DAYS).click()
    clerk.types("30")
    clerk.presses("Enter", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowDown", "Control+d")
    says(clerk, "3 cells of 3 records changed")
    notes(clerk, "Filled down: 2 cells changed.")
    expect(cell(clerk, 3, DAYS)).to_have_text("30")
    clerk.presses("Control+z")
    says(clerk, "1 cell changed")
    clerk.presses("Control+z")
    says(clerk, "No cell changed yet")
    clerk.presses("Control+Shift+Z", "Control+Shift+Z")
    says(clerk, "3 cells of 3 records changed")
    clerk.clicks("Discard the changes")
    says(clerk, "No cell changed yet")
    expect(cell(clerk, 2, DAYS)).to_have_text("14")
    clerk.clicks("Undo")
    says(clerk, "3 cells of 3 records changed")
    expect(clerk.page.get_by_role("button", name="Undo")).to_be_focused()


def test_a_block_from_a_spreadsheet_is_pasted(hire: Hire, flowtly: Flowtly) -> None:
    """With quotes and line ends; what does not fit or is unknown is said, and what was pasted is kept."""
    clerk, keys = at_hand(hire), three(flowtly)
    opens_a_grid(clerk, *keys, columns=COLUMNS)
    name = flowtly.counterparty("8")["displayName"]
    cell(clerk, 2, DAYS).click()
    pastes(
        clerk, f'8\tAarhus\t"One ""line""\nand another"\t{name}\ttoo far\nx\t5" disk\t\tNo such company\n9\t\t\t'
    )
    notes(clerk, "Pasted: 7 cells changed. 2 copied values do not fit into the grid and were left out.")
    expect(cell(clerk, 3, COST)).to_have_attribute("aria-invalid", "true")
    expect(cell(clerk, 3, COST)).to_have_attribute(
        "title", "Nothing is found by the name “No such company”. Write another part of it and choose. Was: empty"
    )
    says(clerk, "7 cells of 2 records changed; 2 cells need correcting")
    assert sent(clerk)[keys[1]] == {
        "dueDays": "8",
        "addressCity": "Aarhus",
        "invoiceComment": 'One "line"\nand another',
        "defaultCost": "/counterparties/8",
    }
    assert sent(clerk)[keys[2]] == {"dueDays": "x", "addressCity": '5" disk', "defaultCost": "No such company"}
    cell(clerk, 2, CITY).click()
    clerk.presses("Shift+ArrowRight")
    assert copied(clerk) == 'Aarhus\t"One ""line""\nand another"'
    clerk.clicks("Go to the next one")
    expect(cell(clerk, 3, DAYS)).to_be_focused()
    clerk.clicks("Preview the changes")
    expect(clerk.summary).to_contain_text("No preview yet: 2 cells need correcting")
    clerk.page.locator("[data-form-summary] a").nth(1).click()
    expect(cell(clerk, 3, COST)).to_be_focused()
    expect(cell(clerk, 3, COST)).to_have_text("No such company")
    clerk.presses("Delete")
    cell(clerk, 3, DAYS).click()
    clerk.types("9")
    clerk.presses("Enter")
    says(clerk, "6 cells of 2 records changed")
    clerk.clicks("Preview the changes")
    clerk.is_at("/jobs/*/")
    planned = [set(row.locator("ins").all_inner_texts()) for row in clerk.page.locator("#plan tr[data-id]").all()]
    assert planned == [{"8", "Aarhus", 'One "line"\nand another', name}, {"9", '5" disk'}]
    assert [flowtly.writes(f"/clients/{key}") for key in keys] == [[], [], []]


def test_one_value_is_pasted_into_all_that_is_marked(hire: Hire, flowtly: Flowtly) -> None:
    clerk = at_hand(hire)
    opens_a_grid(clerk, *three(flowtly), columns="costGroupIcon dueDays status")
    cell(clerk, 1, 1).click()
    cell(clerk, 3, 2).click(modifiers=["Shift"])
    pastes(clerk, "60")
    says(clerk, "3 cells of 3 records changed")
    notes(clerk, "3 cells cannot be edited and stay as they are.")
    cell(clerk, 1, 3).hover()
    clerk.page.mouse.down()
    cell(clerk, 2, 3).hover()
    clerk.page.mouse.up()
    expect(clerk.page.locator("#grid [aria-selected=true]")).to_have_count(2)
    clerk.presses("Delete")
    notes(clerk, "2 cells cannot be empty and stay as they are.")


def test_other_columns_lose_nothing_that_was_typed(hire: Hire, flowtly: Flowtly) -> None:
    clerk, keys = hire("steward"), three(flowtly)
    opens_a_grid(clerk, *keys, columns="dueDays status")
    cell(clerk, 2, 1).click()
    clerk.types("45")
    clerk.presses("Enter")
    clerk.clicks("Columns")
    clerk.page.get_by_role("checkbox", name="City").check()
    clerk.page.get_by_role("checkbox", name="Status").uncheck()
    clerk.clicks("Show these columns")
    expect(clerk.page.locator("#grid thead th")).to_have_text(["Record", "Due days", "City"])
    says(clerk, "1 cell changed")
    assert sent(clerk) == {keys[1]: {"dueDays": "45"}}


def test_leaving_with_changes_asks(hire: Hire, flowtly: Flowtly) -> None:
    clerk = hire("steward")
    opens_a_grid(clerk, *three(flowtly), columns="dueDays")
    clerk.leaves = False
    cell(clerk, 1, 1).click()
    clerk.types("5")
    clerk.presses("Enter")
    clerk.clicks("Back to the list", "link")
    assert clerk.was_asked(1)
    says(clerk, "1 cell changed")


def test_a_cell_is_edited_by_tapping_on_a_narrow_screen(hire: Hire, flowtly: Flowtly) -> None:
    clerk, keys = hire("steward", viewport=NARROW, has_touch=True, is_mobile=True), three(flowtly)
    opens_a_grid(clerk, *keys, columns=COLUMNS)
    assert not clerk.scrolls_sideways()
    cell(clerk, 2, DAYS).tap()
    cell(clerk, 2, DAYS).tap()
    clerk.page.get_by_label("Due days: new value").fill("28")
    cell(clerk, 1, DAYS).tap()
    says(clerk, "1 cell changed")
    assert sent(clerk) == {keys[1]: {"dueDays": "28"}}
    cell(clerk, 1, COST).tap()
    assert not clerk.scrolls_sideways()


def test_without_a_script_the_page_says_what_to_do(hire: Hire, flowtly: Flowtly) -> None:
    clerk, keys = hire("steward"), three(flowtly)
    opens_a_grid(clerk, *keys)
    plain = hire("steward", script=False)
    plain.opens(clerk.page.url)
    plain.reads("The grid needs JavaScript")
    expect(plain.page.locator("#grid")).to_be_hidden()
    expect(plain.page.get_by_role("button", name="Preview the changes")).to_be_hidden()
