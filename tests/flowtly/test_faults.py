"""What the wire can do to a call, and what the client makes of it: one line for each case.

The columns of the table: what the server does, what a GET and what a PATCH becomes (an error class, or
the status of a success), and how often the server was asked by each.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock

import pytest
import requests
from urllib3 import exceptions as urllib3_errors

from backoffice.flowtly import Client, Policy, Settings, errors
from backoffice.flowtly.errors import (
    BadResponse,
    Conflict,
    FlowtlyError,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RouteMissing,
    Unauthorized,
    Unavailable,
)
from backoffice.flowtly.transport import Failure, _failure

from .conftest import Connect, Serve
from .servers import HANG, JSON_LD, RESET, Reply, in_turn

OK = Reply(body={"@id": "/clients/1", "name": "x"})
HTML = "text/html; charset=utf-8"
LOGIN_PAGE = Reply(body=b"<!doctype html><title>Log in</title>", content_type=HTML)
PROBLEM = "application/problem+json; charset=utf-8"


def problem(status: int, detail: str = "Sorry") -> Reply:
    return Reply(status, {"@id": f"/errors/{status}", "detail": detail}, PROBLEM)


def html(status: int) -> Reply:
    return Reply(status, b"<html><body><h1>nginx</h1></body></html>", HTML)


def redirect(status: int, location: str) -> Reply:
    return Reply(status, b"<html>moved</html>", HTML, headers={"Location": location})


CUT = Reply(body=b'{"name": "x"', promised=500, then="close")
CUT_CHUNK = Reply(
    raw=b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{",
    then="close",
)
STALLED = Reply(body=b'{"name": "x"', promised=500, then="hang")
NOT_GZIP = Reply(body=b"{}", headers={"Content-Encoding": "gzip"})

Meaning = type[FlowtlyError] | int

TABLE: list[tuple[str, Reply, Meaning, int, Meaning, int]] = [
    # Successes
    ("200", OK, 200, 1, 200, 1),
    ("201", Reply(201, {"@id": "/clients/2"}, headers={"Location": "/clients/2"}), 200, 1, 201, 1),
    ("200 with a BOM", Reply(body=b'\xef\xbb\xbf{"a": 1}'), 200, 1, 200, 1),
    ("200 without a type", Reply(body=b'{"a": 1}', content_type=""), 200, 1, 200, 1),
    ("200, length unknown", Reply(body=b'{"a": 1}', promised=0, then="close"), 200, 1, 200, 1),
    ("200, empty", Reply(), BadResponse, 1, 200, 1),
    ("202, empty", Reply(202), BadResponse, 1, 202, 1),
    ("204", Reply(204), BadResponse, 1, 204, 1),
    # Answers that cannot be read
    ("200, HTML", LOGIN_PAGE, BadResponse, 1, OutcomeUnknown, 1),
    ("200, no JSON", Reply(body=b'{"name": "x"'), BadResponse, 1, OutcomeUnknown, 1),
    ("200, NaN", Reply(body=b'{"name": NaN}'), BadResponse, 1, OutcomeUnknown, 1),
    ("200, no UTF-8", Reply(body=b'{"name": "\xff"}'), BadResponse, 1, OutcomeUnknown, 1),
    ("200, too deep", Reply(body=b"[" * 4_000), BadResponse, 1, OutcomeUnknown, 1),
    ("200, cut off", CUT, BadResponse, 3, OutcomeUnknown, 1),
    ("200, cut off in a chunk", CUT_CHUNK, BadResponse, 3, OutcomeUnknown, 1),
    ("200, stops half-way", STALLED, BadResponse, 3, OutcomeUnknown, 1),
    ("200, broken gzip", NOT_GZIP, BadResponse, 3, OutcomeUnknown, 1),
    ("200, too large", Reply(body=b'"' + b"x" * 5_000 + b'"'), BadResponse, 1, OutcomeUnknown, 1),
    ("no HTTP at all", Reply(raw=b"SSH-2.0-OpenSSH\r\n\r\n", then="close"), Unavailable, 3, OutcomeUnknown, 1),
    # No answer
    ("reset", RESET, Unavailable, 3, OutcomeUnknown, 1),
    ("closed", Reply(raw=b"", then="close"), Unavailable, 3, OutcomeUnknown, 1),
    ("silence", HANG, Unavailable, 3, OutcomeUnknown, 1),
    # The server's own trouble
    ("500", problem(500), Unavailable, 1, OutcomeUnknown, 1),
    ("501", problem(501), Unavailable, 1, OutcomeUnknown, 1),
    ("502, HTML", html(502), Unavailable, 3, OutcomeUnknown, 1),
    ("502, cut off", Reply(502, b"<ht", HTML, promised=99, then="close"), Unavailable, 3, OutcomeUnknown, 1),
    ("503", problem(503), Unavailable, 3, OutcomeUnknown, 1),
    ("504, HTML", html(504), Unavailable, 3, OutcomeUnknown, 1),
    ("599", problem(599), Unavailable, 1, OutcomeUnknown, 1),
    # Refusals: certain, and therefore never "unknown"
    ("400", problem(400), Invalid, 1, Invalid, 1),
    ("400, HTML", html(400), Invalid, 1, Invalid, 1),
    ("401", problem(401), Unauthorized, 1, Unauthorized, 1),
    ("402", problem(402), BadResponse, 1, BadResponse, 1),
    ("403", problem(403), Forbidden, 1, Forbidden, 1),
    ("403, HTML", html(403), Forbidden, 1, Forbidden, 1),
    ("404", problem(404), NotFound, 1, NotFound, 1),
    ("404, HTML", html(404), RouteMissing, 1, RouteMissing, 1),
    ("405", problem(405), RouteMissing, 1, RouteMissing, 1),
    ("406", problem(406), BadResponse, 1, BadResponse, 1),
    ("408", problem(408), Unavailable, 1, Unavailable, 1),
    ("409", problem(409), Conflict, 1, Conflict, 1),
    ("410", problem(410), NotFound, 1, NotFound, 1),
    ("412", problem(412), Conflict, 1, Conflict, 1),
    ("413, HTML", html(413), Invalid, 1, Invalid, 1),
    ("415", problem(415), BadResponse, 1, BadResponse, 1),
    ("422", problem(422), Invalid, 1, Invalid, 1),
    ("422, cut off", Reply(422, b'{"viola', promised=500, then="close"), Invalid, 1, Invalid, 1),
    ("499", problem(499), BadResponse, 1, BadResponse, 1),
    # Moved
    ("301 to another host", redirect(301, "https://evil.example/clients/1"), BadResponse, 1, BadResponse, 1),
    ("301 to itself", redirect(301, "/clients/1"), BadResponse, 1, BadResponse, 1),
    ("302", redirect(302, "//evil.example/"), BadResponse, 1, OutcomeUnknown, 1),
    ("303", redirect(303, "https://evil.example/"), BadResponse, 1, OutcomeUnknown, 1),
    ("308 without a target", Reply(308), BadResponse, 1, BadResponse, 1),
    ("304", Reply(304), BadResponse, 1, OutcomeUnknown, 1),
]

DO: dict[str, Callable[[Client], Any]] = {
    "GET": lambda client: client.get("/clients/1"),
    "PATCH": lambda client: client.patch("/clients/1", {"name": "x"}).status,
    "POST": lambda client: client.create("/clients", {"name": "x"}).status,
    "ACTION": lambda client: client.call("/counterparties/1/enrich", None).status,
    "DELETE": lambda client: client.delete("/clients/1"),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0]) for row in TABLE])
@pytest.mark.parametrize("verb", DO)
def test_what_becomes_of_a_call(row: Any, verb: str, serve: Serve, connect: Connect) -> None:
    _, reply, read, reads, written, writes = row
    meaning, times = (read, reads) if verb == "GET" else (written, writes)
    server = serve(lambda _request: reply)
    rig = connect(server, max_body=4_096)
    if isinstance(meaning, int):
        result = DO[verb](rig.client)
        assert result == meaning if verb in {"PATCH", "POST", "ACTION"} else True
    else:
        with pytest.raises(FlowtlyError) as caught:
            DO[verb](rig.client)
        assert type(caught.value) is meaning
        assert caught.value.request_id == rig.exchanges[0].request_id
        assert caught.value.message
    assert len(server.requests) == len(rig.exchanges) == times
    assert len(rig.slept) == times - 1


@pytest.fixture
def closed_port() -> Iterator[str]:
    """An address where nobody listens; it stays bound, so that nobody else takes it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("verb", DO)
