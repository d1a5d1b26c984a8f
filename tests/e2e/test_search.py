"""The search for everything, by keyboard alone; and what comes late."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error, Route, expect

from .clerk import NARROW, Clerk
from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


def test_a_client_is_opened_by_keys_alone(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client(tin="27182818", addressCity="Ribe")
    clerk = hire("editor")
    clerk.opens("/history/")
    clerk.calls_the_search()
    expect(clerk.palette.get_by_role("combobox")).to_be_focused()
    clerk.asks(client["name"])
    expect(clerk.chosen).to_contain_text(client["name"])
    expect(clerk.chosen).to_contain_text(f"Client {client['id']}")
    expect(clerk.chosen).to_contain_text("27182818 · Ribe")
    expect(clerk.chosen.locator("mark").first).to_be_visible()
    clerk.presses("Enter")
    clerk.is_at(f"/clients/{client['id']}/")
    expect(clerk.title).to_have_text(client["name"])


def test_arrows_home_and_end_choose(hire: Hire) -> None:
    clerk = hire("editor")
    clerk.opens("/")
    clerk.calls_the_search()
    last = clerk.options.count() - 1
    field = clerk.palette.get_by_role("combobox")
    for key, at in (
        ("ArrowDown", 1),
        ("ArrowDown", 2),
        ("ArrowUp", 1),
        ("Home", 0),
        ("ArrowUp", last),
        ("ArrowDown", 0),
        ("End", last),
    ):
        clerk.presses(key)
        expect(clerk.chosen).to_have_count(1)
        expect(clerk.options.nth(at)).to_have_attribute("aria-selected", "true")
        expect(clerk.options.nth(at)).to_have_id(field.get_attribute("aria-activedescendant") or "")
    expect(clerk.chosen).to_be_in_viewport(ratio=0.9)
    expect(field).to_be_focused()


def test_an_action_is_found_and_done(hire: Hire) -> None:
    clerk = hire("editor")
    clerk.opens("/history/")
    clerk.calls_the_search()
    clerk.asks("new cli")
    expect(clerk.chosen).to_have_text("New client")
    clerk.presses("Enter")
    clerk.is_at("/clients/new/")


def test_escape_gives_the_focus_back(hire: Hire) -> None:
    clerk = hire("viewer")
    clerk.opens("/clients/")
    clerk.search.focus()
    clerk.types("ab")
    clerk.calls_the_search()
    clerk.types("x")
    clerk.presses("Escape")
    expect(clerk.palette).to_be_hidden()
    expect(clerk.search).to_be_focused()
    expect(clerk.search).to_have_value("ab")
    button = clerk.page.locator("[data-palette-open]")
    button.focus()
    clerk.presses("Enter")
    expect(clerk.palette.get_by_role("combobox")).to_be_focused()
    expect(clerk.palette.get_by_role("combobox")).to_have_value("")
    clerk.presses("Escape")
    expect(button).to_be_focused()
    clerk.is_at("/clients/*")


def test_a_new_tab_leaves_the_page(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("viewer")
    clerk.opens("/history/")
    clerk.calls_the_search()
    clerk.asks(client["name"])
    with clerk.context.expect_page() as opened:
        clerk.presses("Control+Enter")
    expect(opened.value.locator("h1")).to_have_text(client["name"])
    clerk.is_at("/history/")
    expect(clerk.palette).to_be_visible()


def test_enter_before_an_answer_leads_to_the_page_of_the_search(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("viewer")
    clerk.opens("/history/")
    clerk.calls_the_search()
    _hold(clerk, "**/search/?q=*&stage=here")  # and never answered
    clerk.types(client["name"])
    clerk.presses("Enter")
    clerk.is_at("/search/?q=*")
    expect(clerk.page.locator("main .found-line").first).to_contain_text(client["name"])


def test_what_stands_stays_when_flowtly_answers(hire: Hire, flowtly: Flowtly) -> None:
    """One client is known here, another one only to Flowtly."""
    known = flowtly.has_client(name="Blivende Bageri", tin="14142135")
    clerk = hire("viewer")
    clerk.opens(f"/clients/{known['id']}/")
    flowtly.has_client(name="Blivende Brolægning")
    held = _hold(clerk, "**/search/?q=blivende")
    clerk.calls_the_search()
    clerk.inserts("blivende")  # a part of it would find the other one, too
    expect(clerk.chosen).to_contain_text("Blivende Bageri")
    expect(clerk.palette).to_contain_text("Searching in Flowtly…")
    before = clerk.chosen.bounding_box()
    _release(held)
    expect(clerk.palette).to_contain_text("Blivende Brolægning")
    expect(clerk.palette).to_contain_text("More clients")
    expect(clerk.chosen).to_contain_text("14142135")
    assert clerk.chosen.bounding_box() == before
    expect(clerk.options.filter(has_text="Blivende")).to_have_count(2)


def test_an_older_answer_never_replaces_a_newer_one(hire: Hire, flowtly: Flowtly) -> None:
    old, new = flowtly.has_client(name="Forgangen ApS"), flowtly.has_client(name="Nutidig ApS")
    clerk = hire("viewer")
    clerk.opens("/clients/")
    held = _hold(clerk, "**/search/?q=forgangen*")
    clerk.calls_the_search()
    with clerk.page.expect_request("**/search/?q=forgangen*"):
        clerk.inserts("forgangen")
    clerk.presses("Control+a")
    clerk.asks("nutidig")
    expect(clerk.options.first).to_contain_text(new["name"])
    _release(held)
    clerk.presses("Control+a")
    clerk.asks("new")  # whatever was to arrive has arrived by now
    expect(clerk.palette).not_to_contain_text(old["name"])


def test_an_outage_of_flowtly_leaves_what_is_known(hire: Hire, flowtly: Flowtly) -> None:
    known = flowtly.has_client()
    clerk = hire("viewer")
    clerk.opens(f"/clients/{known['id']}/")
    flowtly.is_down()
    clerk.calls_the_search()
    clerk.asks(known["name"])
    expect(clerk.chosen).to_contain_text(known["name"])
    expect(clerk.palette).to_contain_text("Flowtly cannot be reached: these were not searched.")
    expect(clerk.palette.get_by_role("status")).to_contain_text("Flowtly cannot be reached")


def test_it_fills_a_phone_and_is_opened_by_its_button(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("viewer", viewport=NARROW, has_touch=True)
    clerk.opens("/clients/")
    clerk.page.locator("[data-palette-open]").tap()
    expect(clerk.palette).to_be_visible()
    box = clerk.palette.bounding_box()
    assert box == {"x": 0, "y": 0, "width": NARROW["width"], "height": NARROW["height"]}
    clerk.asks(client["name"])
    clerk.options.first.tap()
    clerk.is_at(f"/clients/{client['id']}/")
    clerk.page.locator("[data-palette-open]").tap()
    clerk.palette.get_by_role("button", name="Close").tap()
    expect(clerk.palette).to_be_hidden()


def test_it_is_a_page_without_a_script(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("viewer", script=False)
    clerk.opens("/history/")
    clerk.page.locator("[data-palette-open]").click()
    clerk.is_at("/search/")
    clerk.page.locator("main [name=q]").fill(client["name"])
    clerk.clicks("Search")
    clerk.page.locator("main .found-line").first.click()
    clerk.is_at(f"/clients/{client['id']}/")


def _hold(clerk: Clerk, address: str) -> list[Route]:
    """Answers from this address wait until they are released."""
    held: list[Route] = []
    clerk.page.route(address, lambda route: held.append(route))
    return held


def _release(held: list[Route]) -> None:
    for route in held:
        try:
            route.continue_()
        except Error:
            continue  # the page does not want it any more
