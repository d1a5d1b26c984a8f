"""Deleting a record, as a steward meets it: asked first, told what is lost, offered the way back."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.models import Job
from backoffice.sandbox.server import SandboxServer
from tests.conftest import Login
from tests.records.pages import form_of, read, said, submit

CONTACT = "/contacts/1/delete/"


def deletes(sandbox: SandboxServer) -> int:
    return [entry["method"] for entry in sandbox.requests].count("DELETE")


def test_the_question_names_what_is_lost(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("client-contacts", 1, {"name": "Anna <b>Ny</b>", "title": "Direktør"})
    client = login("steward")
    text = client.get(CONTACT).content.decode()
    assert "Anna &lt;b&gt;Ny&lt;/b&gt;" in text
    assert "Direktør" in text
    assert "gets a new number" in text
    assert deletes(sandbox) == 0


def test_asking_costs_one_request_and_deleting_two(sandbox: SandboxServer, login: Login) -> None:
    client = login("steward")
    client.get(CONTACT)
    sandbox.clear_log()
    form = form_of(client, CONTACT)
    assert [entry["method"] for entry in sandbox.requests] == ["GET"]
    sandbox.clear_log()
    client.post(CONTACT, form)
    assert [entry["method"] for entry in sandbox.requests] == ["GET", "DELETE"]


def test_deleted_and_created_again(sandbox: SandboxServer, login: Login) -> None:
    client = login("steward")
    sandbox.patch_row("client-contacts", 1, {"name": "Anna Ny", "title": "Direktør"})
    response = client.post(CONTACT, form_of(client, CONTACT))
    job = Job.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/jobs/{job.pk}/")
    assert "Create again from the copy" in said(response)
    assert sandbox.row("client-contacts", 1) is None
    result = client.get(f"/jobs/{job.pk}/")
    assert "Create again from the copy" in read(result).text
    assert "Direktør" in read(result).text
    gone = client.get("/contacts/1/")
    assert gone.status_code == 404
    assert f"/jobs/{job.pk}/undo/" in read(gone).links
    assert "Direktør" in read(gone).text
    offer = client.get(f"/jobs/{job.pk}/undo/")
    assert "Flowtly will give it a new number" in read(offer).text
    seen = offer.content.decode().split('name="seen" value="')[1].split('"')[0]
    done = client.post(f"/jobs/{job.pk}/undo/", {"seen": seen})
    key = done["Location"].split("/")[2]
    assert done["Location"] == f"/contacts/{key}/"
    assert f"is now {key}" in said(done)
    row = sandbox.row("client-contacts", key)
    assert row is not None
    assert (row["name"], row["title"]) == ("Anna Ny", "Direktør")
    client.post(f"/jobs/{job.pk}/undo/", {"seen": seen})
    assert Job.objects.filter(kind="undo").count() == 1
    assert "/undo/" not in client.get("/contacts/1/").content.decode()
    assert "created again from the copy" in read(client.get(f"/contacts/{key}/history/")).text


def test_the_way_back_leads_to_the_clients_tab(sandbox: SandboxServer, login: Login) -> None:
    client = login("steward")
    url = f"{CONTACT}?client=/clients/1"
    assert "/clients/1/contacts/" in read(client.get(url)).links
    assert client.post(url, form_of(client, url))["Location"] == "/clients/1/contacts/"


def test_changed_since_looked_asks_again(sandbox: SandboxServer, login: Login) -> None:
    client = login("steward")
    form = form_of(client, CONTACT)
    sandbox.patch_row("client-contacts", 1, {"title": "Newest title"})
    response = client.post(CONTACT, form)
    page = read(response)
    assert response.status_code == 409
    assert "changed elsewhere since you looked" in page.text
    assert "Newest title" in page.text
    assert deletes(sandbox) == 0
    assert client.post(CONTACT, page.fields).status_code == 303
    assert sandbox.row("client-contacts", 1) is None


@pytest.mark.parametrize(("answer", "status"), [("409", 422), ("500", 503)])
def test_in_use_is_said_and_nothing_is_lost(
    sandbox: SandboxServer, login: Login, answer: str, status: int
) -> None:
    sandbox.set_profile(delete_in_use=answer)
    sandbox.patch_row("clients", 1, {"defaultCost": 5})
    client = login("steward")
    response = client.post("/counterparties/5/delete/", form_of(client, "/counterparties/5/delete/"))
    assert response.status_code == status
    assert "in use" in read(response).text
    assert sandbox.row("counterparties", 5) is not None


def test_changes_of_a_deleted_record_cannot_be_taken_back(sandbox: SandboxServer, login: Login) -> None:
    client = login("steward")
    submit(client, "/contacts/1/edit/", title="Direktør")
    change = Job.objects.get()
    client.post(CONTACT, form_of(client, CONTACT))
    deletion = Job.objects.exclude(pk=change.pk).get()
    gone = read(client.get("/contacts/1/"))
    assert f"/jobs/{deletion.pk}/undo/" in gone.links
    assert f"/jobs/{change.pk}/" in gone.links
    assert f"/jobs/{change.pk}/undo/" not in gone.links


def test_gone_meanwhile(sandbox: SandboxServer, login: Login) -> None:
    client = login("steward")
    form = form_of(client, CONTACT)
    sandbox.delete_row("client-contacts", 1)
    assert client.post(CONTACT, form).status_code == 404
    assert client.get(CONTACT).status_code == 404


def test_a_lost_answer_leads_to_the_job(sandbox: SandboxServer, login: Login) -> None:
    client = login("steward")
    form = form_of(client, CONTACT)
    sandbox.fault("reset", method="DELETE", path="/client-contacts/1", apply=True)
    sandbox.fault("status", method="GET", path="/client-contacts/1", status=503, skip=1, times=None)
    response = client.post(CONTACT, form)
    assert response["Location"] == f"/jobs/{Job.objects.get().pk}/"
    assert "Being checked" in read(client.get(response["Location"])).text
    assert client.post(CONTACT, form)["Location"] == response["Location"]
    assert deletes(sandbox) == 1


@pytest.mark.parametrize("base", ["", "nonsense"])
def test_without_its_own_data_nothing_is_deleted(sandbox: SandboxServer, login: Login, base: str) -> None:
    response = login("steward").post(CONTACT, {"base": base})
    assert response.status_code == 422
    assert "Nothing was deleted" in read(response).text
    assert deletes(sandbox) == 0


def test_another_records_data_deletes_nothing(sandbox: SandboxServer, login: Login) -> None:
    client = login("steward")
    assert client.post("/contacts/2/delete/", form_of(client, CONTACT)).status_code == 422
    assert deletes(sandbox) == 0


def test_only_stewards_and_only_what_can_be_deleted(sandbox: SandboxServer, login: Login) -> None:
    for role in ("viewer", "editor", "approver", "admin"):
        assert login(role).get(CONTACT).status_code == 403
        assert login(role).post(CONTACT).status_code == 403
        assert CONTACT not in read(login(role).get("/contacts/1/")).links
    assert CONTACT in read(login("steward").get("/contacts/1/")).links
    assert login("steward").get("/clients/1/delete/").status_code == 404
    assert "/clients/1/delete/" not in read(login("steward").get("/clients/1/")).links
    assert deletes(sandbox) == 0


def test_who_refers_to_it_where_the_api_can_tell(sandbox: SandboxServer, login: Login, settings: Any) -> None:
    for key in range(1, 121):
        sandbox.patch_row("clients", key, {"defaultCost": 5 if key <= 7 else None})
    sandbox.patch_row("clients", 3, {"name": "Refers & Sons"})
    client = login("steward")
    assert "cannot be counted through Flowtly's interface" in read(client.get("/counterparties/5/delete/")).text
    sandbox.set_profile(filters=("defaultCost",))
    from django.core.cache import cache

    cache.clear()
    text = read(client.get("/counterparties/5/delete/")).text
    assert "7 refer to it:" in text
    assert "Refers & Sons" in text
    assert "None" in read(client.get("/counterparties/6/delete/")).text


def test_a_filter_that_is_ignored_counts_nothing(sandbox: SandboxServer, login: Login) -> None:
    """Declared, and yet the whole list comes back: its number would be a lie."""
    sandbox.set_profile(filters=("defaultCost",))
    client = login("steward")
    client.get("/clients/")
    sandbox.set_profile(filters=())
    assert "cannot be counted through Flowtly's interface" in read(client.get("/counterparties/5/delete/")).text
