"""One record's page, its history, and the page of a record that is gone."""

from __future__ import annotations

import pytest
from django.urls import reverse

from backoffice.resources.clients import CLIENTS
from backoffice.sandbox.server import SandboxServer
from backoffice.templatetags.ui import other_html
from tests.conftest import Login
from tests.records.pages import read, submit

EDIT = "/clients/1/edit/"


def test_names_instead_of_addresses(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("counterparties", 7, {"displayName": "Kontor & Papir"})
    sandbox.patch_row("clients", 1, {"defaultCost": 7, "tinCountry": "PL", "addressLocaleNumber": None})
    client = login("viewer")
    first = client.get("/clients/1/").content.decode()
    url = first.split('hx-get="/labels/')[1].split('"')[0].replace("&amp;", "&")
    assert "Kontor &amp; Papir" in client.get(f"/labels/{url}").content.decode()
    again = client.get("/clients/1/").content.decode()
    assert "Kontor &amp; Papir" in again
    assert "Poland" in again
    assert "/countries/" not in again
    assert ">–</span>" in again
    assert "/edit/" not in again


def test_one_request_and_one_for_contacts(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    client.get("/clients/1/")
    sandbox.clear_log()
    client.get("/clients/1/")
    paths = [entry["path"] for entry in sandbox.requests]
    assert paths[0] == "/clients/1"
    assert len(paths) <= 2


def test_contacts_that_cannot_be_read_do_not_cost_the_page(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    sandbox.fault("status", status=500, path="/client-contacts*", times=None)
    assert client.get("/clients/1/").status_code == 200


def test_a_person_finds_it_among_the_opened(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    sandbox.patch_row("clients", 3, {"name": "Opened <i>lately</i>"})
    client.get("/clients/3/")
    sandbox.clear_log()
    home = client.get("/").content.decode()
    assert "Opened &lt;i&gt;lately&lt;/i&gt;" in home
    assert sandbox.requests == []


def test_gone_says_so_and_shows_its_history(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    submit(client, EDIT, name="Remembered name")
    sandbox.delete_row("clients", 1)
    response = client.get("/clients/1/")
    assert response.status_code == 404
    text = read(response).text
    assert "no longer has it" in text
    assert "Remembered name" in text
    assert client.get("/clients/1/history/").status_code == 404
    assert client.get("/clients/1/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert client.get("/clients/1/history/", headers={"HX-Request": "true"}).status_code == 200


def test_a_key_that_never_was(sandbox: SandboxServer, login: Login) -> None:
    for key in ("999999", "abc", "..%2F1", "%00", "1%27--"):
        assert login("viewer").get(f"/clients/{key}/").status_code == 404


def test_history_tab_with_undo_for_who_may(sandbox: SandboxServer, login: Login) -> None:
    submit(login("editor"), EDIT, addressCity="Ny by")
    for role, offered in (("editor", True), ("steward", True), ("viewer", False), ("approver", False)):
        text = login(role).get("/clients/1/history/").content.decode()
        assert "<ins>" in text
        assert "Ny by" in text
        assert ("/undo/" in text) is offered, role


def test_history_tab_is_a_part_for_htmx(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    sandbox.clear_log()
    text = client.get("/clients/1/history/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert text.count('id="tab"') == 1
    assert sandbox.requests == []


def test_history_is_there_when_flowtly_is_not(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    submit(client, EDIT, addressCity="Ny by")
    sandbox.fault("status", status=503, times=None)
    for url in ("/clients/1/history/", "/history/", "/"):
        response = client.get(url)
        assert response.status_code == 200
        assert "Ny by" in response.content.decode()


def test_history_filters(sandbox: SandboxServer, login: Login) -> None:
    submit(login("editor"), EDIT, addressCity="Ny by")
    client = login("viewer")
    assert "Ny by" in client.get("/history/?actor=edit&entity=clients&action=clients.update").content.decode()
    assert "Ny by" not in client.get("/history/?actor=nobody").content.decode()
    assert "Ny by" not in client.get("/history/?until=2001-01-01").content.decode()
    odd = client.get("/history/?since=yesterday&page=abc&outcome=%00&entity=%27")
    assert odd.status_code == 200
    assert "A date could not be read" in read(odd).text


def test_other_fields_are_shown_as_they_come() -> None:
    html = other_html({"a": ["<b>", None]})
    assert "&lt;b&gt;" in html
    assert "<details" in html


def test_type_ahead(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("counterparties", 4, {"displayName": 'Zebra "Unik" <b>'})
    client = login("viewer")
    text = client.get("/clients/suggest/?field=defaultCost&q=zebra").content.decode()
    assert 'data-value="/counterparties/4"' in text
    assert "&lt;b&gt;" in text
    assert client.get("/clients/suggest/?field=defaultCost&q=z").content.strip() == b""
    assert client.get("/clients/suggest/?field=nope&q=%00%00%00").status_code == 200


@pytest.mark.parametrize("path", ["/clients/../", "/clients/%2E%2E/", "/clients/./", "/clients/%2E%2E/edit/"])
def test_a_key_of_dots_leads_nowhere(sandbox: SandboxServer, login: Login, path: str) -> None:
    client = login("editor")
    sandbox.clear_log()
    assert client.get(path).status_code == 404
    assert sandbox.requests == []


@pytest.mark.parametrize("key", ["a:b", "x y", "a&b", "ø", "1;2", "50%", "..."])
def test_a_key_is_one_segment(sandbox: SandboxServer, login: Login, key: str) -> None:
    client = login("editor")
    client.get("/clients/1/")
    sandbox.clear_log()
    if " " not in key:
        assert client.get(reverse("detail", args=["clients", key])).status_code == 404
    assert CLIENTS.item_path(key).count("/") == 2
    assert {entry["path"] for entry in sandbox.requests} <= {f"/clients/{key}"}
