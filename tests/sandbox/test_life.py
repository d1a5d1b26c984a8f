"""Starting, stopping, keeping data, serving many at once; signing in."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from backoffice.sandbox.server import SandboxServer

from .conftest import Caller, Start

ROOT = Path(__file__).parents[2]


def test_data_survive_a_restart(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "flowtly.sqlite3"
    with SandboxServer(data=file, clients=3, counterparties=3) as first:
        first.patch_row("clients", 1, {"name": "Bevaret"})
        token = first.issue_token()

    again = start(data=file, clients=50, counterparties=50)

    assert again.get("/clients/1")["name"] == "Bevaret"
    assert again.get("/clients")["hydra:totalItems"] == 3
    answer = again("GET", "/clients", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"code": 401, "message": "Invalid JWT Token"}


def test_a_reset_brings_back_the_first_day(api: Caller) -> None:
    first = api.get("/clients/1")
    api("PATCH", "/clients/1", {"name": "Anden"})
    api("POST", "/counterparties", {"displayName": "Ny"})

    api.server.reset()

    assert api.get("/clients/1") == first
    assert api.get("/counterparties")["hydra:totalItems"] == 60


def test_keys_are_never_given_twice(api: Caller) -> None:
    created = api("POST", "/counterparties", {"displayName": "Ny"}).headers["Location"]
    api("DELETE", created)

    assert api("POST", "/counterparties", {"displayName": "Ny"}).headers["Location"] != created


def test_a_connection_is_kept(api: Caller) -> None:
    connection = http.client.HTTPConnection(api.server.origin.removeprefix("http://"), timeout=60)
    headers = {"Authorization": "Bearer demo-token", "Content-Type": "application/merge-patch+json"}
    sockets = []
    for method, path, body in (
        ("GET", "/clients", None),
        ("PATCH", "/clients/1", b'{"dueDays": 5}'),
        ("PATCH", "/clients/99999", b'{"dueDays": 5}'),
        ("DELETE", "/client-contacts/1", None),
        ("GET", "/nosuch", b"a body nobody asked for"),
        ("HEAD", "/clients", None),
        ("GET", "/clients", None),
    ):
        connection.request(method, path, body, headers)
        connection.getresponse().read()
        sockets.append(connection.sock)
    connection.close()

    assert sockets[0] is not None
    assert set(sockets) == {sockets[0]}


def test_stopping_ends_the_connections_that_clients_keep() -> None:
    server = SandboxServer(clients=1, counterparties=1).start()
    host, port = server.origin.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as kept:
        kept.sendall(b"GET /nosuch HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(65536)
        server.stop()
        assert kept.recv(65536) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=60)


def test_a_server_that_was_never_started_can_be_stopped() -> None:
    SandboxServer(clients=1, counterparties=1).stop()


def test_a_taken_port_is_an_error(api: Caller) -> None:
    with pytest.raises(OSError, match="in use"):
        SandboxServer(port=int(api.server.origin.rpartition(":")[2]), clients=1, counterparties=1)


def test_many_at_once(api: Caller) -> None:
    def write(number: int) -> tuple[int, int]:
        body = {"displayName": f"Nr. {number}"}
        headers = {"Authorization": "Bearer demo-token"}
        url = f"{api.server.url}/counterparties"
        created = requests.post(
            url, json=body, headers={**headers, "Content-Type": "application/ld+json"}, timeout=60
        )
        listed = requests.get(url, headers=headers, timeout=60)
        return created.status_code, listed.status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, range(40))) == {(201, 200)}
    assert api.get("/counterparties")["hydra:totalItems"] == 100
    assert 1 <= api.server.most_in_flight <= 8


def test_login_gives_a_token_that_runs_out(start: Start) -> None:
    api = start(username="anna", password="hemmeligt", token="", token_lifetime=3600)
    answer = api("POST", "/login", {"username": "anna", "password": "hemmeligt"}, headers={"Authorization": ""})
    mine = {"Authorization": f"Bearer {answer.json()['token']}"}

    assert api("GET", "/clients", headers=mine).status_code == 200
    assert api("GET", "/clients", headers={"Authorization": "Bearer "}).status_code == 401
    api.server.set_profile(token_lifetime=0)
    late = api("POST", "/login", {"username": "anna", "password": "hemmeligt"}).json()["token"]
    answer = api("GET", "/clients", headers={"Authorization": f"Bearer {late}"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Expired JWT Token")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("[]", 400, "Invalid JSON."),
        ("{", 400, "Invalid JSON."),
        ('{"password": "demo"}', 400, 'The key "username" must be provided.'),
        ('{"username": "demo", "password": ""}', 400, 'The key "password" must be a non-empty string.'),
        ('{"username": "demo", "password": 5}', 400, 'The key "password" must be a non-empty string.'),
    ],
)
def test_a_login_that_makes_no_sense(api: Caller, body: str, status: int, words: str) -> None:
    answer = api("POST", "/login", data=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["detail"]) == (status, words)


def test_login_may_be_switched_off(start: Start) -> None:
    api = start(login=False)

    assert api("POST", "/login", {"username": "demo", "password": "demo"}).status_code == 404


def test_it_needs_nothing_of_ours() -> None:
    """Neither Django nor any other part of the back office is loaded by it."""
    told = "import sys, backoffice.sandbox.server; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()

    assert "werkzeug" in found
    assert "django" not in found
    ours = [each for each in found if each.startswith("backoffice.")]
    assert [each for each in ours if not each.startswith("backoffice.sandbox")] == []


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_is_and_stops_cleanly(tmp_path: Path, stop: signal.Signals) -> None:
    command = [sys.executable, "manage.py", "sandbox", "--profile", "v4", "--prefix", "/api", "--clients", "5"]
    command += ["--data", str(tmp_path / "kept" / "flowtly.sqlite3"), "--token", "hemmelig"]
    environment = os.environ | {"BACKOFFICE_DATA_DIR": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/api", line)
        assert url, line + process.stderr.read()
        page = requests.get(f"{url[0]}/clients", headers={"Authorization": "Bearer hemmelig"}, timeout=60).json()
        process.send_signal(stop)
        rest, complaints = process.communicate(timeout=60)

    assert page["totalItems"] == 5
    assert "login demo/demo" in line
    assert (process.returncode, rest, complaints) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "{taken}"], "cannot listen on port"),
        (["--port", "99999"], "cannot listen on port"),
        (["--data", "/dev/null/flowtly.sqlite3"], "cannot keep its data"),
        (["--data", "{text}"], "cannot keep its data"),
    ],
)
def test_a_command_that_cannot_work_says_why(
    api: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the test runner keeps its own
    text = tmp_path / "a.txt"
    text.write_text("no database, but long enough to be taken for a damaged one" * 10)
    given = [each.format(taken=api.server.origin.rpartition(":")[2], text=text) for each in arguments]

    with pytest.raises(CommandError, match=words):
        call_command("sandbox", "--clients", "1", *given)
