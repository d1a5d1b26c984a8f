"""A Flowtly with manners of its own: what is sent to it, or what it answers, is twisted on the way."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from backoffice.sandbox.server import SandboxServer


@dataclass
class Answer:
    """What goes out; `body` is JSON, text, or None for none."""

    method: str
    path: str
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


Twist = Callable[[Answer], None]


class OddServer(SandboxServer):
    """`stored` turns a PATCH into what is saved; `answer` changes an answer in place. `bodies`: as they came."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.stored: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        self.answer: Twist | None = None
        self.bodies: list[tuple[str, Any]] = []
        self._server.app = self._twisted

    def _twisted(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(self.profile.prefix)
        if method == "PATCH":
            self._take(environ, path)
        begun: list[tuple[str, list[tuple[str, str]]]] = []
        body = b"".join(self._sandbox(environ, lambda status, headers: begun.append((status, headers))))
        status, headers = begun[-1]
        if self.answer is None:
            start_response(status, headers)
            return [body]
        given = Answer(method, path, int(status.split()[0]), _value(body), dict(headers))
        self.answer(given)
        return [_sent(given, start_response)]

    def _take(self, environ: Any, path: str) -> None:
        sent = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        self.bodies.append((path, sent))
        raw = json.dumps(self.stored(sent) if self.stored else sent).encode()
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(raw), str(len(raw))


def _value(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _sent(answer: Answer, start_response: Any) -> bytes:
    if answer.body is None:
        body = b""
    else:
        body = (answer.body if isinstance(answer.body, str) else json.dumps(answer.body)).encode()
    answer.headers["Content-Length"] = str(len(body))
    start_response(f"{answer.status} As told", list(answer.headers.items()))
    return body
