"""The index: filled over real HTTP, asked in every way that lists ask, never older than what was written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.models import Snapshot
from backoffice.models.index import ROWS
from backoffice.resources import PAGES, Record
from backoffice.resources.criteria import Criterion, Operator
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index, lists
from backoffice.services.index import Question
from backoffice.services.reading import ListQuery, get_record

CLIENTS, CONTACTS, COUNTERPARTIES = PAGES["clients"], PAGES["contacts"], PAGES["counterparties"]
IS, NOT, CONTAINS, GTE, LTE, EMPTY = Operator


def rows(sandbox: SandboxServer) -> list[dict[str, Any]]:
    keys = [record.key for record in index.every(Question(CLIENTS))]
    return [{"key": key, **(sandbox.row("clients", key) or {})} for key in keys]


def found(*criteria: Criterion, search: str = "", sort: tuple[str, ...] = ()) -> list[Record]:
    return list(index.every(Question(CLIENTS, search, criteria, sort)))


def keys(*criteria: Criterion, search: str = "") -> set[str]:
    return {record.key for record in found(*criteria, search=search)}


@pytest.fixture
def indexed(sandbox: SandboxServer) -> SandboxServer:
    for resource in PAGES.values():
        assert index.refresh(resource)
    return sandbox


@pytest.mark.parametrize("slug", PAGES)
def test_the_copy_holds_what_the_list_gives(indexed: SandboxServer, slug: str) -> None:
    resource = PAGES[slug]
    listed = {record.key: record for record in lists.every(resource=resource, query=ListQuery()).records}
    copied = {record.key: record for record in index.every(Question(resource))}
    assert copied.keys() == listed.keys()
    for key, record in listed.items():
        for name, value in record.values.items():
            assert copied[key].values[name] == value or (value in ("", []) and copied[key].values[name] is None)
        assert (copied[key].iri, copied[key].label) == (record.iri, record.label)


def test_values_that_fit_no_column_are_kept_as_they_came(sandbox: SandboxServer) -> None:
    odd = {"dueDays": "thirty", "tin": 5213017228, "name": "nul\x00 and \ud800 half"}
    index.refresh(CLIENTS)
    held = next(index.every(Question(CLIENTS)))
    index.put(
        Record(resource=CLIENTS, key=held.key, iri=held.iri, values={**held.values, **odd}), read_at=timezone.now()
    )
    again = next(record for record in index.every(Question(CLIENTS)) if record.key == held.key)
    assert (again.values["dueDays"], again.values["tin"], again.values["name"]) == (
        "thirty",
        5213017228,
        "nul and  half",
    )


def test_every_operator_finds_what_a_look_at_each_record_finds(indexed: SandboxServer) -> None:
    records = {row["key"]: row for row in rows(indexed)}
    status = records[min(records)]["status"]
    some = {
        Criterion("status", IS, (status,)): lambda row: row["status"] == status,
        Criterion("status", NOT, (status,)): lambda row: row["status"] != status,
        Criterion("dueDays", GTE, ("14",)): lambda row: row.get("dueDays") is not None and row["dueDays"] >= 14,
        Criterion("dueDays", LTE, ("14",)): lambda row: row.get("dueDays") is not None and row["dueDays"] <= 14,
        Criterion("vatNumber", EMPTY, ("true",)): lambda row: not row.get("vatNumber"),
        Criterion("vatNumber", EMPTY, ("false",)): lambda row: bool(row.get("vatNumber")),
        Criterion("name", CONTAINS, ("a/S",)): lambda row: "a/s" in row["name"].casefold(),
    }
    for criterion, wanted in some.items():
        expected = {key for key, row in records.items() if wanted(row)}
        assert keys(criterion) == expected, criterion
    assert 0 < len(keys(Criterion("vatNumber", EMPTY, ("true",)))) < len(records)


def test_a_reference_is_found_by_any_address_of_it(indexed: SandboxServer) -> None:
    iri = next(record.values["country"] for record in found() if record.values["country"])
    expected = {record.key for record in found() if record.values["country"] == iri}
    assert keys(Criterion("country", IS, (iri,))) == expected
    assert keys(Criterion("country", IS, (f"/other/prefix/{iri.rsplit('/', 1)[-1]}",))) == expected


def test_clients_without_contacts(indexed: SandboxServer) -> None:
    with_contacts = {record.values["client"] for record in index.every(Question(CONTACTS))}
    everybody = {record.iri: record.key for record in found()}
    assert keys(Criterion("contacts", EMPTY, ("false",))) == {everybody[iri] for iri in with_contacts}
    assert keys(Criterion("contacts", EMPTY, ("true",))) == set(everybody.values()) - {
        everybody[i] for i in with_contacts
    }


@pytest.mark.parametrize(
    "written", ["5213017228", "521-301-72-28", "PL 521 301 72 28", "pl5213017228", "521.301.72"]
)
def test_a_tax_number_is_found_in_any_notation(indexed: SandboxServer, written: str) -> None:
    indexed.patch_row("clients", "1", {"tin": "521 301-72-28"})
    indexed.patch_row("clients", "2", {"tin": None, "vatNumber": "PL5213017228"})
    index.refresh(CLIENTS)
    assert {"1", "2"} <= keys(search=written)
    answer = lists.page(resource=CLIENTS, query=ListQuery(search=written))
    assert {"1", "2"} <= {record.key for record in answer.page.records}
    assert answer.age is not None


def test_a_number_that_the_copy_lacks_is_asked_of_flowtly(indexed: SandboxServer) -> None:
    indexed.patch_row("clients", "3", {"tin": "99887766"})
    answer = lists.page(resource=CLIENTS, query=ListQuery(search="99887766"))
    assert [record.key for record in answer.page.records] == ["3"]
    assert answer.age is None


@pytest.mark.parametrize(
    "sort", [("name",), ("-dueDays", "name"), ("country", "-dueDays", "name"), ("-defaultCost",)]
)
def test_sorted_with_the_empty_ones_last(indexed: SandboxServer, sort: tuple[str, ...]) -> None:
    first = sort[0].removeprefix("-")
    values = [record.values[first] for record in found(sort=sort)]
    filled = [value for value in values if value is not None]
    assert all(value is None for value in values[len(filled) :])
    if first in ("name", "dueDays"):
        ordered = sorted(filled, key=lambda value: value.lower() if isinstance(value, str) else value)
        assert filled == (ordered[::-1] if sort[0].startswith("-") else ordered)


def test_pages_of_the_copy_are_the_whole_without_gaps(indexed: SandboxServer) -> None:
    question = Question(CLIENTS, sort=("status",))
    paged = [record.key for start in range(0, 120, 50) for record in index.page(question, start=start, size=50)]
    assert paged == [record.key for record in index.every(question)]
    assert len(set(paged)) == index.total(question) == 120


def test_flowtly_answers_what_it_can_and_the_copy_the_rest(indexed: SandboxServer) -> None:
    indexed.clear_log()
    fresh = lists.page(resource=CLIENTS, query=ListQuery(criteria=(Criterion("status", IS, ("active",)),)))
    assert fresh.age is None
    assert len(indexed.requests) > 0
    indexed.clear_log()
    copied = lists.page(resource=CLIENTS, query=ListQuery(criteria=(Criterion("vatNumber", EMPTY, ("true",)),)))
    assert copied.age is not None
    assert [entry["path"] for entry in indexed.requests] == []


def test_without_a_copy_only_this_page_is_narrowed(sandbox: SandboxServer) -> None:
    answer = lists.page(resource=CLIENTS, query=ListQuery(criteria=(Criterion("vatNumber", EMPTY, ("true",)),)))
    assert answer.age is None
    assert answer.page.narrowed_here == {"vatNumber"}
    whole = lists.every(resource=CLIENTS, query=ListQuery(criteria=(Criterion("vatNumber", EMPTY, ("true",)),)))
    expected = {str(n) for n in range(1, 121) if not (sandbox.row("clients", str(n)) or {}).get("vatNumber")}
    assert {record.key for record in whole.records} == expected


def test_what_was_written_since_is_not_overwritten_by_an_older_reading(indexed: SandboxServer) -> None:
    record = get_record(resource=CLIENTS, key="5")
    later = Record(resource=CLIENTS, key="5", iri=record.iri, values={**record.values, "name": "Written since"})
    index.put(later, read_at=timezone.now() + timedelta(seconds=30))
    index.refresh(CLIENTS)
    assert {held.values["name"] for held in found() if held.key == "5"} == {"Written since"}


def test_what_is_gone_leaves_the_copy_and_what_is_new_enters(indexed: SandboxServer) -> None:
    gone = next(index.keys(Question(CONTACTS)))
    row = indexed.row("client-contacts", gone)
    assert row is not None
    indexed.delete_row("client-contacts", gone)
    new = indexed.add_row("client-contacts", {name: value for name, value in row.items() if name != "id"})
    index.refresh(CONTACTS)
    held = set(index.keys(Question(CONTACTS)))
    assert gone not in held
    assert str(new) in held


def test_a_reading_that_breaks_keeps_the_old_copy(indexed: SandboxServer) -> None:
    before = index.age(CLIENTS)
    indexed.fault("status", method="GET", path="/clients", status=403, skip=1)
    assert not index.refresh(CLIENTS)
    after = index.age(CLIENTS)
    assert before
    assert after
    assert after.refreshed_at == before.refreshed_at
    assert after.problem == "Forbidden"
    assert index.total(Question(CLIENTS)) == 120
    indexed.clear_faults()
    assert index.refresh(CLIENTS)
    assert Snapshot.objects.get(entity="clients").problem == ""


def test_one_process_reads_at_a_time(sandbox: SandboxServer) -> None:
    Snapshot.objects.create(
        entity="clients", lease_owner="other", lease_until=timezone.now() + timedelta(minutes=1)
    )
    assert not index.refresh(CLIENTS)
    Snapshot.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert index.refresh(CLIENTS)


def test_due_is_what_is_missing_old_or_asked_for(sandbox: SandboxServer) -> None:
    index.refresh_due()
    assert {resource.slug for resource in PAGES.values() if index.age(resource)} == set(PAGES)
    sandbox.clear_log()
    index.refresh_due()
    assert sandbox.requests == []
    index.ask(CONTACTS)
    index.refresh_due()
    assert {entry["path"].split("/")[1] for entry in sandbox.requests} == {"client-contacts"}
    Snapshot.objects.filter(entity="clients").update(refreshed_at=timezone.now() - timedelta(hours=1))
    sandbox.clear_log()
    index.refresh_due()
    assert {entry["path"].split("/")[1] for entry in sandbox.requests} == {"clients"}


def test_a_field_that_the_collection_leaves_out_is_not_judged_by_the_copy(sandbox: SandboxServer) -> None:
    index.refresh(CLIENTS)
    Snapshot.objects.filter(entity="clients").update(missing=["vatNumber"])
    assert not index.can_answer(Question(CLIENTS, criteria=(Criterion("vatNumber", EMPTY, ("true",)),)))
    assert index.can_answer(Question(CLIENTS, criteria=(Criterion("tin", EMPTY, ("true",)),)))


def test_unchanged_rows_are_not_written_again(indexed: SandboxServer) -> None:
    model = ROWS["clients"]
    before = dict(model._default_manager.values_list("key", "pk"))
    index.refresh(CLIENTS)
    assert dict(model._default_manager.values_list("key", "pk")) == before
    assert set(model._default_manager.values_list("generation", flat=True)) == {2}
