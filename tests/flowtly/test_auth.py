"""Credentials: a fixed token, or a login that many threads share."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backoffice.flowtly import errors

from .conftest import Connect, Serve
from .servers import Reply, Request, in_turn

LEXIK = "application/json"
THREADS = 8


class Account:
    """A server with a login. It lets `wave` requests with a lapsed token arrive before refusing any."""

    def __init__(self, *, wave: int = 1) -> None:
        self.logins = 0
        self.login_reply: Reply | None = None
        self.valid = ""
        self._wave = threading.Barrier(wave)

    def __call__(self, request: Request) -> Reply:
        if request.path.endswith("/login"):
            self.logins += 1
            self.valid = f"token-{self.logins}"
            return self.login_reply or Reply(body={"token": self.valid}, content_type=LEXIK)
        if request.headers.get("authorization") == f"Bearer {self.valid}":
            return Reply(body={"ok": True})
        self._wave.wait(60)
        return Reply(401, {"code": 401, "message": "Expired JWT Token"}, LEXIK)


def login(**more: Any) -> dict[str, Any]:
    return {"username": "peer", "password": "hemmelig", **more}


def test_the_first_call_logs_in_and_the_next_does_not(serve: Serve, connect: Connect) -> None:
    rig = connect(server := serve(account := Account()), **login(instance="tenant-1"))
    rig.client.get("/clients/1")
    rig.client.get("/clients/2")
    assert account.logins == 1
    sent = server.requests[0]
    assert (sent.method, sent.path) == ("POST", "/login")
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["instance"] == "tenant-1"
    assert "authorization" not in sent.headers


def test_the_login_stands_behind_the_prefix(serve: Serve, connect: Connect) -> None:
    server = serve(Account())
    connect(f"{server.url}/api", **login()).client.get("/clients/1")
    assert server.paths() == ["/api/login", "/api/clients/1"]


@pytest.mark.parametrize("verb", ["GET", "PATCH"])
def test_a_lapsed_token_is_renewed_once(verb: str, serve: Serve, connect: Connect) -> None:
    account = Account()
    rig = connect(serve(account), **login())
    rig.client.get("/clients/1")
    account.valid = "another"
    if verb == "GET":
        rig.client.get("/clients/1")
    else:
        rig.client.patch("/clients/1", {"name": "x"})
    assert account.logins == 2
    assert [exchange.status for exchange in rig.exchanges[-3:]] == [401, 200, 200]


def test_many_threads_that_meet_a_401_log_in_once(serve: Serve, connect: Connect) -> None:
    account = Account(wave=THREADS)
    rig = connect(serve(account), **login(max_connections=THREADS))
    rig.client.get("/clients/0")
    account.valid = "lapsed"
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda n: rig.client.get(f"/clients/{n}"), range(THREADS)))
    assert answers == [{"ok": True}] * THREADS
    assert account.logins == 2


def test_many_threads_that_have_no_token_yet_log_in_once(serve: Serve, connect: Connect) -> None:
    account = Account()
    rig = connect(serve(account), **login(max_connections=THREADS))
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda n: rig.client.get(f"/clients/{n}"), range(THREADS)))
    assert account.logins == 1


def test_many_threads_share_the_failure_of_one_login(serve: Serve, connect: Connect) -> None:
    account = Account(wave=THREADS)
    rig = connect(serve(account), **login(max_connections=THREADS))
    rig.client.get("/clients/0")
    account.valid = "lapsed"
    account.login_reply = Reply(401, {"code": 401, "message": "Invalid credentials."}, LEXIK)

    def refused(number: int) -> str:
        with pytest.raises(errors.Unauthorized) as caught:
            rig.client.patch(f"/clients/{number}", {})
        return caught.value.message

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(refused, range(THREADS))) == {"Invalid credentials."}
    assert account.logins == 2


def test_a_refused_password_rests_before_it_is_tried_again(serve: Serve, connect: Connect) -> None:
    account = Account()
    account.login_reply = Reply(401, {"code": 401, "message": "Invalid credentials."}, LEXIK)
    rig = connect(serve(account), **login())
    for _ in range(3):
        with pytest.raises(errors.Unauthorized):
            rig.client.get("/clients/1")
    assert account.logins == 1
    rig.now += 31
    account.login_reply = None
    rig.client.get("/clients/1")
    assert account.logins == 2


def test_a_server_that_refuses_its_own_tokens_is_not_asked_for_ever(serve: Serve, connect: Connect) -> None:
    token = Reply(body={"token": "abc"}, content_type=LEXIK)
    refusal = Reply(401, {"code": 401, "message": "Invalid JWT Token"}, LEXIK)
    server = serve(lambda request: token if request.path == "/login" else refusal)
    with pytest.raises(errors.Unauthorized) as caught:
        connect(server, **login()).client.get("/clients/1")
    assert caught.value.message == "Invalid JWT Token"
    assert server.paths() == ["/login", "/clients/1", "/login", "/clients/1"]


def test_a_fixed_token_is_not_renewed(serve: Serve, connect: Connect) -> None:
    server = serve(in_turn(Reply(401, {"message": "Expired JWT Token"}, LEXIK)))
    with pytest.raises(errors.Unauthorized):
        connect(server).client.get("/clients/1")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(503), errors.Unavailable),
        (Reply(raw=b"", then="reset"), errors.Unavailable),
        (Reply(404, b"<html>", "text/html"), errors.RouteMissing),
        (Reply(400, {"detail": "Invalid JSON."}), errors.Invalid),
        (Reply(204), errors.BadResponse),
        (Reply(body={}), errors.BadResponse),
        (Reply(body={"token": 7}), errors.BadResponse),
        (Reply(body={"token": "a\r\nX-Evil: 1"}), errors.BadResponse),
        (Reply(body=b"<html>", content_type="text/html"), errors.BadResponse),
        (Reply(302, headers={"Location": "https://sso.example/"}), errors.BadResponse),
    ],
)
def test_a_write_whose_login_fails_was_certainly_not_done(
    reply: Reply, kind: type[errors.FlowtlyError], serve: Serve, connect: Connect
) -> None:
    account = Account()
    account.login_reply = reply
    server = serve(account)
    with pytest.raises(errors.FlowtlyError) as caught:
        connect(server, **login()).client.create("/clients", {"name": "x"})
    assert type(caught.value) is kind
    assert set(server.paths()) == {"/login"}


def test_a_login_is_repeated_like_a_read(serve: Serve, connect: Connect) -> None:
    replies = in_turn(Reply(503), Reply(raw=b"", then="reset"), Reply(body={"token": "abc"}), Reply(body={}))
    server = serve(replies)
    connect(server, **login()).client.get("/clients/1")
    assert server.paths() == ["/login", "/login", "/login", "/clients/1"]
