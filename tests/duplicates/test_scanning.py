"""A full scan over real HTTP: on several kinds of Flowtly, stopped, broken off, taken over, made once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from backoffice.models import AuditEntry, Block, Compared, Likeness, Scan, ScanStage, ScanState, Snapshot, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates, index
from backoffice.services.duplicates import comparing, scanning
from backoffice.services.index import Question

from .cast import CLIENTS, COUNTERPARTIES, found_by_all, kept, scanned

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.fixture
def steward(sandbox: SandboxServer, person: Person) -> User:
    return person("steward")


@pytest.fixture(
    scope="module",
    params=[
        {"prefix": "/api"},
        {"profile": "v4"},
        {"profile": "legacy"},
        {"items_per_page": False, "page_size": 20},
        {"embed_relations": frozenset({"country", "addressCountry"}), "embed_contacts": True},
        {"codes_as_ids": True},
    ],
    ids=["prefix", "v4", "legacy", "own page size", "embedded", "codes as keys"],
)
def _other(request: pytest.FixtureRequest) -> Iterator[SandboxServer]:
    with SandboxServer(clients=60, counterparties=50, **request.param) as server:
        yield server


@pytest.fixture
def other(_other: SandboxServer, connect: Callable[[SandboxServer], SandboxServer]) -> SandboxServer:
    _other.reset()
    plant(_other)
    _other.clear_log()
    return connect(_other)


def plant(server: SandboxServer) -> None:
    """Two clients that are one by name, number and country, and two counterparties by name and site."""
    common = {"tin": "26134439", "vatNumber": None, "country": server.row("clients", 5)["country"]}  # type: ignore[index]
    server.patch_row("clients", 5, {**common, "name": "Gripsholm Optik ApS"})
    server.patch_row("clients", 6, {**common, "name": "GRIPSHOLM OPTIK"})
    for key, name in ((5, "Gripsholm Optik ApS"), (6, "Gripsholm Optik A/S")):
        server.patch_row(
            "counterparties", key, {"displayName": name, "corporateWebsiteUrl": "https://gripsholm.example"}
        )


def test_what_is_one_is_found_on_every_kind_of_flowtly(other: SandboxServer, person: Person) -> None:
    steward = person("steward")
    for resource, total in ((CLIENTS, 60), (COUNTERPARTIES, 50)):
        scan = scanned(resource, steward)
        assert (scan.records, scan.pairs) == (total, len(kept(resource)))
        assert ("5", "6") in kept(resource)
        assert kept(resource) == found_by_all(resource)
        assert Compared.objects.filter(entity=resource.slug).count() == total
    countries = {record.country for record, _digest in duplicates.frozen(CLIENTS).held()}
    assert all(len(code) == 2 for code in countries), countries
    assert {entry["method"] for entry in other.requests} == {"GET"}


def test_old_scans_do_not_keep_their_words(sandbox: SandboxServer, steward: User) -> None:
    for _ in range(4):
        scanned(COUNTERPARTIES, steward)
    found = Scan.objects.order_by("-finished_at").values_list("statistics", flat=True)
    assert [bool(text) for text in found] == [True, True, False, False]
    assert duplicates.frozen(COUNTERPARTIES).statistics.size == 80


def test_a_scan_reads_each_page_once(sandbox: SandboxServer, steward: User) -> None:
    sandbox.clear_log()
    scanned(COUNTERPARTIES, steward)
    lists = [entry for entry in sandbox.requests if entry["path"].endswith("/counterparties")]
    assert len(lists) == 1  # 80 records, 100 to a page


def test_it_takes_the_copy_that_is_there_where_the_worker_asked(sandbox: SandboxServer) -> None:
    index.refresh(COUNTERPARTIES)
    sandbox.clear_log()
    scanned(COUNTERPARTIES, None)
    assert not sandbox.requests


def test_who_asks_while_one_goes_on_gets_that_one(steward: User) -> None:
    first = duplicates.ask(actor=steward, resource=CLIENTS)
    assert duplicates.ask(actor=None, resource=CLIENTS) == first
    assert duplicates.ask(actor=steward, resource=COUNTERPARTIES) != first
    assert duplicates.going_on(CLIENTS) == first
    assert AuditEntry.objects.filter(action="clients.scan", actor=steward).count() == 1


def test_two_workers_make_it_once(steward: User) -> None:
    duplicates.ask(actor=steward, resource=CLIENTS)
    taken: list[int] = []

    def worker() -> None:
        try:
            taken.append(duplicates.work())
        finally:
            connection.close()

    workers = [threading.Thread(target=worker) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    scan = Scan.objects.get()
    assert (sum(taken), scan.state, scan.attempts) == (1, ScanState.DONE, 1)
    assert (scan.lease_owner, scan.lease_until) == ("", None)


def test_an_entity_without_records(sandbox: SandboxServer, steward: User) -> None:
    index.refresh(COUNTERPARTIES)
    for record in list(index.every(Question(COUNTERPARTIES))):
        sandbox.delete_row("counterparties", record.key)
    scan = scanned(COUNTERPARTIES, steward)
    assert (scan.records, scan.pairs, scan.candidates) == (0, 0, 0)
    assert duplicates.like(COUNTERPARTIES, {"displayName": "Anything"}) == []
    duplicates.look_due()


def test_flowtly_goes_away_in_the_middle(sandbox: SandboxServer, steward: User) -> None:
    scanned(CLIENTS, steward)
    before = kept(CLIENTS)
    in_force = duplicates.in_force(CLIENTS)
    sandbox.set_profile(items_per_page=False)
    sandbox.fault("status", status=503, method="GET", path="/clients", skip=2, times=50)
    scan = duplicates.ask(actor=steward, resource=CLIENTS)
    duplicates.work()
    scan.refresh_from_db()
    assert (scan.state, scan.problem) == (ScanState.FAILED, "Unavailable")
    assert kept(CLIENTS) == before
    assert duplicates.in_force(CLIENTS) == in_force
    assert duplicates.latest(CLIENTS) == scan


def test_one_that_waits_is_stopped(steward: User) -> None:
    scan = duplicates.ask(actor=steward, resource=CLIENTS)
    assert duplicates.stop(scan)
    assert not duplicates.stop(scan)
    assert duplicates.work() == 0
    scan.refresh_from_db()
    assert (scan.state, duplicates.going_on(CLIENTS)) == (ScanState.STOPPED, None)


@pytest.mark.parametrize("stage", [ScanStage.READ, ScanStage.COMPARE])
def test_one_that_goes_on_is_stopped(steward: User, monkeypatch: pytest.MonkeyPatch, stage: ScanStage) -> None:
    """Stopped as the stage begins; whoever makes it notices with a beat."""
    monkeypatch.setattr(scanning, "BEAT", 0.01)
    scan = duplicates.ask(actor=steward, resource=CLIENTS)
    at = scanning._Progress.at

    def begin(progress: Any, told: ScanStage, total: int = 0) -> None:
        at(progress, told, total)
        if told == stage:
            assert duplicates.stop(scan)
            assert progress.held.lost.wait(30)

    monkeypatch.setattr(scanning._Progress, "at", begin)
    duplicates.work()
    scan.refresh_from_db()
    assert (scan.state, scan.stage) == (ScanState.STOPPED, stage)
    assert not Compared.objects.exists()


def test_what_is_being_kept_is_not_stopped(steward: User, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = duplicates.ask(actor=steward, resource=CLIENTS)
    at = scanning._Progress.at
    told: list[bool] = []

    def begin(progress: Any, stage: ScanStage, total: int = 0) -> None:
        at(progress, stage, total)
        if stage == ScanStage.STORE:
            told.append(duplicates.stop(scan))

    monkeypatch.setattr(scanning._Progress, "at", begin)
    duplicates.work()
    scan.refresh_from_db()
    assert (told, scan.state) == ([False], ScanState.DONE)


def test_the_process_that_compares_is_killed_with_the_scan(steward: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker ends while all is compared: the scan waits for the next one, and nobody is left comparing."""
    pids: list[int] = []
    listen = comparing._listen

    def end(process: Any, look: Callable[[], None], tell: Any) -> Any:
        pids.append(process.pid)
        return listen(process, look, tell)

    monkeypatch.setattr(comparing, "_listen", end)
    scan = duplicates.ask(actor=steward, resource=CLIENTS)
    duplicates.work(lambda: bool(pids))
    scan.refresh_from_db()
    assert (scan.state, scan.attempts) == (ScanState.WAITING, 0)
    assert len(pids) == 1
    with pytest.raises(ProcessLookupError):
        os.killpg(pids[0], 0)
    assert scanned(CLIENTS, steward) == scan


