"""The sandbox answers every recorded request as the recorded server did."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from backoffice.sandbox.server import SandboxServer

from .recorded import WIRE, Exchange, Message, data, exchanges, without_chance

pytestmark = pytest.mark.skipif(not WIRE.is_dir(), reason="no recordings beside the repository")

PROFILES = {"3.4": "flowtly", "4.0": "v4"}
HEADERS = (
    "content-type",
    "location",
    "content-location",
    "allow",
    "accept-patch",
    "retry-after",
    "www-authenticate",
    "link",
    "vary",
    "cache-control",
    "x-content-type-options",
    "x-frame-options",
)
FAULTS: dict[int, dict[str, Any]] = {
    140: {"status": 500},
    141: {"status": 500},
    142: {"status": 503, "retry_after": 2},
    143: {"status": 429, "retry_after": 1},
    144: {"status": 409},
    145: {"status": 403},
}
ENTRY_POINT, OPENAPI, REDIRECT = 146, 147, 22
ONLY_WORDS = {"operationId", "title", "description"}
ONLY_RECORDED = {  # a resource that the recorder had and the specification has not
    ".paths./costs",
    ".paths./costs/{id}",
    ".components.schemas.Cost",
    ".components.schemas.Cost.jsonld",
}
CASES = [(folder, each) for folder in PROFILES if WIRE.is_dir() for each in exchanges(folder)]


@pytest.fixture(scope="module")
def replayed() -> dict[tuple[str, int], Message]:
    """The sandbox's answer to each request, asked in order: later ones see what earlier ones did."""
    return {(folder, case): answer for folder in PROFILES for case, answer in _replay(folder)}


def _replay(folder: str) -> Iterator[tuple[int, Message]]:
    credentials: dict[str, Any] = {"token": "secret", "username": "peer", "password": "peer"}
    with SandboxServer(PROFILES[folder], fill=data, **credentials) as server:
        server.issue_token(-1, "expired")
        for each in exchanges(folder):
            if each.case in FAULTS:
                server.fault(**FAULTS[each.case])
            yield each.case, _ask(server, each)


def _ask(server: SandboxServer, each: Exchange) -> Message:
    host = server.origin.removeprefix("http://")
    headers = {**each.request.headers, "host": host}
    body = each.request.body.replace(b"127.0.0.1:@PORT", host.encode())
    if body:
        headers["content-length"] = str(len(body))
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.putrequest(each.method, each.target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        found = {name.lower(): ", ".join(answer.headers.get_all(name) or []) for name in answer.headers}
        return Message(f"HTTP/1.1 {answer.status} {answer.reason}", found, answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize(("folder", "each"), CASES, ids=[f"{folder}-{each.case:03}" for folder, each in CASES])
def test_answers_as_recorded(replayed: dict[tuple[str, int], Message], folder: str, each: Exchange) -> None:
    answer = replayed[folder, each.case]

    assert answer.first_line == each.answer.first_line
    assert _headers(answer) == _headers(each.answer)
    if each.case == REDIRECT:
        assert b"Redirecting to <a href=" in answer.body
    elif each.case == ENTRY_POINT:
        assert set(_lacking(_json(each.answer), _json(answer))) == {".cost"}
    elif each.case == OPENAPI:
        lacking = set(_lacking(_json(each.answer), _json(answer)))
        assert {each for each in lacking if not each.endswith(".tinType.enum")} == ONLY_RECORDED
    elif each.method != "HEAD":
        assert _json(answer) == _json(each.answer)


def _headers(message: Message) -> dict[str, str]:
    return {name: without_chance(message.headers[name]) for name in HEADERS if name in message.headers}


def _json(message: Message) -> Any:
    return json.loads(without_chance(message.body.decode()) or "null")


def _lacking(recorded: Any, ours: Any, path: str = "") -> Iterator[str]:
    """Where something recorded is missing or different; more than was recorded is no fault."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        for name in recorded.keys() - ONLY_WORDS:
            if name in ours:
                yield from _lacking(recorded[name], ours[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    elif isinstance(recorded, list) and isinstance(ours, list) and len(recorded) == len(ours):
        for place, pair in enumerate(zip(recorded, ours, strict=True)):
            yield from _lacking(*pair, f"{path}[{place}]")
    elif recorded != ours:
        yield path
