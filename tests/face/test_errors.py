"""Pages and fragments for what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from backoffice.views import errors

Login = Callable[[str], Client]
HTMX = {"HX-Request": "true"}


def problem(request: HttpRequest, **more: Any) -> HttpResponse:
    request.user = AnonymousUser()
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    request.id = "abcdef0123456789"  # type: ignore[attr-defined]
    given: dict[str, Any] = {
        "status": 503,
        "title": "Flowtly cannot be reached",
        "what": "It does not <answer>.",
        "todo": "Try again in a moment.",
        "action_label": "Try again",
        "action_url": "/clients/?q=a&page=2",
    }
    return errors.render_problem(request, **(given | more))


def test_a_page_says_what_what_now_and_leads_on() -> None:
    response = problem(RequestFactory().get("/clients/"))
    page = response.content.decode()
    assert response.status_code == 503
    assert response["Vary"] == "Cookie, HX-Request" or "HX-Request" in response["Vary"]
    assert "It does not &lt;answer&gt;." in page
    assert '<a class="btn btn-primary" href="/clients/?q=a&amp;page=2">Try again</a>' in page
    assert "abcdef0123456789" in page
    assert "<form" not in page.split('class="notice"')[1]


def test_what_was_typed_is_offered_again() -> None:
    request = RequestFactory().post(
        "/clients/7/edit/?a=1",
        {"name": 'Bøgh "& Søn"', "keys": ["1", "2"], "password": "p", "csrfmiddlewaretoken": "old"},
    )
    page = problem(request, kept=request.POST).content.decode()
    form = page.split('class="notice"')[1]
    assert 'action="/clients/7/edit/?a=1"' in form
    assert 'name="name" value="Bøgh &quot;&amp; Søn&quot;"' in form
    assert form.count('name="keys"') == 2
    assert 'name="password"' not in form
    assert 'value="old"' not in form
    assert form.count('name="csrfmiddlewaretoken"') == 1


def test_htmx_reading_gets_a_fragment_inside_its_target() -> None:
    response = problem(RequestFactory().get("/clients/", headers=HTMX))
    text = response.content.decode()
    assert response.status_code == 503
    assert response["HX-Reswap"] == "innerHTML"
    assert "HX-Retarget" not in response
    assert "<html" not in text
    assert 'href="/clients/?q=a&amp;page=2"' in text


def test_htmx_sending_leaves_the_form_where_it_is() -> None:
    request = RequestFactory().post("/clients/7/edit/", {"name": "A"}, headers=HTMX)
    response = problem(request, kept=request.POST)
    assert response["HX-Retarget"] == "#problems"
    assert "<form" not in response.content.decode()


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_htmx_gets_a_page_where_it_replaces_the_page(header: str) -> None:
    response = problem(RequestFactory().get("/clients/", headers=HTMX | {header: "true"}))
    assert "<html" in response.content.decode()


def test_a_gone_record_links_to_its_history() -> None:
    page = problem(RequestFactory().get("/clients/7/"), status=404, history_url="/history/?key=7")
    assert 'href="/history/?key=7"' in page.content.decode()


@pytest.mark.django_db
def test_no_such_page(login: Login) -> None:
    response = login("viewer").get("/no/such/page/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.django_db
def test_no_such_page_for_strangers_shows_no_navigation(client: Client) -> None:
    page = client.get("/no/such/page/").content.decode()
    assert "There is no such page" in page
    assert 'id="sidebar"' not in page


@pytest.mark.parametrize("view", [errors.server_error, errors.bad_request])
def test_a_broken_server_still_has_a_page(view: Callable[[HttpRequest], HttpResponse]) -> None:
    """No user, no session, no database: none of it is touched."""
    response = view(RequestFactory().get("/clients/"))
    page = response.content.decode()
    assert response.status_code in (400, 500)
    assert "<h1" in page
    assert "css/tokens" in page


def test_a_broken_server_answers_htmx_with_a_fragment() -> None:
    response = errors.server_error(RequestFactory().post("/clients/7/edit/", headers=HTMX))
    assert response.status_code == 500
    assert response["HX-Retarget"] == "#problems"
    assert "<html" not in response.content.decode()


@pytest.fixture
def strict(login: Login) -> Client:
    """A signed-in browser whose form carries a token of before the sign-in."""
    client = login("viewer")
    client.handler.enforce_csrf_checks = True
    return client


@pytest.mark.django_db
def test_an_outdated_form_of_ours_is_offered_again(strict: Client) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    response = strict.post(reverse("preferences"), {"theme": "dark"}, headers=headers)
    page = response.content.decode()
    assert response.status_code == 403
    assert '<input type="hidden" name="theme" value="dark">' in page
    assert "Send again" in page


@pytest.mark.django_db
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_a_form_from_elsewhere_is_not(strict: Client, site: str) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    response = strict.post(reverse("preferences"), {"theme": "dark"}, headers=headers)
    assert response.status_code == 403
    assert 'name="theme" value="dark">' not in response.content.decode().split('class="notice"')[1]
