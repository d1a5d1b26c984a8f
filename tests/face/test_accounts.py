"""Signing in and out, as a browser meets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from backoffice.forms.accounts import DEMO_ACCOUNTS
from backoffice.forms.resume import pack_submission
from backoffice.models import User
from backoffice.views.accounts import THEME_COOKIE

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]
Login = Callable[[str], Client]
WORD = "correct horse"


class _Inputs(HTMLParser):
    """The (name, value) of every input, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name"):
            self.pairs.append((given["name"] or "", given.get("value") or ""))


def inputs(response: HttpResponse) -> list[tuple[str, str]]:
    return _Inputs(response.content.decode()).pairs


def sign_in(client: Client, password: str = WORD, **extra: str) -> HttpResponse:
    return client.post(reverse("login"), {"username": "editor", "password": password, **extra})


def test_signing_in_leads_home(client: Client, person: Person) -> None:
    person("editor")
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_wrong_password_says_what_to_check_and_keeps_the_name(client: Client, person: Person) -> None:
    person("editor")
    response = sign_in(client, "wrong")
    page = response.content.decode()
    assert "do not belong together" in page
    assert ("username", "editor") in inputs(response)
    assert ">wrong<" not in page
    assert 'value="wrong"' not in page


@pytest.mark.parametrize("target", ["/preferences/", "/preferences/?a=1&b=2"])
def test_next_is_followed_on_this_site(client: Client, person: Person, target: str) -> None:
    person("editor")
    page = client.get(reverse("login"), {"next": target})
    assert ("next", target) in inputs(page)
    assert sign_in(client, next=target)["Location"] == target


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///x"]
)
def test_next_never_leads_away(client: Client, person: Person, target: str) -> None:
    person("editor")
    assert "evil" not in client.get(reverse("login"), {"next": target}).content.decode()
    assert sign_in(client, next=target)["Location"] == "/"


def test_who_is_signed_in_is_not_asked_again(login: Login) -> None:
    assert login("viewer").get(reverse("login"))["Location"] == "/"


def test_demo_accounts_are_offered_in_demo_mode_only(client: Client, settings: LazySettings) -> None:
    settings.DEMO = False
    assert "demo" not in client.get(reverse("login")).content.decode().lower()
    settings.DEMO = True
    page = client.get(reverse("login")).content.decode()
    assert re.findall(r'<button name="username" value="(\w+)"', page) == [name for name, _what in DEMO_ACCOUNTS]


def test_a_demo_button_signs_in(client: Client, settings: LazySettings) -> None:
    settings.DEMO = True
    User.objects.create_user("steward", password="demo", demo=True)
    assert client.post(reverse("login"), {"username": "steward", "password": "demo"}).status_code == 302


def test_too_many_failures_shut_the_account_for_a_while(
    client: Client, person: Person, settings: LazySettings
) -> None:
    cache.clear()
    person("editor")
    settings.AXES_FAILURE_LIMIT = 3
    settings.AXES_COOLOFF_TIME = 0.25
    statuses = [sign_in(client, "wrong").status_code for _n in range(3)]
    assert statuses == [200, 200, 429]
    response = sign_in(client)  # the right password does not help now
    assert response.status_code == 429
    assert response["Retry-After"] == "900"
    assert re.search(r"Try again after \d\d?[:.]\d\d", response.content.decode())
    assert ("username", "editor") in inputs(response)
    assert "_auth_user_id" not in client.session


def test_another_account_is_not_shut_with_it(client: Client, person: Person, settings: LazySettings) -> None:
    cache.clear()
    person("editor")
    person("viewer")
    settings.AXES_FAILURE_LIMIT = 1
    assert sign_in(client, "wrong").status_code == 429
    assert client.post(reverse("login"), {"username": "viewer", "password": WORD}).status_code == 302


