"""What the server's API document says otherwise than we expect, and what that means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import ObservedValue
from backoffice.resources import REGISTRY
from backoffice.sandbox.server import SandboxServer
from backoffice.services import contract, reading, upstream
from backoffice.services.contract import Severity
from backoffice.services.contract.document import Document
from backoffice.services.contract.words import line
from tests.conftest import Login
from tests.contract.conftest import Codes, by_code, schema

Altered = Callable[[Callable[[dict[str, Any]], Any]], Codes]
CLIENTS = REGISTRY["clients"]
_ABOUT = ("field", "operation", "path")
_DRIFT = {"operation", "field", "entity", "merge", "enrich"}


def drift(found: Codes) -> set[tuple[str, str, str]]:
    """Code, what it is about, and how grave it is; without what always stands there."""
    return {
        (
            item.code,
            item.values.get("field") or item.values.get("operation") or item.values.get("path", ""),
            item.severity,
        )
        for items in found.values()
        for item in items
        if item.code.partition("_")[0] in _DRIFT and item.code != "merge_agrees"
    }


def both(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], None]:
    """The same change to what is read and what is written."""

    def apply(document: dict[str, Any]) -> None:
        for name in ("read", "write"):
            change(schema(document, name))

    return apply


def test_the_sandbox_is_as_we_expect_it(altered: Altered) -> None:
    assert drift(altered(lambda document: None)) == set()


def _without(path: str, method: str = "") -> Callable[[dict[str, Any]], Any]:
    return lambda document: document["paths"][path].pop(method) if method else document["paths"].pop(path)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_without("/clients/{id}", "patch"), ("operation_missing", "PATCH /clients/{id}", Severity.PROBLEM)),
        (_without("/clients/search"), ("operation_missing", "GET /clients/search", Severity.WARNING)),
        (_without("/client-notes"), ("entity_undocumented", "/client-notes", Severity.WARNING)),
        (
            lambda document: document["paths"]["/clients/{id}"].update(delete={"responses": {}}),
            ("operation_new", "DELETE /clients/{id}", Severity.NOTE),
        ),
        (
            lambda document: document["paths"].update({"/clients/{id}/invoices": {"get": {"responses": {}}}}),
            ("operation_new", "GET /clients/{id}/invoices", Severity.NOTE),
        ),
        (
            both(lambda found: found["properties"].update(risk={"type": "string"})),
            ("field_new", "risk", Severity.NOTE),
        ),
        (both(lambda found: found["properties"].pop("tin")), ("field_missing", "tin", Severity.WARNING)),
        (
            both(lambda found: found["properties"].update(dueDays={"type": "string"})),
            ("field_type", "dueDays", Severity.WARNING),
        ),
        (
            lambda document: schema(document, "write")["properties"].pop("tin"),
            ("field_not_taken", "tin", Severity.WARNING),
        ),
        (
            lambda document: schema(document, "write")["properties"]["tin"].update(readOnly=True),
            ("field_not_taken", "tin", Severity.WARNING),
        ),
        (
            lambda document: schema(document, "write")["required"].append("tin"),
            ("field_required", "tin", Severity.WARNING),
        ),
        (
            lambda document: schema(document, "write")["required"].append("risk"),
            ("field_demanded", "risk", Severity.PROBLEM),
        ),
        (
            lambda document: schema(document, "write")["required"].remove("name"),
            ("field_optional", "name", Severity.NOTE),
        ),
        (
            lambda document: schema(document, "write")["properties"].update(tin={"type": "string"}),
            ("field_not_emptied", "tin", Severity.WARNING),
        ),
    ],
    ids=lambda value: value[0] + " " + value[1] if isinstance(value, tuple) else "",
)
def test_each_change_is_named(altered: Altered, change: Any, expected: tuple[str, str, str]) -> None:
    found = altered(change)
    assert drift(found) == {expected}
    (item,) = (each for each in found[expected[0]])
    assert line(item).means


def test_of_a_short_list_one_name_will_do(altered: Altered) -> None:
    def change(document: dict[str, Any], *names: str) -> None:
        found = document["components"]["schemas"]["Country.jsonld"]["properties"]
        for name in names:
            found.pop(name)

    assert drift(altered(lambda document: change(document, "name"))) == set()
    gone = {("field_missing", name, Severity.NOTE) for name in ("name", "code")}
    assert drift(altered(lambda document: change(document, "name", "code"))) == gone


def test_a_hidden_document_is_no_drift(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoffice.flowtly.Client.openapi", lambda self, **more: None)
    found = by_code(contract.run())
    assert "document_none" in found
    assert drift(found) == set()


def test_another_merge_body_is_a_warning(sandbox: SandboxServer) -> None:
    sandbox.set_profile(merge_member="sources")
    (item,) = by_code(contract.run())["merge_differs"]
    assert (item.severity, dict(item.values)) == (Severity.WARNING, {"sent": "counterparties", "known": "sources"})


@pytest.mark.parametrize(
    ("member", "path_id", "doubted"),
    [
        ("target", "survivor", True),
        ("target", "source", False),
        ("sources", "survivor", False),
        ("sources", "source", True),
        ("counterparties", "source", False),
    ],
)
def test_names_that_speak_against_the_direction_of_a_merge(
    sandbox: SandboxServer, settings: Any, member: str, path_id: str, doubted: bool
) -> None:
    sandbox.set_profile(merge_member=member)
    settings.FLOWTLY_MERGE_PATH_ID = path_id
    upstream.client.cache_clear()
    found = by_code(contract.run()).get("merge_direction", [])
    assert [item.severity for item in found] == [Severity.PROBLEM] * doubted


def test_another_body_of_the_enrichment_is_a_warning(altered: Altered) -> None:
    def change(document: dict[str, Any]) -> None:
        for name, found in document["components"]["schemas"].items():
            if "EnrichInput" in name:
                found["properties"] = {"ids": {"type": "array"}}

    assert ("enrich_differs", "/counterparties/enrich-branding-ai", Severity.WARNING) in drift(altered(change))


def _status(*values: str) -> Callable[[dict[str, Any]], None]:
    return both(lambda found: found["properties"]["status"].update(enum=list(values)))


def test_documented_values_become_choices_before_those_seen(altered: Altered, login: Login) -> None:
    reading.get_record(resource=CLIENTS, key="1")
    ObservedValue.objects.update_or_create(
        upstream_id=ObservedValue.objects.values_list("upstream", flat=True)[0],
        entity="clients", field="status", value="ancient", documented=False,
    )  # fmt: skip
    found = altered(_status("frozen", "active", "closed"))
    offered = reading.observed(CLIENTS, "status")
    assert offered[:3] == ["frozen", "active", "closed"]
    assert "ancient" in offered
    assert offered.count("active") == 1
    assert "ancient" in found["enum_gone"][0].values["values"]
    page = login("editor").get("/clients/1/edit/").content.decode()
    assert '"frozen"' in page


def test_a_value_that_is_new_is_said_once(altered: Altered) -> None:
    altered(_status("active"))
    (item,) = altered(_status("active", "frozen"))["enum_added"]
    assert (item.values["field"], item.values["values"]) == ("status", "frozen")
    assert "enum_added" not in altered(_status("active", "frozen"))


def test_a_value_that_is_gone_from_the_document_is_no_choice_any_more(altered: Altered) -> None:
    altered(_status("active", "frozen"))
    altered(_status("active"))
    assert "frozen" not in reading.observed(CLIENTS, "status")


def test_values_seen_do_not_count_as_documented(altered: Altered) -> None:
    altered(_status("closed"))
    reading.forget_labels()
    reading.remember([reading.get_record(resource=CLIENTS, key="1")])
    assert reading.observed(CLIENTS, "status")[0] == "closed"
    assert len(reading.observed(CLIENTS, "status")) == 2


def test_an_enum_on_a_free_text_is_said(altered: Altered) -> None:
    change = both(lambda found: found["properties"]["addressCity"].update(enum=["Odense", "Aarhus"]))
    (item,) = altered(change)["enum_unused"]
    assert item.values["values"] == "Odense, Aarhus"


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"paths": []},
        {"paths": {"/clients": None, "/clients/{id}": {"get": {"responses": {"200": {"content": {"a": 1}}}}}}},
        {"paths": {"/clients/{id}": {"get": {"responses": {"200": {"$ref": "#/nowhere"}}}}}},
    ],
)
def test_a_document_of_odd_shape_is_read_as_silence(raw: dict[str, Any]) -> None:
    document = Document(raw)
    assert document.answer("/clients/{}") is None
    assert document.body("/clients", "POST") is None


def test_a_document_that_refers_to_itself_ends() -> None:
    raw = {
        "components": {
            "schemas": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}], "$ref": "#/components/schemas/A"}}
        }
    }
    assert Document(raw).schema({"$ref": "#/components/schemas/A"}).properties == {}


def test_older_and_newer_ways_of_saying_null() -> None:
    properties = {
        "old": {"type": "string", "nullable": True},
        "new": {"type": ["string", "null"]},
        "either": {"anyOf": [{"$ref": "#/s"}, {"type": "null"}]},
        "listed": {"type": "string", "enum": ["a", None]},
        "never": {"type": "string"},
    }
    document = Document({"paths": {}, "s": {"type": "object"}})
    found = document.schema({"properties": properties}).properties
    assert {name for name, each in found.items() if each.nullable} == {"old", "new", "either", "listed"}
    assert found["either"].types == {"object"}
    assert found["listed"].enum == ("a",)


def test_paths_are_ours_with_any_prefix_and_format() -> None:
    document = Document(
        {"paths": {"/api/clients/{clientId}{._format}": {"get": {}, "summary": "x"}}}, prefix="/api"
    )
    assert document.methods("/clients/{}") == {"GET"}
