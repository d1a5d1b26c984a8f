"""Each way in which a start is refused: one sentence that says what to do, and an exit code that is not 0."""

from __future__ import annotations

import http.server
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from backoffice.sandbox.server import SandboxServer
from tests.frontdoor import ROOT

from .conftest import Open

TOKEN = {"FLOWTLY_API_TOKEN": "demo-token"}


def last_line(output: str) -> str:
    return output.strip().splitlines()[-1]


@pytest.fixture
def flowtly() -> Iterator[SandboxServer]:
    with SandboxServer(clients=3, counterparties=3) as server:
        yield server


@pytest.fixture
def web_site() -> Iterator[str]:
    """A server that answers every address with a page."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html><body>Welcome</body></html>")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("module", ["tools.run", "tools.serve"])
def test_a_port_that_is_taken(front_door: Open, module: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        door = front_door([sys.executable, "-m", module], PORT=str(port))
        assert door.end() == 1
    assert door.output == (
        f"Port {port} on 127.0.0.1 is taken by another program; choose another: make run PORT={port + 1}\n"
    )


def test_a_port_that_is_no_port(front_door: Open) -> None:
    door = front_door(PORT="http")
    assert door.end() == 1
    assert door.output == "PORT is 'http'; it must be a number from 0 to 65535.\n"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"BACKOFFICE_ENV": "staging"}, "BACKOFFICE_ENV is 'staging'; it must be demo, production or test."),
        ({"FLOWTLY_API_URL": "http://127.0.0.1:9"}, "FLOWTLY_API_URL is set without FLOWTLY_API_TOKEN"),
        ({"FLOWTLY_API_URL": "flowtly.example", **TOKEN}, "it must begin with http:// or https://"),
    ],
)
def test_settings_that_are_wrong(front_door: Open, settings: dict[str, str], sentence: str) -> None:
    door = front_door(**settings)
    assert door.end() == 1
    assert door.output.startswith("The settings are wrong: ")
    assert sentence in door.output
    assert len(door.output.splitlines()) == 1


def test_an_api_that_cannot_be_reached(front_door: Open) -> None:
    with socket.socket() as closed:  # bound, so that nobody else takes the port, and not listening
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        door = front_door(FLOWTLY_API_URL=url, **TOKEN)
        assert door.end() == 1
    assert last_line(door.output).startswith(f"Flowtly at {url} cannot be reached: ")
    assert door.output.count("cannot be reached") == 1


def test_an_api_that_refuses_the_credentials(front_door: Open, flowtly: SandboxServer) -> None:
    door = front_door(FLOWTLY_API_URL=flowtly.url, FLOWTLY_API_TOKEN="another")
    assert door.end() == 1
    assert last_line(door.output).startswith(
        f"Flowtly at {flowtly.url} refuses the credentials: check FLOWTLY_API_TOKEN"
    )
    assert "another" not in door.output


def test_an_address_that_is_no_api(front_door: Open, web_site: str) -> None:
    door = front_door(FLOWTLY_API_URL=web_site, **TOKEN)
    assert door.end() == 1
    assert last_line(door.output).startswith(f"{web_site} does not answer like Flowtly (")
    assert last_line(door.output).endswith("check FLOWTLY_API_URL and its path.")


def test_a_database_of_another_upstream_and_the_one_admin(front_door: Open, flowtly: SandboxServer) -> None:
    first = front_door(FLOWTLY_API_URL=flowtly.url, **TOKEN)
    first.ready()
    assert re.fullmatch(r"sign in as admin, password \S{16} \(shown this once\)", first.access())
    assert not first.processes("manage.py\0sandbox")
    assert first.stop() == 0

    with SandboxServer(clients=3, counterparties=3) as other:
        refused = front_door(FLOWTLY_API_URL=other.url, **TOKEN)
        assert refused.end() == 1
        assert flowtly.url in last_line(refused.output)
        assert other.url in last_line(refused.output)

    again = front_door(FLOWTLY_API_URL=flowtly.url, BACKOFFICE_DEMO="1", **TOKEN)
    again.ready()
    assert "or admin, password demo" in again.access()


def test_a_python_that_is_too_old() -> None:
    old = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_module('tools.run', run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", old], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == (
        "Python 3.11 or newer is needed and this is 3.9.2; name another with make PYTHON=python3.11\n"
    )


def test_a_python_without_venv() -> None:
    bare = (
        "import sys; sys.modules['ensurepip'] = None\n"
        "from tools import bootstrap, progress; bootstrap._make_venv(progress.Steps())"
    )
    ended = subprocess.run([sys.executable, "-c", bare], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.endswith("has no venv module; on Debian and Ubuntu: apt install python3-venv\n")
