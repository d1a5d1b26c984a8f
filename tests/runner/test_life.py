"""Starting, serving and stopping: what `make run` promises from the ready line on."""

from __future__ import annotations

import re
import shutil
import signal
import sqlite3
import sys
from pathlib import Path

import pytest
import requests

from tests.frontdoor import LONG, kill

from .conftest import Open

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
DEMO_ACCESS = "sign in as viewer, editor, steward, approver or admin, password demo"


def test_a_start_serves_and_a_second_one_keeps_the_data(front_door: Open, tmp_path: Path) -> None:
    door = front_door()
    address = door.ready()
    assert door.access() == DEMO_ACCESS
    assert requests.get(f"{address}/healthz", timeout=LONG).status_code == 200
    assert requests.get(f"{address}/readyz", timeout=LONG).status_code == 200
    login = requests.get(f"{address}/login/", timeout=LONG)
    assert login.status_code == 200
    assert len(door.processes()) >= 4  # this one, sandbox, worker, web
    assert door.stop() == 0, door.output
    door.leaves_nothing()

    _write(tmp_path, "UPDATE backoffice_user SET first_name = 'Kept' WHERE username = 'viewer'")
    sandbox = (tmp_path / "sandbox.sqlite3").stat().st_ino
    again = front_door()
    again.ready()
    assert again.stop(signal.SIGINT) == 0
    assert (tmp_path / "sandbox.sqlite3").stat().st_ino == sandbox
    kept = _rows(tmp_path, "SELECT username, first_name FROM backoffice_user ORDER BY username")
    assert kept == [("admin", ""), ("approver", ""), ("editor", ""), ("steward", ""), ("viewer", "Kept")]


def test_a_killed_runner_leaves_nothing_behind(front_door: Open) -> None:
    door = front_door()
    door.ready()
    assert door.stop(signal.SIGKILL) == -signal.SIGKILL
    door.leaves_nothing()


def test_a_terminal_that_closes_stops_everything(front_door: Open) -> None:
    door = front_door(terminal=True)
    door.ready()
    door.hang_up()
    assert door.end() == 0
    door.leaves_nothing()


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_make_leaves_nothing_behind(front_door: Open, tmp_path: Path, number: int) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@exec {sys.executable} -m tools.serve --parent $$PPID\n")
    door = front_door(["make", "-f", str(makefile), "run"])
    door.ready()
    door.stop(number)
    door.leaves_nothing()


def test_a_dead_worker_is_replaced_and_a_dead_web_server_ends_everything(front_door: Open) -> None:
    door = front_door()
    door.ready()
    worker = door.processes("manage.py\0worker")
    assert len(worker) == 1
    kill(worker[0])
    door.wait_for(lambda: door.processes("manage.py\0worker") not in ([], worker), "another worker")
    door.finds(re.compile(r"The worker has ended \(by SIGKILL\); starting it again in"))

    for web in door.processes("-m\0gunicorn"):
        kill(web)
    assert door.end() == 1
    assert "The web has ended by itself (by SIGKILL)." in door.output
    door.leaves_nothing()


def test_the_sandbox_belongs_to_one_start(front_door: Open) -> None:
    front_door().ready()
    second = front_door()
    assert second.end() == 1
    assert "Another back office runs on the sandbox in" in second.output


def _write(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "backoffice.sqlite3") as connection:
        connection.execute(statement)
    connection.close()


def _rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "backoffice.sqlite3")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
