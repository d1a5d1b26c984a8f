"""Saved views: whose they are, what they show, and what becomes of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.models import AuditEntry, SavedView, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services.access import ROLES, Permission, can, give_roles
from tests.conftest import Login
from tests.records.pages import read, said
from tests.records.test_columns import heads, send

HTMX = {"HX-Request": "true"}
TABLES = re.compile(r"FROM \"backoffice_(savedview|listlayout)\"")
CHANGED = "<strong>unsaved changes</strong>"


def save(client: Client, name: str = "Ours", state: str = "status=active", **more: str) -> HttpResponse:
    return client.post("/clients/views/", {"name": name, "state": state, **more})


def saved(client: Client, name: str = "Ours", state: str = "status=active", **more: str) -> str:
    """Saves, and gives the address of the view."""
    place: str = save(client, name, state, **more)["Location"]
    return place


def number(place: str) -> str:
    return place.partition("=")[2]


def test_a_view_is_everything_that_is_shown(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    send(client, ["dueDays", "tin"])
    place = saved(
        client, "  Those\tof\n today ", "status=active&country=/countries/1&sort=-dueDays&size=25&page=2"
    )
    view = SavedView.objects.get()
    assert (view.name, view.shared, view.size) == ("Those of today", False, 25)
    assert view.query == "country=/countries/1&status=active&sort=-dueDays"
    send(client, ["status"])
    page = client.get(place)
    assert heads(page) == ["Name", "Tax number", "Due days"]
    text = read(page).text
    assert "Those of today" in text
    assert "Status: active" in text
    assert CHANGED not in page.content.decode()
    assert heads(client.get("/clients/")) == ["Name", "Status"]
    assert "Those of today" not in read(client.get("/clients/")).text.split("All clients")[0]


@pytest.mark.parametrize("role", ROLES)
def test_own_views_are_for_everybody_and_shared_ones_by_some(
    sandbox: SandboxServer, login: Login, person: Any, role: str
) -> None:
    client, may = login(role), can(person(role), Permission.SHARE_VIEWS)
    own, shared = saved(client, "Own"), saved(client, "Shared", shared="on")
    assert ('name="shared"' in client.get("/clients/").content.decode()) is may
    other = login("viewer" if role != "viewer" else "editor")
    assert "gone, or it is somebody else" in read(other.get(own)).text
    assert ("gone, or it is somebody else" in read(other.get(shared)).text) is not may
    assert (f"shared by {role}" in read(other.get("/clients/")).text) is may
    assert AuditEntry.objects.filter(action="clients.share_view", entity="clients").count() == may


@pytest.mark.parametrize("path", ["", "overwrite/", "delete/"])
def test_who_may_change_which(sandbox: SandboxServer, login: Login, path: str) -> None:
    private = f"/clients/views/{number(saved(login('editor'), 'Private'))}/"
    shared = f"/clients/views/{number(saved(login('steward'), 'Shared', shared='on'))}/"
    typed = {"name": "Renamed", "state": "status=lead"}
    assert login("steward").post(private + path, typed).status_code == 404
    refused = AuditEntry.objects.filter(action="access.refused")
    assert login("editor").post(shared + path, typed).status_code == 403
    assert refused.count() == 1
    assert sorted(SavedView.objects.values_list("name", "query")) == [
        ("Private", "status=active"),
        ("Shared", "status=active"),
    ]
    assert login("editor").post(private + path, typed).status_code == 303
    assert login("steward").post(shared + path, typed).status_code == 303
    told = {"": "unshare_view", "overwrite/": "change_view", "delete/": "delete_view"}[path]
    assert AuditEntry.objects.filter(action=f"clients.{told}").count() == 1
    history = read(login("viewer").get("/history/")).text
    assert "Shared" in history or "Renamed" in history


def test_a_former_steward_has_no_say_over_what_is_the_teams(
    sandbox: SandboxServer, login: Login, person: Any
) -> None:
    view = number(saved(login("steward"), shared="on"))
    give_roles(user=person("steward"), roles=["editor"])
    assert login("steward").post(f"/clients/views/{view}/delete/").status_code == 403
    assert "Save changes" not in read(login("steward").get(f"/clients/?view={view}&status=lead")).text


def test_changed_and_saved_again(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    place = saved(client)
    assert "Save changes" not in client.get(place).content.decode()
    changed = client.get(f"{place}&status=lead")
    assert CHANGED in changed.content.decode()
    assert f'name="state" value="view={number(place)}&amp;status=lead"' in changed.content.decode()
    answer = client.post(
        f"/clients/views/{number(place)}/overwrite/", {"state": f"view={number(place)}&status=lead"}
    )
    assert answer["Location"] == place
    assert "Status: lead" in read(client.get(place)).text


def test_what_was_taken_out_of_a_view_stays_out(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    place = saved(client)
    chip = next(link for link in read(client.get(place)).links if link.endswith("page=1"))
    assert chip == f"{place}&page=1"
    page = client.get(chip)
    assert "120 found" in read(page).text
    assert CHANGED in page.content.decode()
    form = client.get(f"{place}&q=&status=", headers=HTMX)
    assert form["HX-Push-Url"] == chip
    back = client.get(f"{place}&q=&status=active", headers=HTMX)
    assert back["HX-Push-Url"] == place
    assert 'id="view-in-use" hx-swap-oob="true"' in back.content.decode()


def test_columns_and_size_within_a_view_are_the_persons_until_saved(sandbox: SandboxServer, login: Login) -> None:
    steward, viewer = login("steward"), login("viewer")
    place = saved(steward, shared="on")
    state = f"view={number(place)}"
    viewer.post(f"/clients/columns/?{state}", {"column": ["tin"]})
    viewer.post("/clients/page-size/", {"size": "25", "state": f"{state}&status=active"})
    page = viewer.get(place)
    assert CHANGED in page.content.decode()
    assert len(read(page).rows) == 25
    assert heads(viewer.get(place)) == ["Name", "Tax number"]
    assert heads(viewer.get("/clients/"))[1] == "Status"
    assert CHANGED not in steward.get(place).content.decode()
    viewer.post(f"/clients/columns/?{state}", {"reset": "1"})
    viewer.post("/clients/page-size/", {"size": "50", "state": f"{state}&status=active"})
    assert CHANGED not in viewer.get(place).content.decode()
    steward.post(f"/clients/columns/?{state}", {"column": ["dueDays"]})
    steward.post(f"/clients/views/{number(place)}/overwrite/", {"state": f"{state}&status=active"})
    assert heads(viewer.get(place)) == ["Name", "Due days"]


def test_a_default_view_opens_by_itself_and_is_left_in_one_click(sandbox: SandboxServer, login: Login) -> None:
    steward, client = login("steward"), login("viewer")
    view = number(saved(steward, shared="on"))
    assert client.post("/clients/views/default/", {"view": view})["Location"] == f"/clients/?view={view}"
    page = read(client.get("/clients/"))
    assert "your list opens with this view" in page.text
    assert "Status: active" in page.text
    assert "/clients/?view=none" in page.links
    everything = client.get("/clients/?view=none")
    assert "120 found" in read(everything).text
    assert "your list opens" not in read(everything).text
    assert client.get("/clients/?q=&status=", headers=HTMX)["HX-Push-Url"] == "/clients/?view=none"
    assert client.get("/clients/?q=&status=lead", headers=HTMX)["HX-Push-Url"] == "/clients/?status=lead"
    assert "your list opens" not in read(steward.get("/clients/")).text
    assert "Status" not in read(client.get("/contacts/")).text
    client.post("/clients/views/default/", {"view": "", "stay": "1"})
    assert "120 found" in read(client.get("/clients/")).text


def test_a_default_that_goes_leaves_everything(sandbox: SandboxServer, login: Login) -> None:
    steward, client = login("steward"), login("viewer")
    view = number(saved(steward, shared="on"))
    client.post("/clients/views/default/", {"view": view})
    steward.post(f"/clients/views/{view}/", {"name": "Ours"})
    assert "120 found" in read(client.get("/clients/")).text
    steward.post(f"/clients/views/{view}/delete/")
    page = read(client.get("/clients/"))
    assert "120 found" in page.text
    assert "somebody else" not in page.text


def test_the_filter_panel_keeps_the_view(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    place = saved(client)
    page = client.get(place)
    link = next(link for link in read(page).links if "/filter/" in link)
    kept = read(client.get(link), "filter-panel").fields
    answer = client.get("/clients/filter/", {**kept, "add": "vatNumber", "how": "empty", "go": "1"})
    assert answer["Location"] == f"{place}&status=active&vatNumber__empty=true"


def test_fields_that_are_gone_are_left_out_and_said(sandbox: SandboxServer, login: Login, person: Any) -> None:
    view = SavedView.objects.create(
        owner=person("viewer"),
        entity="clients",
        name="Old",
        query="fax__empty=true&status=active&sort=telex",
        columns=["name", "telex", "tin"],
        size=33,
    )
    answer = login("viewer").get(f"/clients/?view={view.pk}")
    assert heads(answer) == ["Name", "Tax number"]
    assert "no longer have it: Fax, Telex." in read(answer).text
    assert "Status: active" in read(answer).text


@pytest.mark.parametrize("view", ["0", "99999", "-1", "9" * 400, "x", "\x00", "none", "", "1;drop"])
def test_a_view_that_is_none_gives_the_plain_list(sandbox: SandboxServer, login: Login, view: str) -> None:
    answer = login("viewer").get("/clients/", {"view": view})
    assert answer.status_code == 200
    assert "120 found" in read(answer).text


NASTY = "<script>alert('x')</script> {{ 7|add:1 }} &amp; 🎉"


@pytest.mark.parametrize("name", ["n" * 300, "", "   ", "\x01\x02", "a\x00b"])
def test_names_that_will_not_do_come_back_with_what_was_typed(
    sandbox: SandboxServer, login: Login, name: str
) -> None:
    client = login("viewer")
    answer = save(client, name)
    assert answer.status_code == 422
    assert "Not saved" in read(answer).text
    assert not SavedView.objects.exists()
    assert 'name="state" value="status=active"' in answer.content.decode()


def test_names_are_text_and_one_line(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    place = saved(client, NASTY + "\x07\r\nend")
    assert SavedView.objects.get().name == NASTY + " end"
    for page in (place, "/clients/views/", f"/clients/views/{number(place)}/"):
        assert "<script>alert" not in client.get(page).content.decode()


def test_a_name_is_used_once(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    saved(client, "One")
    again = save(client, "One")
    assert again.status_code == 422
    assert "a view of this name already" in read(again).text
    two = number(saved(client, "Two"))
    renamed = client.post(f"/clients/views/{two}/", {"name": "One"})
    assert renamed.status_code == 422
    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["One", "Two"]
    assert save(login("editor"), "One").status_code == 303


@pytest.mark.parametrize("state", ["q=\x00\ud7ff&sort=,,-&size=x", "=&&&", "%ff%fe=%ff", "q=" + "a" * 50_000, ""])
def test_no_state_breaks_the_saving(sandbox: SandboxServer, login: Login, state: str) -> None:
    client = login("viewer")
    place = saved(client, state=state)
    assert client.get(place).status_code == 200
    assert len(SavedView.objects.get().query) <= 202


def test_a_view_costs_no_request_and_no_more_queries(sandbox: SandboxServer, login: Login) -> None:
    steward, client = login("steward"), login("viewer")
    place = saved(client, "First")

    def queries(path: str) -> int:
        """Those for views and layouts; others depend on what other parts remember, and for how long."""
        client.get(path)
        sandbox.clear_log()
        with CaptureQueriesContext(connection) as held:
            client.get(path)
        assert [entry["path"] for entry in sandbox.requests] == ["/clients"]
        ours = [query for query in held.captured_queries if TABLES.search(query["sql"])]
        return len(ours)

    assert (queries("/clients/"), queries(place)) == (2, 2)
    for n in range(12):
        saved(client if n % 2 else steward, f"View {n}", shared="on")
        client.post("/clients/page-size/", {"size": "50", "state": f"view={number(place)}"})
    assert (queries("/clients/"), queries(place)) == (2, 2)
    sandbox.clear_log()
    client.get("/clients/views/")
    assert sandbox.requests == []


def test_renamed_by_hand_without_a_script(sandbox: SandboxServer, login: Login) -> None:
    client = login("steward")
    view = number(saved(client))
    form = read(client.get(f"/clients/views/{view}/")).fields
    answer = client.post(f"/clients/views/{view}/", {**form, "name": "Theirs", "shared": "on"})
    assert answer["Location"] == "/clients/views/"
    assert "“Theirs” was saved" in said(answer)
    assert SavedView.objects.get(shared=True).name == "Theirs"
    assert User.objects.get(username="steward").saved_views.count() == 1
