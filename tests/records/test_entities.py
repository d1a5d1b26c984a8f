"""Contacts, notes and counterparties: what one file each gives them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from backoffice.models import Job, User
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services.access import Permission
from tests.conftest import ROLES, Login
from tests.records.pages import form_of, read, said, submit

SLUGS = ["contacts", "notes", "counterparties"]
NASTY = "<script>alert('x')</script> {{ 7|add:1 }} \"quoted\" =1+1 שלום 🙂"
EMPLOYEE = "/employees/3"


def some_key(sandbox: SandboxServer, login: Login, slug: str) -> str:
    return read(login("viewer").get(f"/{slug}/")).rows[0]


def writes(sandbox: SandboxServer) -> list[Any]:
    return [entry for entry in sandbox.requests if entry["method"] not in ("GET", "HEAD")]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_matrix_of_each_entity(sandbox: SandboxServer, login: Login, slug: str, role: str) -> None:
    key, browser = some_key(sandbox, login, slug), login(role)
    needs = {
        reverse("list", args=[slug]): Permission.READ,
        reverse("detail", args=[slug, key]): Permission.READ,
        reverse("record_history", args=[slug, key]): Permission.READ,
        reverse("create", args=[slug]): Permission.EDIT,
        reverse("edit", args=[slug, key]): Permission.EDIT,
        reverse("delete", args=[slug, key]): Permission.DELETE,
    }
    from backoffice.services.access import ROLES as TABLE

    for url, permission in needs.items():
        allowed = permission in TABLE[role]
        assert (url, browser.get(url).status_code) == (url, 200 if allowed else 403)
        if permission is not Permission.READ:
            assert (url, browser.post(url).status_code == 403) == (url, not allowed)
    assert writes(sandbox) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_requests_for_each_page(sandbox: SandboxServer, login: Login, slug: str) -> None:
    key, client = some_key(sandbox, login, slug), login("steward")
    User.objects.filter(username="steward").update(employee=EMPLOYEE)
    budget = {
        f"/{slug}/": 1,
        f"/{slug}/?q=abcd": 1,
        f"/{slug}/?page=2&size=25": 1,
        f"/{slug}/{key}/": 1,
        f"/{slug}/{key}/edit/": 1,
        f"/{slug}/{key}/delete/": 1,
        f"/{slug}/new/": 0,
    }
    for url, allowed in budget.items():
        client.get(url)
        sandbox.clear_log()
        assert client.get(url).status_code == 200
        assert (url, len(sandbox.requests)) == (url, allowed)


@pytest.mark.parametrize(
    ("slug", "table", "name"),
    [
        ("contacts", "client-contacts", "name"),
        ("notes", "client-notes", "note"),
        ("counterparties", "counterparties", "displayName"),
    ],
)
def test_edit_undo_and_wild_text(sandbox: SandboxServer, login: Login, slug: str, table: str, name: str) -> None:
    key, client = some_key(sandbox, login, slug), login("editor")
    before = sandbox.row(table, key)
    assert before is not None
    form = form_of(client, f"/{slug}/{key}/edit/")
    sandbox.clear_log()
    assert client.post(f"/{slug}/{key}/edit/", form).status_code == 303
    assert sandbox.requests == []
    client.post(f"/{slug}/{key}/edit/", {**form, name: NASTY})
    assert [entry["body"] for entry in writes(sandbox)] == [{name: NASTY}]
    for url in (f"/{slug}/{key}/", f"/{slug}/?q=alert", f"/{slug}/{key}/history/"):
        text = client.get(url).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
    job = Job.objects.get()
    offer = client.get(f"/jobs/{job.pk}/undo/").content.decode()
    client.post(f"/jobs/{job.pk}/undo/", {"seen": offer.split('name="seen" value="')[1].split('"')[0]})
    row = sandbox.row(table, key)
    assert row is not None
    assert row[name] == before[name]


def test_search_is_flowtlys_and_says_in_what(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("counterparties", 61, {"displayName": "Zebra Unik Handel"})
    page = read(login("viewer").get("/counterparties/?q=bra+Unik"))
    assert page.rows == ["61"]
    assert "Flowtly searches in one field here: Name." in page.text


def test_without_a_search_of_flowtlys_the_page_says_so(sandbox: SandboxServer, login: Login) -> None:
    sandbox.set_profile(filters=())
    page = read(login("viewer").get("/counterparties/?q=abc"))
    assert "only the rows of this page were searched" in page.text


@pytest.mark.parametrize("filters", [None, ()])
def test_flags_are_filtered_there_or_here(sandbox: SandboxServer, login: Login, filters: Any) -> None:
    sandbox.set_profile(filters=filters)
    page = read(login("viewer").get("/counterparties/?cyclic=true&size=100"))
    assert page.rows
    assert {sandbox.row("counterparties", key)["cyclic"] for key in page.rows} == {True}  # type: ignore[index]


def test_logo_and_website_lead_only_where_a_browser_should_go(sandbox: SandboxServer, login: Login) -> None:
    rows = {
        1: ("https://logo.example/1.png", "https://www.one.example/"),
        2: ("http://logo.example/2.png", "javascript:alert(1)"),
        3: ("javascript:alert(1)", "//evil.example/"),
        4: ('https://x.example/"onerror="alert(1)', "https://user:pass@[broken"),
        5: (None, None),
    }
    for key, (logo, site) in rows.items():
        sandbox.patch_row("counterparties", key, {"logoUrl": logo, "corporateWebsiteUrl": site})
    for url in ("/counterparties/?size=25", *(f"/counterparties/{key}/" for key in rows)):
        text = login("viewer").get(url).content.decode()
        assert 'href="javascript' not in text
        assert 'href="//' not in text
        assert 'src="http:' not in text
        assert '"onerror' not in text
    text = login("viewer").get("/counterparties/?size=25").content.decode()
    assert text.count('class="picture"') == 25  # a place is kept in every row
    picture = next(part for part in text.split("<img ") if "logo.example/1.png" in part).split(">")[0]
    for wanted in ('alt=""', 'loading="lazy"', 'referrerpolicy="no-referrer"'):
        assert wanted in picture
    link = next(part for part in text.split("<a ") if "www.one.example" in part)
    assert 'rel="noopener noreferrer"' in link
    assert ">one.example</a>" in link


def test_an_untouched_flag_is_never_sent(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    page = client.get("/counterparties/new/").content.decode()
    assert "As Flowtly sets it" in page
    form = form_of(client, "/counterparties/new/")
    assert (form["cyclic"], form["requireAttachment"]) == ("", "")
    sandbox.clear_log()
    response = client.post("/counterparties/new/", {**form, "displayName": "Ny Leverandør", "cyclic": "false"})
    assert "was created" in said(response)
    assert [entry["body"] for entry in writes(sandbox)] == [{"displayName": "Ny Leverandør", "cyclic": False}]


def test_a_flag_is_changed_alone(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("counterparties", 1, {"cyclic": True, "budgetNeutral": False})
    client = login("editor")
    assert "Not set" not in client.get("/counterparties/1/edit/").content.decode()
    sandbox.clear_log()
    submit(client, "/counterparties/1/edit/", cyclic="false")
    assert [entry["body"] for entry in writes(sandbox)] == [{"cyclic": False}]
    odd = submit(client, "/counterparties/1/edit/", cyclic="maybe")
    assert odd.status_code == 422
    assert "Choose yes or no" in read(odd).text


def test_the_form_without_any_flag_posted_keeps_them(sandbox: SandboxServer, login: Login) -> None:
    """As a browser sends radio buttons of which none is chosen."""
    client = login("editor")
    form = form_of(client, "/counterparties/1/edit/")
    bare = {name: text for name, text in form.items() if name not in ("cyclic", "requireAttachment")}
    sandbox.clear_log()
    client.post("/counterparties/1/edit/", {**bare, "displayName": "Renamed"})
    assert [entry["body"] for entry in writes(sandbox)] == [{"displayName": "Renamed"}]


def test_what_flowtly_refuses_lands_at_its_field(sandbox: SandboxServer, login: Login) -> None:
    response = submit(login("editor"), "/counterparties/1/edit/", type="no-such-type")
    assert response.status_code == 422
    assert 'href="#id_type"' in response.content.decode()
    mail = submit(login("editor"), "/contacts/1/edit/", email="no address")
    assert "Write an e-mail address" in read(mail).text


def test_a_note_is_named_by_its_beginning(sandbox: SandboxServer, login: Login) -> None:
    key = some_key(sandbox, login, "notes")
    sandbox.patch_row("client-notes", key, {"note": "First line\nsecond " + "long " * 40})
    page = read(login("viewer").get(f"/notes/{key}/"))
    assert "First line second long long long long long long long long…" in page.text


def test_every_entity_has_a_key_of_its_own(sandbox: SandboxServer, login: Login) -> None:
    assert len({item.shortcut for item in PAGES.values()} | {"h", "y", "a"}) == len(PAGES) + 3
