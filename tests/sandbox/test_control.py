"""Everything a test can turn in process, another process can turn over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Caller


@pytest.fixture
def control(api: Caller) -> Any:
    """(method, path, body) -> answer of the control interface."""

    def call(method: str, path: str, body: Any = None) -> Any:
        return api.session.request(method, f"{api.server.control_url}/{path}", json=body, timeout=60)

    return call


def test_it_says_what_there_is(control: Any) -> None:
    overview = control("GET", "").json()

    assert overview["profile"]["name"] == "flowtly"
    assert overview["counts"]["clients"] == 60


def test_the_log(api: Caller, control: Any) -> None:
    api("PATCH", "/clients/1?a=b", {"dueDays": 5}, headers={"X-Request-Id": "abc", "instance": "x"})

    (entry,) = control("GET", "log").json()
    assert entry["headers"]["x-request-id"] == "abc"
    assert entry["headers"]["instance"] == "x"
    assert "authorization" not in entry["headers"]
    assert (entry["method"], entry["path"], entry["query"]) == ("PATCH", "/clients/1", "a=b")
    assert (entry["body"], entry["status"]) == ({"dueDays": 5}, 200)
    assert entry == api.server.requests[0]
    control("DELETE", "log")
    assert control("GET", "log").json() == []


def test_passwords_are_not_logged(api: Caller) -> None:
    api("POST", "/login", {"username": "demo", "password": "demo"})

    assert api.server.requests[0]["body"] is None


def test_faults(api: Caller, control: Any) -> None:
    control("POST", "faults", {"kind": "status", "status": 418, "times": 2, "path": "/clients"})

    assert api("GET", "/clients").status_code == 418
    (pending,) = control("GET", "faults").json()
    assert (pending["status"], pending["times"]) == (418, 1)
    control("DELETE", "faults")
    assert api("GET", "/clients").status_code == 200


def test_edits(api: Caller, control: Any) -> None:
    control("POST", "edits", {"resource": "clients", "key": "1", "changes": {"name": "Deres"}, "method": "GET"})

    assert api.get("/clients/1")["name"] == "Deres"


def test_rows(api: Caller, control: Any) -> None:
    control("PATCH", "rows/clients/1", {"name": "Anden", "country": "/countries/3", "defaultCost": None})

    assert api.get("/clients/1")["country"] == "/countries/3"
    assert control("GET", "rows/clients/1").json()["name"] == "Anden"
    control("DELETE", "rows/client-contacts/1")
    assert api("GET", "/client-contacts/1").status_code == 404


def test_the_profile_and_a_fresh_start(api: Caller, control: Any) -> None:
    name = api.get("/clients/1")["name"]
    control("PATCH", "rows/clients/1", {"name": "Anden"})

    profile = control("PATCH", "profile", {"filters": ["name"], "hydra_prefix": False}).json()
    control("POST", "reset")

    assert profile["filters"] == ["name"]
    assert api.members("/clients")[0]["name"] == name
    assert len(api.get("/clients")["search"]["mapping"]) == 1


def test_tokens_run_out(api: Caller, control: Any) -> None:
    token = api("POST", "/login", {"username": "demo", "password": "demo"}).json()["token"]
    mine = {"Authorization": f"Bearer {token}"}
    assert api("GET", "/clients", headers=mine).status_code == 200

    control("POST", "tokens/expire")

    assert api("GET", "/clients", headers=mine).json() == {"code": 401, "message": "Expired JWT Token"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "nonsense", None, 404),
        ("GET", "rows/clients/99999", None, 404),
        ("PATCH", "rows/clients/99999", {}, 404),
        ("GET", "rows/nonsense/1", None, 404),
        ("GET", "rows/clients", None, 400),
        ("PATCH", "rows/clients/1", {"nonsense": 1}, 404),
        ("POST", "faults", {"kind": "explode"}, 400),
        ("POST", "faults", {"nonsense": 1}, 400),
        ("PATCH", "profile", {"nonsense": 1}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(control: Any, method: str, path: str, body: Any, status: int) -> None:
    answer = control(method, path, body)

    assert answer.status_code == status
    assert answer.json()["error"]
