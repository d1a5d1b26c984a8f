"""Runs the sandbox Flowtly until it is told to stop."""

from __future__ import annotations

import signal
import sqlite3
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.sandbox.profiles import PROFILES
from backoffice.sandbox.server import SandboxServer

_SWITCHES = ("prefix", "latency_ms", "page_size_max", "search_param", "token", "username", "password")


class Command(BaseCommand):
    help = (
        "Run a local Flowtly on 127.0.0.1 with made-up data, until SIGTERM or Ctrl-C. Prints one line: its "
        "address, token and login. Faults are set over the control interface under /_control/."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--port", type=int, default=0, help="port; 0 (the default) is any free one")
        add("--profile", choices=sorted(PROFILES), default="flowtly", help="which Flowtly to play")
        add("--prefix", help="path in front of every route, such as /api")
        add("--clients", type=int, default=400, help="clients in a new database (400)")
        add("--counterparties", type=int, default=900, help="counterparties in a new database (900)")
        add("--seed", type=int, default=1, help="the same seed makes the same data (1)")
        add("--latency-ms", type=int, help="time each answer is held back")
        add("--page-size-max", type=int, help="largest page given; 0 is no limit")
        add("--search-param", help="name of the parameter that /clients/search listens to")
        add("--data", type=Path, help="SQLite file to keep the data in; without it the data goes with the process")
        add("--token", help="bearer token that is always good (demo-token)")
        add("--username", help="login name (demo)")
        add("--password", help="login password (demo)")

    def handle(self, *args: Any, **options: Any) -> None:
        _on_signal(sys.exit)  # a large database takes its time to fill
        server = _server(options)
        stopped = threading.Event()
        _on_signal(stopped.set)
        with server:
            profile = server.profile
            self.stdout.write(
                f"Sandbox Flowtly ({profile.name}): {server.url} token {profile.token} "
                f"login {profile.username}/{profile.password} control {server.control_url}"
            )
            self.stdout.flush()
            stopped.wait()


def _on_signal(do: Callable[[], object]) -> None:
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: do())


def _server(options: dict[str, Any]) -> SandboxServer:
    switches = {name: options[name] for name in _SWITCHES if options[name] is not None}
    try:
        if options["data"]:
            options["data"].parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"The sandbox cannot keep its data in {options['data']}: {error}.") from None
    try:
        return SandboxServer(
            options["profile"],
            port=options["port"],
            data=options["data"],
            clients=options["clients"],
            counterparties=options["counterparties"],
            seed=options["seed"],
            **switches,
        )
    except OSError as error:
        raise CommandError(f"The sandbox cannot listen on port {options['port']}: {error}.") from None
    except sqlite3.Error as error:
        raise CommandError(f"The sandbox cannot keep its data in {options['data']}: {error}.") from None
