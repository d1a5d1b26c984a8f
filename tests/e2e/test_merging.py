"""Merging in the browser: by keyboard from ticked rows to the restore, without a script, and on a phone."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .clerk import NARROW, Clerk
from .conftest import Hire
from .flowtly import Flowtly
from .screens_merging import composes, confirms

pytestmark = pytest.mark.e2e
_numbers = itertools.count(1)


def twins(flowtly: Flowtly) -> tuple[str, list[str]]:
    """The beginning of their names, and their numbers; a client names the second."""
    name = f"Tvilling {next(_numbers)} Handel"
    forms = {"ApS": None, "A/S": f"https://{next(_numbers)}.example/"}
    keys = [
        flowtly.has_counterparty(displayName=f"{name} {form}", corporateWebsiteUrl=forms[form]) for form in forms
    ]
    flowtly.has_client(defaultCost=f"/counterparties/{keys[1]}")
    return name, keys


def restores(clerk: Clerk, step: str) -> None:
    """From the page of a merge, by keyboard; the plan says this step."""
    clerk.tabs_until("a[href$='/undo/']")
    clerk.presses("Enter")
    clerk.reads("The restore is a plan of its own")
    clerk.tabs_until(".form-actions .btn-primary")
    clerk.presses("Enter")
    clerk.reads(step)
    clerk.tabs_until("#plan-confirm .btn-primary")
    clerk.presses("Enter")
    clerk.reads("Restored as planned.")


def test_by_keyboard_from_ticked_rows_to_the_restore(hire: Hire, flowtly: Flowtly) -> None:
    clerk, (name, keys) = hire("steward"), twins(flowtly)
    clerk.opens("/counterparties/?size=25")
    if clerk.page.locator("#selection").is_visible():
        clerk.clicks("Clear")
        expect(clerk.page.locator("#selection")).to_be_hidden()
    clerk.opens(f"/counterparties/?q={name}")
    clerk.presses("j", "x", "j", "x")
    expect(clerk.page.locator("#selection")).to_contain_text("2 counterparties selected")
    clerk.tabs_until("[data-focus=do-merge]")
    clerk.presses("Enter")
    expect(clerk.title).to_have_text("Merge counterparties")
    expect(clerk.page.locator(f"#stays-{keys[1]}")).to_be_checked()  # a client names it
    clerk.tabs_until("[name=survivor]")
    with clerk.without_a_reload():
        clerk.presses(
            "ArrowUp"
            if clerk.page.locator("[name=survivor]").first.get_attribute("value") == keys[0]
            else "ArrowDown"
        )
        expect(clerk.page.locator("#merge [name=was]")).to_have_value(keys[0])
        clerk.rests()
        expect(clerk.page.locator(f"#stays-{keys[0]}")).to_be_focused()
        clerk.tabs_until("#id_value-corporateWebsiteUrl")
        clerk.types("https://tvilling.example/")
        expect(clerk.page.locator("#merge-result")).to_contain_text("typed in")
        expect(clerk.page.locator("#pick-corporateWebsiteUrl-typed")).to_be_checked()
        clerk.rests()
    clerk.tabs_until("button[value=plan]")
    clerk.presses("Enter")
    clerk.is_at("/jobs/*/")
    clerk.reads(f"Merge {name} A/S ({keys[1]}) into {keys[0]}")
    assert flowtly.writes(f"/counterparties/{keys[0]}/merge") == []
    clerk.tabs_until("#id_reason")
    clerk.types("One firm")
    clerk.tabs_until("#plan-confirm .btn-primary")
    clerk.presses("Enter")
    clerk.reads("Merged as planned, and verified.")
    clerk.reads("1 of 1 moved")
    assert len(flowtly.writes(f"/counterparties/{keys[0]}/merge")) == 1
    assert flowtly.counterparty(keys[0])["corporateWebsiteUrl"] == "https://tvilling.example/"
    restores(clerk, f"Create {name} A/S again, which was {keys[1]}, with a new number")
    clerk.opens(f"/counterparties/{keys[1]}/")
    clerk.reads(f"{keys[1]} was merged and created again as")
    assert flowtly.counterparty(keys[0])["corporateWebsiteUrl"] is None


def test_a_worker_that_dies_in_a_merge_is_seen_and_nothing_is_asked_twice(
    hire: Hire, flowtly: Flowtly, worker_dies: Callable[[], None]
) -> None:
    """Flowtly carries the first merge out, and the worker dies before the answer; the page tells it to the end."""
    clerk, keys = hire("steward"), [*twins(flowtly)[1], *twins(flowtly)[1]]
    keeps, gone = keys[0], keys[1:]
    call = f"/counterparties/{keeps}/merge"
    composes(clerk, keys)
    clerk.page.locator(f"#stays-{keeps}").check()
    expect(clerk.page.locator("#merge [name=was]")).to_have_value(keeps)
    clerk.rests()
    clerk.clicks("Make the plan")
    clerk.is_at("/jobs/*/")
    flowtly.fails(kind="hang", method="POST", path=call, seconds=600, apply=True)
    confirms(clerk)
    flowtly.waits_for_a_write(call)
    worker_dies()
    flowtly.recovers()
    clerk.reads("Merged as planned, and verified.")
    assert [each["method"] for each in flowtly.writes(call)] == ["POST"] * len(gone)
    merged = [str(each["body"]) for each in flowtly.writes(call)]
    assert all(any(f"/counterparties/{key}'" in body for body in merged) for key in gone)
    clerk.opens(f"/counterparties/{gone[0]}/")
    clerk.is_at(f"/counterparties/{keeps}/*")


def test_without_a_script(hire: Hire, flowtly: Flowtly) -> None:
    clerk, (name, keys) = hire("steward", script=False), twins(flowtly)
    clerk.opens(f"/counterparties/{keys[0]}/")
    clerk.link("Merge…").click()
    clerk.fills(other=keys[1])
    clerk.clicks("Add")
    clerk.reads("2. What it will hold")
    clerk.page.locator(f"#stays-{keys[0]}").check()
    clerk.page.locator("button[value=look]:visible").click()
    expect(clerk.page.locator("[name=was]")).to_have_value(keys[0])
    clerk.page.locator(f"#pick-displayName-{keys[1]}").check()
    clerk.page.locator("button[value=look]:visible").click()
    clerk.reads(f"from {keys[1]}")
    clerk.clicks("Make the plan")
    clerk.is_at("/jobs/*/")
    confirms(clerk)
    clerk.looks_again()
    clerk.reads("Merged as planned, and verified.")
    assert flowtly.counterparty(keys[0])["displayName"] == f"{name} A/S"


def test_on_a_phone(hire: Hire, flowtly: Flowtly) -> None:
    clerk, (_name, keys) = hire("steward", viewport=NARROW), twins(flowtly)
    composes(clerk, keys)
    assert not clerk.scrolls_sideways()
    clerk.page.locator(f"#pick-displayName-{keys[1]}").check()
    expect(clerk.page.locator("#merge-result")).to_contain_text(f"from {keys[1]}")
    clerk.rests()
    clerk.clicks("Make the plan")
    clerk.is_at("/jobs/*/")
    assert not clerk.scrolls_sideways()
    clerk.clicks("Discard this plan")
    expect(clerk.toast).to_contain_text("The plan was discarded.")
