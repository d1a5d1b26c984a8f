"""The form of a new record says what exists already, while it is typed and at the latest when it is sent."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e
NEW = "/counterparties/new/"
EXISTING = "29"  # named by no other test: here a second one of its name is made


def test_a_counterparty_that_exists_is_told_while_its_name_is_typed(hire: Hire, flowtly: Flowtly) -> None:
    name = flowtly.counterparty(EXISTING)["displayName"]
    clerk = hire("editor")
    clerk.opens(NEW)
    clerk.waits()
    warning = clerk.page.locator("#alike")
    expect(warning).to_have_count(0)
    # The first scan is there within seconds of the start; until then a name typed again asks again.
    for _ in range(60):
        clerk.fills(displayName="")
        clerk.field("displayName").press_sequentially(name)
        clerk.rests()
        if warning.count():
            break
    expect(warning).to_contain_text("Looks like")
    link = warning.get_by_role("link", name=name).first
    expect(link).to_have_attribute("href", re.compile(r"^/counterparties/\w+/$"))
    with clerk.page.context.expect_page() as opened:
        link.click()
    expect(opened.value.locator("h1")).to_contain_text(name)
    opened.value.close()
    expect(clerk.field("displayName")).to_have_value(name)


def test_without_a_script_it_is_told_once_when_it_is_sent(hire: Hire, flowtly: Flowtly) -> None:
    name = flowtly.counterparty(EXISTING)["displayName"]
    clerk = hire("editor", script=False)
    clerk.opens(NEW)
    clerk.fills(displayName=name)
    clerk.clicks("Create counterparty")
    expect(clerk.summary).to_contain_text("Not saved yet")
    expect(clerk.page.locator("#alike")).to_contain_text("Looks like")
    clerk.clicks("Create all the same")
    expect(clerk.toast).to_contain_text(name)
