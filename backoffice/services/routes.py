"""Where a record is written: Flowtly has a second, singular address for counterparties.

Some deployments route `POST /counterparties` and `PATCH /counterparties/{id}`, others only `POST /counterparty`
and `PATCH /counterparty/{id}`. Which of them is decided once, by the connection check, and kept with the Upstream;
a write never tries one and then the other.

It is found out with OPTIONS alone, a method that by its definition (RFC 9110, 9.2.1) changes nothing. Symfony's
router answers a method that a path has no route for with 405 and `Allow: GET, POST, ...`, or with 404 "No route
found", before the firewall and before any controller is chosen; so nothing of Flowtly's own runs that could write.
A server that says nothing useful leaves the plural form in use.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus

from django.conf import settings

from backoffice.flowtly import errors
from backoffice.models import Upstream
from backoffice.resources import Resource
from backoffice.services.upstream import client, current

SINGULAR_PATHS = {"counterparties": "/counterparty"}
_PLURAL_PATH = "/counterparties"
_NOBODY = "0"  # the key of no record; the router does not look

Methods = Callable[[str], frozenset[str] | None]


class Form(StrEnum):
    """`NEITHER`: no form offers both writes. `UNKNOWN`: the server did not tell."""

    PLURAL = "plural"
    SINGULAR = "singular"
    NEITHER = "neither"
    UNKNOWN = "unknown"


def write_path(resource: Resource, key: str | None) -> str:
    """Where a record is created (`key` None) or changed. One query for an entity that has two addresses."""
    singular = SINGULAR_PATHS.get(resource.slug)
    path = singular if singular and in_use() is Form.SINGULAR else resource.path
    return path if key is None else f"{path}/{key}"


def in_use() -> Form:
    """The form that counterparties are written by: the setting, else what was found, else the plural."""
    if settings.FLOWTLY_COUNTERPARTY_PATHS != "auto":
        return Form(settings.FLOWTLY_COUNTERPARTY_PATHS)
    kept = Upstream.objects.filter(pk=current().pk).values_list("counterparty_paths", flat=True).first()
    return Form.SINGULAR if kept == Form.SINGULAR else Form.PLURAL


def keep(form: Form) -> None:
    """Remember what was found; what is not known leaves the earlier finding in force."""
    if form in (Form.PLURAL, Form.SINGULAR):
        Upstream.objects.filter(pk=current().pk).update(counterparty_paths=form.value)


def choose() -> Form:
    """Ask the server and remember; four requests that change nothing."""
    form = judge(asked)
    keep(form)
    return form


def judge(methods: Methods) -> Form:
    """Which form offers both writes, by the methods of each address (None: not known)."""
    plural = _offers(methods, _PLURAL_PATH)
    if plural:
        return Form.PLURAL
    singular = _offers(methods, SINGULAR_PATHS["counterparties"])
    if plural is None or singular is None:
        return Form.UNKNOWN
    return Form.SINGULAR if singular else Form.NEITHER


def _offers(methods: Methods, path: str) -> bool | None:
    found = [(methods(path), "POST"), (methods(f"{path}/{_NOBODY}"), "PATCH")]
    if any(offered is not None and wanted not in offered for offered, wanted in found):
        return False
    return None if any(offered is None for offered, _wanted in found) else True


def templated(path: str) -> str:
    """One of the addresses that `judge` asks for, as an API document writes it."""
    return path.removesuffix(_NOBODY) + "{}" if path.endswith(f"/{_NOBODY}") else path


def asked(path: str) -> frozenset[str] | None:
    """The methods that the server says it routes at this address; empty for no route, None where it is silent."""
    try:
        seen = client().glance(path, method="OPTIONS")
    except errors.FlowtlyError:
        return None
    if seen.allow is not None:
        return seen.allow
    return frozenset() if seen.status == HTTPStatus.NOT_FOUND and not seen.routed else None
