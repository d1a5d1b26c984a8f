"""More screens: plans that wait for a second person, and what people are told."""

from __future__ import annotations

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly
from .screens import LONG_NAME, plain, screen

plain("no notices", "/notices/", role="viewer")
plain("jobs to approve", "/jobs/?group=to_approve", role="approver")


def a_plan(flowtly: Flowtly) -> str:
    keys = [str(flowtly.has_client(name=f"{LONG_NAME}{number}")["id"]) for number in range(3)]
    return flowtly.colleague.asks_for_approval(keys, "dueDays=21", f"invoiceComment={'x' * 80} <b>terms</b>")


@screen(role="approver")
def plan_to_approve(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/jobs/{a_plan(flowtly)}/")
    expect(clerk.page.get_by_role("button", name="Approve 3 changes")).to_be_visible()


@screen(role="approver")
def plan_to_refuse(clerk: Clerk, flowtly: Flowtly) -> None:
    plan_to_approve(clerk, flowtly)
    clerk.page.locator("summary", has_text="Refuse").click()
    clerk.clicks("Refuse the plan")
    expect(clerk.summary).to_contain_text("Nothing was decided")
    expect(clerk.page.locator("#refuse_reason")).to_be_visible()


@screen(role="steward")
def plan_of_ones_own_that_waits(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/jobs/{a_plan(flowtly)}/")
    clerk.page.locator("summary", has_text="Comment").click()
    clerk.page.locator("#comment_text").fill("They asked for it. " * 20)
    clerk.page.get_by_role("button", name="Comment", exact=True).click()
    expect(clerk.page.locator("#approval .timeline")).to_contain_text("They asked for it.")


@screen(role="viewer")
def plan_that_others_decide(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/jobs/{a_plan(flowtly)}/")
    expect(clerk.page.locator("#approval")).to_contain_text("Who can decide")


@screen(role="approver")
def plan_decided_by_another_first(clerk: Clerk, flowtly: Flowtly) -> None:
    plan_to_approve(clerk, flowtly)
    second = clerk.context.new_page()
    second.goto(clerk.page.url)
    second.get_by_role("button", name="Approve 3 changes").click()
    second.wait_for_url("**/jobs/*/")
    second.close()
    clerk.clicks("Approve 3 changes")
    clerk.reads("was first and approved the plan")


@screen(role="approver")
def notices(clerk: Clerk, flowtly: Flowtly) -> None:
    a_plan(flowtly)
    clerk.opens("/notices/")
    expect(clerk.page.get_by_role("button", name="Mark all as read")).to_be_visible()
    expect(clerk.page.locator("#bell")).to_contain_text("unread")
