"""What the form says of a field: tax numbers, Flowtly's refusals, names instead of addresses."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from .clerk import NARROW, WIDE
from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


def test_a_number_with_its_country_is_offered_in_two_parts(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor")
    clerk.edits(client["id"], tin="PL46584837")
    clerk.presses("Tab")
    offer = clerk.page.get_by_role("button", name="Use country PL and number 46584837")
    expect(offer).to_be_visible()
    offer.click()
    expect(clerk.field("tin")).to_have_value("46584837")
    expect(clerk.field("tinCountry")).to_have_value("PL")
    assert flowtly.writes(f"/clients/{client['id']}") == []
    clerk.clicks("Save anyway")  # eight digits are no Polish number
    expect(clerk.toast).to_contain_text("was saved")
    now = flowtly.client(client["id"])
    assert (now["tinCountry"], now["tin"]) == ("PL", "46584837")


def test_the_offer_comes_at_the_latest_when_saving(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor", script=False)
    clerk.edits(client["id"], tin="PL46584837")
    clerk.saves()
    expect(clerk.page.get_by_role("button", name="Use country PL and number 46584837")).to_be_visible()
    assert flowtly.writes(f"/clients/{client['id']}") == []
    clerk.clicks("Save as typed")
    expect(clerk.toast).to_contain_text("was saved")
    assert flowtly.client(client["id"])["tin"] == "PL46584837"


def test_an_invalid_number_warns_and_is_no_wall(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client(tinCountry="DK")
    clerk = hire("editor")
    clerk.edits(client["id"], tin="12345679")
    clerk.presses("Tab")
    expect(clerk.page.locator(".form-hint .warning")).to_contain_text("not a valid number of Denmark")
    clerk.saves()
    expect(clerk.summary).to_contain_text("Not saved yet")
    assert flowtly.writes(f"/clients/{client['id']}") == []
    clerk.clicks("Save anyway")
    expect(clerk.toast).to_contain_text("was saved")
    assert flowtly.client(client["id"])["tin"] == "12345679"


def test_required_fields_are_marked_by_word(hire: Hire) -> None:
    clerk = hire("editor")
    clerk.opens("/clients/new/")
    marked = clerk.page.locator("label:has(.required)").evaluate_all("all => all.map(each => each.htmlFor)")
    assert marked == [f"id_{name}" for name in ("name", "status", "country", "tinType", "currency")]


def test_what_flowtly_refuses_is_said_beside_the_field(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor")
    clerk.edits(client["id"], status="mislaid", dueDays="30")
    clerk.saves()
    expect(clerk.summary).to_be_focused()
    expect(clerk.page.locator("#id_status_error")).to_be_visible()
    expect(clerk.field("status")).to_have_attribute("aria-describedby", "id_status_error")
    clerk.presses("Tab")
    expect(clerk.summary.get_by_role("link")).to_be_focused()
    clerk.presses("Enter")
    expect(clerk.field("status")).to_be_focused()
    expect(clerk.field("dueDays")).to_have_value("30")
    clerk.fills(status="inactive")
    clerk.saves()
    expect(clerk.toast).to_contain_text("was saved")
    assert flowtly.client(client["id"])["status"] == "inactive"


def test_a_counterparty_is_chosen_by_name_with_the_keyboard(hire: Hire, flowtly: Flowtly) -> None:
    client, wanted = flowtly.has_client(), flowtly.counterparty("7")
    clerk = hire("editor")
    clerk.edits(client["id"])
    cost = clerk.field("defaultCost")
    cost.focus()
    clerk.inserts(wanted["displayName"])
    options = clerk.page.locator("#id_defaultCost_options [role=option][data-value]")
    expect(options.first).to_be_visible()
    keys = options.evaluate_all("all => all.map(each => each.dataset.value)")
    clerk.presses(*["ArrowDown"] * (keys.index("/counterparties/7") + 1), "Enter")
    expect(cost).to_have_value(wanted["displayName"])
    expect(cost).to_be_focused()
    expect(clerk.page.locator("#id_defaultCost_options")).to_be_hidden()
    clerk.saves()
    expect(clerk.fact("defaultCost")).to_have_text(wanted["displayName"])
    assert str(flowtly.client(client["id"])["defaultCost"]) == "7"

    clerk.edits(client["id"])
    expect(cost).to_have_value(wanted["displayName"])
    cost.fill("")
    clerk.presses("Tab")
    clerk.saves()
    expect(clerk.fact("defaultCost")).to_have_text("–")
    assert [each["body"] for each in flowtly.writes(f"/clients/{client['id']}")][-1] == {"defaultCost": None}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_what_has_the_focus_is_never_covered(hire: Hire, flowtly: Flowtly, size: ViewportSize) -> None:
    client = flowtly.has_client()
    clerk = hire("editor", viewport=size)
    clerk.edits(client["id"])
    clerk.field("name").focus()
    for key in ("Tab", "Shift+Tab"):
        for _ in range(20):
            clerk.presses(key)
            assert clerk.page.evaluate(_UNCOVERED), clerk.page.evaluate("document.activeElement.outerHTML")
    expect(clerk.field("name")).to_be_focused()


# What lies on top of the first line of the element that has the focus: itself, or a part of it.
_UNCOVERED = """() => {
    const focused = document.activeElement, box = focused.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(16, box.height / 2));
    return top !== null && (top === focused || focused.contains(top));
}"""


def test_the_options_open_in_sight(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor")
    clerk.edits(client["id"])
    clerk.field("defaultCost").press_sequentially("aps")
    options = clerk.page.locator("#id_defaultCost_options")
    expect(options).to_be_in_viewport(ratio=1)


def test_half_a_name_is_no_choice(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client(defaultCost="/counterparties/7")
    clerk = hire("editor")
    clerk.edits(client["id"])
    cost = clerk.field("defaultCost")
    cost.fill("zzzz")
    expect(clerk.page.locator("#id_defaultCost_options")).to_contain_text("No match")
    clerk.presses("Tab")
    expect(cost).to_have_value(flowtly.counterparty("7")["displayName"])