def test_a_session_that_ended_over_a_form_loses_nothing(client: Client, person: Person) -> None:
    person("editor")
    typed = {"name": 'Bøgh & Søn "A/S" <b>', "keys": ["3", "5"], "note": "line one\nline two", "empty": ""}
    page = client.post(reverse("preferences"), typed)
    assert page.status_code == 401
    packed = dict(inputs(page))["resume"]
    back = sign_in(client, resume=packed)
    assert back.status_code == 200
    assert 'action="/preferences/"' in back.content.decode()
    kept = [pair for pair in inputs(back) if pair[0] in typed]
    assert kept == [
        ("name", typed["name"]),
        ("keys", "3"),
        ("keys", "5"),
        ("note", typed["note"]),
        ("empty", ""),
    ]
    assert len(dict(inputs(back))["csrfmiddlewaretoken"]) == 64
    assert "_auth_user_id" in client.session


def test_a_failed_sign_in_still_holds_the_submission(client: Client, person: Person) -> None:
    person("editor")
    packed = pack_submission(RequestFactory().post("/clients/7/edit/", {"dueDays": "30"}))
    assert ("resume", packed) in inputs(sign_in(client, "wrong", resume=packed))


def test_a_locked_out_sign_in_still_holds_the_submission(
    client: Client, person: Person, settings: LazySettings
) -> None:
    person("editor")
    settings.AXES_FAILURE_LIMIT = 1
    packed = pack_submission(RequestFactory().post("/clients/7/edit/", {"dueDays": "30"}))
    response = sign_in(client, "wrong", resume=packed)
    assert response.status_code == 429
    assert ("resume", packed) in inputs(response)


def test_a_forged_submission_is_dropped(client: Client, person: Person) -> None:
    person("editor")
    assert "resume" not in dict(inputs(sign_in(client, "wrong", resume="forged")))
    assert sign_in(client, resume="forged").status_code == 302


def test_signed_in_meanwhile_in_another_tab_still_gets_the_form_back(login: Login) -> None:
    packed = pack_submission(RequestFactory().post("/clients/7/edit/", {"dueDays": "30"}))
    back = login("editor").post(reverse("login"), {"resume": packed})
    assert ("dueDays", "30") in inputs(back)


def test_signing_out_is_a_post(login: Login) -> None:
    client = login("viewer")
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout"))["Location"] == reverse("login")
    assert "_auth_user_id" not in client.session


def test_a_password_is_changed_and_other_sessions_end(login: Login, person: Person) -> None:
    client, elsewhere = login("editor"), login("editor")
    new = "a longer battery staple"
    fields = {"old_password": WORD, "new_password1": new, "new_password2": new}
    response = client.post(reverse("password_change"), fields, follow=True)
    assert response.redirect_chain == [(reverse("password_change_done"), 302)]
    assert client.get(reverse("preferences")).status_code == 200
    assert elsewhere.get(reverse("preferences")).status_code == 302
    assert User.objects.get(username="editor").check_password(new)


def test_a_refused_password_change_names_the_fields(login: Login) -> None:
    fields = {"old_password": "wrong", "new_password1": "short", "new_password2": "other"}
    page = login("editor").post(reverse("password_change"), fields).content.decode()
    assert "Not saved: 2 entries need correcting" in page
    assert 'href="#id_old_password"' in page
    assert 'id="id_old_password_error"' in page


def test_a_forgotten_password_is_set_anew_by_mail(client: Client, person: Person) -> None:
    person("editor")
    response = client.post(reverse("password_reset"), {"email": "editor@example.com"}, follow=True)
    assert "Look in your mail" in response.content.decode()
    [message] = mail.outbox
    [link] = re.findall(r"http://testserver(/\S+)", str(message.body))
    form = client.get(link, follow=True)
    new = "a longer battery staple"
    done = client.post(form.request["PATH_INFO"], {"new_password1": new, "new_password2": new}, follow=True)
    assert "Your new password is set" in done.content.decode()
    assert sign_in(client, new).status_code == 302
    assert "used or is too old" in client.get(link, follow=True).content.decode()


def test_a_reset_does_not_tell_whether_an_address_is_known(client: Client, person: Person) -> None:
    person("editor")
    known = client.post(reverse("password_reset"), {"email": "editor@example.com"})
    unknown = client.post(reverse("password_reset"), {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1


def test_the_login_page_remembers_theme_and_language_of_the_browser(client: Client) -> None:
    client.post(reverse("preference_set"), {"theme": "dark"})
    assert client.cookies[THEME_COOKIE].value == "dark"
    page = client.get(reverse("login")).content.decode()
    assert 'data-theme="dark" data-bs-theme="dark"' in page
