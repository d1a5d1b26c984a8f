"""Filters, order and search: what is declared works, what is not is ignored without a word."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Caller, Start


def names(members: list[Any]) -> list[str]:
    return [each["name"] for each in members]


def variables(page: dict[str, Any]) -> set[str]:
    return {each["variable"] for each in page["hydra:search"]["hydra:mapping"]}


@pytest.fixture
def named(start: Start) -> Caller:
    """Three clients with names that tell; the others are of no interest."""
    api = start(clients=3)
    for number, (name, status) in enumerate(
        [("Alfa Byg", "active"), ("Beta Byg", "lead"), ("Gamma", "active")], 1
    ):
        api.server.patch_row("clients", number, {"name": name, "status": status, "tin": None})
    return api


def test_filters_narrow_and_orders_sort(named: Caller) -> None:
    assert names(named.members("/clients?name=byg")) == ["Alfa Byg", "Beta Byg"]
    assert names(named.members("/clients?status=active")) == ["Alfa Byg", "Gamma"]
    assert names(named.members("/clients?status=active&name=byg")) == ["Alfa Byg"]
    assert names(named.members("/clients?order[name]=desc")) == ["Gamma", "Beta Byg", "Alfa Byg"]
    assert names(named.members("/clients?exists[tin]=1")) == []
    assert len(named.members("/clients?exists[tin]=false")) == 3


def test_order_by_two_fields(named: Caller) -> None:
    members = named.members("/clients?order[status]=desc&order[name]=desc")

    assert names(members) == ["Beta Byg", "Gamma", "Alfa Byg"]


def test_the_country_of_the_country(named: Caller) -> None:
    for number, country in ((1, "1"), (2, "2"), (3, "1")):
        named.server.patch_row("clients", number, {"country": country})

    assert names(named.members("/clients?country.code=DK")) == ["Alfa Byg", "Gamma"]
    assert names(named.members("/clients?country[]=/countries/2&country[]=3")) == ["Beta Byg"]


def test_what_is_not_declared_is_ignored(start: Start) -> None:
    api = start(clients=3, filters={"status", "order[name]"})
    page = api.get("/clients?name=zzz&order[status]=asc")

    assert page["hydra:totalItems"] == 3
    assert variables(page) == {"status", "status[]", "order[name]"}
    assert "hydra:search" not in api.get("/client-notes")


def test_no_filter_may_be_declared_at_all(start: Start) -> None:
    page = start(clients=3, filters=()).get("/clients?status=zzz&name=zzz")

    assert page["hydra:totalItems"] == 3
    assert "hydra:search" not in page


def test_more_filters_than_were_recorded(start: Start) -> None:
    api = start(clients=3, filters={"vatNumber", "defaultCost", "exists[defaultCost]", "dueDays"})
    api.server.patch_row("clients", 1, {"defaultCost": 5, "dueDays": 77})
    for number in (2, 3):
        api.server.patch_row("clients", number, {"defaultCost": 6})

    assert [each["@id"] for each in api.members("/clients?defaultCost=/counterparties/5")] == ["/clients/1"]
    assert [each["@id"] for each in api.members("/clients?dueDays=77")] == ["/clients/1"]
    assert len(api.members("/clients?dueDays=seventy")) == 3


def test_a_text_filter_may_compare_the_whole_value(start: Start) -> None:
    api = start(clients=3, exact_filters={"name"})
    api.server.patch_row("clients", 2, {"name": "Beta"})

    assert api.members("/clients?name=bet") == []
    assert names(api.members("/clients?name=Beta")) == ["Beta"]
    assert "name[]" in variables(api.get("/clients"))


def test_search_finds_names_and_tax_numbers(named: Caller) -> None:
    named.server.patch_row("clients", 3, {"tin": "55443322"})

    assert names(named.members("/clients/search?search=byg")) == ["Alfa Byg", "Beta Byg"]
    assert names(named.members("/clients/search?search=4433")) == ["Gamma"]
    assert names(named.members("/clients/search?search=byg&status=lead")) == ["Beta Byg"]
    assert len(named.members("/clients/search?q=byg")) == 3


def test_the_search_parameter_may_have_another_name(start: Start) -> None:
    api = start(clients=3, search_param="q", search_declared=True, search_min_length=3)
    api.server.patch_row("clients", 1, {"name": "Xyzzy"})

    assert names(api.members("/clients/search?q=xyz")) == ["Xyzzy"]
    assert api.members("/clients/search?q=xy") == []
    assert len(api.members("/clients/search?search=xyz")) == 3
    assert "q" in variables(api.get("/clients/search"))
    assert "q" not in variables(api.get("/clients"))


def test_the_view_links_every_page_once(start: Start) -> None:
    api = start(counterparties=65)
    path, seen = "/counterparties?order[displayName]=asc&itemsPerPage=20", []
    while path:
        page = api.get(path)
        seen += [each["@id"] for each in page["hydra:member"]]
        path = page["hydra:view"].get("hydra:next", "")

    assert len(seen) == len(set(seen)) == page["hydra:totalItems"] == 65
    assert page["hydra:view"]["hydra:previous"].endswith("&page=3")


def test_a_count_is_never_stale(api: Caller) -> None:
    before = api.get("/counterparties?type=bank")["hydra:totalItems"]

    api("POST", "/counterparties", {"displayName": "Ny Bank", "type": "bank"})

    assert api.get("/counterparties?type=bank")["hydra:totalItems"] == before + 1