def test_without_a_connection_nothing_was_written(verb: str, closed_port: str, connect: Connect) -> None:
    rig = connect(closed_port)
    with pytest.raises(Unavailable, match="accepts no connection"):
        DO[verb](rig.client)
    assert len(rig.exchanges) == (3 if verb == "GET" else 1)


def test_an_unknown_name_is_named_as_such(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unavailable, match="name cannot be resolved"):
        connect("http://flowtly.example").client.patch("/clients/1", {})


def test_a_proxy_that_is_down_has_passed_nothing_on(
    closed_port: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", closed_port)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(Unavailable, match="proxy"):
        connect("http://flowtly.example").client.patch("/clients/1", {})


def test_a_proxy_is_not_asked_for_this_machine(
    closed_port: str, serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", closed_port)
    assert connect(serve(in_turn(OK))).client.get("/clients/1")["name"] == "x"


def test_an_untrusted_certificate_ends_a_write_before_it_is_sent() -> None:
    broken = ssl.SSLCertVerificationError(1, "self-signed certificate")
    wrapped = urllib3_errors.MaxRetryError(Mock(), "/", reason=urllib3_errors.SSLError(broken))
    assert _failure(requests.exceptions.SSLError(wrapped)) == Failure("its certificate is not trusted", sent=False)


def test_plain_http_where_https_was_meant_is_unavailable(serve: Serve, connect: Connect) -> None:
    server = serve(lambda _request: Reply(raw=b"HTTP/1.1 400 Bad Request\r\n\r\n", then="close"))
    rig = connect(server.url.replace("http:", "https:"), connect_timeout=0.2, retry=Policy(attempts=1))
    with pytest.raises(Unavailable):
        rig.client.get("/clients/1")


@pytest.mark.parametrize(
    "trouble", [RESET, HANG, problem(502), problem(503), problem(504), CUT], ids=lambda reply: reply.then
)
def test_a_get_outlives_passing_trouble(trouble: Reply, serve: Serve, connect: Connect) -> None:
    rig = connect(serve(in_turn(trouble, OK)))
    assert rig.client.get("/clients/1")["name"] == "x"
    assert [exchange.attempt for exchange in rig.exchanges] == [1, 2]
    assert 0.125 <= rig.slept[0] <= 0.25


def test_a_busy_server_that_names_a_pause_is_obeyed(serve: Serve, connect: Connect) -> None:
    busy = Reply(503, b"", PROBLEM, headers={"Retry-After": "3"})
    rig = connect(serve(in_turn(busy, OK)))
    rig.client.get("/clients/1")
    assert rig.slept == [3]


# 429


def throttled(retry_after: str | None = "2") -> Reply:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return Reply(429, {"detail": "Slow down"}, PROBLEM, headers=headers)


@pytest.mark.parametrize("verb", DO)
def test_a_429_is_waited_out_by_every_method(verb: str, serve: Serve, connect: Connect) -> None:
    rig = connect(server := serve(in_turn(throttled(), throttled("5"), OK)))
    DO[verb](rig.client)
    assert rig.slept == [2, 5]
    assert len(server.requests) == 3


def test_a_429_may_name_a_date(serve: Serve, connect: Connect) -> None:
    rig = connect(serve(in_turn(throttled("Fri, 15 Jan 2027 08:00:20 GMT"), OK)))
    rig.client.get("/clients/1")
    assert rig.slept == [20]


def test_a_429_without_a_pause_is_waited_out_ever_longer(serve: Serve, connect: Connect) -> None:
    rig = connect(serve(in_turn(throttled(None), throttled("soon"), throttled(None), OK)))
    rig.client.get("/clients/1")
    assert rig.slept == [1, 2, 4]


@pytest.mark.parametrize("verb", DO)
def test_the_waiting_for_429s_is_bounded(verb: str, serve: Serve, connect: Connect) -> None:
    server = serve(in_turn(throttled("25")))
    rig = connect(server)
    with pytest.raises(RateLimited) as caught:
        DO[verb](rig.client)
    assert (caught.value.retry_after, caught.value.message) == (25, "Slow down")
    assert rig.slept == [25, 25]
    assert len(server.requests) == 3


def test_a_pause_beyond_the_budget_is_not_begun(serve: Serve, connect: Connect) -> None:
    rig = connect(server := serve(in_turn(throttled("3600"))))
    with pytest.raises(RateLimited) as caught:
        rig.client.get("/clients/1")
    assert caught.value.retry_after == 3600
    assert rig.slept == []
    # The others keep the silence too: the next call does not even knock.
    with pytest.raises(RateLimited) as caught:
        rig.client.patch("/clients/2", {})
    assert caught.value.retry_after == 300
    assert len(server.requests) == 1


@pytest.mark.parametrize("asked", ["0", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_429_that_asks_for_nothing_ends_too(asked: str, serve: Serve, connect: Connect) -> None:
    rig = connect(server := serve(in_turn(throttled(asked))))
    with pytest.raises(RateLimited):
        rig.client.get("/clients/1")
    assert rig.slept == [1, 2, 4, 8, 16]
    assert len(server.requests) == 6


def test_a_429_does_not_use_up_the_tries_of_a_get(serve: Serve, connect: Connect) -> None:
    rig = connect(serve(in_turn(throttled(), problem(503), throttled(), problem(503), OK)))
    assert rig.client.get("/clients/1")["name"] == "x"


def test_the_silence_may_be_kept_elsewhere(serve: Serve) -> None:
    class Shared:
        until: float | None = 1_000.0

        def wait_until(self) -> float | None:
            return self.until

        def announce(self, until: float) -> None:
            self.until = until

    slept: list[float] = []
    shared, time = Shared(), {"now": 990.0}

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time["now"] += seconds

    server = serve(in_turn(throttled("7"), OK))
    with Client(Settings(server.url, token="t"), backoff=shared, clock=lambda: time["now"], sleep=sleep) as client:
        client.get("/clients/1")
    assert slept == [10, 7]
    assert shared.until == 1_007.0


@pytest.mark.parametrize("kind", ["application/json", JSON_LD, "application/vnd.api+json", "text/json"])
def test_a_json_type_is_not_asked_to_be_exact(kind: str, serve: Serve, connect: Connect) -> None:
    assert connect(serve(in_turn(Reply(body={}, content_type=kind)))).client.get("/x") == {}


def test_every_error_is_in_the_tree() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert all(issubclass(kind, FlowtlyError) for kind in kinds)
    assert errors.__doc__ is not None
    assert all(kind.__name__ in errors.__doc__ for kind in kinds)
