"""Decoding: three envelopes, many shapes of error, and whatever else a server may send."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.flowtly import FlowtlyError, SearchParameter, Violation
from backoffice.flowtly.errors import BadResponse
from backoffice.flowtly.hydra import (
    Collection,
    decode_collection,
    decode_error,
    field_holding,
    iri_of,
    is_collection,
    is_missing_route,
    key_of,
    load_json,
    quoted_attribute,
)

MEMBERS = [{"@id": "/clients/1"}, {"@id": "/clients/2"}]


def spelled(prefix: str) -> dict[str, Any]:
    return {
        "@type": f"{prefix}Collection",
        f"{prefix}totalItems": 5,
        f"{prefix}member": MEMBERS,
        f"{prefix}view": {"@id": "/clients?page=2", f"{prefix}next": "/clients?page=3"},
        f"{prefix}search": {
            f"{prefix}mapping": [
                {"variable": "order[name]", "property": "name", "required": False},
                {f"{prefix}variable": "q", f"{prefix}required": True},
                {"property": "no variable"},
                "odd",
            ]
        },
    }


@pytest.mark.parametrize("prefix", ["hydra:", ""])
def test_both_spellings_say_the_same(prefix: str) -> None:
    assert decode_collection(spelled(prefix)) == Collection(
        members=MEMBERS,
        total=5,
        next="/clients?page=3",
        paged=True,
        search=(SearchParameter("order[name]", "name", False), SearchParameter("q", "q", True)),
    )


def test_a_bare_list_counts_nothing() -> None:
    assert decode_collection(MEMBERS) == Collection(members=MEMBERS, bare=True)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        None,
        "text",
        7,
        {"@id": "/clients/1"},
        {"member": None},
        {"member": {"1": {}}},
        {"member": ["/clients/1"]},
        {"member": [], "totalItems": "many"},
        {"member": [], "totalItems": True},
        {"member": [], "totalItems": -1},
        {"member": [{}, {}], "totalItems": 1},
        [1],
    ],
)
def test_what_is_no_page_is_a_bad_response(payload: object) -> None:
    with pytest.raises(BadResponse):
        decode_collection(payload)


@pytest.mark.parametrize(
    ("payload", "is_one"),
    [
        ([], True),
        ({"@type": "Collection", "member": []}, True),
        ({"@type": "hydra:Collection"}, True),
        ({"hydra:member": []}, True),
        ({"@type": "Club", "member": ["a person"]}, False),
        ({"@type": ["Client"]}, False),
        (None, False),
    ],
)
def test_a_record_with_members_is_no_collection(payload: object, is_one: bool) -> None:
    assert is_collection(payload) is is_one


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        ({"@id": "/clients/12"}, "12"),
        ({"@id": "/api/clients/12/", "id": 7}, "12"),
        ({"@id": "https://api.example/clients/12?x=1"}, "12"),
        ({"@id": "/client-notes/018c-uuid"}, "018c-uuid"),
        ({"@id": "/languages/zh%20TW"}, "zh TW"),
        ({"@id": "/.well-known/genid/abc", "id": 3}, "3"),
        ({"@id": "_:42", "id": "x"}, "x"),
        ({"@id": "", "id": 0}, "0"),
        ({"id": "DK"}, "DK"),
    ],
)
def test_the_key_of_a_record(payload: dict[str, Any], key: str) -> None:
    assert key_of(payload) == key


@pytest.mark.parametrize("payload", [{}, {"id": None}, {"id": True}, {"id": 1.5}, {"@id": "/"}, {"@id": "//["}])
def test_a_record_without_a_key(payload: dict[str, Any]) -> None:
    with pytest.raises(BadResponse):
        key_of(payload)


def test_a_relation_is_an_iri_or_a_record() -> None:
    assert iri_of("/countries/1") == "/countries/1"
    assert iri_of({"@id": "/countries/1", "name": "Danmark"}) == "/countries/1"
    assert iri_of(None) is None


@pytest.mark.parametrize("value", [1, [], {}, {"id": 1}, ""])
def test_what_is_no_relation_is_a_bad_response(value: object) -> None:
    with pytest.raises(BadResponse):
        iri_of(value)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"detail": "d", "hydra:description": "h", "title": "t"}, "d"),
        ({"detail": " ", "hydra:description": "h", "description": "x"}, "h"),
        ({"description": "x", "hydra:title": "t"}, "x"),
        ({"hydra:title": "ht", "title": "t"}, "ht"),
        ({"title": "t", "message": "m"}, "t"),
        ({"code": 401, "message": "JWT Token not found"}, "JWT Token not found"),
        ({"error": "Invalid credentials."}, "Invalid credentials."),
        ({"detail": ["no", "text"], "status": 400}, "400 Bad Request"),
        ({"detail": "two\nlines\x00\x1b[31m"}, "two\nlines\N{REPLACEMENT CHARACTER}[31m"),
        ({}, "400 Bad Request"),
        ([], "400 Bad Request"),
    ],
)
def test_the_message_of_an_error(payload: object, message: str) -> None:
    assert decode_error(400, "application/problem+json", json.dumps(payload).encode())[0] == message


def test_html_is_never_shown() -> None:
    assert decode_error(502, "text/html", b'{"detail": "x"}') == ("502 Bad Gateway", ())
    assert decode_error(599, "", b"<html>") == ("599", ())


def test_violations_keep_their_paths() -> None:
    body = {
        "detail": "clientContacts[0].email: bad",
        "violations": [
            {"propertyPath": "clientContacts[0].email", "message": "bad", "code": "bd79"},
            {"propertyPath": "", "message": "whole record"},
            {"message": None, "propertyPath": 7, "code": ""},
            "odd",
        ],
    }
    assert decode_error(422, "application/json", json.dumps(body).encode())[1] == (
        Violation("clientContacts[0].email", "bad", "bd79"),
        Violation("", "whole record"),
        Violation("", "This value is not accepted."),
    )


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ('The type of the "name" attribute must be "string", "integer" given.', "name"),
        ('Nested documents for attribute "country" are not allowed. Use IRIs instead.', "country"),
        ('Failed to denormalize attribute "country" value for class "App\\Entity\\Client": x', "country"),
        ('Expected IRI or nested document for attribute "country", "integer" given.', "country"),
        ('Extra attributes are not allowed ("id" is unknown).', "id"),
        ('Invalid IRI "DK".', None),
        ("Syntax error", None),
    ],
)
def test_a_quoted_attribute_is_a_place(message: str, path: str | None) -> None:
    assert quoted_attribute(message) == path
    violations = decode_error(400, "application/json", json.dumps({"detail": message}).encode())[1]
    assert [violation.path for violation in violations] == ([path] if path else [])


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"country": "DK", "name": "x"}, "country"),
        ({"countries": ["SE", "DK"]}, "countries"),
        ({"country": "DK", "addressCountry": "DK"}, None),
        ({"country": "SE"}, None),
        (None, None),
    ],
)
def test_a_quoted_value_is_a_place_where_it_was_sent_once(sent: object, field: str | None) -> None:
    assert field_holding('Invalid IRI "DK".', sent) == field
    assert field_holding('Item not found for "DK".', sent) == field
    assert field_holding("Syntax error", sent) is None


@pytest.mark.parametrize(
    ("status", "payload", "missing"),
    [
        (404, {"@id": "/errors/404", "detail": "Not Found"}, False),
        (404, {"@context": "/contexts/Error", "hydra:description": "Not Found"}, False),
        (404, {"type": "/errors/404", "detail": "Not Found"}, False),
        (404, {"@context": "/contexts/Error", "hydra:description": 'No route found for "GET http://h/x"'}, True),
        (404, {"type": "https://tools.ietf.org/html/rfc2616#section-10", "detail": "Not Found"}, True),
        (404, "not found", True),
        (405, {"@id": "/errors/405"}, True),
        (410, "gone", False),
    ],
)
def test_a_missing_route_is_told_from_a_missing_record(status: int, payload: object, missing: bool) -> None:
    assert is_missing_route(status, "", json.dumps(payload).encode()) is missing


# Whatever comes: a value or a FlowtlyError.

names = (
    "member view search mapping next totalItems @id @type id detail title violations variable property "
    "required propertyPath message code type hydra:member hydra:totalItems hydra:view hydra:search "
    "hydra:mapping hydra:next"
)
words = st.sampled_from(names.split())
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | words | st.just("/clients/1"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(), inner, max_size=6),
    max_leaves=25,
)


@given(values)
def test_no_payload_raises_anything_else(payload: Any) -> None:
    is_collection(payload)
    for decode in (decode_collection, iri_of):
        try:
            decode(payload)
        except FlowtlyError:
            continue
    if isinstance(payload, dict):
        try:
            assert key_of(payload)
        except FlowtlyError:
            return


@given(
    st.integers(100, 999),
    st.sampled_from(["", "text/html", "application/json"]),
    st.binary() | values.map(lambda value: json.dumps(value).encode()),
)
def test_no_error_body_is_unreadable(status: int, content_type: str, body: bytes) -> None:
    message, violations = decode_error(status, content_type, body)
    assert message
    assert all(violation.message for violation in violations)
    is_missing_route(status, content_type, body)


@given(st.binary() | st.text().map(str.encode))
def test_no_body_raises_anything_else(body: bytes) -> None:
    try:
        load_json(body)
    except FlowtlyError:
        return


def test_the_error_of_a_body_does_not_show_the_body() -> None:
    with pytest.raises(BadResponse) as caught:
        load_json(b'{"name": "Hemmelig ApS"')
    shown = "".join(traceback.format_exception(caught.value))
    assert "Hemmelig" not in shown.replace('load_json(b\'{"name": "Hemmelig ApS"\')', "")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb'"\ud83d\ude00"', "\N{GRINNING FACE}"),
        (rb'"cut \ud83d"', "cut \N{REPLACEMENT CHARACTER}"),
        (rb'"a\u0000b"', "a\N{REPLACEMENT CHARACTER}b"),
        (
            rb'{"n\u0000": ["\udc00", 1, null]}',
            {"n\N{REPLACEMENT CHARACTER}": ["\N{REPLACEMENT CHARACTER}", 1, None]},
        ),
        (rb'"\\u0000 in words"', "\\u0000 in words"),
    ],
)
def test_what_no_page_and_no_database_takes_is_replaced(written: bytes, read: object) -> None:
    assert load_json(written) == read
