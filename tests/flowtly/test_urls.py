"""Where a path, an IRI or a link leads; above all, that it leads nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.flowtly.errors import BadResponse
from backoffice.flowtly.urls import BaseURL, join, public_path, with_query

PLAIN = BaseURL("https://api.example")
PREFIXED = BaseURL("https://app.example:443/api/")


@pytest.mark.parametrize(
    ("base", "reference", "resolved"),
    [
        (PLAIN, "/clients/12", "/clients/12"),
        (PLAIN, "clients/12", "/clients/12"),
        (PLAIN, "/", "/"),
        (PLAIN, "https://api.example/clients?page=2", "/clients?page=2"),
        (PLAIN, "http://api.example/clients", "/clients"),
        (PLAIN, "//api.example/clients", "/clients"),
        (PREFIXED, "/clients/12", "/api/clients/12"),
        (PREFIXED, "/api/clients/12", "/api/clients/12"),
        (PREFIXED, "/apiary/12", "/api/apiary/12"),
        (PREFIXED, "/api", "/api"),
        (PREFIXED, "/", "/api/"),
        (PREFIXED, "https://app.example/api/clients?page=2&a=%20", "/api/clients?page=2&a=%20"),
        (PREFIXED, "/clients?next=https://evil.example/", "/api/clients?next=https://evil.example/"),
        (PREFIXED, "/clients#part", "/api/clients"),
    ],
)
def test_a_reference_leads_to_this_host(base: BaseURL, reference: str, resolved: str) -> None:
    assert base.resolve(reference) == resolved
    assert base.absolute(base.resolve(reference)).startswith(base.origin + "/")


@pytest.mark.parametrize(
    "reference",
    [
        "https://evil.example/clients",
        "//evil.example/clients",
        "https://api.example.evil.example/",
        "https://api.example@evil.example/",
        "https://user:word@api.example/clients",
        "https://api.example:8443/clients",
        "ftp://api.example/clients",
        "javascript:alert(1)",
        "/\\evil.example/",
        "/clients/../login",
        "/clients/./12",
        "/clients/1\r\nX-Evil: 1",
        "https://[bad/",
        "https://api.example:port/",
    ],
)
def test_a_reference_elsewhere_is_refused(reference: str) -> None:
    with pytest.raises(BadResponse):
        PLAIN.resolve(reference)


@given(st.text())
def test_no_reference_leaves_the_origin(reference: str) -> None:
    try:
        resolved = PREFIXED.resolve(reference)
    except BadResponse:
        return
    assert resolved.partition("?")[0] == "/api" or resolved.startswith("/api/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.example",
        "/api",
        "ftp://api.example",
        "https://",
        "https://user:word@api.example",
        "https://api.example/?x=1",
        "https://api.example/#x",
        "https://api.example:port",
    ],
)
def test_a_base_url_must_be_one(text: str) -> None:
    with pytest.raises(ValueError, match="base URL") as caught:
        BaseURL(text)
    assert "word" not in str(caught.value)


def test_a_base_url_is_shown_without_its_last_slash() -> None:
    assert str(PREFIXED) == "https://app.example:443/api"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost/api", True),
        ("http://[::1]:8000", True),
        ("https://api.example", False),
    ],
)
def test_this_machine_is_known(url: str, local: bool) -> None:
    assert BaseURL(url).is_local is local


def test_keys_are_quoted_in_paths() -> None:
    assert join("/clients", "12", "documents") == "/clients/12/documents"
    assert join("/clients/", "a/b?c#d ø") == "/clients/a%2Fb%3Fc%23d%20%C3%B8"


def test_a_query_is_added_to_what_is_there() -> None:
    assert with_query("/clients", None) == "/clients"
    assert with_query("/clients", {"page": 2, "gone": None}) == "/clients?page=2"
    assert with_query("/clients?page=2", {"order[name]": "asc"}) == "/clients?page=2&order[name]=asc"
    assert with_query("/c", {"status[]": ["a", "b"], "cyclic": True}) == "/c?status[]=a&status[]=b&cyclic=true"
    assert with_query("/c", [("q", "Ærø & søn"), ("q", "+")]) == "/c?q=%C3%86r%C3%B8%20%26%20s%C3%B8n&q=%2B"


def test_a_public_path_has_no_values() -> None:
    assert public_path("/clients/12") == "/clients/12"
    assert public_path("/clients?search=Jens&page=2&page=3&empty=") == "/clients?empty&page&search"
