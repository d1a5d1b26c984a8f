"""More screens: from a selection through the form of a change and its preview to the last word."""

from __future__ import annotations

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly
from .screens import screen


def selects(clerk: Clerk) -> None:
    clerk.opens("/clients/?size=25&sort=name")
    if clerk.page.locator("#selection").is_visible():
        clerk.clicks("Clear")
        expect(clerk.page.locator("#selection")).to_be_hidden()
    boxes = clerk.page.locator("tbody .select input")
    for number in range(4):
        boxes.nth(number).click()
    expect(clerk.page.locator("#selection")).to_contain_text("4 clients selected")


def adds(clerk: Clerk, name: str) -> None:
    clerk.page.locator("#id_added").select_option(name)
    clerk.clicks("Add")
    expect(clerk.page.locator(f'[data-field="{name}"]')).to_be_visible()
    clerk.rests()


@screen(role="steward")
def change_begun(clerk: Clerk, flowtly: Flowtly) -> None:
    selects(clerk)
    clerk.clicks("Change fields")
    expect(clerk.title).to_have_text("Change fields of 4 clients")


@screen(role="steward")
def change_of_fields(clerk: Clerk, flowtly: Flowtly) -> None:
    change_begun(clerk, flowtly)
    for name in ("dueDays", "defaultCost", "invoiceComment", "tin"):
        adds(clerk, name)
    clerk.page.locator("#id_how-invoiceComment").select_option("replace")
    clerk.page.locator("#id_how-tin").select_option("copy")


@screen(role="steward")
def change_with_errors(clerk: Clerk, flowtly: Flowtly) -> None:
    change_of_fields(clerk, flowtly)
    clerk.page.locator(".form-actions").get_by_role("button", name="Preview").click()
    expect(clerk.summary).to_contain_text("There is no preview yet")


@screen(role="steward")
def selected_records(clerk: Clerk, flowtly: Flowtly) -> None:
    change_begun(clerk, flowtly)
    clerk.link("See all 4").click()
    expect(clerk.title).to_have_text("4 clients selected")


@screen(role="steward")
def plan_previewed(clerk: Clerk, flowtly: Flowtly) -> None:
    change_begun(clerk, flowtly)
    for name in ("dueDays", "addressCity"):
        adds(clerk, name)
    clerk.page.locator("#id_how-dueDays").select_option("add")
    clerk.fills(**{"number-dueDays": "7", "value-addressCity": "Malmö"})
    clerk.page.locator(".form-actions").get_by_role("button", name="Preview").click()
    expect(clerk.title).to_have_text("Preview: 4 clients")
    expect(clerk.page.locator("#plan-rows")).to_be_visible()


@screen(role="steward")
def plan_with_rows_taken_out(clerk: Clerk, flowtly: Flowtly) -> None:
    plan_previewed(clerk, flowtly)
    clerk.page.locator("tbody .select input").first.click()
    clerk.clicks("Take out")
    expect(clerk.page.locator("tr.is-out")).to_have_count(1)


@screen(role="steward")
def plan_not_confirmed(clerk: Clerk, flowtly: Flowtly) -> None:
    plan_previewed(clerk, flowtly)
    clerk.page.get_by_label("At another time").click()
    clerk.page.locator("#id_at").fill("2020-01-01T10:00")
    clerk.clicks("Change 4 clients")
    expect(clerk.summary).to_contain_text("That time has passed.")


@screen(role="steward")
def plan_that_could_not_be_read(clerk: Clerk, flowtly: Flowtly) -> None:
    change_begun(clerk, flowtly)
    adds(clerk, "addressCity")
    clerk.fills(**{"value-addressCity": "Malmö"})
    flowtly.fails(status=503, method="GET", times=None)
    clerk.page.locator(".form-actions").get_by_role("button", name="Preview").click()
    expect(clerk.page.locator("#plan")).to_contain_text("There is no preview.")
