"""A process that makes the database of the measures: ours migrated, the local tables filled from the sandbox.

Answers with the session cookie of somebody who may see and edit everything, and the pages to ask for under load.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django

from bench.addresses import ADMIN, LIST, ROWS
from bench.question import answer


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from backoffice.services.upstream import claim_upstream

    call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    claim_upstream()
    pages = fill() // ROWS
    answer({"cookie": signed_in(), "list_paths": _list_paths(pages), "admin_paths": _admin_paths(pages)})


def signed_in() -> str:
    from django.conf import settings
    from django.test import Client

    from backoffice.models import User
    from backoffice.services.access import give_roles

    user = User.objects.create_superuser("measure")  # for Django's own permissions on the local tables
    # The Django admin is for administrators, the way to a form from the list for those who edit.
    give_roles(user=user, roles=["admin", "steward"])
    browser = Client()
    browser.force_login(user, backend="backoffice.backends.RoleBackend")
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def fill() -> int:
    """Copy the sandbox's clients, with the names of what they refer to; how many there are."""
    from backoffice.resources import REGISTRY
    from backoffice.resources.clients import CLIENTS
    from backoffice.services import reading
    from backoffice.services.upstream import client
    from bench.local import models

    records = [CLIENTS.decode(member) for member in client().walk(CLIENTS.path)]
    tables: dict[str, dict[str, Any]] = {}
    for slug, model in (("countries", models.Country), ("currencies", models.Currency)):
        tables[slug] = {each.value: model(name=each.label) for each in reading.choices(slug)}
        _store(model, tables[slug].values())
    costs = REGISTRY["counterparties"]
    named = {each.iri: each.label for each in map(costs.decode, client().walk(costs.path))}
    tables["counterparties"] = {iri: models.Counterparty(name=label) for iri, label in named.items()}
    _store(models.Counterparty, tables["counterparties"].values())
    _store(models.Client, [_local(record.values, tables) for record in records])
    return len(records)


def _store(model: Any, rows: Iterable[Any]) -> None:
    model.objects.bulk_create(rows)


def _local(values: Any, tables: dict[str, dict[str, Any]]) -> Any:
    from bench.local.models import Client

    return Client(
        name=values["name"],
        status=values["status"],
        country=tables["countries"][values["country"]],
        currency=tables["currencies"][values["currency"]],
        tin_type=values["tinType"],
        tin=values["tin"] or "",
        vat_number=values["vatNumber"] or "",
        due_days=values["dueDays"],
        default_cost=tables["counterparties"].get(values["defaultCost"]),
    )


def _list_paths(pages: int) -> list[str]:
    """Full pages in every order that the API has for what the list shows."""
    from backoffice.resources.clients import CLIENTS
    from backoffice.services import reading

    names = sorted(reading.capabilities(CLIENTS).sorts & set(CLIENTS.list_display))
    sorts = ["", *(f"&sort={sign}{name}" for name in names for sign in ("", "-"))]
    return [f"{LIST.path}{sort}&page={page}" for page in range(1, pages + 1) for sort in sorts]


def _admin_paths(pages: int) -> list[str]:
    """The same for the changelist, by name and due days, up and down; its pages count from 1 as well."""
    orders = ("", "o=1", "o=-1", "o=6", "o=-6")
    return [f"{ADMIN.path}?{order}&p={page}" for page in range(1, pages + 1) for order in orders]


if __name__ == "__main__":
    main()
