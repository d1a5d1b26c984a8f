"""Theme and language are kept, in this browser and in any other that the person signs in with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from .conftest import Hire

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("as_it_was")]


@pytest.fixture
def as_it_was(hire: Hire) -> Iterator[None]:
    """The other journeys find the admin's preferences as they were, in whatever order they come."""
    yield
    clerk = hire("admin")
    clerk.opens("/preferences/")
    clerk.page.locator("[name=language]").select_option("")
    clerk.page.locator("input[name=theme][value=auto]").check()
    clerk.page.locator(".form-actions .btn-primary").click()
    expect(clerk.toast).to_be_visible()


def test_the_theme_changes_at_once_and_is_kept(hire: Hire) -> None:
    clerk = hire("admin", color_scheme="light")
    clerk.opens("/clients/")
    clerk.sees_theme("light")
    with clerk.without_a_reload(), clerk.page.expect_response("**/preferences/set/"):
        clerk.clicks("admin")
        clerk.clicks("Dark")
        clerk.sees_theme("dark")
    clerk.opens("/")
    clerk.sees_theme("dark")
    elsewhere = hire("admin", color_scheme="light", script=False)
    elsewhere.opens("/")
    elsewhere.sees_theme("dark")


def test_danish_is_kept(hire: Hire) -> None:
    clerk = hire("admin")
    clerk.opens("/preferences/")
    clerk.page.locator("[name=language]").select_option("da")
    clerk.page.locator(".form-actions .btn-primary").click()
    expect(clerk.page.locator("html")).to_have_attribute("lang", "da")
    clerk.opens("/clients/")
    expect(clerk.page.locator("html")).to_have_attribute("lang", "da")
    elsewhere = hire("admin")
    elsewhere.opens("/")
    expect(elsewhere.page.locator("html")).to_have_attribute("lang", "da")
