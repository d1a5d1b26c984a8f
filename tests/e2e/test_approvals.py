"""Four eyes in the browser: one plans, another is told and decides, the first is told of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .clerk import Clerk
from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


def clients(flowtly: Flowtly, number: int) -> list[str]:
    return [str(flowtly.has_client(dueDays=14)["id"]) for _client in range(number)]


def reads_all(clerk: Clerk) -> None:
    clerk.opens("/notices/")
    if clerk.page.get_by_role("button", name="Mark all as read").is_visible():
        clerk.clicks("Mark all as read")
    expect(clerk.page.locator("#bell")).not_to_contain_text("unread")


def test_asked_told_decided_and_done(hire: Hire, flowtly: Flowtly) -> None:
    approver, steward = hire("approver"), hire("steward")
    for clerk in (approver, steward):
        reads_all(clerk)
    approver.page.clock.install()
    approver.opens("/clients/")
    approver.waits()
    approver.search.focus()
    keys = clients(flowtly, 3)
    flowtly.colleague.asks_for_approval(keys, "dueDays=33")
    approver.page.clock.fast_forward("01:05")
    expect(approver.page.locator("#bell")).to_contain_text("Notices, 1 unread")
    expect(approver.page.locator("#announce")).to_have_text("Notices, 1 unread")
    expect(approver.search).to_be_focused()
    approver.page.locator("#bell").click()
    approver.page.locator(".notices a").first.click()
    expect(approver.page.locator("#approval")).to_contain_text("Due days")
    approver.page.locator("#approve_comment").fill("Agreed")
    approver.clicks("Approve 3 changes")
    expect(approver.toast).to_contain_text("Approved. It runs now.")
    expect(approver.page.locator("#bell")).not_to_contain_text("unread")
    expect(approver.page.locator("#job .status", has_text="Changed")).to_have_count(3)
    assert [flowtly.client(key)["dueDays"] for key in keys] == [33] * 3
    steward.opens("/notices/")
    expect(steward.page.locator(".notices")).to_contain_text("approver approved")
    steward.page.locator(".notices a", has_text="approver approved").first.click()
    expect(steward.page.locator("#approval")).to_contain_text("Agreed")


def test_enter_on_a_row_decides_nothing(hire: Hire, flowtly: Flowtly) -> None:
    clerk = hire("approver")
    job = flowtly.colleague.asks_for_approval(clients(flowtly, 2), "dueDays=55")
    clerk.opens(f"/jobs/{job}/")
    clerk.waits()
    # As the table of rows has it.
    clerk.page.locator("#approval").evaluate(
        "(panel) => panel.insertAdjacentHTML('afterend', "
        "'<input type=checkbox id=row form=approve name=out value=1>')"
    )
    clerk.page.locator("#row").focus()
    clerk.presses("Space", "Enter")
    clerk.reads("1 record is taken out.")
    clerk.clicks("Approve 1 change")
    clerk.reads("1 record was taken out.")


def test_without_a_script(hire: Hire, flowtly: Flowtly) -> None:
    clerk = hire("approver", script=False)
    keys = clients(flowtly, 2)
    job = flowtly.colleague.asks_for_approval(keys, "dueDays=44")
    clerk.opens("/")
    clerk.page.locator("#bell").click()
    clerk.is_at("/notices/")
    clerk.opens(f"/jobs/{job}/")
    clerk.page.locator("summary", has_text="Refuse").click()
    clerk.clicks("Refuse the plan")
    clerk.page.locator("#refuse_reason").fill("Not these")
    clerk.clicks("Refuse the plan")
    clerk.reads("Refused. Nothing was changed")
    assert [flowtly.client(key)["dueDays"] for key in keys] == [14] * 2
