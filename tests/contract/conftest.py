"""A sandbox of any kind, and its API document altered on the way to us."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from backoffice.flowtly import Client
from backoffice.sandbox.server import SandboxServer
from backoffice.services import contract

Connect = Callable[[SandboxServer], SandboxServer]
Codes = dict[str, list[contract.Finding]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer takes no time: a machine that stalls would be found to be a slow Flowtly."""
    monkeypatch.setattr("backoffice.services.contract.connection.time", Standing())


class Standing:
    """The module `time` with a stop-watch that stands."""

    time = staticmethod(time.time)

    def perf_counter(self) -> float:
        return 0.0


@pytest.fixture
def flowtly(connect: Connect) -> Iterator[Callable[..., SandboxServer]]:
    """Starts a sandbox of this kind and points the back office at it."""
    with ExitStack() as stack:

        def start(profile: str = "flowtly", **switches: Any) -> SandboxServer:
            server = SandboxServer(profile, clients=40, counterparties=20, **switches)
            return connect(stack.enter_context(server))

        yield start


@pytest.fixture
def altered(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Codes]:
    """What a check of the usual sandbox says once `change` has altered its API document."""
    original = Client.openapi

    def check(change: Callable[[dict[str, Any]], Any]) -> Codes:
        def openapi(self: Client, **more: Any) -> Any:
            document = copy.deepcopy(original(self, **more))
            change(document)
            return document

        monkeypatch.setattr(Client, "openapi", openapi)
        return by_code(contract.run())

    return check


def by_code(report: contract.Report) -> Codes:
    found: Codes = {}
    for item in report.findings:
        found.setdefault(item.code, []).append(item)
    return found


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A schema of clients: "read" and "write" are the JSON-LD ones."""
    found: dict[str, Any] = document["components"]["schemas"][f"Client.jsonld-client.{name}"]
    return found
