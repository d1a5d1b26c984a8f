"""A sandbox of its own for each test, and somebody who talks to it as any HTTP client would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from backoffice.sandbox.server import SandboxServer

LD, JSON, PATCH = "application/ld+json", "application/json", "application/merge-patch+json"
NEW_CLIENT = {
    "name": "Ny Kunde ApS",
    "status": "active",
    "tinType": "cvr",
    "country": "/countries/1",
    "currency": "/currencies/1",
}


class Caller:
    """Requests against one sandbox; paths are given without its prefix."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.headers.update({"Authorization": f"Bearer {server.profile.token}", "Accept": LD})

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        headers = {"Content-Type": PATCH if method == "PATCH" else LD} if body is not None else {}
        headers |= options.pop("headers", {})
        return self.session.request(
            method, self.server.url + path, json=body, headers=headers, timeout=60, **options
        )

    def get(self, path: str, **options: Any) -> Any:
        return self("GET", path, **options).json()

    def members(self, path: str) -> list[Any]:
        body = self.get(path)
        members = body["hydra:member"] if "hydra:member" in body else body["member"]
        assert isinstance(members, list)
        return members


Start = Callable[..., Caller]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts sandboxes; all are stopped afterwards."""
    with ExitStack() as stack:

        def make(profile: str = "flowtly", **options: Any) -> Caller:
            server = SandboxServer(profile, **{"clients": 60, "counterparties": 60, **options})
            caller = Caller(stack.enter_context(server))
            stack.callback(caller.session.close)
            return caller

        yield make


@pytest.fixture
def api(start: Start) -> Caller:
    """The usual sandbox, small."""
    return start()
