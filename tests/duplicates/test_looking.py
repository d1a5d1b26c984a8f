"""Single records looked at again: the pairs that a full scan under the same statistics finds, no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.models import Compared, DuplicateGroup, GroupMember, Likeness, Scan, User
from backoffice.models.index import ROWS
from backoffice.resources import Resource
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates, edits, index
from backoffice.services.duplicates import groups, looking
from backoffice.services.index import Question
from tests.conftest import Login
from tests.records.pages import read

from .cast import CLIENTS, COUNTERPARTIES, found_by_all, kept, scanned
from .test_scanning import plant

NAMES = [
    "Gripsholm Optik ApS",
    "Gripsholm Optik A/S",
    "Gripsholm",
    "Nordby El II",
    "Nordby El III",
    "El Nordby",
    "",
]
SITES = ["https://gripsholm.example", "gripsholm.example/da", "https://nordby-el.example", None]
KEYS = [str(number) for number in range(1, 13)]
Rows = list[dict[str, Any]]


@pytest.fixture
def steward(sandbox: SandboxServer, person: Callable[[str], User]) -> User:
    return person("steward")


def write(key: str, **values: Any) -> None:
    """As any reading or writing does it."""
    held = {record.key: record for record in index.every(Question(COUNTERPARTIES))}
    index.put(
        replace(held[key], values={**held[key].values, **values}),
        read_at=timezone.now(),
    )


def agrees() -> bool:
    statistics = duplicates.frozen(COUNTERPARTIES).statistics
    return kept(COUNTERPARTIES) == found_by_all(COUNTERPARTIES, statistics)


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(KEYS),
        st.sampled_from(["put", "put", "put", "gone"]),
        st.sampled_from(NAMES),
        st.sampled_from(SITES),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rounds=st.lists(CHANGES, min_size=1, max_size=3), at_once=st.sampled_from([1, 3, 50]))
def test_looking_again_finds_what_a_full_scan_finds(
    steward: User, rounds: list[list[tuple[str, str, str, Any]]], at_once: int
) -> None:
    """Whatever changed, in whatever order and in whatever portions."""
    if not Scan.objects.exists():
        scanned(COUNTERPARTIES, steward)
    duplicates.look_again(COUNTERPARTIES)
    looking.AT_ONCE = at_once
    try:
        with transaction.atomic():
            for changes in rounds:
                for key, deed, name, site in changes:
                    if deed == "gone":
                        index.remove(COUNTERPARTIES, key)
                    elif ROWS["counterparties"]._default_manager.filter(key=key).exists():
                        write(key, displayName=name, corporateWebsiteUrl=site)
                duplicates.look_again(COUNTERPARTIES)
                assert agrees()
                assert set(Compared.objects.filter(entity="counterparties").values_list("key", flat=True)) == set(
                    ROWS["counterparties"]._default_manager.values_list("key", flat=True)
                )
            transaction.set_rollback(True)
    finally:
        looking.AT_ONCE = 50


@pytest.mark.django_db(transaction=True)
def test_our_own_change_is_looked_at(sandbox: SandboxServer, steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    site = {"corporateWebsiteUrl": "https://gripsholm.example"}
    for key in ("7", "9"):
        sandbox.patch_row("counterparties", key, site)
    index.refresh(COUNTERPARTIES)
    duplicates.look_due()
    assert ("7", "9") not in kept(COUNTERPARTIES) or agrees()
    held = {record.key: record for record in index.every(Question(COUNTERPARTIES))}
    wanted = {"displayName": held["9"].values["displayName"]}
    edits.save(
        actor=steward,
        resource=COUNTERPARTIES,
        key="7",
        label="x",
        base=held["7"].values,
        changes=wanted,
        nonce="n",
        request_id="r",
    )
    duplicates.look_due()
    assert ("7", "9") in kept(COUNTERPARTIES)
    assert agrees()


@pytest.mark.django_db(transaction=True)
def test_a_change_of_no_interest_moves_nothing(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    before = list(Likeness.objects.order_by("pk").values())
    write("3", cyclic=True, type="something else")
    assert duplicates.look_again(COUNTERPARTIES) == 1
    assert duplicates.look_again(COUNTERPARTIES) == 0
    assert list(Likeness.objects.order_by("pk").values()) == before


@pytest.mark.django_db(transaction=True)
def test_the_queue_filters_by_what_a_record_is_now(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    member = GroupMember.objects.filter(group__entity="counterparties").order_by("pk")[0]
    write(member.key, type="something else")
    duplicates.look_again(COUNTERPARTIES)
    assert {row.type for row in GroupMember.objects.filter(key=member.key)} == {"something else"}


@pytest.mark.django_db(transaction=True)
def test_where_nothing_changed_next_to_nothing_is_asked(sandbox: SandboxServer, steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    scanned(CLIENTS, steward)
    duplicates.look_due()
    index.refresh(COUNTERPARTIES)  # the same again
    with CaptureQueriesContext(connection) as asked:
        duplicates.look_due()
    assert len(asked) <= 3 * len(duplicates.queued()), [query["sql"][:150] for query in asked]


@pytest.mark.django_db(transaction=True)
def test_many_changed_records_take_no_more_queries_than_one(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    took = []
    for keys in (("3",), ("4", "5", "6", "7", "8", "9")):
        for key in keys:
            write(key, displayName=f"Gripsholm Optik {key}")
        with CaptureQueriesContext(connection) as asked:
            assert duplicates.look_again(COUNTERPARTIES) == len(keys)
        took.append(len(asked))
    assert took[1] <= took[0] + 20, took  # groups are put together in rounds: one more for what hangs further away


@pytest.mark.django_db(transaction=True)
def test_a_pair_added_by_hand_outlives_a_change(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    row = {"entity": "counterparties", "score": -900, "found_at": timezone.now(), "added_by": steward}
    Likeness.objects.create(a="20", b="21", **row)
    write("20", displayName="Quite another")
    duplicates.look_again(COUNTERPARTIES)
    assert ("20", "21") in kept(COUNTERPARTIES)


@pytest.mark.django_db(transaction=True)
def test_while_a_scan_goes_on_it_waits(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    write("3", displayName="Gripsholm Optik")
    before = Compared.objects.get(entity="counterparties", key="3").digest
    scan = duplicates.ask(actor=steward, resource=COUNTERPARTIES)
    duplicates.look_due()
    assert Compared.objects.get(entity="counterparties", key="3").digest == before
    duplicates.stop(scan)
    duplicates.look_due()
    assert Compared.objects.get(entity="counterparties", key="3").digest != before


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_each_sees_what_the_other_looked_at(steward: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes by while the first is about to begin."""
    scanned(COUNTERPARTIES, steward)
    for key in ("7", "9"):
        write(key, displayName="Gripsholm Optik ApS", corporateWebsiteUrl="https://gripsholm.example")
    under, hold, met = duplicates.frozen(COUNTERPARTIES), groups.hold, list[str]()

    def begin(resource: Resource) -> None:
        if not met:
            met.append("9")
            looking.look_at(under, ["9"])
        hold(resource)

    monkeypatch.setattr(groups, "hold", begin)
    looking.look_at(under, ["7"])
    assert ("7", "9") in kept(COUNTERPARTIES)
    assert agrees()


