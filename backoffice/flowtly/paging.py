"""Reading whole lists, page by page, and noticing when a list moves under the reader.

The server numbers pages by offset and promises no order: a record that comes or goes while we read
shifts all that follow, so that one comes twice or never. What gives this away is checked on each page:
the total must stay, no key may come twice, and in the end there must be as many as announced. A record
that goes while another comes can still hide one; an order that the server declares ("order[id]") makes
that rare. Who needs more, reads twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from .errors import ShiftedPages
from .hydra import Collection, Payload, key_of

OnShift = Literal["raise", "restart"]
RESTARTS = 3


@dataclass(frozen=True)
class Listing:
    """One list and the two ways to read a page of it: by number (from 1), and by the server's link."""

    number: Callable[[int], Collection]
    follow: Callable[[str], Collection]


class Ledger:
    """What one pass over a list has seen: the announced total, and each key as a number.

    Hashes of keys instead of the keys make some 8 MB of 100,000 records.
    """

    def __init__(self) -> None:
        self.keys: set[int] = set()
        self._expected: int | None = None
        self._opened = False

    def enter(self, page: Collection) -> None:
        """Check a page and remember it; ShiftedPages where it does not go with those before."""
        if not self._opened:
            self._expected, self._opened = page.total, True
        elif page.total != self._expected:
            raise self._shifted(f"the total changed from {self._expected} to {page.total}")
        keys = {hash(key_of(member)) for member in page.members}
        if len(keys) < len(page.members) or not self.keys.isdisjoint(keys):
            raise self._shifted("a record came twice")
        self.keys |= keys

    def close(self) -> None:
        """Check the number of records at the end of the list."""
        if self._expected is not None and len(self.keys) != self._expected:
            raise self._shifted(f"{len(self.keys)} of {self._expected} records came")

    def _shifted(self, what: str) -> ShiftedPages:
        return ShiftedPages(
            f"the list changed while it was read: {what}", expected=self._expected, seen=len(self.keys)
        )


def pages(listing: Listing) -> Iterator[Collection]:
    """The pages of a list one after the other, checked; ShiftedPages when it moves."""
    ledger = Ledger()
    for page in _in_sequence(listing, listing.number(1)):
        ledger.enter(page)
        yield page
    ledger.close()


def walk(listing: Listing, *, workers: int, on_shift: OnShift) -> Iterator[Payload]:
    """The records of a list in page order, read by up to `workers` threads at a time.

    At most `workers` pages wait for the consumer. With "restart", a list that moves is read again from
    its first page, up to three times, and what was given already is not given again: each record that
    stayed comes exactly once, in the state in which it was first read.
    """
    given: set[int] = set()
    for restarts_left in range(RESTARTS if on_shift == "restart" else 0, -1, -1):
        ledger = Ledger()
        try:
            for page in _all(listing, workers):
                ledger.enter(page)
                yield from (member for member in page.members if hash(key_of(member)) not in given)
            ledger.close()
        except ShiftedPages:
            if not restarts_left:
                raise
            given |= ledger.keys
        else:
            return


def _all(listing: Listing, workers: int) -> Iterator[Collection]:
    first = listing.number(1)
    count = _page_count(first)
    if count is None or workers == 1:
        yield from _in_sequence(listing, first)
        return
    yield first
    yield from _in_parallel(listing, range(2, count + 1), workers)


def _page_count(first: Collection) -> int | None:
    """How many pages there are, by the size the server really gave; None where only links can tell."""
    size = len(first.members)
    if first.total is None or not size or size >= first.total:
        return None
    if first.next is not None and not _is_page_two(first.next):
        return None
    if first.next is None and first.paged:
        return None
    return -(-first.total // size)


def _is_page_two(link: str) -> bool:
    return parse_qs(urlsplit(link).query).get("page") == ["2"]


def _in_sequence(listing: Listing, first: Collection) -> Iterator[Collection]:
    page, number, seen = first, 1, len(first.members)
    yield page
    while page.members:
        number += 1
        following = _following(listing, page, number, seen)
        if following is None or _is_unpaged(first, following, number):
            return
        page = following
        seen += len(page.members)
        yield page


def _following(listing: Listing, page: Collection, number: int, seen: int) -> Collection | None:
    """The page after this one: by its link; without a view, by number until the total is reached.

    Where there is neither link nor view nor total, only asking tells whether there is more.
    """
    if page.next is not None:
        return listing.follow(page.next)
    if page.paged or (page.total is not None and seen >= page.total):
        return None
    return listing.number(number)


def _is_unpaged(first: Collection, following: Collection, number: int) -> bool:
    """A server that knows no paging of this list answers the whole list again."""
    return number == 2 and first.total is None and not first.paged and following.members == first.members


def _in_parallel(listing: Listing, numbers: range, workers: int) -> Iterator[Collection]:
    """The pages of these numbers in order; the window of `workers` bounds what is held in memory."""
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="flowtly-page")
    window: deque[Future[Collection]] = deque()
    try:
        for number in numbers:
            window.append(pool.submit(listing.number, number))
            if len(window) == workers:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()
    finally:
        # No thread outlives the generator, whether it was read to its end or left.
        pool.shutdown(wait=True, cancel_futures=True)
