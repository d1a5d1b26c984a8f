"""Columns and page size: chosen and ordered by each person, kept, for every entity alike."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.models import ListLayout, Snapshot
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services.access import ROLES
from tests.conftest import Login
from tests.records.pages import read

HTMX = {"HX-Request": "true"}


def heads(answer: HttpResponse) -> list[str]:
    found = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', answer.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", head).strip() for head in found if "visually-hidden" not in head]


def ticked(answer: HttpResponse) -> list[str]:
    """What is ticked in the panel, in the order of the panel."""
    return re.findall(r'name="column" value="(\w+)"[^>]* checked', answer.content.decode())


def send(client: Client, columns: list[str], slug: str = "clients", **pressed: str) -> HttpResponse:
    return client.post(f"/{slug}/columns/", {"column": columns, **pressed})


@pytest.mark.parametrize("slug", PAGES)
def test_every_field_can_be_a_column(sandbox: SandboxServer, login: Login, slug: str) -> None:
    client, resource = login("viewer"), PAGES[slug]
    names = [item.name for item in resource.fields if item.name != resource.list_display[0]]
    panel = client.get(f"/{slug}/columns/")
    assert sorted(re.findall(r'name="column" value="(\w+)"', panel.content.decode())) == sorted(names)
    assert ticked(panel) == [name for name in ticked(panel) if name in resource.list_display]
    assert send(client, names, slug).status_code == 303
    page = client.get(f"/{slug}/")
    assert len(heads(page)) == len(resource.fields)
    assert heads(page)[0] == str(resource.by_name[resource.list_display[0]].label)
    box = 1
    assert len(re.findall(r"<t[dh][ >]", read_row(page))) == box + len(resource.fields)


def read_row(page: HttpResponse) -> str:
    return page.content.decode().split("<tbody>")[1].split("</tr>")[0]


@pytest.mark.parametrize("role", ROLES)
def test_each_person_has_their_own(sandbox: SandboxServer, login: Login, role: str) -> None:
    send(login(role), ["addressCity", "dueDays"])
    assert heads(login(role).get("/clients/")) == ["Name", "Due days", "City"]
    other = "viewer" if role != "viewer" else "editor"
    assert heads(login(other).get("/clients/"))[1] == "Status"
    assert heads(login(role).get("/counterparties/"))[1] == "Type"


def test_ticked_moved_and_as_delivered(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    send(client, ["status", "tin", "dueDays"])
    assert heads(client.get("/clients/")) == ["Name", "Status", "Tax number", "Due days"]
    send(client, ["status", "tin", "dueDays"], up="dueDays")
    assert heads(client.get("/clients/")) == ["Name", "Status", "Due days", "Tax number"]
    send(client, ["status", "tin", "dueDays"], down="status")
    assert heads(client.get("/clients/")) == ["Name", "Due days", "Status", "Tax number"]
    for _again in range(3):  # at the edge nothing happens
        send(client, ["status", "tin", "dueDays"], up="dueDays")
    assert heads(client.get("/clients/"))[1] == "Due days"
    send(client, [])
    assert heads(client.get("/clients/")) == ["Name"]
    send(client, ["tin"], reset="1")
    assert heads(client.get("/clients/"))[1] == "Status"
    assert ListLayout.objects.get().columns == []


def test_with_htmx_the_panel_comes_back_and_the_table_is_told(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    panel = client.get("/clients/columns/?status=active", headers=HTMX)
    assert "<html" not in panel.content.decode()
    answer = client.post(
        "/clients/columns/?status=active", {"column": ["tin", "status"], "up": "tin"}, headers=HTMX
    )
    text = answer.content.decode()
    assert (answer.status_code, answer["HX-Trigger"]) == (200, '{"columns-changed": {}}')
    assert "<html" not in text
    assert "Tax number is column 2 of 3" in text
    assert 'href="/clients/?status=active"' in text
    again = client.get("/clients/?status=active", headers={**HTMX, "HX-Trigger": "list-again"})
    assert heads(again) == ["Name", "Tax number", "Status"]
    assert again["HX-Replace-Url"] == "/clients/?status=active"


def test_without_a_script_the_page_comes_back(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    answer = client.post("/clients/columns/?q=aps", {"column": "tin"})
    assert (answer.status_code, answer["Location"]) == (303, "/clients/columns/?q=aps")
    page = client.get(answer["Location"])
    assert "<html" in page.content.decode()
    assert "/clients/?q=aps" in read(page).links


def test_nothing_more_is_asked_of_flowtly(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    client.get("/clients/")
    send(client, [item.name for item in PAGES["clients"].fields])
    client.get("/clients/")
    sandbox.clear_log()
    client.get("/clients/")
    assert [entry["path"] for entry in sandbox.requests] == ["/clients"]
    sandbox.clear_log()
    client.get("/clients/columns/")
    send(client, ["tin"], up="tin")
    assert sandbox.requests == []


def test_lists_are_counted_and_long_texts_cut(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    sandbox.patch_row("clients", 1, {"invoiceComment": "Linje\n" * 40, "costGroup": {"name": "Office"}})
    send(client, ["invoiceComment", "costGroup", "clientContacts"])
    row = read_row(client.get("/clients/?q=&size=25"))
    assert '<bdi class="cut"' in row
    assert '<td class="num" data-label="Cost group"><bdi dir="auto">Office</bdi></td>' in row
    send(client, ["possibleTypes"], "contacts")
    assert re.search(
        r'<td class="num" data-label="Possible types">\d+</td>', client.get("/contacts/").content.decode()
    )


@pytest.mark.django_db(transaction=True)
def test_a_file_of_what_the_list_shows_has_these_columns(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    send(client, ["tin", "addressCity"])
    answer = client.post("/clients/export/", {"query": "", "format": "csv", "columns": "shown"})
    first = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()[0]  # type: ignore[attr-defined]
    assert first == "Number in Flowtly,Name,Tax number,City"


def test_a_field_that_the_collection_leaves_out_is_said(sandbox: SandboxServer, login: Login) -> None:
    Snapshot.objects.create(entity="clients", missing=["vatNumber"])
    page = read(login("viewer").get("/clients/columns/"))
    assert page.text.count("Flowtly gives it with the single record only") == 1


def test_the_page_size_is_kept_and_the_address_wins(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    answer = client.post("/clients/page-size/", {"size": "25", "state": "status=active&page=3"})
    assert answer["Location"] == "/clients/?status=active"
    assert len(read(client.get("/clients/")).rows) == 25
    assert len(read(client.get("/clients/?size=100")).rows) == 100
    assert len(read(client.get("/clients/")).rows) == 25
    assert len(read(login("editor").get("/clients/")).rows) == 50
    kept = client.get("/clients/?size=50").content.decode()
    assert "/clients/?size=50&amp;page=2" in kept
    assert '/clients/filter/?size=50"' in kept
    for wild in ("7", "x", "", "\x00", "9" * 400):
        assert client.post("/clients/page-size/", {"size": wild}).status_code == 303
    assert len(read(client.get("/clients/")).rows) == 25


WORDS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(["tin", "name", "status", "reset"])


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(columns=st.lists(WORDS, max_size=6), pressed=st.dictionaries(st.sampled_from(["up", "down"]), WORDS))
def test_nothing_sent_breaks_the_columns(
    columns: list[str], pressed: dict[str, str], sandbox: SandboxServer, login: Login
) -> None:
    client = login("viewer")
    assert client.post("/clients/columns/", {"column": columns, **pressed}).status_code == 303
    assert heads(client.get("/clients/"))[0] == "Name"
