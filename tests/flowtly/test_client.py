"""What goes out: paths, headers, bodies, and what the methods of the client make of the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import backoffice.flowtly as package
from backoffice.flowtly import Client, Settings, errors, merge_body_doubt

from .conftest import Connect, Serve
from .servers import Reply, ScriptedServer, envelope, in_turn

RECORD = Reply(body={"@id": "/clients/1", "name": "Ærø"})


@pytest.fixture
def record(serve: Serve) -> ScriptedServer:
    return serve(lambda _request: RECORD)


# Requests


def test_every_call_says_who_calls_and_what_it_wants(record: ScriptedServer, connect: Connect) -> None:
    rig = connect(record, instance="1hkzxrub", user_agent="flowtly-backoffice/1.2.3")
    rig.client.get("/clients/1", request_id="abc-1")
    sent = record.requests[0]
    assert (sent.method, sent.target) == ("GET", "/clients/1")
    assert sent.headers["accept"] == "application/ld+json"
    assert sent.headers["authorization"] == "Bearer geheim-token"
    assert sent.headers["instance"] == "1hkzxrub"
    assert sent.headers["user-agent"] == "flowtly-backoffice/1.2.3"
    assert sent.headers["x-request-id"] == "abc-1"
    assert "content-type" not in sent.headers


def test_an_instance_that_is_not_set_is_not_sent(record: ScriptedServer, connect: Connect) -> None:
    connect(record).client.get("/clients/1")
    assert "instance" not in record.requests[0].headers


@pytest.mark.parametrize(
    ("do", "method", "target", "content_type", "body"),
    [
        (
            lambda c: c.create("/clients", {"name": "Ærø"}),
            "POST",
            "/clients",
            "application/ld+json",
            {"name": "Ærø"},
        ),
        (
            lambda c: c.patch("/clients/1", {"tin": None}),
            "PATCH",
            "/clients/1",
            "application/merge-patch+json",
            {"tin": None},
        ),
        (lambda c: c.delete("/clients/1"), "DELETE", "/clients/1", None, None),
        (
            lambda c: c.call("/clients/1/do", {"a": [1]}),
            "POST",
            "/clients/1/do",
            "application/ld+json",
            {"a": [1]},
        ),
        (lambda c: c.call("/clients/1/do"), "POST", "/clients/1/do", None, None),
        (
            lambda c: c.enrich("/counterparties/7"),
            "POST",
            "/counterparties/7/enrich-branding-ai",
            "application/ld+json",
            {},
        ),
        (
            lambda c: c.merge("/counterparties/1", "/counterparties/2"),
            "POST",
            "/counterparties/1/merge",
            "application/ld+json",
            {"counterparties": ["/counterparties/2"]},
        ),
    ],
)
def test_what_a_write_sends(
    do: Callable[[Client], Any],
    method: str,
    target: str,
    content_type: str | None,
    body: Any,
    record: ScriptedServer,
    connect: Connect,
) -> None:
    do(connect(record).client)
    sent = record.requests[0]
    assert (sent.method, sent.target) == (method, target)
    assert sent.headers.get("content-type") == content_type
    assert (sent.json() if sent.body else None) == body


@pytest.mark.parametrize("member", ["id", "@id", "@type", "@context"])
def test_identity_is_never_sent(member: str, record: ScriptedServer, connect: Connect) -> None:
    client = connect(record).client
    with pytest.raises(ValueError, match=member):
        client.create("/clients", {"name": "x", member: "1"})
    with pytest.raises(ValueError, match=member):
        client.patch("/clients/1", {member: "1"})
    assert record.requests == []


def test_a_prefix_is_kept_for_paths_iris_and_links(record: ScriptedServer, connect: Connect) -> None:
    client = connect(f"{record.url}/api").client
    for reference in ("/clients/1", "/api/clients/1", "clients/1", f"{record.url}/api/clients/1"):
        client.get(reference)
    assert record.paths() == ["/api/clients/1"] * 4


@pytest.mark.parametrize("verb", ["get", "delete", "call"])
def test_the_token_never_goes_to_another_host(verb: str, record: ScriptedServer, connect: Connect) -> None:
    with pytest.raises(errors.BadResponse, match="another host") as caught:
        getattr(connect(record).client, verb)("https://evil.example/clients/1", request_id="abc")
    assert caught.value.request_id == "abc"
    assert record.requests == []


def test_a_redirect_is_followed_by_a_get_only(serve: Serve, connect: Connect) -> None:
    moved = Reply(301, headers={"Location": "/clients/2?x=1"})
    server = serve(lambda request: moved if request.path == "/clients/1" else RECORD)
    client = connect(server).client
    assert client.get("/clients/1")["name"] == "Ærø"
    with pytest.raises(errors.BadResponse):
        client.patch("/clients/1", {"name": "x"})
    assert [(request.method, request.target) for request in server.requests] == [
        ("GET", "/clients/1"),
        ("GET", "/clients/2?x=1"),
        ("PATCH", "/clients/1"),
    ]


def test_a_redirect_without_end_is_left(serve: Serve, connect: Connect) -> None:
    server = serve(lambda request: Reply(302, headers={"Location": request.path + "x"}))
    with pytest.raises(errors.BadResponse):
        connect(server).client.get("/a")
    assert len(server.requests) == 5


def test_no_cookie_is_kept(serve: Serve, connect: Connect) -> None:
    server = serve(lambda _request: Reply(body={}, headers={"Set-Cookie": "PHPSESSID=1; Path=/"}))
    client = connect(server).client
    client.get("/a")
    client.get("/b")
    assert "cookie" not in server.requests[1].headers


def test_a_connection_is_used_again(record: ScriptedServer, connect: Connect) -> None:
    client = connect(record).client
    for _ in range(5):
        client.get("/clients/1")
    assert record.most_open == 1


@pytest.mark.parametrize("request_id", ["", "a b", "x\r\nX-Evil: 1", "æ", "x" * 129])
def test_an_odd_request_id_is_refused(request_id: str, record: ScriptedServer, connect: Connect) -> None:
    with pytest.raises(ValueError, match="request id"):
        connect(record).client.get("/clients/1", request_id=request_id)


def test_a_request_id_stands_on_the_result_and_is_fresh_each_time(
    record: ScriptedServer, connect: Connect
) -> None:
    client = connect(record).client
    assert client.patch("/clients/1", {}, request_id="mine").request_id == "mine"
    assert client.patch("/clients/1", {}).request_id != client.patch("/clients/1", {}).request_id


# Answers


def test_what_was_written_is_returned(serve: Serve, connect: Connect) -> None:
    created = Reply(201, {"@id": "/clients/9", "odd": {"kept": 1}}, headers={"Location": "/clients/9"})
    written = connect(serve(lambda _request: created)).client.create("/clients", {"name": "x"})
    assert (written.status, written.location) == (201, "/clients/9")
    assert written.payload == {"@id": "/clients/9", "odd": {"kept": 1}}


def test_a_record_or_a_list_is_read_alike(serve: Serve, connect: Connect) -> None:
    client = connect(serve(lambda request: Reply(body=envelope([{"id": 1}], total=1)))).client
    page = client.read("/employees/me")
    assert not isinstance(page, dict)
    assert page.members == [{"id": 1}]
    client = connect(serve(lambda request: RECORD)).client
    assert client.read("/clients/1/documents") == {"@id": "/clients/1", "name": "Ærø"}


@pytest.mark.parametrize("body", [[], [{"id": 1}], "text", 7, None])
def test_a_record_must_be_an_object(body: Any, serve: Serve, connect: Connect) -> None:
    server = serve(lambda _request: Reply(body=body))
    with pytest.raises(errors.BadResponse, match="a record was expected"):
        connect(server).client.get("/clients/1")


def test_a_list_must_be_one(record: ScriptedServer, connect: Connect) -> None:
    with pytest.raises(errors.BadResponse, match="list was expected") as caught:
        connect(record).client.page("/clients", request_id="abc")
    assert (caught.value.path, caught.value.request_id) == ("/clients?itemsPerPage&page", "abc")


def test_a_page_is_asked_for_by_number_and_size(serve: Serve, connect: Connect) -> None:
    server = serve(lambda _request: Reply(body=envelope([], total=0)))
    client = connect(server, page_size=50).client
    client.page("/clients", {"name": "a&b"}, page=3)
    client.page("/clients", page_size=7)
    assert [request.query for request in server.requests] == [
        {"name": ["a&b"], "itemsPerPage": ["50"], "page": ["3"]},
        {"itemsPerPage": ["7"], "page": ["1"]},
    ]


def test_capabilities_are_what_the_list_declares(serve: Serve, connect: Connect) -> None:
    page = envelope([], total=0) | {"search": {"mapping": [{"variable": "name", "property": "name"}]}}
    server = serve(lambda _request: Reply(body=page))
    assert [found.variable for found in connect(server).client.capabilities("/clients")] == ["name"]
    assert server.requests[0].query["itemsPerPage"] == ["1"]


@pytest.mark.parametrize(
    "reply",
    [Reply(404, b"<html>", "text/html"), Reply(403), Reply(body=b"<html>", content_type="text/html")],
)
def test_a_missing_api_document_is_none(reply: Reply, serve: Serve, connect: Connect) -> None:
    server = serve(in_turn(reply))
    assert connect(server).client.openapi() is None
    assert server.paths() == ["/docs.jsonopenapi", "/docs.json"]


def test_the_connection_check_raises_what_is_wrong(serve: Serve, connect: Connect) -> None:
    connect(serve(lambda _request: Reply(body=envelope([], total=0)))).client.check()
    with pytest.raises(errors.Unauthorized):
        connect(serve(lambda _request: Reply(401, {"message": "Invalid JWT Token"}))).client.check()
    with pytest.raises(errors.RouteMissing):
        connect(serve(lambda _request: Reply(404, b"<html>", "text/html"))).client.check()


# Merging


@pytest.mark.parametrize(
    ("settings", "path", "body"),
    [
        ({"merge_path_id": "source", "merge_body": '{"into": "{survivor}"}'}, "2", {"into": "/counterparties/1"}),
        ({"merge_body": '{"ids": "{sources}", "keep": true}'}, "1", {"ids": ["/counterparties/2"], "keep": True}),
        (
            {"merge_body": '{"pair": {"a": "{survivor}<{source}"}}'},
            "1",
            {"pair": {"a": "/counterparties/1</counterparties/2"}},
        ),
    ],
)
def test_the_merge_body_is_a_setting(
    settings: dict[str, Any], path: str, body: Any, record: ScriptedServer, connect: Connect
) -> None:
    connect(record, **settings).client.merge("/counterparties/1", "/counterparties/2")
    assert record.requests[0].target == f"/counterparties/{path}/merge"
    assert record.requests[0].json() == body


def document(properties: dict[str, Any], path: str = "/counterparties/{id}/merge") -> dict[str, Any]:
    schema = {"allOf": [{"$ref": "#/components/schemas/Loop"}, {"properties": properties}]}
    body = {"content": {"application/ld+json": {"schema": {"$ref": "#/components/schemas/Merge"}}}}
    return {
        "paths": {path: {"post": {"requestBody": body}}},
        "components": {"schemas": {"Merge": schema, "Loop": {"$ref": "#/components/schemas/Loop"}}},
    }


def test_another_merge_body_in_the_api_document_is_doubted() -> None:
    settings = Settings("https://api.example", token="t")
    assert merge_body_doubt(document({"counterparties": {}, "@id": {}}), settings) is None
    assert merge_body_doubt(document({"counterparties": {}}, "/api/counterparties/{id}/merge"), settings) is None
    assert merge_body_doubt(document({}), settings) is None
    doubt = merge_body_doubt(document({"sourceIds": {}}), settings)
    assert doubt is not None
    assert "sourceIds" in doubt
    assert "no merge" in (merge_body_doubt({"paths": []}, settings) or "")
    assert "no merge" in (merge_body_doubt({"paths": {"/clients": {}}}, settings) or "")


# Settings


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"base_url": "api.example"}, "base URL"),
        ({"token": None}, "token"),
        ({"token": "a b\r\nX: 1"}, "token"),
        ({"token": None, "username": "peer"}, "password"),
        ({"instance": "a\nb"}, "instance"),
        ({"user_agent": " x"}, "user_agent"),
        ({"max_connections": 0}, "max_connections"),
        ({"read_timeout": -1}, "read_timeout"),
        ({"merge_path_id": "both"}, "merge_path_id"),
        ({"merge_body": "{"}, "merge_body"),
        ({"merge_body": "[]"}, "merge_body"),
        ({"merge_body": '{"a": "{target}"}'}, "target"),
    ],
)
def test_a_setting_that_cannot_work_is_named(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Settings(**({"base_url": "https://api.example", "token": "t"} | settings))


def test_the_package_states_its_public_names() -> None:
    assert sorted(package.__all__) == package.__all__
    assert all(hasattr(package, name) for name in package.__all__)
