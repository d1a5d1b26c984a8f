"""The sandbox as its control interface shows it: rows as they are, faults, other people's edits."""

from __future__ import annotations

import itertools
import time
from typing import Any

import requests

from .colleague import Colleague

Row = dict[str, Any]
_PATIENCE = 60.0  # seconds; only ever reached by a failure
_numbers = itertools.count(1)


class Flowtly:
    """One sandbox over HTTP. Keys are strings, values are columns as they are stored."""

    def __init__(self, url: str, token: str, colleague: Colleague) -> None:
        self.url = url
        self.colleague = colleague
        self._control = requests.Session()
        self._api = requests.Session()
        self._api.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        self._control.close()
        self._api.close()

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._control.request(method, f"{self.url}/_control/{path}", json=body, timeout=_PATIENCE)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json() if answer.content else None

    def has_client(self, **values: Any) -> Row:
        """A client made by somebody else, unlike any other by its name: what the API answers, with `id`."""
        number = next(_numbers)
        body = {
            "name": f"Prøveklient {number:03} ApS",
            "status": "active",
            "country": "/countries/1",
            "currency": "/currencies/1",
            "tinType": "cvr",
            "dueDays": 14,
            "addressCity": "Aarhus",
            **values,
        }
        answer = self._api.post(f"{self.url}/clients", json=body, timeout=_PATIENCE)
        assert answer.status_code == 201, answer.text
        made: Row = answer.json()
        return made | {"id": str(made["@id"]).rpartition("/")[2]}

    def has_counterparty(self, **values: Any) -> str:
        """A counterparty made by somebody else; its number."""
        body = {"type": "vendor", "requireAttachment": False, "cyclic": False, "budgetNeutral": False, **values}
        answer = self._api.post(f"{self.url}/counterparties", json=body, timeout=_PATIENCE)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["@id"]).rpartition("/")[2]

    def client(self, key: str) -> Row:
        row: Row = self._ask("GET", f"rows/clients/{key}")
        return row

    def clients_named(self, name: str) -> list[Row]:
        answer = self._api.get(f"{self.url}/clients", params={"name": name}, timeout=_PATIENCE)
        return [each for each in answer.json()["hydra:member"] if each["name"] == name]

    def counterparty(self, key: str) -> Row:
        row: Row = self._ask("GET", f"rows/counterparties/{key}")
        return row

    def changes_meanwhile(self, key: str, **values: Any) -> None:
        """Somebody else saves this client in Flowtly itself."""
        self._ask("PATCH", f"rows/clients/{key}", values)

    def counterparty_changes(self, key: str, **values: Any) -> None:
        """Somebody saves this counterparty in Flowtly itself."""
        self._ask("PATCH", f"rows/counterparties/{key}", values)

    def fails(self, **fault: Any) -> None:
        """Adds a fault: the members of `backoffice.sandbox.faults.Fault`."""
        self._ask("POST", "faults", fault)

    def somebody_edits(self, **edit: Any) -> None:
        """Somebody else's edit just before a request: the members of `backoffice.sandbox.faults.Edit`."""
        self._ask("POST", "edits", edit)

    def is_down(self) -> None:
        self.fails(status=503, times=None)

    def recovers(self) -> None:
        self._ask("DELETE", "faults")

    def writes(self, path: str) -> list[Row]:
        """The writes that arrived at this path, oldest first: `method`, `body`, `status`."""
        log: list[Row] = self._ask("GET", "log")
        return [each for each in log if each["path"] == path and each["method"] in ("POST", "PATCH", "DELETE")]

    def waits_for_a_write(self, path: str, **body: Any) -> None:
        """Until a write with these members has arrived at this path."""
        deadline = time.monotonic() + _PATIENCE
        while not any(body.items() <= (each["body"] or {}).items() for each in self.writes(path)):
            assert time.monotonic() < deadline, f"Nothing was written to {path}."
            time.sleep(0.02)

    def total(self, path: str) -> int:
        return int(self._ask("GET", "")["counts"][path])
