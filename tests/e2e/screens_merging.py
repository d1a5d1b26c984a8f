"""More screens: a merge composed, planned, made, stopped and restored, and what an old number leads to."""

from __future__ import annotations

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly
from .screens import LONG_NAME, screen


def twins(flowtly: Flowtly, number: int = 3) -> list[str]:
    """Records of one firm; each but the first has a client that names it."""
    keys = [
        flowtly.has_counterparty(
            displayName=f"{LONG_NAME}{n}<b>", corporateWebsiteUrl=f"https://{'w' * 60}{n}.example/"
        )
        for n in range(number)
    ]
    for key in keys[1:]:
        flowtly.has_client(name=f"{LONG_NAME}{key}", defaultCost=f"/counterparties/{key}")
    return keys


def composes(clerk: Clerk, keys: list[str]) -> None:
    clerk.opens(f"/merges/new/?ids={','.join(keys)}&survivor={keys[0]}")
    clerk.reads("2. What it will hold")


def plans(clerk: Clerk, keys: list[str]) -> None:
    composes(clerk, keys)
    clerk.fills(**{"value-displayName": f"{LONG_NAME} merged"})
    expect(clerk.page.locator("#merge-result")).to_contain_text("typed in")
    clerk.rests()
    clerk.clicks("Make the plan")
    clerk.is_at("/jobs/*/")


def confirms(clerk: Clerk, reason: str = "One firm") -> None:
    clerk.fills(reason=reason)
    clerk.page.locator("#plan-confirm .btn-primary").click()


def merges(clerk: Clerk, keys: list[str]) -> None:
    plans(clerk, keys)
    confirms(clerk)
    clerk.reads("Merged as planned, and verified.")


@screen(role="steward")
def merge_begun(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/merges/new/?ids={twins(flowtly, 1)[0]}")
    clerk.reads("Add at least one more record")


@screen(role="steward")
def merge_composed(clerk: Clerk, flowtly: Flowtly) -> None:
    composes(clerk, twins(flowtly))


@screen(role="viewer")
def merge_of_a_viewer(clerk: Clerk, flowtly: Flowtly) -> None:
    composes(clerk, twins(flowtly))


@screen(role="steward")
def merge_with_errors(clerk: Clerk, flowtly: Flowtly) -> None:
    composes(clerk, [*twins(flowtly), "999999"])
    clerk.fills(**{"value-corporateWebsiteUrl": "no address"})
    clerk.rests()
    clerk.clicks("Make the plan")
    expect(clerk.summary).to_be_focused()


@screen(role="steward")
def plan_of_a_merge(clerk: Clerk, flowtly: Flowtly) -> None:
    plans(clerk, twins(flowtly))


@screen(role="steward")
def merged(clerk: Clerk, flowtly: Flowtly) -> None:
    merges(clerk, twins(flowtly))


@screen(role="steward")
def merge_stopped(clerk: Clerk, flowtly: Flowtly) -> None:
    keys = twins(flowtly)
    flowtly.fails(kind="status", status=422, method="POST", path=f"/counterparties/{keys[0]}/merge", detail="No.")
    plans(clerk, keys)
    confirms(clerk)
    clerk.reads("Finish what is left")


@screen(role="steward")
def merge_stopped_by_others(clerk: Clerk, flowtly: Flowtly) -> None:
    keys = twins(flowtly)
    plans(clerk, keys)
    flowtly.has_client(name=f"{LONG_NAME}late", defaultCost=f"/counterparties/{keys[1]}")
    confirms(clerk)
    clerk.reads("Nothing was written. Compose it again.")


@screen(role="steward")
def restore_asked(clerk: Clerk, flowtly: Flowtly) -> None:
    merges(clerk, twins(flowtly))
    clerk.link("Restore").click()
    clerk.reads("The restore is a plan of its own")


@screen(role="steward")
def restored(clerk: Clerk, flowtly: Flowtly) -> None:
    restore_asked(clerk, flowtly)
    clerk.clicks("Preview the restore")
    clerk.reads("with a new number")
    confirms(clerk)
    clerk.reads("Restored as planned.")


@screen(role="steward")
def old_number(clerk: Clerk, flowtly: Flowtly) -> None:
    keys = twins(flowtly)
    merges(clerk, keys)
    clerk.opens(f"/counterparties/{keys[1]}/")
    clerk.reads(f"{keys[1]} was merged into {keys[0]}")


@screen(role="viewer")
def merge_log(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/merges/")
