"""Who writes a note: an employee of Flowtly, chosen once by the person, never taken from the token."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.models import Job, User
from backoffice.sandbox.server import SandboxServer
from tests.conftest import Login
from tests.records.pages import form_of, read, said

NEW = "/notes/new/?client=/clients/1"
PAGE = "/preferences/employee/"


def linked(role: str = "editor") -> str:
    return User.objects.get(username=role).employee


def posts(sandbox: SandboxServer) -> list[Any]:
    return [entry["body"] for entry in sandbox.requests if entry["method"] == "POST"]


def test_the_first_note_asks_who_writes_and_suggests_by_mail(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    asked = client.get(NEW)
    text = asked.content.decode()
    assert "Editor Emil is suggested" in text
    assert 'value="/employees/2" selected' in text
    assert linked() == ""
    answer = client.post(PAGE, {"link_employee": "/employees/2", "next": NEW})
    assert (answer.status_code, answer["Location"]) == (303, NEW)
    assert linked() == "/employees/2"
    form = form_of(client, NEW)
    assert "Editor Emil" in client.get(NEW).content.decode()
    assert "employee" not in form
    sandbox.clear_log()
    done = client.post(NEW, {**form, "note": "Ringet op\r\nigen"})
    assert done["Location"] == "/clients/1/notes/"
    assert posts(sandbox) == [{"note": "Ringet op\nigen", "client": "/clients/1", "employee": "/employees/2"}]
    assert not [entry for entry in sandbox.requests if entry["path"] == "/employees/me"]


def test_nothing_typed_is_lost_when_it_is_asked_late(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    User.objects.update(employee="/employees/2")
    form = form_of(client, NEW)
    User.objects.update(employee="")
    asked = client.post(NEW, {**form, "note": "Kept & <b>typed</b>"})
    assert asked.status_code == 409
    assert "What you typed is kept" in read(asked).text
    assert "Kept &amp; &lt;b&gt;typed&lt;/b&gt;" in asked.content.decode()
    assert posts(sandbox) == []
    kept = {**form, "note": "Kept & <b>typed</b>", "link_employee": "/employees/6"}
    assert client.post(NEW, kept).status_code == 303
    assert posts(sandbox)[0]["note"] == "Kept & <b>typed</b>"
    assert posts(sandbox)[0]["employee"] == "/employees/6"
    assert linked() == "/employees/6"


def test_an_employee_that_is_not_there_is_not_taken(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    for iri in ("", "/employees/999", "/clients/1"):
        response = client.post(PAGE, {"link_employee": iri})
        assert response.status_code == 422
        assert "Choose yourself" in read(response).text
    assert client.post(NEW, {"note": "x", "link_employee": "/employees/999"}).status_code == 409
    assert linked() == ""
    assert not Job.objects.exists()


def test_no_suggestion_where_two_share_the_address(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("employees", 7, {"email": "Editor@Example.com"})
    text = login("editor").get(PAGE).content.decode()
    assert "is suggested" not in text
    assert " selected" not in text.split("<select")[1]


@pytest.mark.parametrize("status", [403, 404])
def test_forbidden_employees_are_said_plainly(sandbox: SandboxServer, login: Login, status: int) -> None:
    sandbox.fault("status", status=status, path="/employees*", times=None)
    client = login("editor")
    for url in (PAGE, NEW):
        response = client.get(url)
        assert response.status_code == 200
        assert "does not let the account of this back office read its employees" in read(response).text
    typed = client.post(NEW, {"note": "Kept and typed", "client": "/clients/1", "base": ""})
    assert typed.status_code == 409
    assert read(typed).fields["note"] == "Kept and typed"
    assert "read its employees" in read(typed).text


def test_the_preferences_tell_and_change_it(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    assert "Not chosen yet" in read(client.get("/preferences/")).text
    response = client.post(PAGE, {"link_employee": "/employees/6", "next": "https://evil.example/"})
    assert response["Location"] == "/preferences/"
    assert "Notes that you write carry this name" in said(response)
    sandbox.clear_log()
    assert "Åse Nørgård" in read(client.get("/preferences/")).text
    assert sandbox.requests == []


def test_the_author_of_an_old_note_stays(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    key = read(client.get("/notes/")).rows[0]
    form = form_of(client, f"/notes/{key}/edit/")
    assert "employee" not in form
    sandbox.clear_log()
    client.post(f"/notes/{key}/edit/", {**form, "note": "Changed", "employee": "/employees/1"})
    assert [entry["body"] for entry in sandbox.requests if entry["method"] == "PATCH"] == [{"note": "Changed"}]


def test_an_outage_keeps_the_question_answerable(sandbox: SandboxServer, login: Login) -> None:
    sandbox.fault("status", status=503, path="/employees*", times=None)
    client = login("editor")
    assert client.get(PAGE).status_code == 503
    response = client.post(NEW, {"note": "Kept and typed", "client": "/clients/1"})
    assert response.status_code == 503
    assert "Kept and typed" in response.content.decode()