@pytest.mark.django_db(transaction=True)
def test_whoever_looks_leaves_it_to_a_scan_that_came_between(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    under = duplicates.frozen(COUNTERPARTIES)
    write("3", displayName="Gripsholm Optik")
    before = list(Compared.objects.order_by("pk").values())
    scan = duplicates.ask(actor=steward, resource=COUNTERPARTIES)
    with pytest.raises(looking.Overtaken):
        looking.look_at(under, ["3"])
    assert list(Compared.objects.order_by("pk").values()) == before
    duplicates.work()
    scan.refresh_from_db()
    assert scan.state == "done"
    with pytest.raises(looking.Overtaken):
        looking.look_at(under, ["3"])


@pytest.mark.django_db(transaction=True)
def test_before_the_first_scan_nothing_is_looked_at(sandbox: SandboxServer) -> None:
    index.refresh(COUNTERPARTIES)
    duplicates.look_due()
    assert not Compared.objects.exists()
    assert duplicates.like(COUNTERPARTIES, {"displayName": "Anything"}) == []


def _iri(counterparty: str) -> str:
    return ROWS["counterparties"]._default_manager.get(key=counterparty).iri


def _cost(steward: User, client: str, counterparty: str) -> None:
    """A client's default cost, changed by a person."""
    held = {record.key: record for record in index.every(Question(CLIENTS))}[client]
    edits.save(
        actor=steward,
        resource=CLIENTS,
        key=client,
        label="x",
        base=held.values,
        changes={"defaultCost": _iri(counterparty)},
        nonce=f"{client} {counterparty}",
        request_id="r",
    )


@pytest.mark.django_db(transaction=True)
def test_the_queue_moves_with_what_clients_use(sandbox: SandboxServer, steward: User, login: Login) -> None:
    plant(sandbox)
    for key in ("7", "8"):
        sandbox.patch_row(
            "counterparties", key, {"displayName": "Nordlunde", "corporateWebsiteUrl": "nordlunde.dk"}
        )
    index.refresh(CLIENTS)
    scanned(COUNTERPARTIES, steward)
    duplicates.look_due()
    one, other = (duplicates.group_of(COUNTERPARTIES, key) for key in ("5", "7"))
    assert one is not None
    assert other is not None
    DuplicateGroup.objects.exclude(pk__in=[one.pk, other.pk]).delete()
    DuplicateGroup.objects.update(score=800)
    for number, (mine, theirs) in enumerate([("5", "7"), ("8", "6")], 1):
        for client in ("1", "2", "3"):
            _cost(steward, client, mine)
        duplicates.look_due()
        first, second = (one, other) if mine == "5" else (other, one)
        page = read(login("viewer").get("/duplicates/"))
        assert page.rows == [str(first.pk), str(second.pk)], number
        told = {row.key: row.uses for row in GroupMember.objects.filter(key__in=[mine, theirs])}
        assert told[mine] == ROWS["clients"]._default_manager.filter(v_defaultCost=_iri(mine)).count() >= 3


@pytest.mark.django_db(transaction=True)
def test_many_new_default_costs_take_no_more_queries_than_one(sandbox: SandboxServer, steward: User) -> None:
    plant(sandbox)
    index.refresh(CLIENTS)
    scanned(COUNTERPARTIES, steward)
    groups.recount(COUNTERPARTIES)
    keys = list(GroupMember.objects.order_by("pk").values_list("key", flat=True))
    took = []
    for used in (keys[:1], keys):
        held = list(index.every(Question(CLIENTS)))[: len(used)]
        for record, key in zip(held, used, strict=False):
            values = {**record.values, "defaultCost": _iri(key)}
            index.put(replace(record, values=values), read_at=timezone.now())
        with CaptureQueriesContext(connection) as asked:
            assert groups.recount(COUNTERPARTIES) > 0
        took.append(len(asked))
        assert groups.recount(COUNTERPARTIES) == 0
    assert took[1] <= took[0] + 4, took
    ROWS["clients"]._default_manager.update(v_defaultCost=None)
    groups.recount(COUNTERPARTIES)
    assert {group.uses for group in DuplicateGroup.objects.all()} == {0}
    index.forget("clients")
    groups.recount(COUNTERPARTIES)
    assert {group.uses for group in DuplicateGroup.objects.all()} == {None}
