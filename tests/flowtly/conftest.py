"""Scripted servers, and clients whose time passes only when they sleep."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from backoffice.flowtly import Client, Exchange, Settings

from .servers import Answering, Listening, ScriptedServer

Serve = Callable[[Answering], ScriptedServer]
Connect = Callable[..., "Rig"]


class Rig:
    """A client with the time it lives in: `slept` is each pause, `exchanges` each attempt."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.now = 1_800_000_000.0
        self.slept: list[float] = []
        self.exchanges: list[Exchange] = []
        if "username" not in settings:
            settings.setdefault("token", "geheim-token")
        self.client = Client(
            Settings(url, **settings),
            clock=lambda: self.now,
            sleep=self._sleep,
            observer=self.exchanges.append,
        )

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> Serve:
    servers: list[ScriptedServer] = []
    listening = Listening(servers)
    monkeypatch.setattr(socket.socket, "recv_into", lambda *given: listening.recv_into(*given))

    def start(answer: Answering) -> ScriptedServer:
        servers.append(stack.enter_context(ScriptedServer(answer)))
        return servers[-1]

    return start


@pytest.fixture
def connect(stack: ExitStack) -> Connect:
    def connect(server: ScriptedServer | str, **settings: Any) -> Rig:
        url = server if isinstance(server, str) else server.url
        rig = Rig(url, **settings)
        stack.callback(rig.client.close)
        return rig

    return connect
