"""A save whose process is killed in the middle: written down before, read back after, never sent twice."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.frontdoor import FrontDoor

from .conftest import Open

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
CONTROL = re.compile(r"control (http://\S+)")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
BASE = re.compile(r'name="base" value="([^"]+)"')


class Clerk:
    """An editor without a browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self._post("/login/", {"username": "editor", "password": "demo"})

    def page(self, path: str) -> str:
        return self.session.get(f"{self.address}{path}", timeout=60).text

    def _post(self, path: str, fields: dict[str, str]) -> None:
        found = TOKEN.search(self.page(path))
        assert found
        self.session.post(f"{self.address}{path}", data={"csrfmiddlewaretoken": found[1], **fields}, timeout=60)

    def change(self, key: str, **fields: str) -> None:
        """Only the named inputs differ from what the form was rendered with; the server may die meanwhile."""
        path = f"/clients/{key}/edit/"
        page = self.page(path)
        base, token = BASE.search(page), TOKEN.search(page)
        assert base
        assert token
        with contextlib.suppress(requests.ConnectionError):
            self.session.post(
                f"{self.address}{path}",
                data={"csrfmiddlewaretoken": token[1], "base": base[1], **_inputs(page), **fields},
                timeout=60,
            )


def _inputs(page: str) -> dict[str, str]:
    """What the required inputs hold, as a browser would send it along."""
    values = {}
    for tag in re.findall(r"<input[^>]+>", page):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="hidden"' not in tag:
            values[name[1]] = value[1] if value else ""
    return values


def control(door: FrontDoor) -> str:
    found = CONTROL.search(door.output)
    assert found, door.output
    return found[1]


def patches(url: str) -> list[dict[str, Any]]:
    entries = requests.get(f"{url}/log", timeout=10).json()
    return [entry for entry in entries if entry["method"] == "PATCH"]


@pytest.mark.parametrize("reached", [True, False], ids=["Flowtly did it", "Flowtly did not do it"])
def test_a_save_whose_process_is_killed_in_the_call_is_read_back(front_door: Open, reached: bool) -> None:
    door = front_door(FLOWTLY_SETTLE_SECONDS="0.2")
    clerk = Clerk(door.ready())
    url = control(door)
    hang = {"kind": "hang", "method": "PATCH", "path": "/clients/7", "seconds": 20, "apply": reached}
    assert requests.post(f"{url}/faults", json=hang, timeout=10).status_code == 200
    before = requests.get(f"{url}/rows/clients/7", timeout=10).json()["dueDays"]
    saving = threading.Thread(target=clerk.change, args=("7",), kwargs={"dueDays": "71"})
    saving.start()
    door.wait_for(lambda: patches(url), "the PATCH")
    for pid in _web_workers(door):
        os.kill(pid, signal.SIGKILL)
    saving.join()
    door.wait_for(lambda: "<del" in clerk.page("/clients/7/history/"), "the outcome")
    assert ("Not saved" in clerk.page("/clients/7/history/")) is not reached
    assert requests.get(f"{url}/rows/clients/7", timeout=10).json()["dueDays"] == (71 if reached else before)
    assert len(patches(url)) == 1


def _web_workers(door: FrontDoor) -> list[int]:
    """gunicorn's children; the master brings up new ones."""
    family = door.processes("gunicorn")
    return [pid for pid in family if _parent(pid) in family]


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
