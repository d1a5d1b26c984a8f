"""More screens: the grid of selected records."""

from __future__ import annotations

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly
from .screens import screen


def opens_a_grid(clerk: Clerk, *keys: str, columns: str = "", slug: str = "clients") -> None:
    """Ticks these records and opens them as a grid, with columns named by their fields."""
    clerk.opens(f"/{slug}/")
    clerk.page.evaluate(
        """async ([slug, keys]) => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const send = (path, names) => {
                const body = new URLSearchParams({csrfmiddlewaretoken: token});
                for (const key of names) body.append("add", key);
                return fetch(path, {method: "POST", body, headers: {"HX-Request": "true"}});
            };
            await send(`/${slug}/selection/none/`, []);
            await send(`/${slug}/selection/`, keys);
        }""",
        [slug, list(keys)],
    )
    clerk.opens(f"/{slug}/")
    clerk.clicks("Edit as a grid")
    clerk.is_at("*/grid/")
    if columns:
        clerk.opens(f"{clerk.page.url.removesuffix('/')}/?column={columns.replace(' ', '&column=')}")
    clerk.waits()


@screen(role="steward")
def grid(clerk: Clerk, flowtly: Flowtly) -> None:
    opens_a_grid(clerk, *map(str, range(1, 31)), columns="status country dueDays defaultCost costGroupIcon")


@screen(role="steward")
def grid_with_changes_and_errors(clerk: Clerk, flowtly: Flowtly) -> None:
    opens_a_grid(clerk, "1", "2", columns="dueDays status country")
    clerk.page.locator("#grid tbody td").first.click()
    clerk.types("none")
    clerk.presses("Enter")
    clerk.types("21")
    clerk.presses("Enter")
    clerk.clicks("Preview the changes")
    clerk.reads("No preview yet")
    clerk.page.locator("#grid tbody tr:nth-child(2) td").nth(1).click()
    clerk.presses("Shift+ArrowUp")
    expect(clerk.page.locator("#grid [aria-selected=true]")).to_have_count(2)


@screen(role="steward")
def grid_while_a_name_is_typed(clerk: Clerk, flowtly: Flowtly) -> None:
    opens_a_grid(clerk, "1", "2", "3", columns="dueDays defaultCost")
    clerk.page.locator("#grid tbody td").nth(1).click()
    clerk.types("aps")
    expect(clerk.page.locator(".grid-editor [role=option]").first).to_be_visible()


@screen(role="steward")
def grid_with_its_columns_to_choose(clerk: Clerk, flowtly: Flowtly) -> None:
    opens_a_grid(clerk, "1", "2")
    clerk.clicks("Columns")
    expect(clerk.page.locator("#grid-columns")).to_be_visible()


@screen(role="steward")
def grid_with_its_keys(clerk: Clerk, flowtly: Flowtly) -> None:
    opens_a_grid(clerk, "1", "2")
    clerk.clicks("Keyboard")
    expect(clerk.page.locator("#keys")).to_be_visible()
