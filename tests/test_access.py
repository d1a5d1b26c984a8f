"""The matrix: every address with every role, once; a new address is in it by being in the URLconf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from backoffice.models import AuditEntry, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services.access import ROLES, Permission, can, give_roles
from tests.conftest import Login

ARGUMENTS: dict[str, str] = {
    "resource": "clients",
    "tab": "contacts",
    "entity": "contacts",
    "key": "1",
    "view_id": "1",
    "export_id": "00000000-0000-4000-8000-000000000000",
    "number": "1",
    "job_id": "00000000-0000-4000-8000-000000000000",
    "selection_id": "00000000-0000-4000-8000-000000000000",
    "group_id": "00000000-0000-4000-8000-000000000000",
    "verdict_id": "1",
    "upload_id": "00000000-0000-4000-8000-000000000000",
    "batch_id": "00000000-0000-4000-8000-000000000000",
    "uidb64": "MQ",
    "token": "set-password",
}


@dataclass(frozen=True)
class Address:
    name: str
    parameters: tuple[str, ...]
    view: Any

    @property
    def url(self) -> str:
        return reverse(self.name, kwargs={name: ARGUMENTS[name] for name in self.parameters})

    @property
    def permission(self) -> Any:
        return getattr(self.view, "permission", None)


def addresses(resolver: URLResolver, parameters: tuple[str, ...] = ()) -> Iterator[Address]:
    """Ours; the Django admin has a rule of its own, tested below."""
    for item in resolver.url_patterns:
        inner = (*parameters, *item.pattern.regex.groupindex)
        if isinstance(item, URLPattern):
            yield Address(str(item.name), inner, item.callback)
        elif item.app_name != "admin":
            yield from addresses(item, inner)


OURS = {item.name: item for item in addresses(get_resolver())}


@pytest.mark.parametrize("name", OURS)
def test_every_address_says_who_may_use_it(name: str) -> None:
    permission = OURS[name].permission
    assert permission == "public" or isinstance(permission, Permission), f"{name} has no @requires and no @public"


GUARDED = [name for name, item in OURS.items() if item.permission != "public"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", [*ROLES, "nobody"])
@pytest.mark.parametrize("name", GUARDED)
def test_the_matrix(sandbox: SandboxServer, login: Login, name: str, role: str, method: str) -> None:
    browser = login(role) if role != "nobody" else _without_role()
    allowed = role != "nobody" and OURS[name].permission in ROLES[role]
    before = AuditEntry.objects.filter(action="access.refused").count()
    answer = getattr(browser, method)(OURS[name].url)
    if answer.streaming:
        b"".join(answer)  # a file is closed at its end
    refused = AuditEntry.objects.filter(action="access.refused").count() - before
    if allowed:
        assert answer.status_code < 500
        assert refused == 0
    else:
        assert (answer.status_code, refused) == (403, 1)
        assert not [entry for entry in sandbox.requests if entry["method"] != "GET"]


def _without_role() -> Client:
    browser = Client()
    browser.force_login(User.objects.create_user("nobody"), backend="backoffice.backends.RoleBackend")
    return browser


@pytest.mark.parametrize("name", GUARDED)
def test_strangers_are_asked_to_sign_in(sandbox: SandboxServer, name: str) -> None:
    there = OURS[name].url
    got, posted = Client().get(there), Client().post(there, {"name": "typed"})
    assert (got.status_code, got.headers["Location"].split("?")[0]) == (302, reverse("login"))
    assert posted.status_code == 401
    assert sandbox.requests == []


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("steward", 403), ("viewer", 403)])
@pytest.mark.parametrize(
    "page", ["admin:index", "admin:backoffice_user_changelist", "admin:backoffice_auditentry_changelist"]
)
def test_the_django_admin_is_for_admins(
    sandbox: SandboxServer, login: Login, page: str, role: str, status: int
) -> None:
    assert login(role).get(reverse(page), follow=True).status_code == status


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_the_admin_leads_nowhere_else(sandbox: SandboxServer, login: Login, there: str) -> None:
    answer = login("admin").get(reverse("admin:login"), {"next": there})
    assert answer.headers["Location"] == reverse("admin:index")


def test_the_admin_changes_no_audit_entry(sandbox: SandboxServer, login: Login) -> None:
    browser = login("admin")
    browser.get(reverse("admin:index"))
    User.objects.get(username="admin")
    Client().post(reverse("login"), {"username": "x", "password": "y"})
    entry = AuditEntry.objects.order_by("seq").last()
    assert entry is not None
    page = reverse("admin:backoffice_auditentry_change", args=[entry.pk])
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"outcome": "x"}).status_code == 403
    assert browser.post(reverse("admin:backoffice_auditentry_delete", args=[entry.pk])).status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_a_role_holds_what_the_documentation_says(person: Callable[[str], User], role: str) -> None:
    """The table of docs/architecture.md, row by row."""
    rows = {
        Permission.READ: "viewer editor steward approver admin",
        Permission.EXPORT: "viewer editor steward approver admin",
        Permission.EDIT: "editor steward",
        Permission.UNDO_OWN: "editor steward",
        Permission.DELETE: "steward",
        Permission.SHARE_VIEWS: "steward",
        Permission.VERDICT: "steward",
        Permission.BULK: "steward",
        Permission.UNDO_ANY: "steward",
        Permission.APPROVE: "approver",
        Permission.ADMIN: "admin",
    }
    user = person(role)
    assert {permission for permission, roles in rows.items() if role in roles.split()} | {
        Permission.OWN_VIEWS
    } == {permission for permission in Permission if can(user, permission)}


def test_a_person_may_hold_several_roles(person: Callable[[str], User]) -> None:
    user = person("editor")
    give_roles(user=user, roles=["editor", "approver"])
    assert can(user, Permission.EDIT)
    assert can(user, Permission.APPROVE)


def test_a_deactivated_person_holds_nothing(person: Callable[[str], User]) -> None:
    user = person("steward")
    user.is_active = False
    assert not any(can(user, permission) for permission in Permission)
