"""The search for everything as a page: what it links to, for whom, and the parts that the dialog fetches."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.models import User
from backoffice.sandbox.server import SandboxServer
from backoffice.services.access import ROLES
from tests.conftest import Login
from tests.records.pages import read

HTMX = {"HX-Request": "true"}


def text_of(browser: Client, **query: str) -> str:
    return browser.get(reverse("search"), query).content.decode()


def links(browser: Client, **query: str) -> list[str]:
    """Where the found lines lead."""
    return re.findall(r'class="found-line" href="([^"]+)"', text_of(browser, **query))


@pytest.fixture
def name(sandbox: SandboxServer) -> str:
    row = sandbox.row("clients", 7)
    assert row is not None
    return str(row["name"])


def test_the_page_finds_without_a_script(sandbox: SandboxServer, login: Login, name: str) -> None:
    sandbox.patch_row("clients", 7, {"tin": "31415926", "vatNumber": "DK31415926", "addressCity": "Ribe"})
    page = text_of(login("viewer"), q=name)
    assert "/clients/7/" in read(login("viewer").get("/search/", {"q": name})).links
    assert "Client 7" in page
    assert re.search(r"DK31415926 · Ribe · \w+", page)
    assert "<mark>" in page
    assert 'role="option"' not in page
    assert "data-waiting" not in page


def test_a_contact_is_told_apart_by_its_client(sandbox: SandboxServer, login: Login, name: str) -> None:
    values = {"name": "Prøve Prøvesen", "client": 7, "title": None, "email": "p@example.com"}
    sandbox.patch_row("client-contacts", 3, values)
    browser = login("viewer")
    browser.get("/clients/7/")
    page = text_of(browser, q="prøvesen")
    assert 'href="/contacts/3/"' in page
    assert f"{name} · p@example.com" in page.replace("&amp;", "&")


def test_the_dialog_gets_what_is_known_before_flowtly_is_asked(
    sandbox: SandboxServer, login: Login, name: str
) -> None:
    browser = login("viewer")
    browser.get("/clients/7/")
    sandbox.clear_log()
    here = browser.get("/search/", {"q": name, "stage": "here"}, headers=HTMX)
    assert sandbox.requests == []
    assert "HX-Request" in here["Vary"]
    text = here.content.decode()
    assert "<html" not in text
    assert 'data-record="clients/7"' in text
    assert 'role="option"' in text
    assert "data-waiting" in text
    later = browser.get("/search/", {"q": name}, headers=HTMX).content.decode()
    assert "data-waiting" not in later
    assert later.count('data-record="clients/7"') == 1
    assert sandbox.requests


def test_only_the_dialog_is_answered_in_stages(sandbox: SandboxServer, login: Login, name: str) -> None:
    browser = login("viewer")
    assert "/clients/7/" in links(browser, q=name, stage="here")
    assert "data-waiting" not in text_of(browser, q=name, stage="here")


def test_an_outage_of_one_list_is_said_in_its_group(sandbox: SandboxServer, login: Login, name: str) -> None:
    sandbox.fault(status=503, path="/client-contacts", times=None)
    page = text_of(login("viewer"), q=name)
    section = page.split("<h2>Contacts</h2>")[1].split("</section>")[0]
    assert "Flowtly cannot be reached: these were not searched." in section
    assert 'href="/clients/7/"' in page


def test_all_that_match_stand_in_the_list(sandbox: SandboxServer, login: Login) -> None:
    for key in range(1, 9):
        sandbox.patch_row("clients", key, {"name": f"Ens & Navn {key}"})
    found = links(login("viewer"), q="ens & navn")
    assert "/clients/?q=ens+%26+navn" in found
    assert len([link for link in found if re.fullmatch(r"/clients/\d+/", link)]) == 5


def test_what_there_is_to_do_depends_on_the_role(sandbox: SandboxServer, login: Login) -> None:
    def labels(role: str) -> set[str]:
        return set(re.findall(r'<span class="found-name"[^>]*>([^<]+)<', text_of(login(role))))

    assert "New client" not in labels("viewer")
    assert {"Clients", "History", "Preferences", "Switch to dark"} <= labels("viewer")
    assert labels("editor") - labels("viewer") == {"New client", "New contact", "New note", "New counterparty"}
    assert labels("admin") - labels("viewer") == {"Users and audit", "Connection", "Personal data"}


@pytest.mark.parametrize("role", ROLES)
def test_no_action_leads_to_a_refusal(sandbox: SandboxServer, login: Login, role: str) -> None:
    browser = login(role)
    found = links(browser)
    assert found
    assert [(link, status) for link in found if (status := browser.get(link).status_code) != 200] == []


def test_the_looks_change_from_the_page(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    page = text_of(browser, q="dark")
    assert '<form method="post" id="search-setting" action="/preferences/set/"' in page
    assert 'form="search-setting" name="theme" value="dark"' in page
    browser.post("/preferences/set/", {"theme": "dark"})
    assert User.objects.get(username="viewer").theme == "dark"
    assert 'name="theme" value="dark"' not in text_of(browser).split("<main")[1].split("</main>")[0]


def test_a_short_text_says_from_where_flowtly_is_asked(sandbox: SandboxServer, login: Login) -> None:
    page = text_of(login("viewer"), q="zq")
    assert sandbox.requests == []
    assert "From 3 characters on, Flowtly is searched, too." in page
    assert "Nothing matches" in text_of(login("viewer"), q="zqzqzq")


def test_markup_in_names_and_questions_is_text(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("clients", 7, {"name": "<b>fed</b> & co"})
    page = text_of(login("viewer"), q="<b>fed")
    assert "<mark>&lt;b&gt;fed</mark>&lt;/b&gt; &amp; co" in page
    assert "<b>fed" not in page


def test_the_button_of_the_top_bar_is_a_link(sandbox: SandboxServer, login: Login) -> None:
    page = login("viewer").get("/history/").content.decode()
    assert re.search(r'<a class="[^"]*search-open" href="/search/"', page)
