"""Merge and enrichment, in each way a Flowtly may do them."""

from __future__ import annotations

import pytest

from .conftest import Caller, Start

TWO_INTO = {"counterparties": ["/counterparties/2"]}


@pytest.fixture
def prepare(start: Start) -> Start:
    """Starts a sandbox where client 1 uses counterparty 2 and client 3 uses counterparty 1."""

    def make(**options: object) -> Caller:
        api = start(**options)
        for number in range(1, 61):
            api.server.patch_row("clients", number, {"defaultCost": None})
        api.server.patch_row("clients", 1, {"defaultCost": 2})
        api.server.patch_row("clients", 3, {"defaultCost": 1})
        empty = {"logoUrl": None, "corporateWebsiteUrl": None, "costGroupIcon": None}
        api.server.patch_row("counterparties", 1, empty)
        api.server.patch_row("counterparties", 2, empty | {"corporateWebsiteUrl": "https://two.example/"})
        return api

    return make


def used(api: Caller, client: int) -> object:
    row = api.server.row("clients", client)
    assert row is not None
    return row["defaultCost"]


def test_the_one_in_the_path_survives_and_takes_over(prepare: Start) -> None:
    api = prepare()

    answer = api("POST", "/counterparties/1/merge", TWO_INTO)

    assert (answer.status_code, answer.json()["@id"]) == (201, "/counterparties/1")
    assert answer.json()["corporateWebsiteUrl"] == "https://two.example/"
    assert api("GET", "/counterparties/2").status_code == 404
    assert (used(api, 1), used(api, 3)) == (1, 1)


def test_the_one_in_the_path_may_go(prepare: Start) -> None:
    api = prepare(merge_keeps="body")

    answer = api("POST", "/counterparties/1/merge", TWO_INTO)

    assert answer.json()["@id"] == "/counterparties/2"
    assert api.server.row("counterparties", 1) is None
    assert used(api, 3) == 2


def test_references_may_be_left_behind(prepare: Start) -> None:
    api = prepare(merge_moves_references=False)

    api("POST", "/counterparties/1/merge", TWO_INTO)

    assert api.get("/clients/1")["defaultCost"] == "/counterparties/2"


@pytest.mark.parametrize("status", [200, 204])
def test_other_statuses(prepare: Start, status: int) -> None:
    answer = prepare(merge_status=status)("POST", "/counterparties/1/merge", TWO_INTO)

    assert answer.status_code == status
    assert bool(answer.content) == (status == 200)


def test_a_merge_may_only_be_accepted(prepare: Start) -> None:
    api = prepare(merge_status=202, merge_delay=3600)

    answer = api("POST", "/counterparties/1/merge", TWO_INTO)

    assert (answer.status_code, answer.content) == (202, b"")
    assert api("GET", "/counterparties/2").status_code == 200
    api.server.finish_deferred()
    assert api("GET", "/counterparties/2").status_code == 404
    assert used(api, 1) == 1


@pytest.mark.parametrize(("shape", "status"), [("404", 404), ("410", 410), ("redirect", 301), ("survivor", 200)])
def test_what_is_answered_for_the_one_that_went(prepare: Start, shape: str, status: int) -> None:
    api = prepare(merged_answer=shape)
    api("POST", "/counterparties/2/merge", {"counterparties": ["/counterparties/3"]})
    api("POST", "/counterparties/1/merge", TWO_INTO)

    answer = api("GET", "/counterparties/3", allow_redirects=False)

    assert answer.status_code == status
    if status == 301:
        assert answer.headers["Location"] == "/counterparties/1"
    if status == 200:
        assert answer.json()["@id"] == "/counterparties/1"
    assert api("PATCH", "/counterparties/3", {"cyclic": True}).status_code == 404


def test_another_body(prepare: Start) -> None:
    api = prepare(merge_member="source")

    assert api("POST", "/counterparties/1/merge", TWO_INTO).status_code == 422
    assert api("POST", "/counterparties/1/merge", {"source": "/counterparties/2"}).status_code == 201
    schemas = api.get("/docs.jsonopenapi")["components"]["schemas"]
    assert list(schemas["Counterparty.CounterpartyMergeInput-cp.write"]["properties"]) == ["source"]


def test_a_record_of_another_kind_cannot_be_merged(prepare: Start) -> None:
    api = prepare()

    for wrong, detail in (
        ("/clients/1", "The input data is misformatted."),
        ("nonsense", 'Invalid IRI "nonsense".'),
    ):
        answer = api("POST", "/counterparties/1/merge", {"counterparties": [wrong]})
        assert (answer.status_code, answer.json()["detail"]) == (400, detail)


def test_enrichment_fills_what_is_missing_and_leaves_the_rest(prepare: Start) -> None:
    api = prepare()

    one = api("POST", "/counterparties/2/enrich-branding-ai", {})
    many = api("POST", "/counterparties/enrich-branding-ai", {"counterparties": ["/counterparties/1"]})

    assert one.status_code == 201
    assert one.json()["corporateWebsiteUrl"] == "https://two.example/"
    assert one.json()["logoUrl"] == "https://logo.example/2.png"
    assert (many.status_code, many.content) == (202, b"")
    assert api.get("/counterparties/1")["logoUrl"] == "https://logo.example/1.png"


def test_enrichment_may_come_later(prepare: Start) -> None:
    api = prepare(enrich_status=202, enrich_delay=3600)

    assert api("POST", "/counterparties/1/enrich-branding-ai", {}).status_code == 202
    assert "logoUrl" not in api.get("/counterparties/1")
    api.server.finish_deferred()
    assert "logoUrl" in api.get("/counterparties/1")
