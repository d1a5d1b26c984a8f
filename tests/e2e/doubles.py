"""Records that look like one, for journeys and screens of the queue: made elsewhere, and found by a scan."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly

_numbers = itertools.count(1)
_LONG = 180.0  # seconds; only ever reached by a failure
_FORMS = ("ApS", "A/S", "IVS", "P/S", "K/S")


@dataclass(frozen=True)
class Company:
    """One company under several numbers; `kind` is a word that only the companies of one test have."""

    name: str
    kind: str
    keys: list[str]


def kind() -> str:
    """A word to search for, by which the queue shows nothing else."""
    return f"queue{next(_numbers)}x"


def company(flowtly: Flowtly, of_kind: str, size: int = 2, *, name: str = "") -> Company:
    """The words of its name and its site are no other company's, so that it is like none."""
    number = next(_numbers)
    word = "".join("bdfgklmnprstv"[int(digit)] + "aeiou"[int(digit) % 5] for digit in f"{number * 7919:07}")
    name = name or f"{word.capitalize()} {word[::-1].capitalize()}"
    keys = [
        flowtly.has_counterparty(
            # What stands behind the domain is searched, but not compared.
            displayName=f"{name} {form}",
            corporateWebsiteUrl=f"https://{word}.example/{of_kind}",
        )
        for form in _FORMS[:size]
    ]
    return Company(name, of_kind, keys)


def scans(clerk: Clerk) -> None:
    """Has everything read and compared anew, and waits until the queue is full again."""
    clerk.opens("/duplicates/")
    scan = clerk.page.locator("#scan")
    again = clerk.page.get_by_role("button", name="Scan again")
    deadline = time.monotonic() + _LONG
    while not again.is_visible():  # the worker makes the first scan by itself
        assert time.monotonic() < deadline, "nothing was ever compared"
        clerk.page.wait_for_timeout(200)
        clerk.opens("/duplicates/")
    clerk.waits()
    again.click()
    expect(scan.locator("progress").or_(scan.get_by_text("less than a minute ago"))).to_be_visible()
    clerk.waits()
    expect(scan.locator("progress")).to_have_count(0, timeout=_LONG * 1000)
    expect(scan).to_contain_text("less than a minute ago")


def opens_card(clerk: Clerk, found: Company) -> None:
    clerk.opens(f"/duplicates/?q={found.kind} {found.name.split()[0].casefold()}")
    clerk.page.locator("[data-row-link]").first.click()
    clerk.is_at("/duplicates/*-*/?*")
    expect(clerk.title).to_contain_text(found.name.split()[0])
