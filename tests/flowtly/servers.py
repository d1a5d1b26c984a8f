"""A small HTTP server that does what a test tells it, down to the bytes and the way it hangs up."""

from __future__ import annotations

import json
import select
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

JSON_LD = "application/ld+json; charset=utf-8"


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """`body` is bytes as they are, or a JSON value. `promised` is the Content-Length when it shall lie
    (None: the right one, 0: none at all). `raw` replaces everything. `then` is how the server goes on."""

    status: int = 200
    body: Any = b""
    content_type: str = JSON_LD
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    raw: bytes | None = None
    then: Literal["keep", "close", "reset", "hang"] = "keep"

    def encode(self) -> bytes:
        if self.raw is not None:
            return self.raw
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        lines = [f"HTTP/1.1 {self.status} {_phrase(self.status)}"]
        if self.content_type and self.status != 204:
            lines.append(f"Content-Type: {self.content_type}")
        if self.promised != 0 and self.status != 204:
            lines.append(f"Content-Length: {len(body) if self.promised is None else self.promised}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


HANG = Reply(raw=b"", then="hang")
RESET = Reply(raw=b"", then="reset")

Answering = Callable[[Request], Reply]


def in_turn(*replies: Reply) -> Answering:
    """These replies one after the other, the last one for ever."""
    left = list(replies)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


class ScriptedServer:
    """Serves `answer(request)` on a free port until closed; keeps every request it read."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.released = threading.Event()
        self.lock = threading.Lock()
        self.open = 0
        self.most_open = 0
        self.last_words: dict[Any, int] = {}
        """Bytes sent to a client, by its address, from the moment on at which no more will come."""
        self._server = _Listener(("127.0.0.1", 0), _Handler)
        self._server.script = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def opened(self, by: int) -> None:
        with self.lock:
            self.open += by
            self.most_open = max(self.most_open, self.open)


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    script: ScriptedServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up first is part of the game."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Listener
    sent = 0

    def handle(self) -> None:
        self.server.script.last_words.pop(self.client_address, None)
        self.server.script.opened(+1)
        try:
            while (request := self._read()) and self._serve(request):
                pass
        finally:
            self.server.script.opened(-1)

    def _read(self) -> Request | None:
        head = self._lines()
        if not head:
            return None
        method, target, _version = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        return Request(method, target, headers, self.rfile.read(int(headers.get("content-length", 0))))

    def _lines(self) -> list[str]:
        lines: list[str] = []
        while line := self.rfile.readline().decode("latin-1").rstrip("\r\n"):
            lines.append(line)
        return lines

    def _serve(self, request: Request) -> bool:
        script = self.server.script
        with script.lock:
            script.requests.append(request)
        reply = script.answer(request)
        self.sent += self.wfile.write(reply.encode())
        if reply.then == "hang":
            script.last_words[self.client_address] = self.sent
            script.released.wait()
        if reply.then == "reset":
            # Lingering for no time turns the close into a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        return reply.then == "keep"


class Listening:
    """Replaces `recv_into` of all sockets: a client's time-out strikes when its server has said its last.

    By the clock, a server that is slow to be scheduled would look like one that hangs.
    """

    def __init__(self, servers: list[ScriptedServer]) -> None:
        self._servers = servers
        self._heard: WeakKeyDictionary[socket.socket, int] = WeakKeyDictionary()

    def recv_into(self, client: socket.socket, *into: Any) -> int:
        if client.gettimeout() is not None:
            while not select.select([client], [], [], 0.005)[0]:
                if self._has_heard_all(client):
                    raise TimeoutError("timed out")
        count = super(socket.socket, client).recv_into(*into)
        self._heard[client] = self._heard.get(client, 0) + count
        return count

    def _has_heard_all(self, client: socket.socket) -> bool:
        address, heard = client.getsockname(), self._heard.get(client, 0)
        return any(server.last_words.get(address) == heard for server in self._servers)


def envelope(
    members: Iterable[Mapping[str, Any]], *, total: int | None, links: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """An unprefixed hydra page."""
    page: dict[str, Any] = {"@type": "Collection", "member": list(members)}
    if total is not None:
        page["totalItems"] = total
    if links is not None:
        page["view"] = {"@type": "PartialCollectionView", **links}
    return page


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Odd"
