"""More screens: sure groups merged together."""

from __future__ import annotations

from .clerk import Clerk
from .doubles import scans
from .flowtly import Flowtly
from .screens import screen
from .screens_merging import merges, twins


def word_of(number: int) -> str:
    """A word without digits, which would count as the number of a sibling."""
    return "".join("bdfgklmnprstv"[int(digit)] + "aeiou"[int(digit) % 5] for digit in str(number * 7919))


def sure(flowtly: Flowtly, number: int) -> list[str]:
    """Two records of one firm, alike but for capitals: a group of tier sure."""
    word = word_of(number)
    name, site = f"Quovadrin {word.capitalize()} ApS", f"https://blomvikka-{word}.example/"
    first = flowtly.has_counterparty(displayName=name, corporateWebsiteUrl=site)
    # The first one has a client, so it is the one that is suggested.
    flowtly.has_client(name=f"Client of {name}", defaultCost=f"/counterparties/{first}")
    return [first, flowtly.has_counterparty(displayName=name.upper(), corporateWebsiteUrl=site)]


def previews(clerk: Clerk, flowtly: Flowtly, numbers: range) -> list[list[str]]:
    """A merge was verified before; the groups of these numbers, and no others, are in the batch."""
    merges(clerk, twins(flowtly, 2))
    groups = [sure(flowtly, number) for number in numbers]
    scans(clerk)
    clerk.opens("/merges/batches/")
    for box in clerk.page.locator("input[name=group]").all():
        row = box.locator("xpath=ancestor::tr").inner_text()
        box.set_checked(any(word_of(number) in row.casefold() for number in numbers))
    clerk.clicks("Preview the ticked merges")
    clerk.is_at("/merges/batches/*/")
    return groups


@screen(role="steward")
def batches(clerk: Clerk, flowtly: Flowtly) -> None:
    sure(flowtly, 901)
    scans(clerk)
    clerk.opens("/merges/batches/")
    clerk.reads(f"Quovadrin {word_of(901).capitalize()}")


@screen(role="steward")
def batch_planned(clerk: Clerk, flowtly: Flowtly) -> None:
    previews(clerk, flowtly, range(911, 913))
    clerk.reads("2 merges are planned.")


@screen(role="steward")
def batch_without_a_reason(clerk: Clerk, flowtly: Flowtly) -> None:
    previews(clerk, flowtly, range(921, 922))
    clerk.clicks("Merge the ticked of 1 group")
    clerk.reads("Write why these records are the same.")


@screen(role="steward")
def batch_done(clerk: Clerk, flowtly: Flowtly) -> None:
    previews(clerk, flowtly, range(931, 933))
    clerk.fills(reason="One firm")
    clerk.clicks("Merge the ticked of 2 groups")
    clerk.reads("2 of 2 merges came out as planned, and are verified.")
