"""Every recorded answer of a real API Platform server, read by the real client over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backoffice.flowtly import Client, Collection, Policy, Written, errors
from backoffice.flowtly.hydra import is_collection

from .conftest import Connect, Serve
from .servers import Reply, Request

WIRE = Path(__file__).parents[2].parent / "shared" / "wire"
FOLDERS = ("3.4", "4.0")

pytestmark = pytest.mark.skipif(not WIRE.is_dir(), reason="no recordings beside the repository")


@dataclass(frozen=True)
class Recording:
    method: str
    target: str
    status: int
    answer: bytes

    @classmethod
    def load(cls, path: Path) -> Recording:
        asked, _, answered = path.read_bytes().partition(b"--- answer ---\n")
        method, target, _ = asked.decode().split("\n", 1)[0].split(" ", 2)
        head, _, body = answered.partition(b"\n\n")
        # The recorder ended each file with a line end of its own.
        answer = head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body.removesuffix(b"\n")
        return cls(method, target, int(head.split(b" ", 2)[1]), answer)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


def recordings() -> list[Any]:
    files = [file for folder in FOLDERS for file in sorted((WIRE / folder).glob("*.http"))]
    return [pytest.param(file, id=f"{file.parent.name}-{file.stem[:40]}") for file in files]


# What each status means to the client, written down here a second time on purpose.
ERRORS: dict[int, type[errors.FlowtlyError]] = {
    400: errors.Invalid,
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.RouteMissing,
    406: errors.BadResponse,
    409: errors.Conflict,
    415: errors.BadResponse,
    422: errors.Invalid,
    429: errors.RateLimited,
    500: errors.Unavailable,
    503: errors.Unavailable,
}
UNROUTED = {"051", "053", "054", "137"}
EMPTY_GET = {"023"}  # a HEAD, of which the client has no use
# The quoted attribute of these 400s, which have no field map.
ATTRIBUTES = {
    "064": "dueDays",
    "065": "dueDays",
    "066": "name",
    "067": "name",
    "068": "dueDays",
    "073": "country",
    "074": "country",
    "075": "country",
    "098": "name",
    "099": "country",
    "101": "dueDays",
    "102": "defaultTaxRate",
}
VIOLATED = {
    "059": {"country", "currency", "status", "name", "tinType"},
    "062": {"status", "name"},
    "063": {"email"},
    "069": {"employee", "note"},
    "078": {"client"},
    "083": {"name"},
    "100": {"name"},
    "126": {"counterparties"},
    "128": set(),
}

DO: dict[str, Callable[[Client, str], Any]] = {
    "GET": lambda client, target: client.read(target),
    "HEAD": lambda client, target: client.read(target),
    "POST": lambda client, target: client.call(target, {}),
    "PATCH": lambda client, target: client.patch(target, {}),
    "DELETE": lambda client, target: client._write("DELETE", target, None, None, None),
    "PUT": lambda client, target: client._write("PUT", target, None, None, None),
    "OPTIONS": lambda client, target: client._write("OPTIONS", target, None, None, None),
}


@pytest.fixture
def replay(serve: Serve, connect: Connect) -> Callable[[Path], Any]:
    """Do what the recording did, against a server that answers what was recorded."""

    def replay(file: Path) -> Any:
        recording = Recording.load(file)
        server = serve(lambda _request: Reply(raw=recording.answer, then="close"))
        rig = connect(server, retry=Policy(attempts=1, throttle_budget=0))
        return DO[recording.method](rig.client, recording.target)

    return replay


@pytest.mark.parametrize("file", recordings())
def test_every_answer_is_read(file: Path, replay: Callable[[Path], Any]) -> None:
    recording, number = Recording.load(file), file.name[:3]
    if number in EMPTY_GET or recording.status == 301:
        with pytest.raises(errors.BadResponse):
            replay(file)
        return
    if recording.status < 300:
        _check_success(recording, replay(file))
        return
    kind = errors.RouteMissing if number in UNROUTED else ERRORS[recording.status]
    with pytest.raises(kind) as caught:
        replay(file)
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.method) == (recording.status, recording.method)
    assert error.path.split("?")[0] == recording.path
    assert error.message
    if number in ATTRIBUTES | VIOLATED:
        expected = VIOLATED.get(number, {ATTRIBUTES.get(number)})
        assert isinstance(error, errors.Invalid)
        assert {violation.path for violation in error.violations} == expected
        assert all(violation.message for violation in error.violations)
    if isinstance(error, errors.RateLimited):
        assert error.retry_after == 1


def _check_success(recording: Recording, value: Any) -> None:
    if recording.method != "GET":
        assert isinstance(value, Written)
        assert value.status == recording.status
        empty = recording.status in {202, 204}
        assert (value.payload is None) == empty
        assert (value.location is not None) == (recording.status == 201)
        return
    if isinstance(value, Collection):
        assert value.bare or value.total is not None
    else:
        assert isinstance(value, dict)
        assert not is_collection(value)


def test_there_are_147_recordings_in_both_folders() -> None:
    assert [len(list((WIRE / folder).glob("*.http"))) for folder in FOLDERS] == [147, 147]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_page_in_either_spelling_says_the_same(folder: str, replay: Callable[[Path], Any]) -> None:
    page = replay(next((WIRE / folder).glob("001-*")))
    assert (page.total, len(page.members), page.paged, page.bare) == (300, 2, True, False)
    assert page.next == "/clients?itemsPerPage=2&page=2"
    assert page.last == "/clients?itemsPerPage=2&page=150"
    assert page.previous is None
    assert [parameter.variable for parameter in page.search][:3] == ["name", "status", "status[]"]
    order = {parameter.variable: parameter.property for parameter in page.search}
    assert order["order[dueDays]"] == "dueDays"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_page_beyond_the_end_knows_the_total(folder: str, replay: Callable[[Path], Any]) -> None:
    page = replay(next((WIRE / folder).glob("006-*")))
    assert (page.members, page.total, page.next) == ([], 300, None)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_moved_list_is_followed_on_this_host(folder: str, serve: Serve, connect: Connect) -> None:
    moved = Recording.load(next((WIRE / folder).glob("022-*")))
    page = Recording.load(next((WIRE / folder).glob("003-*")))

    def answer(request: Request) -> Reply:
        if request.path != "/counterparties/":
            return Reply(raw=page.answer, then="close")
        here = request.headers["host"].encode()
        recorded = next(line for line in moved.answer.split(b"\r\n") if line.startswith(b"Host: "))[6:]
        return Reply(raw=moved.answer.replace(recorded, here), then="close")

    server = serve(answer)
    assert connect(server).client.page("/counterparties/").total == 300
    assert server.paths() == ["/counterparties/", "/counterparties"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_iri_error_is_placed_on_the_field_that_was_sent(folder: str, serve: Serve, connect: Connect) -> None:
    recording = Recording.load(next((WIRE / folder).glob("071-*")))
    server = serve(lambda _request: Reply(raw=recording.answer, then="close"))
    with pytest.raises(errors.Invalid) as caught:
        connect(server).client.create("/clients", {"name": "x", "country": "DK"})
    assert [violation.path for violation in caught.value.violations] == ["country"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_login_gives_the_recorded_token(folder: str, serve: Serve, connect: Connect) -> None:
    login = Recording.load(next((WIRE / folder).glob("138-*")))
    page = Recording.load(next((WIRE / folder).glob("001-*")))
    server = serve(lambda request: Reply(raw=(login if request.path == "/login" else page).answer, then="close"))
    connect(server, username="peer", password="peer").client.check()
    assert server.requests[0].json() == {"username": "peer", "password": "peer"}
    assert server.requests[1].headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_refused_login_is_unauthorized(folder: str, serve: Serve, connect: Connect) -> None:
    login = Recording.load(next((WIRE / folder).glob("139-*")))
    server = serve(lambda _request: Reply(raw=login.answer, then="close"))
    with pytest.raises(errors.Unauthorized, match="/login") as caught:
        connect(server, username="peer", password="x").client.check()
    assert caught.value.message == "Invalid credentials."


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_api_document_is_found(folder: str, serve: Serve, connect: Connect) -> None:
    recording = Recording.load(next((WIRE / folder).glob("147-*")))
    server = serve(lambda _request: Reply(raw=recording.answer, then="close"))
    document = connect(server).client.openapi()
    assert document is not None
    assert "/clients/{id}" in document["paths"]
