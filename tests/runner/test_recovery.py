"""A save whose process is killed in the middle: written down before, read back after, never sent twice."""

from __future__ import annotations

import contextlib
import re
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.frontdoor import LONG, FrontDoor, kill

from .conftest import Open

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
CONTROL = re.compile(r"control (http://\S+)")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
REACHED = {"7": True, "8": False}  # client: whether the PATCH reached Flowtly
BASE = re.compile(r'name="base" value="([^"]+)"')


class Clerk:
    """An editor without a browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        # A connection that is kept may be closed by the server just when it is used again.
        self.session.headers["Connection"] = "close"
        self._post("/login/", {"username": "editor", "password": "demo"})

    def page(self, path: str) -> str:
        return self.session.get(f"{self.address}{path}", timeout=LONG).text

    def _post(self, path: str, fields: dict[str, str]) -> None:
        found = TOKEN.search(self.page(path))
        assert found
        self.session.post(f"{self.address}{path}", data={"csrfmiddlewaretoken": found[1], **fields}, timeout=LONG)

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
                timeout=LONG,
            )


def _inputs(page: str) -> dict[str, str]:
    """What the required inputs hold, as a browser would send it along."""
    values = {}
    for tag in re.findall(r"<input[^>]+>", page):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="hidden"' not in tag:
            values[name[1]] = value[1] if value else ""
    return values


def patches(url: str, key: str) -> list[dict[str, Any]]:
    entries = requests.get(f"{url}/log", timeout=LONG).json()
    return [entry for entry in entries if (entry["method"], entry["path"]) == ("PATCH", f"/clients/{key}")]


def due_days(url: str, key: str) -> Any:
    return requests.get(f"{url}/rows/clients/{key}", timeout=LONG).json()["dueDays"]


def test_saves_whose_process_is_killed_in_the_call_are_read_back(front_door: Open) -> None:
    """Of two, one was carried out by Flowtly and one was not; the one time the lease has to lapse serves both."""
    door = front_door(FLOWTLY_SETTLE_SECONDS="0.2")
    clerk = Clerk(door.ready())
    url = door.finds(CONTROL)[1]
    before, saving = {key: due_days(url, key) for key in REACHED}, []
    for key, reached in REACHED.items():
        hang = {"kind": "hang", "method": "PATCH", "path": f"/clients/{key}", "seconds": 600, "apply": reached}
        assert requests.post(f"{url}/faults", json=hang, timeout=LONG).status_code == 200
        saving.append(threading.Thread(target=clerk.change, args=(key,), kwargs={"dueDays": "71"}))
        saving[-1].start()
        door.wait_for(lambda key=key: patches(url, key), "the PATCH")
    for pid in _web_workers(door):
        kill(pid)
    for each in saving:
        each.join()
    for key, reached in REACHED.items():
        page = f"/clients/{key}/history/"
        door.wait_for(lambda page=page: "<del" in clerk.page(page), "the outcome")
        assert ("Not saved" in clerk.page(page)) is not reached
        assert due_days(url, key) == (71 if reached else before[key])
        assert len(patches(url, key)) == 1


def _web_workers(door: FrontDoor) -> list[int]:
    """gunicorn's children; the master brings up new ones."""
    family = door.processes("gunicorn")
    return [pid for pid in family if _parent(pid) in family]


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
