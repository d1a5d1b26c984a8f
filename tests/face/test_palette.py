"""The dialog of the search for everything and the person's own settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from backoffice.models import User
from tests.face.test_browser import findings, theme

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]
Visit = Callable[..., Page]


def test_without_shortcuts_only_the_button_opens_it(visit: Visit, person: Callable[[str], User]) -> None:
    User.objects.filter(pk=person("editor").pk).update(shortcuts=False)
    page = visit("/preferences/", role="editor")
    button = page.locator("[data-palette-open]")
    expect(button.locator("kbd").first).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_hidden()
    button.click()
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_the_theme_is_switched_at_once_and_kept(visit: Visit) -> None:
    page = visit("/preferences/", role="editor", color_scheme="light")
    page.keyboard.press("Control+k")
    page.keyboard.type("dark")
    chosen = page.locator("#palette [aria-selected=true]")
    expect(chosen).to_have_text("Switch to dark")
    assert findings(page) == []
    with page.expect_response("**/preferences/set/"):
        page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()
    assert theme(page) == "dark"
    page.click("[popovertarget=menu-user]")
    expect(page.locator("#menu-user [value=dark]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#menu-user [value=auto]")).to_have_attribute("aria-pressed", "false")
    page.reload()
    assert theme(page) == "dark"


def test_it_is_in_the_list_of_keys(visit: Visit) -> None:
    page = visit("/clients/", role="editor")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Search everything")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#keys")).to_be_visible()
