"""Werkzeug's threaded server, with the connections kept alive and broken where a fault says so.

Werkzeug closes each connection after one answer, because it cannot know whether the application read the
whole body. Ours always does, and a client that pools its connections has to be met by a server that keeps
them.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .faults import BROKEN

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Headers = list[tuple[str, str]]
_LINGER_NOT = struct.pack("ii", 1, 0)


class Handler(WSGIRequestHandler):
    """One connection: requests one after the other, until either side has had enough."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        answer: list[tuple[str, Headers]] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> Any:
            answer.append((status, headers))

        body = b"".join(self.server.app(environ, start_response))
        broken = environ.get(BROKEN)
        if broken == "reset":
            self._reset()
            return
        if broken == "truncate":
            body = body[: len(body) // 2]
            self.close_connection = True
        status, headers = answer[-1]
        self._send(status, headers, b"" if self.command == "HEAD" else body)

    def _send(self, status: str, headers: Headers, body: bytes) -> None:
        """One write for head and body: two would be two packets."""
        close = [("Connection", "close")] if self.close_connection else []
        lines = [f"HTTP/1.1 {status}", f"Server: {self.server_version}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in [*headers, *close]]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.server.to_reset.add(self.connection)
        self.close_connection = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests are kept in the sandbox's own log."""


class Server(ThreadedWSGIServer):
    """Serves on 127.0.0.1 until `close`, which also ends the connections that clients keep open."""

    def __init__(self, port: int, app: WSGIApplication) -> None:
        """Port 0 is any free one; raises OSError where the port is taken or none."""
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.to_reset: set[socket.socket] = set()
        if not 0 <= port < 65536:
            raise OSError(f"there is no port {port}")
        with socket.create_server(("127.0.0.1", port), backlog=128) as listening:
            super().__init__("127.0.0.1", listening.getsockname()[1], app, Handler, fd=listening.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        if request in self.to_reset:
            self.to_reset.discard(request)
            request.close()  # without the polite FIN that the base class sends first
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is, and belongs on stderr."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        self.shutdown()
        with self._lock:
            connections = list(self._connections)
        for each in connections:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # gone by itself