def test_a_process_that_breaks_off_is_a_failure_with_a_name(
    steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "_COMMAND", ("-c", "raise SystemExit(3)"))
    scan = duplicates.ask(actor=steward, resource=CLIENTS)
    duplicates.work()
    scan.refresh_from_db()
    assert (scan.state, scan.problem) == (ScanState.FAILED, "ComparingFailed")


def test_one_that_breaks_off_again_and_again_is_given_up(steward: User) -> None:
    scan = duplicates.ask(actor=steward, resource=CLIENTS)
    Scan.objects.update(
        state=ScanState.RUNNING, attempts=3, lease_owner="dead", lease_until=timezone.now() - timedelta(seconds=1)
    )
    assert duplicates.work() == 0
    scan.refresh_from_db()
    assert (scan.state, scan.problem) == (ScanState.FAILED, "BrokenOff")


def test_pairs_that_somebody_added_stay(sandbox: SandboxServer, steward: User) -> None:
    plant(sandbox)
    scanned(COUNTERPARTIES, steward)
    row = {"entity": "counterparties", "score": -900, "found_at": timezone.now(), "added_by": steward}
    added = Likeness.objects.create(a="20", b="21", **row)
    found = Likeness.objects.get(a="5", b="6")
    Likeness.objects.filter(pk=found.pk).update(added_by=steward)
    sandbox.patch_row("counterparties", 6, {"displayName": "Gripsholm Optik IV A/S"})
    scanned(COUNTERPARTIES, steward)
    assert kept(COUNTERPARTIES)["20", "21"] == (_score("20", "21"), "")
    added.refresh_from_db()
    assert added.added_by == steward
    again = Likeness.objects.get(a="5", b="6")
    assert (again.pk, again.added_by, again.found_at) == (found.pk, steward, found.found_at)
    assert again.score < found.score


