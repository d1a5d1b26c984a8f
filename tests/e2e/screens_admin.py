"""More screens: those that only admins see."""

from __future__ import annotations

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly
from .screens import LONG_NAME, one_client, plain, screen

plain("connection never checked", "/connection/", role="admin")
plain("personal data", "/privacy/", role="admin")


@screen(role="admin")
def personal_data_found(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/clients/{one_client(flowtly)}/")
    clerk.opens("/privacy/")
    clerk.fills(text=LONG_NAME[:30])
    clerk.clicks("Look for this text")
    expect(clerk.page.get_by_role("link", name=LONG_NAME[:30]).first).to_be_visible()


@screen(role="admin")
def redaction(clerk: Clerk, flowtly: Flowtly) -> None:
    key = one_client(flowtly)
    clerk.opens(f"/clients/{key}/")
    clerk.link("Personal data").last.click()
    expect(clerk.page.locator("#redaction-form")).to_be_visible()


@screen(role="admin")
def redaction_without_a_reason(clerk: Clerk, flowtly: Flowtly) -> None:
    redaction(clerk, flowtly)
    clerk.page.locator("#redaction-form .btn-danger").click()
    expect(clerk.summary).to_contain_text("Nothing was redacted")


@screen(role="admin")
def redacted(clerk: Clerk, flowtly: Flowtly) -> None:
    redaction(clerk, flowtly)
    clerk.fills(reason="Request 14")
    clerk.page.get_by_role("checkbox", name="I have looked").check()
    clerk.page.locator("#redaction-form .btn-danger").click()
    expect(clerk.toast).to_contain_text("redacted")


@screen(role="admin")
def connection(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/connection/")
    clerk.clicks("Check now")
    expect(clerk.page.get_by_role("heading", name="How this Flowtly speaks")).to_be_visible()


@screen(role="admin")
def home_after_a_check(clerk: Clerk, flowtly: Flowtly) -> None:
    connection(clerk, flowtly)
    clerk.opens("/")
    clerk.reads("checked")
