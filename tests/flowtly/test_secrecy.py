"""No token, password, body or query value in a log line, an error or a repr, whatever happens."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest

from backoffice.flowtly import Exchange, FlowtlyError, Settings

from .conftest import Connect, Serve
from .servers import HANG, RESET, Reply, Request

# Nothing of these may ever be seen.
TOKEN, PASSWORD, NAME, NEW_NAME = "geheim-token", "hemmelig-kode", "Jens-Hemmelig", "Ny-Hemmelig"
SECRETS = (TOKEN, PASSWORD, NAME, NEW_NAME)

ANSWERS = {
    "ok": Reply(body={"name": NAME}),
    "cut": Reply(body=f'{{"name": "{NAME}"'.encode()),
    "422": Reply(422, {"detail": f"{NEW_NAME} is taken", "violations": []}),
    "500": Reply(500, {"detail": NAME}),
    "429": Reply(429, {"detail": NAME}, headers={"Retry-After": "999"}),
    "html": Reply(body=f"<p>{NAME}".encode(), content_type="text/html"),
    "moved": Reply(301, headers={"Location": f"https://u:{TOKEN}@evil.example/?q={NAME}"}),
    "odd header": Reply(raw=f"HTTP/1.1 200 OK\r\nno colon {NAME}\r\n\r\n{{}}".encode(), then="close"),
    "no http": Reply(raw=f"{NAME}\r\n\r\n".encode(), then="close"),
    "reset": RESET,
    "hang": HANG,
}


@pytest.mark.parametrize("verb", ["GET", "PATCH"])
@pytest.mark.parametrize("case", ANSWERS)
def test_nothing_secret_is_seen(
    case: str, verb: str, serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def answer(request: Request) -> Reply:
        login = request.path == "/login"
        return Reply(body={"token": TOKEN}) if login else ANSWERS[case]

    rig = connect(serve(answer), username="peer", password=PASSWORD)
    seen = [repr(rig.client.settings), str(rig.client.base)]
    try:
        if verb == "GET":
            rig.client.page("/clients", {"search": NAME})
        else:
            rig.client.patch(f"/clients/1?name={NAME}", {"name": NEW_NAME})
    except FlowtlyError as error:
        # The frames of a traceback show our source lines, never values; its last line shows the error.
        seen += [str(error), repr(error), error.path, *traceback.format_exception(error)]
    seen += [record.getMessage() for record in caplog.records]
    seen += [repr(exchange) for exchange in rig.exchanges]
    assert not [(secret, text) for secret in SECRETS for text in seen if secret in text]


def test_each_exchange_is_one_line_and_one_call_of_the_observer(
    serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "backoffice.flowtly")
    rig = connect(serve(lambda _request: Reply(503)))
    with pytest.raises(FlowtlyError):
        rig.client.get("/clients", {"search": NAME}, request_id="abc")
    lines = [record.getMessage() for record in caplog.records if record.name == "backoffice.flowtly"]
    assert len(lines) == 3
    assert lines[0].startswith("GET /clients?search 503 ")
    assert lines[0].endswith(" ms abc")
    assert [(seen.method, seen.path, seen.status, seen.request_id, seen.attempt) for seen in rig.exchanges] == [
        ("GET", "/clients?search", 503, "abc", attempt) for attempt in (1, 2, 3)
    ]
    assert all(0 <= seen.seconds < 60 for seen in rig.exchanges)


def test_an_observer_that_fails_does_not_cost_the_answer(
    serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_exchange: Exchange) -> None:
        raise RuntimeError("full disk")

    rig = connect(serve(lambda _request: Reply(201, {"@id": "/clients/1"})))
    rig.client._connection._observer = fail
    assert rig.client.create("/clients", {"name": "x"}).status == 201
    assert "an observer of Flowtly calls failed" in caplog.text


def test_a_netrc_file_does_not_replace_the_token(
    serve: Serve, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password word\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(lambda _request: Reply(body={}))
    connect(server).client.get("/clients/1")
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_settings_show_no_secret() -> None:
    shown = repr(Settings("https://api.example", token=TOKEN, username="peer", password=PASSWORD))
    assert TOKEN not in shown
    assert PASSWORD not in shown