def test_a_pair_that_is_kept_by_hand_alone_is_no_sure_one(sandbox: SandboxServer, steward: User) -> None:
    plant(sandbox)
    scanned(COUNTERPARTIES, steward)
    Likeness.objects.filter(a="5", b="6").update(added_by=steward, tier="sure")
    sandbox.patch_row("counterparties", 6, {"displayName": "Quite another", "corporateWebsiteUrl": None})
    index.refresh(COUNTERPARTIES)
    duplicates.look_again(COUNTERPARTIES)
    assert kept(COUNTERPARTIES)["5", "6"] == (_score("5", "6"), "")
    Likeness.objects.filter(a="5", b="6").update(score=900, tier="sure")
    scanned(COUNTERPARTIES, steward)
    assert kept(COUNTERPARTIES)["5", "6"] == (_score("5", "6"), "")


def _score(a: str, b: str) -> int:
    found = duplicates.explained(COUNTERPARTIES, a, b)
    assert found is not None
    return found.score


def test_what_is_gone_is_forgotten(sandbox: SandboxServer, steward: User) -> None:
    plant(sandbox)
    scanned(COUNTERPARTIES, steward)
    assert ("5", "6") in kept(COUNTERPARTIES)
    sandbox.delete_row("counterparties", "6")
    scanned(COUNTERPARTIES, steward)
    assert not [pair for pair in kept(COUNTERPARTIES) if "6" in pair]
    assert not Block.objects.filter(entity="counterparties", key="6").exists()
    assert not Compared.objects.filter(entity="counterparties", key="6").exists()


def test_a_scan_of_the_same_records_writes_nothing_anew(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    tables = (Block, Compared, Likeness)
    before = [sorted(table.objects.values_list("pk", flat=True)) for table in tables]
    scanned(COUNTERPARTIES, steward)
    assert [sorted(table.objects.values_list("pk", flat=True)) for table in tables] == before


def test_the_worker_asks_by_itself_where_it_is_due(
    sandbox: SandboxServer, settings: LazySettings, steward: User
) -> None:
    settings.DUPLICATES_SCAN = "auto"
    duplicates.ask_when_due()
    assert not Scan.objects.exists()  # nothing is read yet
    index.refresh(COUNTERPARTIES)
    duplicates.ask_when_due()
    assert [(scan.entity, scan.asked_by) for scan in Scan.objects.all()] == [("counterparties", None)]
    duplicates.work()
    duplicates.ask_when_due()
    assert Scan.objects.count() == 1
    for number in range(4):  # of 80: 5 per cent, and no more
        sandbox.add_row("counterparties", {"displayName": f"Newcomer {number}", "type": "supplier"})
    index.refresh(COUNTERPARTIES)
    duplicates.look_due()
    duplicates.ask_when_due()
    assert Scan.objects.count() == 1
    sandbox.add_row("counterparties", {"displayName": "The last straw", "type": "supplier"})
    index.refresh(COUNTERPARTIES)
    duplicates.look_due()
    assert duplicates.due(COUNTERPARTIES)
    duplicates.ask_when_due()
    assert Scan.objects.count() == 2


def test_another_fit_of_the_weights_asks_for_a_scan(steward: User) -> None:
    scanned(CLIENTS, steward)
    assert not duplicates.due(CLIENTS)
    Scan.objects.update(fit="another")
    assert duplicates.due(CLIENTS)


def test_left_to_people_it_never_asks_by_itself(settings: LazySettings, sandbox: SandboxServer) -> None:
    settings.DUPLICATES_SCAN = "manual"
    index.refresh(CLIENTS)
    call_command("worker", "--once")
    assert not Scan.objects.exists()


def test_no_record_is_ever_found_on_the_disk(
    steward: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: set[str] = set()
    listen = comparing._listen

    def look_around(*args: Any) -> Any:
        met.update(path.name for path in Path(settings.DATA_DIR).iterdir())
        return listen(*args)

    monkeypatch.setattr(comparing, "_listen", look_around)
    scanned(CLIENTS, steward)
    met.update(path.name for path in Path(settings.DATA_DIR).iterdir())
    assert met <= {"audit-anchors.log"}


def test_fields_that_the_list_leaves_out_are_not_compared(sandbox: SandboxServer, steward: User) -> None:
    index.refresh(COUNTERPARTIES)
    Snapshot.objects.filter(entity="counterparties").update(missing=["corporateWebsiteUrl"])
    scan = scanned(COUNTERPARTIES, None)
    assert scan.context["unknown"] == ["corporateWebsiteUrl"]
    assert {record.url for record, _digest in duplicates.frozen(COUNTERPARTIES).held()} == {""}
