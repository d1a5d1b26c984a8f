"""The form of a new record: a warning before there are two of one, and never a wall."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from backoffice.sandbox.server import SandboxServer
from tests.conftest import Login
from tests.records.pages import form_of, read

from .test_scanning import plant

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "/counterparties/new/"
ALIKE = "/counterparties/alike/"
LIKE = {"displayName": "gripsholm optik", "corporateWebsiteUrl": "https://www.gripsholm.example"}


def told(response: Any) -> list[str]:
    """The records that a warning names, as the form sends them back."""
    return re.findall(r'name="alike" value="([^"]*)"', response.content.decode())


def created(sandbox: SandboxServer) -> int:
    return sum(entry["method"] == "POST" for entry in sandbox.requests)


def submits(client: Client, **values: Any) -> Any:
    form = {"type": "supplier"} | form_of(client, NEW)
    return client.post(NEW, {**form, **values})


def test_what_looks_like_it_is_told_while_it_is_typed(compared: SandboxServer, login: Login) -> None:
    answer = login("editor").post(ALIKE, LIKE, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert sorted(told(answer)) == ["5", "6"]
    assert "Looks like 2 that exist:" in text
    assert "same website after normalising" in text.lower()
    assert re.search(r'href="/counterparties/5/" target="_blank" rel="noopener"', text)
    assert "<html" not in text
    assert not compared.requests


def test_nothing_is_told_of_what_looks_like_nothing(compared: SandboxServer, login: Login) -> None:
    client = login("editor")
    for values in ({}, {"displayName": "Zwischenwasser Xylophonbau"}, {"displayName": ""}):
        answer = client.post(ALIKE, values)
        assert (answer.status_code, answer.content.strip()) == (200, b"")


def test_one_that_is_edited_does_not_look_like_itself(compared: SandboxServer, login: Login) -> None:
    assert told(login("editor").post(ALIKE, {**LIKE, "record": "5"})) == ["6"]


def test_who_may_not_create_is_told_nothing(compared: SandboxServer, login: Login) -> None:
    assert login("viewer").post(ALIKE, LIKE).status_code == 403


def test_without_a_script_it_is_told_once(compared: SandboxServer, login: Login) -> None:
    client = login("editor")
    first = submits(client, **LIKE)
    assert first.status_code == 422
    assert "Create all the same" in first.content.decode()
    assert sorted(told(first)) == ["5", "6"]
    assert not created(compared)
    again = {**read(first).fields, "alike": told(first)}
    assert again["displayName"] == LIKE["displayName"]
    assert client.post(NEW, again).status_code == 303
    assert created(compared) == 1


def test_who_was_told_while_typing_is_not_asked_again(compared: SandboxServer, login: Login) -> None:
    assert submits(login("editor"), **LIKE, alike=["5", "6"]).status_code == 303
    assert created(compared) == 1


def test_another_name_later_is_told_of_anew(compared: SandboxServer, login: Login) -> None:
    assert submits(login("editor"), **LIKE, alike=["1"]).status_code == 422
    assert not created(compared)


def test_a_client_is_warned_of_by_its_number(compared: SandboxServer, login: Login) -> None:
    client = login("editor")
    country = client.get("/clients/5/edit/").content.decode()
    assert "alike" in country
    answer = client.post("/clients/alike/", {"name": "Gripsholm", "tin": "26134439"})
    assert {"5", "6"} <= set(told(answer))
    assert "same tax number" in answer.content.decode().lower()


def test_before_the_first_scan_nothing_stands_in_the_way(sandbox: SandboxServer, login: Login) -> None:
    plant(sandbox)
    assert submits(login("editor"), **LIKE).status_code == 303


def test_contacts_are_not_compared(compared: SandboxServer, login: Login) -> None:
    client = login("editor")
    assert "/contacts/alike/" not in client.get("/contacts/new/").content.decode()
    assert client.post("/contacts/alike/", {"name": "Gripsholm Optik"}).content.strip() == b""
