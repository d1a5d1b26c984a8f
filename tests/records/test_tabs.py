"""What belongs to a record, in tabs: contacts in order, notes as a timeline, documents in any shape."""

from __future__ import annotations

import re
from typing import Any

import pytest

from backoffice.models import AuditEntry, Job
from backoffice.sandbox.server import SandboxServer
from backoffice.templatetags.tables import columns_of, label_of
from tests.conftest import Login
from tests.records.pages import form_of, read, said

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)

CONTACTS = "/clients/1/contacts/"
HTMX = {"HX-Request": "true"}


def contacts_of_client_1(sandbox: SandboxServer, *positions: int) -> list[str]:
    """Client 1 has two from the start; more are taken from other clients."""
    keys = [str(number) for number in range(1, len(positions) + 1)]
    for key, position in zip(keys, positions, strict=True):
        sandbox.patch_row("client-contacts", key, {"client": 1, "position": position, "name": f"Person {key}"})
    return keys


def positions(sandbox: SandboxServer, keys: list[str]) -> list[int]:
    return [sandbox.row("client-contacts", key)["position"] for key in keys]  # type: ignore[index]


def places(client: Any) -> str:
    found = re.search(r'name="places" value="([^"]+)"', client.get(CONTACTS).content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize("tab", ["contacts", "notes", "documents"])
def test_a_tab_has_an_address_and_is_one_request_for_htmx(sandbox: SandboxServer, login: Login, tab: str) -> None:
    client, url = login("viewer"), f"/clients/1/{tab}/"
    assert f'href="{url}" hx-get="{url}"' in client.get("/clients/1/").content.decode()
    assert client.get(url).status_code == 200
    sandbox.clear_log()
    part = client.get(url, headers=HTMX)
    assert len(sandbox.requests) == 1
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part["Vary"]
    sandbox.clear_log()
    whole = client.get(url)
    assert len(sandbox.requests) == 2
    assert whole.content.decode().count('aria-current="page"') >= 2
    assert client.get("/clients/1/nothing/").status_code == 404
    assert client.get(f"/clients/99999/{tab}/").status_code == 404


def test_contacts_stand_by_position(sandbox: SandboxServer, login: Login) -> None:
    contacts_of_client_1(sandbox, 7, 3, 5)
    page = read(login("viewer").get(CONTACTS))
    assert page.rows[:3] == ["2", "3", "1"]
    assert "Move" not in page.text


def test_one_moves_up_and_only_two_positions_are_sent(sandbox: SandboxServer, login: Login) -> None:
    keys = contacts_of_client_1(sandbox, 3, 5, 7)
    client = login("editor")
    sent = {"places": places(client), "up": "3"}
    sandbox.clear_log()
    response = client.post(f"{CONTACTS}move/", sent)
    assert (response.status_code, response["Location"]) == (303, CONTACTS)
    assert positions(sandbox, keys) == [3, 7, 5]
    assert sorted(entry["method"] for entry in sandbox.requests) == ["GET"] * 3 + ["PATCH"] * 2
    for key in keys[1:]:  # each is read before it is written
        asked = [entry["method"] for entry in sandbox.requests if entry["path"].endswith(f"/{key}")]
        assert asked == ["GET", "PATCH"]
    bodies = [entry["body"] for entry in sandbox.requests if entry["method"] == "PATCH"]
    assert all(set(body) == {"position"} for body in bodies)
    assert Job.objects.get().kind == "reorder"
    assert AuditEntry.objects.filter(action="contacts.update").count() == 2
    client.post(f"{CONTACTS}move/", sent)
    assert Job.objects.count() == 1
    assert read(client.get(CONTACTS)).rows[:3] == ["1", "3", "2"]


def test_equal_positions_are_told_apart(sandbox: SandboxServer, login: Login) -> None:
    keys = contacts_of_client_1(sandbox, 0, 0, 0)
    client = login("editor")
    client.post(f"{CONTACTS}move/", {"places": places(client), "down": "1"})
    assert read(client.get(CONTACTS)).rows[:3] == ["2", "1", "3"]
    assert len(set(positions(sandbox, keys))) == 3


def test_an_order_changed_meanwhile_moves_nothing(sandbox: SandboxServer, login: Login) -> None:
    keys = contacts_of_client_1(sandbox, 3, 5, 7)
    client = login("editor")
    sent = {"places": places(client), "up": "3"}
    sandbox.patch_row("client-contacts", 1, {"position": 9})
    response = client.post(f"{CONTACTS}move/", sent)
    assert "changed elsewhere meanwhile" in said(response)
    assert positions(sandbox, keys) == [9, 5, 7]
    assert not Job.objects.exists()


def test_a_move_that_half_works_says_so(sandbox: SandboxServer, login: Login) -> None:
    keys = contacts_of_client_1(sandbox, 3, 5, 7)
    client = login("editor")
    sent = {"places": places(client), "up": "3"}
    sandbox.fault("status", status=422, method="PATCH", path="/client-contacts/2", times=1)
    response = client.post(f"{CONTACTS}move/", sent)
    assert "Not every position could be saved" in said(response)
    assert f"/jobs/{Job.objects.get().pk}/" in said(response)
    undo = f"/jobs/{Job.objects.get().pk}/undo/"
    assert undo in read(client.get(f"/jobs/{Job.objects.get().pk}/")).links
    assert positions(sandbox, keys) != [3, 5, 7]
    client.post(undo, {"seen": client.get(undo).content.decode().split('name="seen" value="')[1].split('"')[0]})
    assert positions(sandbox, keys) == [3, 5, 7]


@pytest.mark.parametrize("sent", [{}, {"places": "nonsense", "up": "1"}])
def test_a_move_without_its_own_data_moves_nothing(
    sandbox: SandboxServer, login: Login, sent: dict[str, str]
) -> None:
    response = login("editor").post(f"{CONTACTS}move/", sent)
    assert "Nothing was moved" in said(response)
    assert login("viewer").post(f"{CONTACTS}move/", sent).status_code == 403
    assert login("editor").post("/clients/1/documents/move/", sent).status_code == 404
    assert not Job.objects.exists()


def test_a_contact_is_added_from_the_tab_and_leads_back(sandbox: SandboxServer, login: Login) -> None:
    contacts_of_client_1(sandbox, 3, 5)
    client = login("editor")
    url = next(link for link in read(client.get(CONTACTS)).links if link.startswith("/contacts/new/"))
    form = form_of(client, url)
    assert (form["client"], form["position"]) == ("/clients/1", "6")
    assert sandbox.row("clients", 1)["name"] in client.get(url).content.decode()  # type: ignore[index]
    typed = {"name": "Ny Person", "email": "ny@example.com", "type": "invoice"}
    response = client.post(url, {**form, **typed})
    assert response["Location"] == CONTACTS
    assert "Ny Person" in read(client.get(CONTACTS)).text


@pytest.mark.parametrize("query", ["client=https://evil.example/x", "client=//evil.example", "client=%00"])
def test_the_way_back_never_leaves_the_house(sandbox: SandboxServer, login: Login, query: str) -> None:
    response = login("editor").get(f"/contacts/new/?{query}")
    assert response.status_code == 200
    assert not [link for link in read(response).links if "evil" in link and not link.startswith("/clients/")]


def test_notes_are_a_timeline_with_names(sandbox: SandboxServer, login: Login) -> None:
    key = read(login("viewer").get("/notes/")).rows[0]
    sandbox.patch_row("client-notes", key, {"client": 1, "employee": 6, "note": "Rang <b>igen</b>"})
    text = login("viewer").get("/clients/1/notes/").content.decode()
    assert '<ol class="timeline">' in text
    assert "Rang &lt;b&gt;igen&lt;/b&gt;" in text
    assert "Åse Nørgård" in text
    assert "/edit/" not in text
    assert f"/notes/{key}/edit/?client=/clients/1" in login("editor").get("/clients/1/notes/").content.decode()


@pytest.mark.parametrize("shape", ["collection", "item"])
@pytest.mark.parametrize("language", ["en", "da"])
def test_documents_in_both_shapes(sandbox: SandboxServer, login: Login, shape: str, language: str) -> None:
    sandbox.set_profile(documents=shape)
    client = login("viewer")
    url = next(
        f"/clients/{key}/documents/"
        for key in range(1, 40)
        if 'class="num"' in client.get(f"/clients/{key}/documents/").content.decode()
    )
    text = client.get(url, headers={"Accept-Language": language}).content.decode()
    numbers = re.findall(r'<td class="num" data-label="(?:Amount|Beløb)">([^<]+)</td>', text)
    assert numbers
    assert all(re.fullmatch(r"[\d,]+\.\d\d" if language == "en" else r"[\d.]+,\d\d", each) for each in numbers)
    assert "<time datetime=" in text
    assert re.search(r"F-20\d\d-\d{5}", text)
    assert "/clients/" not in "".join(re.findall(r'<td data-label="Client">[^<]+', text))


def test_no_documents_and_no_such_address(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    sandbox.fault("status", status=404, path="/clients/1/documents", times=None)
    assert "offers nothing here" in read(client.get("/clients/1/documents/")).text


def test_columns_of_what_nobody_declared() -> None:
    members = [
        {"@id": "/d/1", "@type": "Document", "id": 4, "client": "/clients/1", "taxTotal": "12.50", "paid": True},
        {"@id": "/d/2", "taxTotal": 3, "lines": [1], "storage": {"a": 1}, "url": "https://x.example/1.pdf"},
    ]
    found = columns_of(members, belongs_to="/clients/1")
    assert [(column.name, column.numeric) for column in found] == [
        ("id", False),
        ("taxTotal", True),
        ("paid", False),
        ("url", False),
    ]
    assert label_of("taxTotal") == "Tax total"
    assert [column.name for column in columns_of([{"@id": "/d/1"}])] == ["@id"]
    assert columns_of([]) == []


def test_clients_with_this_default_cost(sandbox: SandboxServer, login: Login) -> None:
    for key in range(1, 121):
        sandbox.patch_row("clients", key, {"defaultCost": 5 if key in (2, 9) else None})
    client = login("viewer")
    assert "cannot be told through Flowtly's interface" in read(client.get("/counterparties/5/clients/")).text
    from django.core.cache import cache

    sandbox.set_profile(filters=("defaultCost",))
    cache.clear()
    client.get("/counterparties/5/")
    page = read(client.get("/counterparties/5/clients/"))
    assert sorted(page.rows, key=int) == ["2", "9"]
    assert "2 found" in page.text
    sandbox.clear_log()
    client.get("/counterparties/5/clients/", headers=HTMX)
    assert len(sandbox.requests) == 1


def test_many_notes_have_pages_and_many_contacts_stay_whole(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    for key in read(client.get("/notes/")).rows[:3]:
        sandbox.patch_row("client-notes", key, {"client": 1})
    contacts_of_client_1(sandbox, 4, 3, 2, 1)
    sandbox.set_profile(page_size=2, page_size_max=2)
    first = read(client.get("/clients/1/notes/"))
    assert "?page=2" in first.links
    second = read(client.get("/clients/1/notes/?page=2"))
    assert "?page=1" in second.links
    assert first.text != second.text
    page = client.get(CONTACTS)
    assert read(page).rows[:4] == ["4", "3", "2", "1"]
    assert 'name="places"' in page.content.decode()
