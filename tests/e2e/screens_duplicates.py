"""More screens: the queue, its cards in each state, and the verdicts."""

from __future__ import annotations

from playwright.sync_api import expect

from .clerk import Clerk
from .doubles import Company, company, kind, opens_card, scans
from .flowtly import Flowtly
from .screens import LONG_NAME, plain, screen

plain("queue without a match", "/duplicates/?q=nobody-of-this-name", role="viewer")
plain("queue of clients", "/duplicates/?entity=clients", role="viewer")
plain("group that is gone", "/duplicates/00000000-0000-4000-8000-000000000000/", status=404)
plain("verdicts without a match", "/duplicates/verdicts/?q=nobody-of-this-name", role="viewer")
_HOLDS = """
from backoffice.models import DuplicateGroup, User
from backoffice.services import duplicates
from backoffice.services.access import give_roles
user, _made = User.objects.get_or_create(username="second-steward")
give_roles(user=user, roles=["steward"])
for group in DuplicateGroup.objects.filter(members__key="{key}"):
    duplicates.leases.take(user, group)
"""


def found(clerk: Clerk, flowtly: Flowtly, size: int = 2, *, name: str = "") -> Company:
    made = company(flowtly, kind(), size, name=name)
    scans(clerk)
    return made


def says(clerk: Clerk, verdict: str, reason: str = "") -> None:
    """By mouse."""
    if reason:
        clerk.page.locator("summary", has_text="Not duplicates").click()
        clerk.page.locator("#reason_separate").fill(reason)
        clerk.page.locator(".verdict-asks").get_by_role("button", name=verdict).click()
    else:
        clerk.page.locator(".verdict-bar").get_by_role("button", name=verdict).click()


@screen(role="steward")
def queue(clerk: Clerk, flowtly: Flowtly) -> None:
    found(clerk, flowtly, 5, name=f"{LONG_NAME}{kind()}")
    clerk.opens("/duplicates/")
    expect(clerk.rows.first).to_be_visible()


@screen(role="steward")
def queue_while_it_is_refilled(clerk: Clerk, flowtly: Flowtly) -> None:
    found(clerk, flowtly)
    flowtly.fails(kind="delay", seconds=3.0, method="GET", path="/counterparties", times=None)
    clerk.opens("/duplicates/")
    clerk.clicks("Scan again")
    expect(clerk.page.locator("#scan progress")).to_be_visible()


@screen(role="steward")
def card_of_two(clerk: Clerk, flowtly: Flowtly) -> None:
    opens_card(clerk, found(clerk, flowtly))
    clerk.presses("n")
    expect(clerk.page.locator("#reason_separate")).to_be_focused()


@screen(role="steward")
def card_of_five(clerk: Clerk, flowtly: Flowtly) -> None:
    opens_card(clerk, found(clerk, flowtly, 5))
    clerk.page.locator("summary", has_text="weaker pair").click()
    clerk.presses("l")
    expect(clerk.page.get_by_role("button", name="1 week")).to_be_focused()


@screen(role="viewer")
def card_for_those_who_look(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/duplicates/")
    clerk.page.locator("[data-row-link]").first.click()
    clerk.reads("These can decide")


@screen(role="steward")
def card_without_a_reason(clerk: Clerk, flowtly: Flowtly) -> None:
    opens_card(clerk, found(clerk, flowtly))
    clerk.presses("n", "Enter")
    expect(clerk.page.locator("#trouble")).to_contain_text("Say why they are not duplicates.")


@screen(role="steward")
def card_held(clerk: Clerk, flowtly: Flowtly) -> None:
    made = found(clerk, flowtly)
    flowtly.colleague.runs("shell", "-c", _HOLDS.format(key=made.keys[0]))
    opens_card(clerk, made)
    clerk.reads("In the hands of second-steward")


@screen(role="steward")
def card_returned(clerk: Clerk, flowtly: Flowtly) -> None:
    made = found(clerk, flowtly)
    opens_card(clerk, made)
    says(clerk, "Not duplicates", "Two owners")
    clerk.waits()
    flowtly.counterparty_changes(made.keys[0], corporateWebsiteUrl=f"https://one.{made.kind}.example/{made.kind}")
    flowtly.counterparty_changes(made.keys[1], corporateWebsiteUrl=f"https://{made.kind}.example/{made.kind}")
    scans(clerk)
    opens_card(clerk, made)
    clerk.reads("Returned, because this changed on")


@screen(role="steward")
def card_contradicted(clerk: Clerk, flowtly: Flowtly) -> None:
    made = found(clerk, flowtly, 3)
    for left_out in (2, 0):
        opens_card(clerk, made)
        clerk.page.locator(f"input[name=key][value='{made.keys[left_out]}']").uncheck()
        says(clerk, "Merge")
        clerk.is_at("/merges/new/*")
    clerk.opens(f"/duplicates/?q={made.kind}&state=decided")
    clerk.page.locator("[data-row-link]").first.click()
    clerk.is_at("/duplicates/*-*/?*")
    clerk.page.locator(f"input[name=key][value='{made.keys[1]}']").uncheck()
    says(clerk, "Not duplicates", "They are not")
    expect(clerk.page.locator("#trouble")).to_contain_text("cannot be different")


@screen(role="steward")
def verdicts(clerk: Clerk, flowtly: Flowtly) -> None:
    opens_card(clerk, found(clerk, flowtly))
    says(clerk, "Not duplicates", "Two owners " * 20)
    clerk.opens("/duplicates/verdicts/?state=all")
    expect(clerk.rows.first).to_be_visible()
