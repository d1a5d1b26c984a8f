"""Who may do what: one table, carried by Django groups of the same names."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import QuerySet

from backoffice.models import User


class Permission(StrEnum):
    READ = "read"
    EXPORT = "export"
    OWN_VIEWS = "own_views"
    EDIT = "edit"
    UNDO_OWN = "undo_own"
    DELETE = "delete"
    SHARE_VIEWS = "share_views"
    VERDICT = "verdict"
    BULK = "bulk"
    UNDO_ANY = "undo_any"
    APPROVE = "approve"
    ADMIN = "admin"


_EVERYBODY = frozenset({Permission.READ, Permission.EXPORT, Permission.OWN_VIEWS})
_EDITOR = frozenset({Permission.EDIT, Permission.UNDO_OWN})
ROLES: dict[str, frozenset[Permission]] = {
    "viewer": _EVERYBODY,
    "editor": _EVERYBODY | _EDITOR,
    "steward": _EVERYBODY
    | _EDITOR
    | {
        Permission.DELETE,
        Permission.SHARE_VIEWS,
        Permission.VERDICT,
        Permission.BULK,
        Permission.UNDO_ANY,
    },
    "approver": _EVERYBODY | {Permission.APPROVE},
    "admin": _EVERYBODY | {Permission.ADMIN},
}


def roles_of(user: User | AnonymousUser) -> frozenset[str]:
    """The role names of a person, read once for each request (kept on the user object)."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if (kept := getattr(user, "_roles", None)) is None:
        kept = frozenset(user.groups.values_list("name", flat=True)) & frozenset(ROLES)
        user._roles = kept  # type: ignore[attr-defined]
    return kept


def permissions_of(user: User | AnonymousUser) -> frozenset[Permission]:
    return frozenset().union(*(ROLES[name] for name in roles_of(user)))


def can(user: User | AnonymousUser, permission: Permission) -> bool:
    return permission in permissions_of(user)


def holders(permission: Permission) -> QuerySet[User]:
    """The people who may do this, by name."""
    roles = [name for name, held in ROLES.items() if permission in held]
    return User.objects.filter(is_active=True, groups__name__in=roles).distinct().order_by("username")


def ensure_groups() -> dict[str, Group]:
    """The five groups, made where missing."""
    return {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}


def give_roles(*, user: User, roles: list[str]) -> None:
    groups = ensure_groups()
    user.groups.set([groups[name] for name in roles])
    if hasattr(user, "_roles"):
        del user._roles
