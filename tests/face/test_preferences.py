"""A person's own settings: the page, and the switches of the top bar."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from backoffice.models import User
from backoffice.views.accounts import THEME_COOKIE

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


def me(name: str = "viewer") -> User:
    return User.objects.get(username=name)


def test_preferences_are_kept_and_the_cookies_follow(login: Login) -> None:
    client = login("viewer")
    fields = {"language": "da", "theme": "dark", "density": "compact"}
    response = client.post(reverse("preferences"), fields)
    assert response["Location"] == reverse("preferences")
    user = me()
    assert (user.language, user.theme, user.density, user.shortcuts) == ("da", "dark", "compact", False)
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "da"
    page = client.get(reverse("preferences")).content.decode()
    assert 'lang="da" data-theme="dark" data-bs-theme="dark"' in page
    assert 'data-density="compact"' in page
    assert 'data-shortcuts="off"' in page


def test_the_browsers_language_again_drops_the_cookie(login: Login) -> None:
    client = login("viewer")
    client.post(reverse("preferences"), {"language": "da", "theme": "auto", "density": "compact"})
    client.post(reverse("preferences"), {"language": "", "theme": "auto", "density": "compact"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == ""
    assert me().language == ""


@pytest.mark.parametrize(("name", "value"), [("language", "xx"), ("theme", "neon"), ("density", "")])
def test_a_value_that_is_not_offered_is_refused(login: Login, name: str, value: str) -> None:
    fields = {"language": "", "theme": "auto", "density": "compact", name: value}
    page = login("viewer").post(reverse("preferences"), fields).content.decode()
    assert "Not saved: 1 entry needs correcting" in page
    assert me().density == "comfortable"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [("theme", "dark", "dark"), ("density", "compact", "compact"), ("sidebar_collapsed", "1", True)],
)
def test_one_switch_is_kept_and_leads_back(login: Login, name: str, value: str, kept: object) -> None:
    client = login("viewer")
    response = client.post(reverse("preference_set"), {name: value, "next": "/preferences/?x=1"})
    assert response["Location"] == "/preferences/?x=1"
    assert getattr(me(), name) == kept
    response = client.post(reverse("preference_set"), {name: value}, headers={"HX-Request": "true"})
    assert response.status_code == 204


def test_the_sidebar_opens_again(login: Login) -> None:
    client = login("viewer")
    client.post(reverse("preference_set"), {"sidebar_collapsed": "1"})
    client.post(reverse("preference_set"), {"sidebar_collapsed": "0"})
    assert me().sidebar_collapsed is False


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_a_switch_never_leads_away(login: Login, target: str) -> None:
    response = login("viewer").post(reverse("preference_set"), {"theme": "dark", "next": target})
    assert response["Location"] == "/"


@pytest.mark.parametrize("fields", [{}, {"theme": "neon"}, {"is_superuser": "1"}, {"username": "root"}])
def test_nothing_else_can_be_set(login: Login, fields: dict[str, str]) -> None:
    response = login("viewer").post(reverse("preference_set"), fields)
    assert response.status_code == 400
    assert me().theme == "auto"
    assert not me().is_superuser


def test_a_switch_is_a_post(client: Client) -> None:
    assert client.get(reverse("preference_set"), {"theme": "dark"}).status_code == 405
    assert THEME_COOKIE not in client.cookies


def test_preferences_are_for_people_who_are_signed_in(client: Client) -> None:
    response = client.get(reverse("preferences"))
    assert response["Location"] == f"{reverse('login')}?next={reverse('preferences')}"
