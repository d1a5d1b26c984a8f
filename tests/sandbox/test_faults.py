"""What goes wrong on demand goes wrong as it would on the wire."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from .conftest import JSON, Caller, Start


def test_a_fault_strikes_as_often_as_told_and_then_no_more(api: Caller) -> None:
    api.server.fault(status=503, path="/clients*", times=2, skip=1)

    statuses = [api("GET", "/clients").status_code for _ in range(5)]

    assert statuses == [200, 503, 503, 200, 200]
    assert [each["status"] for each in api.server.requests] == statuses


def test_a_fault_strikes_what_it_is_meant_for(api: Caller) -> None:
    api.server.fault(status=500, method="PATCH", path=r"^/clients/\d+$", times=None)

    assert api("GET", "/clients/1").status_code == 200
    assert api("GET", "/clients/search").status_code == 200
    assert [api("PATCH", "/clients/1", {}).status_code for _ in range(3)] == [500] * 3
    api.server.clear_faults()
    assert api("PATCH", "/clients/1", {}).status_code == 200


def test_the_path_of_a_fault_has_no_prefix(start: Start) -> None:
    api = start(prefix="/api")
    api.server.fault(status=503, path="/clients/1")

    assert api("GET", "/clients/1").status_code == 503


@pytest.mark.parametrize(("accept", "keys"), [(JSON, {"title", "detail", "status", "type"}), (None, None)])
def test_a_status_comes_in_the_words_of_the_api(api: Caller, accept: str | None, keys: set[str] | None) -> None:
    api.server.fault(status=429, retry_after=7, detail="Slow down")

    answer = api("GET", "/clients", headers={"Accept": accept} if accept else {})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert answer.json()["detail"] == "Slow down"
    assert answer.json().keys() == (keys or answer.json().keys() | {"hydra:description"})


def test_retry_after_may_be_a_date(api: Caller) -> None:
    api.server.fault(status=503, retry_after=60, retry_after_date=True)

    before = int(time.time())
    moment = parsedate_to_datetime(api("GET", "/clients").headers["Retry-After"]).timestamp()

    assert before <= moment - 60 <= time.time()


def test_a_proxy_answers_in_html(api: Caller) -> None:
    api.server.fault(status=502, body="html")
    api.server.fault(status=520, body="<p>own words</p>")

    proxy, own = api("GET", "/clients"), api("GET", "/clients")

    assert proxy.headers["Content-Type"].startswith("text/html")
    assert "502 Bad Gateway" in proxy.text
    assert (own.status_code, own.text) == (520, "<p>own words</p>")


def test_a_401_comes_from_the_token_check(api: Caller) -> None:
    api.server.fault(status=401, detail="Expired JWT Token")

    answer = api("GET", "/clients")

    assert answer.json() == {"code": 401, "message": "Expired JWT Token"}
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def raw(api: Caller, method: str, path: str, body: bytes = b"") -> bytes:
    """The bytes of an answer up to the end of the connection; raises what the socket raises."""
    host, port = api.server.origin.removeprefix("http://").split(":")
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", "Authorization: Bearer demo-token"]
    head += ["Content-Type: application/merge-patch+json", f"Content-Length: {len(body)}", "", ""]
    received = b""
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall("\r\n".join(head).encode() + body)
        while part := connection.recv(65536):
            received += part
    return received


def test_a_reset_is_a_reset(api: Caller) -> None:
    api.server.fault("reset")

    with pytest.raises(ConnectionResetError):
        raw(api, "GET", "/clients")
    assert api.server.requests[-1]["status"] is None


def test_a_hanging_server_is_let_go_when_faults_are_cleared(api: Caller) -> None:
    fault = api.server.fault("hang", seconds=60)

    def clear_once_it_struck() -> None:
        while fault.times:
            time.sleep(0.001)
        api.server.clear_faults()

    threading.Thread(target=clear_once_it_struck).start()
    with pytest.raises(ConnectionResetError):
        raw(api, "GET", "/clients")


def test_a_client_loses_patience_with_a_hanging_server(api: Caller) -> None:
    api.server.fault("hang", seconds=60)

    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{api.server.url}/clients", timeout=(60, 0.05))


def test_a_delayed_answer_is_whole(api: Caller) -> None:
    api.server.fault("delay", seconds=0.01)

    assert api("GET", "/clients").json()["hydra:totalItems"] == 60


def test_a_truncated_answer_promises_more_than_it_gives(api: Caller) -> None:
    api.server.fault("truncate")
    connection = http.client.HTTPConnection(api.server.origin.removeprefix("http://"), timeout=60)
    connection.request("GET", "/clients", headers={"Authorization": "Bearer demo-token"})

    answer = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead) as cut:
        answer.read()
    connection.close()

    assert len(cut.value.partial) == int(answer.headers["Content-Length"]) // 2
    assert cut.value.partial.startswith(b'{"@context"')


@pytest.mark.parametrize(("kind", "status"), [("garbage", 200), ("empty", 200)])
def test_a_success_that_says_nothing(api: Caller, kind: Any, status: int) -> None:
    api.server.fault(kind)

    answer = api("GET", "/clients")

    assert answer.status_code == status
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


LOST: list[dict[str, Any]] = [
    {"kind": "reset"},
    {"kind": "hang", "seconds": 0},
    {"kind": "truncate"},
    {"kind": "garbage"},
    {"kind": "empty"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502, "body": "html"},
]


@pytest.mark.parametrize("apply", [True, False], ids=["written", "not-written"])
@pytest.mark.parametrize("fault", LOST, ids=lambda each: f"{each['kind']}-{each.get('status', '')}")
def test_a_write_may_be_done_and_its_answer_lost(api: Caller, fault: dict[str, Any], apply: bool) -> None:
    api.server.patch_row("clients", 1, {"addressCity": "Lund"})
    api.server.fault(**fault, method="PATCH", apply=apply)

    try:
        answer = api("PATCH", "/clients/1", {"addressCity": "Odense"})
    except requests.RequestException:
        answer = None

    assert answer is None or answer.status_code >= 500 or fault["kind"] in ("garbage", "empty")
    row = api.server.row("clients", 1)
    assert row is not None
    assert row["addressCity"] == ("Odense" if apply else "Lund")


def test_somebody_else_edits_just_before_a_request(api: Caller) -> None:
    api.server.edit_before("clients", 1, {"name": "Deres"}, method="GET", path="/clients/1", skip=1)

    first, second = api.get("/clients/1"), api.get("/clients/1")
    api("PATCH", "/clients/1", {"name": "Vores"})

    assert first["name"] != "Deres"
    assert second["name"] == "Deres"
    assert api.get("/clients/1")["name"] == "Vores"


def test_somebody_else_deletes_just_before_a_request(api: Caller) -> None:
    api.server.edit_before("client-contacts", 1, None, method="PATCH", path="/client-contacts/*")

    assert api("PATCH", "/client-contacts/1", {"title": "x"}).status_code == 404


def test_an_unknown_fault_is_refused(api: Caller) -> None:
    with pytest.raises(ValueError, match="Unknown kind of fault"):
        api.server.fault("explode")  # type: ignore[arg-type]
