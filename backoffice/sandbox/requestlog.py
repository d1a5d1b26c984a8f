"""What was asked of the sandbox, for tests that count requests or look into them."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.wrappers import Request

Entry = dict[str, Any]
_HEADERS = ("X-Request-Id", "User-Agent", "Instance", "Accept", "Content-Type")
_KEPT = 20_000


class RequestLog:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        self._in_flight = 0
        self.most_in_flight = 0

    @contextmanager
    def entry(self, request: Request) -> Iterator[Entry]:
        """Notes a request as it comes; the caller adds `status`, which stays None where nothing was answered."""
        entry: Entry = {
            "method": request.method,
            "path": request.path,
            "query": request.query_string.decode("latin-1"),
            "headers": {name.lower(): request.headers[name] for name in _HEADERS if name in request.headers},
            "body": None if request.path.endswith("/login") else _body(request),
            "status": None,
        }
        with self._lock:
            self._entries.append(entry)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            yield entry
        finally:
            with self._lock:
                self._in_flight -= 1

    def entries(self) -> list[Entry]:
        with self._lock:
            return [dict(each) for each in self._entries]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self.most_in_flight = self._in_flight


def _body(request: Request) -> Any:
    data = request.get_data()
    if not data:
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode(errors="replace")
