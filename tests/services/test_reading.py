"""Lists, names and choices, read through several kinds of Flowtly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from django.utils import translation

from backoffice.models import ObservedValue
from backoffice.resources import REGISTRY, Children
from backoffice.resources.criteria import Criterion, Operator
from backoffice.sandbox.server import SandboxServer
from backoffice.services import reading
from backoffice.services.reading import ListQuery, list_records
from backoffice.services.reading.labels import choices_told

CLIENTS, COUNTERPARTIES = REGISTRY["clients"], REGISTRY["counterparties"]
CONTACTS = cast(Children, CLIENTS.tab("contacts"))
Connect = Callable[[SandboxServer], SandboxServer]


def ask(**query: Any) -> reading.RecordPage:
    wanted = query.pop("filters", {})
    query["criteria"] = tuple(Criterion(name, Operator.IS, (value,)) for name, value in wanted.items())
    return list_records(resource=CLIENTS, query=ListQuery(**query))


def test_a_list_page_is_one_request(sandbox: SandboxServer) -> None:
    ask()
    sandbox.clear_log()
    page = ask(page=2, size=50, sort=("-dueDays",), filters={"status": "active"})
    assert [entry["path"] for entry in sandbox.requests] == ["/clients"]
    assert page.narrowed_here == frozenset()
    assert {record["status"] for record in page.records} <= {"active"}


def test_a_list_is_counted_and_paged(sandbox: SandboxServer) -> None:
    page = ask(page=3, size=50)
    assert (page.total, page.pages, page.first_number, page.has_next) == (120, 3, 101, False)
    assert len(page.records) == 20


def test_sorting_is_done_by_the_api(sandbox: SandboxServer) -> None:
    days = [record["dueDays"] or 0 for record in ask(sort=("-dueDays",), size=100).records]
    assert days == sorted(days, reverse=True)


def test_a_search_is_sent_from_three_characters(sandbox: SandboxServer) -> None:
    name = ask().records[0].label
    assert ask(search=name[:2]).total == 120
    found = ask(search=name)
    assert found.total is not None
    assert 1 <= found.total < 120


@pytest.mark.parametrize("declared", [True, False])
def test_a_search_parameter_of_another_name_is_found(sandbox: SandboxServer, declared: bool) -> None:
    sandbox.set_profile(search_param="phrase", search_declared=declared)
    page = ask(search=ask().records[0].label)
    if declared:
        assert "q" not in page.narrowed_here
        assert page.total is not None
        assert page.total < 120
    else:
        assert page.narrowed_here == {"q"}


def test_what_the_api_cannot_filter_is_filtered_on_this_page_and_said(sandbox: SandboxServer) -> None:
    sandbox.set_profile(filters=frozenset())
    page = ask(filters={"status": "active"}, sort=("name",), size=50)
    assert page.narrowed_here == {"status", "name"}
    assert page.total == 120
    assert {record["status"] for record in page.records} == {"active"}
    names = [record.label.casefold() for record in page.records]
    assert names == sorted(names)
    assert all(entry["query"].find("status") < 0 for entry in sandbox.requests)


def test_a_server_that_ignores_the_page_size_is_paged_by_its_own(sandbox: SandboxServer) -> None:
    sandbox.set_profile(items_per_page=False)
    page = ask(size=100)
    assert (page.size, page.pages, len(page.records), page.has_next) == (30, 4, 30, True)
    assert ask(page=4, size=100).first_number == 91


def test_countries_and_currencies_are_named_in_the_language_of_the_reader(sandbox: SandboxServer) -> None:
    with translation.override("da"):
        labels = {choice.label for choice in reading.choices("countries")}
        assert {"Danmark", "Tyskland"} <= labels
        assert any(choice.label.startswith("DKK – ") for choice in reading.choices("currencies"))
    with translation.override("en"):
        assert "Germany" in {choice.label for choice in reading.choices("countries")}


def test_a_missing_list_offers_what_records_pointed_at(sandbox: SandboxServer) -> None:
    ask(size=100)
    sandbox.fault("status", path="/attribute-sets", status=404, times=None)
    offered = reading.choices("attribute-sets")
    assert [choice.value for choice in offered] == sorted(
        ObservedValue.objects.filter(field="attributeSet").values_list("value", flat=True)
    )
    assert offered


def test_values_seen_are_kept(sandbox: SandboxServer) -> None:
    ask(size=100)
    assert "active" in reading.observed(CLIENTS, "status")


def test_unknown_names_are_filled_by_few_requests(sandbox: SandboxServer) -> None:
    iris = {str(r["defaultCost"]) for r in ask(size=100).records if r["defaultCost"]}
    assert reading.names(iris) == {}
    sandbox.clear_log()
    named = reading.fill_names(slug="counterparties", iris=iris)
    assert set(named) == iris
    assert len(sandbox.requests) <= 3
    assert reading.names(iris) == named


@pytest.mark.parametrize(
    "iri", ["/counterparties/..", "/counterparties/.", "//", "https://elsewhere.example/x?y=1"]
)
def test_a_name_is_asked_for_at_no_other_address(sandbox: SandboxServer, iri: str) -> None:
    assert reading.fill_names(slug="counterparties", iris=[iri]) == {}
    assert {entry["path"].rsplit("/", 1)[0] for entry in sandbox.requests} <= {"/counterparties"}
    assert all(not entry["query"] for entry in sandbox.requests)


def test_a_counterparty_is_suggested_by_a_part_of_its_name(sandbox: SandboxServer) -> None:
    row = sandbox.row("counterparties", 7)
    assert row is not None
    found = reading.suggest(resource=COUNTERPARTIES, text=row["displayName"][:6])
    assert row["displayName"] in {choice.label for choice in found}


def test_a_counterparty_is_suggested_where_the_api_cannot_filter_by_name(sandbox: SandboxServer) -> None:
    sandbox.set_profile(filters=frozenset())
    row = sandbox.row("counterparties", 66)
    assert row is not None
    found = reading.suggest(resource=COUNTERPARTIES, text=row["displayName"][2:8])
    assert row["displayName"] in {choice.label for choice in found}


@pytest.mark.parametrize("embedded", [True, False])
def test_the_contacts_of_a_client(sandbox: SandboxServer, embedded: bool) -> None:
    sandbox.set_profile(embed_contacts=embedded)
    record = reading.get_record(resource=CLIENTS, key="2")
    reading.children_at_hand(record, CONTACTS)
    sandbox.clear_log()
    contacts = reading.children_at_hand(record, CONTACTS)
    assert len(contacts) == len(record["clientContacts"])
    assert len(sandbox.requests) == (0 if embedded else 1)
    assert all(contact["email"] for contact in contacts)


@pytest.fixture(params=["v4", "legacy", "embedded"])
def other(request: pytest.FixtureRequest, connect: Connect) -> Iterator[SandboxServer]:
    embedded = request.param == "embedded"
    more: dict[str, Any] = (
        {"embed_relations": frozenset({"country", "currency", "defaultCost"})} if embedded else {}
    )
    profile = "flowtly" if embedded else request.param
    with SandboxServer(profile, clients=70, counterparties=20, prefix="/api", **more) as server:
        yield connect(server)


def test_other_servers_are_read_alike(other: SandboxServer) -> None:
    page = ask(size=100)
    assert page.total == 70
    record = page.records[0]
    assert record.key == str(record.iri.rsplit("/", 1)[-1])
    assert str(record["country"]).startswith("/api/countries/")
    assert reading.get_record(resource=CLIENTS, key=record.key).values["name"] == record["name"]
    assert record["country"] in {choice.value for choice in reading.choices("countries")}


@pytest.mark.parametrize(
    ("told", "values"),
    [
        (["invoice", " general ", 7, None, ""], ["invoice", "general"]),
        ({"invoice": "Faktura", "contract": "Kontrakt"}, ["invoice", "contract"]),
        ({"0": "invoice", "1": "contract"}, ["invoice", "contract"]),
        ("invoice, contract|general", ["invoice", "contract", "general"]),
        ("invoice", ["invoice"]),
        ("", []),
        (None, []),
        (17, []),
    ],
)
def test_possible_values_in_any_shape(told: Any, values: list[str]) -> None:
    assert choices_told(told) == values


def test_possible_types_feed_the_choices(sandbox: SandboxServer) -> None:
    list_records(resource=REGISTRY["contacts"], query=ListQuery(size=1))
    assert reading.observed(REGISTRY["contacts"], "type") == ["contract", "general", "invoice"]


def test_a_filter_on_the_name_serves_as_search_once_it_is_proved(sandbox: SandboxServer) -> None:
    able = reading.capabilities(COUNTERPARTIES)
    assert (able.search_param, able.search_path, able.search_field) == (
        "displayName",
        "/counterparties",
        "displayName",
    )


@pytest.mark.parametrize("switch", [{"exact_filters": ("displayName",)}, {"filters": ()}])
def test_an_exact_or_missing_filter_is_no_search(sandbox: SandboxServer, switch: dict[str, Any]) -> None:
    sandbox.set_profile(**switch)
    assert not reading.capabilities(COUNTERPARTIES).search
