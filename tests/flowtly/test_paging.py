"""Whole lists over HTTP: sizes that are ignored, totals that move, pages that shift."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from backoffice.flowtly import errors

from .conftest import Connect, Serve
from .servers import Reply, Request, envelope


@dataclass
class Lists:
    """A server with one list. `before` is called with the page number before it is cut."""

    keys: list[int]
    cap: int = 10
    counts: bool = True
    links: bool = True
    bare: bool = False
    paged: bool = True
    before: Callable[[int], None] = lambda _page: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Reply:
        page = int(request.query.get("page", ["1"])[0]) if self.paged else 1
        self.before(page)
        with self.lock:
            start = (page - 1) * self.cap
            cut = self.keys[start : start + self.cap] if self.paged else self.keys
            members = [{"@id": f"/things/{key}", "n": key} for key in cut]
            more = self.paged and start + self.cap < len(self.keys)
        if self.bare:
            return Reply(body=[{"id": member["n"]} for member in members])
        links = {"@id": request.target}
        if more:
            links["next"] = f"{request.path}?itemsPerPage=100&page={page + 1}"
        return Reply(
            body=envelope(
                members,
                total=len(self.keys) if self.counts else None,
                links=links if self.links else None,
            )
        )


def numbers(records: Any) -> list[int]:
    return [record.get("n", record.get("id")) for record in records]


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 95])
@pytest.mark.parametrize(
    "kind",
    [{}, {"links": False}, {"counts": False}, {"bare": True}, {"paged": False}, {"paged": False, "bare": True}],
    ids=str,
)
def test_every_record_comes_once_and_in_order(
    kind: dict[str, Any], count: int, workers: int, serve: Serve, connect: Connect
) -> None:
    server = serve(Lists(list(range(count)), **kind))
    records = connect(server).client.walk("/things", {"order[id]": "asc"}, workers=workers)
    assert numbers(records) == list(range(count))
    assert server.requests[0].query["itemsPerPage"] == ["100"]
    assert all("order[id]" in request.query or "page" in request.query for request in server.requests)


@pytest.mark.parametrize("kind", [{}, {"links": False}, {"counts": False}, {"bare": True}], ids=str)
def test_pages_come_one_after_the_other(kind: dict[str, Any], serve: Serve, connect: Connect) -> None:
    client = connect(serve(Lists(list(range(25)), **kind))).client
    assert [len(page.members) for page in client.pages("/things") if page.members] == [10, 10, 5]


def test_a_walk_costs_one_request_for_each_page(serve: Serve, connect: Connect) -> None:
    server = serve(Lists(list(range(100))))
    assert len(list(connect(server).client.walk("/things"))) == 100
    assert len(server.requests) == 10


def test_all_pages_of_a_walk_go_under_one_request_id(serve: Serve, connect: Connect) -> None:
    server = serve(Lists(list(range(50))))
    list(connect(server).client.walk("/things", request_id="walk-1"))
    assert {request.headers["x-request-id"] for request in server.requests} == {"walk-1"}


def test_pages_are_read_at_the_same_time(serve: Serve, connect: Connect) -> None:
    together = threading.Barrier(3)

    def wait(page: int) -> None:
        if page > 1:
            together.wait(60)  # breaks, and fails the test, unless three pages are asked for at once

    server = serve(Lists(list(range(70)), before=wait))
    assert numbers(connect(server).client.walk("/things", workers=3)) == list(range(70))


def test_a_walk_reads_no_further_ahead_than_its_workers(serve: Serve, connect: Connect) -> None:
    server = serve(Lists(list(range(400))))
    for place, _record in enumerate(connect(server).client.walk("/things", workers=3)):
        page = place // 10 + 1
        assert len(server.requests) <= page + 3


def test_a_walk_that_is_left_leaves_nothing_behind(serve: Serve, connect: Connect) -> None:
    server = serve(Lists(list(range(400))))
    records = connect(server).client.walk("/things", workers=3)
    assert numbers(next(records) for _ in range(15)) == list(range(15))
    records.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("flowtly-page")]
    assert len(server.requests) < 10


def test_connections_stay_within_their_bound(serve: Serve, connect: Connect) -> None:
    # Only the first two are held: later ones may come singly while the walk waits for an earlier page.
    arrivals, two = threading.Semaphore(2), threading.Barrier(2)

    def wait(page: int) -> None:
        if page > 1 and arrivals.acquire(blocking=False):
            two.wait(60)

    server = serve(Lists(list(range(210)), before=wait))
    rig = connect(server, max_connections=2)
    assert len(list(rig.client.walk("/things", workers=10))) == 210
    assert server.most_open == 2


class Shifting(Lists):
    """A list that changes once, before its third page is first cut."""

    def __init__(self, change: Callable[[list[int]], None], **more: Any) -> None:
        super().__init__(list(range(95)), **more)
        self.change = change
        self.changed = False
        self.before = self.shift

    def shift(self, page: int) -> None:
        with self.lock:
            if page == 3 and not self.changed:
                self.changed = True
                self.change(self.keys)


CHANGES: dict[str, Callable[[list[int]], None]] = {
    "one goes": lambda keys: keys.remove(3),
    "one comes in front": lambda keys: keys.insert(0, 1000),
    "one comes in front, the last goes": lambda keys: keys.__setitem__(slice(None), [1000, *keys[:-1]]),
    "one comes at the end": lambda keys: keys.append(1000),
    "most go": lambda keys: keys.__delitem__(slice(12, None)),
}


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("change", CHANGES)
def test_a_list_that_moves_is_noticed(change: str, workers: int, serve: Serve, connect: Connect) -> None:
    # Read ahead, page 2 may see the change too; either way the pages do not go together.
    server = serve(Shifting(CHANGES[change]))
    with pytest.raises(errors.ShiftedPages) as caught:
        list(connect(server).client.walk("/things", workers=workers))
    assert caught.value.expected == 95
    assert caught.value.seen >= 10


def test_a_moving_list_is_noticed_by_pages_too(serve: Serve, connect: Connect) -> None:
    with pytest.raises(errors.ShiftedPages, match="total changed from 95 to 94"):
        list(connect(serve(Shifting(CHANGES["one goes"]))).client.pages("/things"))


def test_a_bare_list_that_moves_is_noticed_by_its_repetition(serve: Serve, connect: Connect) -> None:
    server = serve(Shifting(CHANGES["one comes in front"], bare=True))
    with pytest.raises(errors.ShiftedPages, match="came twice"):
        list(connect(server).client.walk("/things"))


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("change", CHANGES)
def test_a_restarted_walk_gives_each_record_once(
    change: str, workers: int, serve: Serve, connect: Connect
) -> None:
    lists = Shifting(CHANGES[change])
    found = numbers(connect(serve(lists)).client.walk("/things", workers=workers, on_shift="restart"))
    assert len(found) == len(set(found))
    assert set(lists.keys) <= set(found)


def test_a_list_that_never_rests_is_given_up(serve: Serve, connect: Connect) -> None:
    keys = list(range(30))
    server = serve(Lists(keys, before=lambda _page: keys.append(len(keys))))
    with pytest.raises(errors.ShiftedPages):
        list(connect(server).client.walk("/things", workers=1, on_shift="restart"))
    assert sum(request.query["page"] == ["1"] for request in server.requests) == 4


def test_a_total_that_is_never_reached_is_noticed(serve: Serve, connect: Connect) -> None:
    page = envelope([{"id": 1}, {"id": 2}], total=7, links={"@id": "/things"})
    with pytest.raises(errors.ShiftedPages, match="2 of 7 records came"):
        list(connect(serve(lambda _request: Reply(body=page))).client.walk("/things"))


def test_a_next_link_that_leads_in_circles_ends(serve: Serve, connect: Connect) -> None:
    page = envelope([{"id": 1}], total=None, links={"next": "/things?page=1"})
    with pytest.raises(errors.ShiftedPages, match="came twice"):
        list(connect(serve(lambda _request: Reply(body=page))).client.pages("/things"))


def test_a_cursor_is_followed_link_by_link(serve: Serve, connect: Connect) -> None:
    def answer(request: Request) -> Reply:
        start = int(request.query.get("after", ["0"])[0])
        links = {"next": f"/things?after={start + 2}"} if start < 4 else {}
        members = [{"id": start + 1}, {"id": start + 2}]
        return Reply(body=envelope(members, total=6, links=links))

    assert numbers(connect(serve(answer)).client.walk("/things")) == [1, 2, 3, 4, 5, 6]


def test_records_without_identity_are_a_bad_response(serve: Serve, connect: Connect) -> None:
    server = serve(lambda _request: Reply(body=[{"name": "nobody"}]))
    with pytest.raises(errors.BadResponse, match="neither @id nor id"):
        list(connect(server).client.walk("/things"))


def test_the_error_of_a_page_reaches_the_reader(serve: Serve, connect: Connect) -> None:
    lists = Lists(list(range(100)))
    server = serve(lambda request: Reply(403) if request.query["page"] == ["4"] else lists(request))
    records = connect(server).client.walk("/things", workers=4)
    assert numbers(next(records) for _ in range(30)) == list(range(30))
    with pytest.raises(errors.Forbidden):
        next(records)


def test_a_next_link_of_another_host_is_not_followed(serve: Serve, connect: Connect) -> None:
    page = envelope([{"id": 1}], total=None, links={"next": "https://evil.example/things?page=2"})
    server = serve(lambda _request: Reply(body=page))
    with pytest.raises(errors.BadResponse, match="another host"):
        list(connect(server).client.walk("/things"))
    assert len(server.requests) == 1


def test_behind_a_prefix_links_work_with_and_without_it(serve: Serve, connect: Connect) -> None:
    for next_link in ("/api/things?page=2", "/things?page=2"):

        def answer(request: Request, link: str = next_link) -> Reply:
            first = request.query["page"] == ["1"]
            return Reply(
                body=envelope([{"id": 1 if first else 2}], total=None, links={"next": link} if first else {})
            )

        server = serve(answer)
        assert numbers(connect(f"{server.url}/api/").client.walk("/things")) == [1, 2]
        assert set(server.paths()) == {"/api/things"}
