"""Kinds of Flowtly that a release may meet: a profile of the sandbox, and the switches that are turned."""

from __future__ import annotations

from typing import Any

OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "as recorded": ("flowtly", {}),
    "version 4, no hydra prefix": ("v4", {}),
    "version 4 below /api": ("v4", {"prefix": "/api", "client_id": True, "omit_nulls": False}),
    "legacy": ("legacy", {}),
    "legacy below /api": ("legacy", {"prefix": "/api"}),
    "size of pages ignored": ("flowtly", {"items_per_page": False, "page_size": 30}),
    "small pages": ("flowtly", {"page_size": 5, "page_size_max": 7}),
    "no filters": ("flowtly", {"filters": ()}),
    "no filters, small pages, nulls": ("flowtly", {"filters": (), "page_size_max": 6, "omit_nulls": False}),
    "another search": ("flowtly", {"search_param": "q", "search_declared": True}),
    "relations as objects": (
        "flowtly",
        {
            "embed_relations": {"country", "currency", "defaultCost", "addressCountry"},
            "embed_contacts": True,
            "prefix": "/api",
        },
    ),
    "clients as objects": ("v4", {"embed_relations": {"client", "country"}}),
    "id of clients": ("flowtly", {"client_id": True}),
    "nulls shown": ("flowtly", {"omit_nulls": False}),
    "no order": ("flowtly", {"unstable_order": True, "page_size_max": 9}),
    "no order and no filters": ("flowtly", {"unstable_order": True, "filters": (), "page_size_max": 9}),
    "documents as one": ("flowtly", {"documents": "item", "employees_me": "item"}),
    "errors of 4": ("flowtly", {"errors": "problem4", "enum_errors": 400}),
    "errors as violations": ("flowtly", {"errors": "legacy", "collect_errors": {"clients", "counterparties"}}),
    "singular counterparties": ("flowtly", {"counterparty_writes": "singular"}),
    "singular counterparties below /api": ("v4", {"counterparty_writes": "singular", "prefix": "/api"}),
    "codes for countries": ("flowtly", {"codes_as_ids": True}),
    "slow": ("flowtly", {"latency_ms": 20}),
}
