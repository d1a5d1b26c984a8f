"""The same pages against other Flowtlys: another prefix, no hydra prefix, sizes ignored, relations embedded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.sandbox.server import SandboxServer
from tests.conftest import Login
from tests.records.pages import form_of, read

Connect = Callable[[SandboxServer], SandboxServer]


@pytest.mark.parametrize(
    ("profile", "switches"),
    [
        ("v4", {}),
        ("legacy", {}),
        ("flowtly", {"prefix": "/api", "items_per_page": False, "filters": ()}),
        (
            "flowtly",
            {"embed_relations": frozenset({"country", "currency", "defaultCost"}), "embed_contacts": True},
        ),
        ("flowtly", {"omit_nulls": False, "client_id": True, "codes_as_ids": True, "page_size": 10}),
    ],
)
def test_find_read_and_save(profile: str, switches: dict[str, Any], connect: Connect, login: Login) -> None:
    with SandboxServer(profile, clients=60, counterparties=20, **switches) as server:
        connect(server)
        client = login("editor")
        rows = read(client.get("/clients/?size=25")).rows
        assert rows
        assert client.get("/clients/?q=aps&status=active&sort=-dueDays").status_code == 200
        url = f"/clients/{rows[0]}/"
        assert client.get(url).status_code == 200
        form = form_of(client, f"{url}edit/")
        days = int(form["dueDays"]) + 1
        server.clear_log()
        response = client.post(f"{url}edit/", {**form, "dueDays": str(days)})
        assert response.status_code == 303, read(response).text
        assert server.row("clients", rows[0])["dueDays"] == days  # type: ignore[index]
        assert [each["body"] for each in server.requests if each["method"] == "PATCH"] == [{"dueDays": days}]
