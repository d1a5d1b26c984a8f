"""A process that plans a change of as many clients as there are and previews it, as the worker does."""

from __future__ import annotations

import time
from typing import Any

import django

from bench.question import answer, question
from bench.walker import peak


def main() -> None:
    asked = question()
    django.setup()
    answer(_preview(asked["filtered"]))


def _preview(filtered: bool) -> dict[str, Any]:
    """Of those that a filter of Flowtly's gives, or of all but one, ticked by hand."""
    from django.conf import settings
    from django.core.management import call_command

    from backoffice.models import User
    from backoffice.resources import PAGES
    from backoffice.resources.criteria import Criterion, Operator
    from backoffice.services import access, bulk, lists, reading, selections
    from backoffice.services.bulk import FieldChange, How
    from backoffice.services.reading import ListQuery
    from backoffice.services.upstream import claim_upstream

    call_command("migrate", interactive=False, verbosity=0)
    claim_upstream()
    owner = User.objects.create_user(f"measure-{filtered}")
    access.give_roles(user=owner, roles=["steward"])
    clients = PAGES["clients"]
    query = ListQuery(criteria=(Criterion("status", Operator.IS, ("active",)),) if filtered else ())
    reading.capabilities(clients)
    keys = [record.key for record in lists.every(resource=clients, query=query, fresh=True).records]
    keys = keys if filtered else keys[1:]
    held = selections.of(owner=owner, resource=clients, keys=keys, query=query if filtered else None)
    calls = _counted_calls()
    before, began = peak(), time.perf_counter()
    job = bulk.prepare(
        bulk.plan_change(
            actor=owner,
            resource=clients,
            selection=held,
            changes=[FieldChange("documentsLanguage", How.SET, "en")],
            nonce=f"measure-{filtered}",
            request_id="measure",
        )
    )
    seconds = time.perf_counter() - began
    found = bulk.counts(job)
    return {
        "rows": found.total,
        "judged": found.by.get("change", 0) + found.by.get("already", 0),
        "calls": len(calls),
        "seconds": seconds,
        "before": before,
        "peak": peak(),
        "page_size": settings.FLOWTLY_PAGE_SIZE,
    }


def _counted_calls() -> list[str]:
    """Every call that the product's client makes from now on."""
    from backoffice.flowtly.connection import Connection

    calls: list[str] = []
    plain = Connection.request

    def counted(self: Connection, call: Any) -> Any:
        calls.append(call.path)
        return plain(self, call)

    Connection.request = counted  # type: ignore[method-assign]
    return calls


if __name__ == "__main__":
    main()
