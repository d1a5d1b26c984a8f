"""Selections: exact sets of records, kept for their owner only, of any size with little work for us."""

from __future__ import annotations

import tracemalloc
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.models import ROWS, SelectedKey, Selection, SelectionState, Snapshot, User
from backoffice.resources import PAGES
from backoffice.resources.criteria import Criterion, Operator
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index, lists, selections
from backoffice.services.reading import ListQuery

CLIENTS, COUNTERPARTIES = PAGES["clients"], PAGES["counterparties"]
Person = Callable[[str], User]
MANY = 10_000


def tick(owner: User, *keys: str, off: tuple[str, ...] = ()) -> None:
    selections.change(owner=owner, resource=CLIENTS, add=keys, remove=off)


def ticked(owner: User) -> list[str]:
    held = selections.draft(owner=owner, resource=CLIENTS)
    return list(selections.keys(held)) if held else []


def all_of(owner: User, query: ListQuery | None = None, scope: str = "all clients") -> None:
    selections.add_all(owner=owner, resource=CLIENTS, query=query or ListQuery(), scope=scope)


@pytest.fixture
def many(sandbox: SandboxServer) -> int:
    """An index of as many clients as the measure asks for, without reading them all from the sandbox."""
    row = ROWS["clients"]
    held = {"label": "x", "search": "x", "digest": "x", "generation": 1, "read_at": timezone.now()}
    rows = [row(key=str(n), iri=f"/clients/{n}", **held) for n in range(1, MANY + 1)]
    row._default_manager.bulk_create(rows, batch_size=500)
    Snapshot.objects.create(entity="clients", refreshed_at=timezone.now(), generation=1)
    return MANY


def test_ticks_are_kept_in_their_order_and_each_once(person: Person) -> None:
    owner = person("viewer")
    assert ticked(owner) == []
    tick(owner, "7", "3", "7")
    tick(owner, "3", "1", off=("9",))
    assert ticked(owner) == ["7", "3", "1"]
    tick(owner, off=("3", "9"))
    held = selections.draft(owner=owner, resource=CLIENTS)
    assert ticked(owner) == ["7", "1"]
    assert selections.count(held) == 2
    assert selections.among(held, ["1", "2", "3"]) == {"1"}
    selections.clear(owner=owner, resource=CLIENTS)
    assert ticked(owner) == []
    assert SelectedKey.objects.count() == 0


def test_looking_keeps_nothing(person: Person) -> None:
    assert selections.change(owner=person("viewer"), resource=CLIENTS) is None
    assert Selection.objects.count() == 0


def test_everybody_has_their_own_for_each_entity(person: Person) -> None:
    tick(person("viewer"), "1")
    selections.change(owner=person("viewer"), resource=COUNTERPARTIES, add=["2"])
    tick(person("editor"), "3")
    assert (ticked(person("viewer")), ticked(person("editor")), ticked(person("steward"))) == (["1"], ["3"], [])


def test_what_has_expired_is_as_if_it_were_not_there(person: Person) -> None:
    owner = person("viewer")
    tick(owner, "1", "2")
    copy = selections.freeze(owner=owner, resource=CLIENTS)
    assert copy is not None
    Selection.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ticked(owner) == []
    assert selections.frozen(owner=owner, selection_id=copy.pk) is None
    assert selections.freeze(owner=owner, resource=CLIENTS) is None
    tick(owner, "3")
    assert ticked(owner) == ["3"]
    assert selections.drop_expired() == 1
    assert [each.state for each in Selection.objects.all()] == [SelectionState.DRAFT]
    assert list(SelectedKey.objects.values_list("key", flat=True)) == ["3"]


def test_each_change_keeps_it_for_another_week(person: Person) -> None:
    owner = person("viewer")
    tick(owner, "1")
    soon = timezone.now() + timedelta(minutes=1)
    Selection.objects.update(expires_at=soon)
    tick(owner, "2")
    assert Selection.objects.get().expires_at > soon


def test_a_frozen_copy_stays_as_it_was(person: Person) -> None:
    owner = person("steward")
    assert selections.freeze(owner=owner, resource=CLIENTS) is None
    tick(owner, "5", "2")
    copy = selections.freeze(owner=owner, resource=CLIENTS, name="before Christmas")
    tick(owner, "9", off=("5",))
    assert copy is not None
    held = selections.frozen(owner=owner, selection_id=copy.pk)
    assert held is not None
    assert (list(selections.keys(held)), str(held)) == (["5", "2"], "before Christmas")
    assert ticked(owner) == ["2", "9"]
    assert selections.frozen(owner=person("editor"), selection_id=copy.pk) is None
    assert selections.frozen(owner=owner, selection_id=uuid.uuid4()) is None
    draft = selections.draft(owner=owner, resource=CLIENTS)
    assert draft is not None
    assert selections.frozen(owner=owner, selection_id=draft.pk) is None


