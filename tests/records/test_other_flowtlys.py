"""Contacts, notes and counterparties on other kinds of Flowtly: prefix, envelope, filters and errors differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from backoffice.models import Job, Outcome, User
from backoffice.sandbox.server import SandboxServer
from tests.conftest import Login
from tests.records.pages import form_of, read, said

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)

SLUGS = {"contacts": "client-contacts", "notes": "client-notes", "counterparties": "counterparties"}
FIRST = {"contacts": "name", "notes": "note", "counterparties": "displayName"}


@pytest.fixture(scope="module", params=["flowtly", "v4", "legacy"])
def _other(request: pytest.FixtureRequest) -> Iterator[SandboxServer]:
    shape = "item" if request.param == "v4" else "collection"
    prefix = "/api" if request.param == "legacy" else ""
    with SandboxServer(
        request.param, clients=30, counterparties=20, prefix=prefix, documents=shape, delete_in_use="allow"
    ) as server:
        yield server


@pytest.fixture
def other(_other: SandboxServer, connect: Callable[[SandboxServer], SandboxServer]) -> SandboxServer:
    _other.reset()
    _other.clear_log()
    return connect(_other)


def linked(server: SandboxServer) -> None:
    User.objects.filter(username="steward").update(employee=f"{server.profile.prefix}/employees/3")


@pytest.mark.parametrize("slug", SLUGS)
def test_each_page_opens(other: SandboxServer, login: Login, slug: str) -> None:
    client = login("steward")
    linked(other)
    key = read(client.get(f"/{slug}/")).rows[0]
    for url in (f"{key}/", f"{key}/edit/", f"{key}/delete/", f"{key}/history/", "new/", "?q=abc", "?sort=-id"):
        assert (url, client.get(f"/{slug}/{url}").status_code) == (url, 200)


@pytest.mark.parametrize("tab", ["contacts", "notes", "documents"])
def test_each_tab_shows_what_belongs_to_the_client(other: SandboxServer, login: Login, tab: str) -> None:
    client = login("steward")
    text = "".join(client.get(f"/clients/{key}/{tab}/").content.decode() for key in range(1, 8))
    assert "cannot be told" not in text
    assert ("data-id=" in text) is (tab != "documents")
    assert "Amount" in text or tab != "documents"


@pytest.mark.parametrize("slug", SLUGS)
def test_edit_delete_and_create_again(other: SandboxServer, login: Login, slug: str) -> None:
    client, table, first = login("steward"), SLUGS[slug], FIRST[slug]
    linked(other)
    key = read(client.get(f"/{slug}/")).rows[0]
    url = f"/{slug}/{key}/edit/"
    assert client.post(url, {**form_of(client, url), first: "Changed there"}).status_code == 303
    assert other.row(table, key)[first] == "Changed there"  # type: ignore[index]
    gone = client.post(f"/{slug}/{key}/delete/", form_of(client, f"/{slug}/{key}/delete/"))
    assert "was deleted" in said(gone)
    assert other.row(table, key) is None
    job = Job.objects.get(kind="delete")
    offer = client.get(f"/jobs/{job.pk}/undo/").content.decode()
    client.post(f"/jobs/{job.pk}/undo/", {"seen": offer.split('name="seen" value="')[1].split('"')[0]})
    step = Job.objects.get(kind="undo").step
    assert step is not None
    assert (step.outcome, step.key == key) == (Outcome.CREATED, False)
    assert other.row(table, step.key)[first] == "Changed there"  # type: ignore[index]


def test_a_note_is_written(other: SandboxServer, login: Login) -> None:
    client = login("steward")
    linked(other)
    tab = client.get("/clients/2/notes/")
    url = next(link for link in read(tab).links if link.startswith("/notes/new/"))
    done = client.post(url, {**form_of(client, url), "note": "Skrevet her"})
    assert done["Location"] == "/clients/2/notes/"
    text = read(client.get("/clients/2/notes/")).text
    assert "Skrevet her" in text
    assert "Steward Stine" in text


def test_contacts_change_places(other: SandboxServer, login: Login) -> None:
    client = login("steward")
    page = client.get("/clients/1/contacts/")
    before = read(page).rows
    places = page.content.decode().split('name="places" value="')[1].split('"')[0]
    client.post("/clients/1/contacts/move/", {"places": places, "up": before[1]})
    assert read(client.get("/clients/1/contacts/")).rows[:2] == [before[1], before[0]]
    assert Job.objects.get().state == "done"


@pytest.mark.parametrize("slug", ["contacts", "counterparties"])
def test_a_refusal_lands_at_its_field(other: SandboxServer, login: Login, slug: str) -> None:
    client = login("steward")
    key = read(client.get(f"/{slug}/")).rows[0]
    url = f"/{slug}/{key}/edit/"
    name, text = ("client", "/clients/9999") if slug == "contacts" else ("type", "no-such-type")
    form = {**form_of(client, url), name: f"{other.profile.prefix}{text}" if slug == "contacts" else text}
    response = client.post(url, form)
    assert response.status_code == 422
    assert f'href="#id_{name}"' in response.content.decode()
