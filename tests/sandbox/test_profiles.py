"""Each switch of a profile changes what it says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from backoffice.sandbox.profiles import FLOWTLY, resolve
from backoffice.sandbox.server import SandboxServer

from .conftest import JSON, NEW_CLIENT, Caller, Start


def test_a_prefix_stands_in_front_of_every_path(start: Start) -> None:
    api = start(prefix="api/")
    assert api.server.url.endswith("/api")

    page = api.get("/clients?itemsPerPage=1")
    client = page["hydra:member"][0]
    refusal = api.get("/clients/99999")

    assert (page["@id"], page["@context"]) == ("/api/clients", "/api/contexts/Client")
    assert page["hydra:view"]["hydra:next"] == "/api/clients?itemsPerPage=1&page=2"
    assert page["hydra:search"]["hydra:template"].startswith("/api/clients{?")
    assert client["@id"] == "/api/clients/1"
    assert client["country"].startswith("/api/countries/")
    assert client["clientContacts"][0].startswith("/api/client-contacts/")
    assert (refusal["@id"], refusal["type"]) == ("/api/errors/404", "/errors/404")
    assert requests.get(f"{api.server.origin}/clients", timeout=60).status_code == 404
    assert api.get("/")["client"] == "/api/clients"


def test_an_iri_without_the_prefix_is_none(start: Start) -> None:
    api = start(prefix="/api")

    answer = api("POST", "/clients", NEW_CLIENT)

    assert (answer.status_code, answer.json()["detail"]) == (400, 'Invalid IRI "/countries/1".')
    relations = {"country": "/api/countries/1", "currency": "/api/currencies/1"}
    created = api("POST", "/clients", NEW_CLIENT | relations)
    assert created.headers["Location"] == "/api/clients/61"


def test_the_old_server(start: Start) -> None:
    api = start("legacy")

    page = api.get("/clients?itemsPerPage=5&status=lead")
    contact = page["hydra:member"][0]["clientContacts"][0]
    refusal, violation = api("GET", "/clients/99999"), api("PATCH", "/clients/1", {"name": ""})
    plain = api("GET", "/clients/99999", headers={"Accept": JSON})

    assert len(page["hydra:member"]) == 30
    assert page["hydra:totalItems"] == 60
    assert "hydra:search" not in page
    assert (contact["@type"], contact["client"]) == ("ClientContact", "/clients/1")
    assert page["hydra:member"][0]["country"] in ("/countries/PL", "/countries/DK", "/countries/DE")
    assert api.get("/countries/DK")["id"] == "DK"
    assert refusal.headers["Content-Type"] == "application/ld+json; charset=utf-8"
    assert refusal.json() == {
        "@context": "/contexts/Error",
        "@type": "hydra:Error",
        "hydra:title": "An error occurred",
        "hydra:description": "Not Found",
    }
    assert plain.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert plain.json().keys() == {"type", "title", "detail"}
    assert violation.status_code == 422
    assert violation.json()["@type"] == "ConstraintViolationList"
    assert violation.json()["violations"][0]["propertyPath"] == "name"


def test_errors_of_version_4_with_prefixed_members(start: Start) -> None:
    refusal = start("v4", hydra_prefix=True).get("/clients/99999")

    assert refusal["@type"] == "hydra:Error"
    assert refusal.keys() == {
        "@context", "@id", "@type", "hydra:title", "hydra:description", "detail", "type", "status"
    }  # fmt: skip


def test_nulls_may_be_written_out(start: Start) -> None:
    api = start(omit_nulls=False)
    api.server.patch_row("clients", 1, {"tin": None, "defaultCost": None})

    client = api.get("/clients/1")

    assert (client["tin"], client["defaultCost"]) == (None, None)
    assert {"costGroup", "costGroupIcon", "vatNumber", "addressLocaleNumber"} <= client.keys()


def test_clients_may_show_their_id(start: Start) -> None:
    api = start(client_id=True)

    assert api.get("/clients/7")["id"] == 7
    assert api.members("/clients")[6]["id"] == 7


def test_relations_may_be_embedded(start: Start) -> None:
    api = start(embed_relations=("country", "currency", "defaultCost"))
    api.server.patch_row("clients", 1, {"country": "1", "defaultCost": 5})
    api.server.patch_row("clients", 2, {"defaultCost": None})

    first, second = api.members("/clients")[:2]

    assert first["country"] == {
        "@id": "/countries/1", "@type": "Country", "id": 1, "name": "Danmark", "code": "DK"
    }  # fmt: skip
    assert first["defaultCost"]["@id"] == "/counterparties/5"
    assert "defaultCost" not in second
    assert "@id" not in api.get("/clients/1", headers={"Accept": JSON})["country"]
    answer = api("PATCH", "/clients/1", {"country": first["country"]})
    assert answer.json()["detail"].startswith('Nested documents for attribute "country" are not allowed.')


def test_documents_may_stand_inside_the_client(start: Start) -> None:
    api = start(documents="item")

    answer = api.get("/clients/2/documents")

    assert (answer["@type"], answer["@id"]) == ("Client", "/clients/2")
    assert {each["@type"] for each in answer["documents"]} == {"Document"}
    assert api("GET", "/clients/99999/documents").status_code == 404


@pytest.mark.parametrize(("shape", "kind"), [("collection", "hydra:Collection"), ("item", "Employee")])
def test_the_employee_of_the_token(start: Start, shape: str, kind: str) -> None:
    answer = start(employees_me=shape, me="3").get("/employees/me")

    assert answer["@type"] == kind
    employee = answer["hydra:member"][0] if shape == "collection" else answer
    assert employee["email"] == "steward@example.com"


@pytest.mark.parametrize(("limit", "given"), [(None, 100), (50, 50), (0, 150)])
def test_the_largest_page(start: Start, limit: int | None, given: int) -> None:
    api = start(page_size_max=limit, counterparties=150)

    assert len(api.members("/counterparties?itemsPerPage=1000")) == given


def test_an_instance_may_be_asked_for(start: Start) -> None:
    api = start(instance="1hkzxrub")

    assert api("GET", "/clients").status_code == 403
    assert api("GET", "/clients", headers={"instance": "another"}).status_code == 403
    assert api("GET", "/clients", headers={"instance": "1hkzxrub"}).status_code == 200


@pytest.mark.parametrize(
    ("writes", "plural", "singular", "patched"),
    [("both", 201, 201, 200), ("plural", 201, 404, 200), ("singular", 405, 201, 405)],
)
def test_counterparties_may_be_written_one_way_only(
    start: Start, writes: str, plural: int, singular: int, patched: int
) -> None:
    api = start(counterparty_writes=writes)
    body = {"displayName": "Ny"}

    assert api("POST", "/counterparties", body).status_code == plural
    assert api("POST", "/counterparty", body).status_code == singular
    assert api("PATCH", "/counterparties/1", body).status_code == patched
    assert api("GET", "/counterparties/1").status_code == 200


def test_an_unstable_order_repeats_and_loses_records(start: Start) -> None:
    api = start(unstable_order=True, counterparties=90)

    walked = [each["@id"] for page in (1, 2, 3) for each in api.members(f"/counterparties?page={page}")]
    ordered = [
        each["@id"] for page in (1, 2, 3) for each in api.members(f"/counterparties?order[id]=asc&page={page}")
    ]

    assert len(walked) == len(ordered) == len(set(ordered)) == 90
    assert len(set(walked)) < 90


@pytest.mark.parametrize("wrong", [{"profile": "nonsense"}, {"hydra_prefixx": True}])
def test_a_switch_that_there_is_not_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        SandboxServer(**wrong)


def test_switches_may_be_turned_while_it_runs(api: Caller) -> None:
    api.server.set_profile(hydra_prefix=False)

    assert "member" in api.get("/clients")
    assert resolve(FLOWTLY, prefix="/").prefix == ""