def test_names_and_addresses_are_those_that_were_last_read(sandbox: SandboxServer, person: Person) -> None:
    owner = person("steward")
    record = lists.page(resource=CLIENTS, query=ListQuery()).page.records[0]
    tick(owner, record.key, "never-read")
    copy = selections.freeze(owner=owner, resource=CLIENTS)
    assert copy is not None
    assert [(each.key, each.label, each.iri) for each in selections.selected(copy)] == [
        (record.key, record.label, record.iri),
        ("never-read", "never-read", "/clients/never-read"),
    ]


def test_few_are_read_from_flowtly_and_exactly_those_that_match(sandbox: SandboxServer, person: Person) -> None:
    owner = person("viewer")
    rows = {record.key: record for record in lists.every(resource=CLIENTS, query=ListQuery()).records}
    active = Criterion("status", Operator.IS, ("active",))
    all_of(owner, ListQuery(criteria=(active,), sort=("name",), page=3), "Status: active")
    assert set(ticked(owner)) == {key for key, record in rows.items() if record["status"] == "active"}
    held = selections.draft(owner=owner, resource=CLIENTS)
    assert held is not None
    assert (held.scope, held.by_hand) == ("Status: active", False)
    tick(owner, off=(ticked(owner)[0],))
    all_of(owner)
    held.refresh_from_db()
    assert (set(ticked(owner)), held.scope, held.by_hand) == (set(rows), "all clients", False)
    assert held.query == ListQuery().kept()
    tick(owner, "never-read")
    all_of(owner)
    held.refresh_from_db()
    assert (held.scope, held.by_hand, held.query) == ("all clients", True, {})


def test_what_flowtly_cannot_filter_comes_from_the_index_or_not_at_all(
    sandbox: SandboxServer, person: Person
) -> None:
    owner = person("viewer")
    query = ListQuery(criteria=(Criterion("dueDays", Operator.GTE, ("30",)),))
    with pytest.raises(lists.CopyNeeded) as needed:
        all_of(owner, query)
    assert needed.value.waiting
    assert Snapshot.objects.get(entity="clients").asked_at
    assert ticked(owner) == []
    index.refresh(CLIENTS)
    all_of(owner, query)
    rows = {record.key: record["dueDays"] for record in lists.every(resource=CLIENTS, query=ListQuery()).records}
    assert set(ticked(owner)) == {key for key, days in rows.items() if days and days >= 30}
    Snapshot.objects.update(missing=["dueDays"])
    with pytest.raises(lists.CopyNeeded) as needed:
        all_of(owner, query)
    assert not needed.value.waiting


def test_more_than_anybody_waits_for_needs_the_index(
    sandbox: SandboxServer, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "WALKED", 50)
    with pytest.raises(lists.CopyNeeded):
        all_of(person("viewer"))
    assert ticked(person("viewer")) == []
    index.refresh(CLIENTS)
    sandbox.clear_log()
    all_of(person("viewer"))
    assert len(ticked(person("viewer"))) == 120
    assert sandbox.requests == []


def test_a_tax_number_selects_what_the_list_shows_for_it(sandbox: SandboxServer, person: Person) -> None:
    sandbox.patch_row("clients", 5, {"tin": "7010193571"})
    index.refresh(CLIENTS)
    all_of(person("viewer"), ListQuery(search="701-019-35-71"))
    assert ticked(person("viewer")) == ["5"]


def test_more_than_the_maximum_is_refused_whole(
    many: int, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person("viewer")
    monkeypatch.setattr(selections, "MOST", 3)
    tick(owner, "1", "2")
    for refused in (lambda: tick(owner, "3", "4"), lambda: all_of(owner)):
        with pytest.raises(selections.TooMany):
            refused()
    assert ticked(owner) == ["1", "2"]
    tick(owner, "3")


def queries_of(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_ten_thousand_take_no_more_statements_than_ten(many: int, person: Person) -> None:
    owner = person("steward")
    few = Criterion("status", Operator.EMPTY, ("false",))
    steps: tuple[Callable[[], object], ...] = (
        lambda: tick(owner, "a", "b", off=("c",)),
        lambda: selections.freeze(owner=owner, resource=CLIENTS),
        lambda: selections.count(selections.draft(owner=owner, resource=CLIENTS)),
        lambda: selections.clear(owner=owner, resource=CLIENTS),
    )
    tick(owner, "1")
    small = [queries_of(step) for step in steps]
    tick(owner, "1")
    ROWS["clients"]._default_manager.filter(key__in=list(map(str, range(1, 11)))).update(v_status="active")
    assert queries_of(lambda: all_of(owner, ListQuery(criteria=(few,)))) < 20
    at_once = queries_of(lambda: all_of(owner))
    assert at_once < 20
    assert len(ticked(owner)) == MANY
    assert [queries_of(step) for step in steps] == small


def test_ten_thousand_are_never_in_memory_at_once(many: int, person: Person) -> None:
    owner = person("steward")
    all_of(owner)
    tracemalloc.start()
    try:
        selections.clear(owner=owner, resource=CLIENTS)
        tracemalloc.reset_peak()
        before, _peak = tracemalloc.get_traced_memory()
        all_of(owner)
        copy = selections.freeze(owner=owner, resource=CLIENTS)
        assert copy is not None
        assert sum(1 for _each in selections.selected(copy)) == MANY
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 2_000_000
