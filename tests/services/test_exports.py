"""Exports behind the scenes: taken over, stopped, expired, forgotten. Nothing here waits for a clock."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from backoffice.models import AuditEntry, Export, ExportFormat, ExportState, User
from backoffice.resources import PAGES
from backoffice.resources.criteria import Criterion, Operator
from backoffice.sandbox.server import SandboxServer
from backoffice.services import exports, index
from backoffice.services.reading import ListQuery

pytestmark = pytest.mark.django_db(transaction=True)
Order = Callable[..., Export]


@pytest.fixture
def order(sandbox: SandboxServer, person: Callable[[str], User], monkeypatch: pytest.MonkeyPatch) -> Order:
    """Asks for all of an entity; `at_once` as a small one is made, else for the worker."""

    def ask(slug: str = "clients", *, at_once: bool = False, criteria: tuple[Criterion, ...] = ()) -> Export:
        monkeypatch.setattr("backoffice.services.exports.requests.SMALL", 2_000 if at_once else 10)
        return exports.request(
            actor=person("viewer"),
            resource=PAGES[slug],
            source=exports.of_list(ListQuery(criteria=criteria), ""),
            title=slug,
            columns=(),
            file_format=ExportFormat.CSV,
            language="en",
        )

    return ask


@pytest.fixture
def folder(settings: LazySettings, sandbox: SandboxServer) -> Path:
    return Path(settings.DATA_DIR) / "exports"


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def ago(**parts: int) -> object:
    return timezone.now() - timedelta(**parts)


def test_the_worker_makes_what_waits_in_its_order(order: Order, folder: Path) -> None:
    first, second = order(), order("contacts")
    call_command("worker", "--once")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.rows, first.total) == (ExportState.DONE, 120, 120)
    assert second.state == ExportState.DONE
    assert first.finished_at
    assert second.finished_at
    assert first.finished_at <= second.finished_at
    assert {first.file, second.file} == files(folder)
    assert (folder / first.file).stat().st_size == first.size
    assert (first.lease_owner, first.lease_until) == ("", None)


def test_one_whose_maker_was_killed_is_made_anew(order: Order, folder: Path) -> None:
    export = order()
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "left.part").write_text("half")
    Export.objects.update(
        state=ExportState.RUNNING, file="left", rows=60, attempts=1, lease_owner="dead", lease_until=ago(seconds=1)
    )
    assert exports.work() == 1
    export.refresh_from_db()
    assert (export.state, export.rows, export.attempts) == (ExportState.DONE, 120, 2)
    assert len((folder / export.file).read_text().splitlines()) == 121
    exports.expire()
    assert files(folder) == {export.file}


def test_one_that_somebody_makes_is_left_alone(order: Order, folder: Path) -> None:
    export = order()
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "theirs.part").write_text("half")
    Export.objects.update(
        state=ExportState.RUNNING,
        file="theirs",
        lease_owner="other",
        lease_until=timezone.now() + timedelta(minutes=1),
    )
    assert exports.work() == 0
    exports.expire()
    export.refresh_from_db()
    assert export.state == ExportState.RUNNING
    assert files(folder) == {"theirs.part"}


def test_one_that_kills_its_makers_is_given_up(order: Order) -> None:
    export = order()
    Export.objects.update(state=ExportState.RUNNING, attempts=3, lease_owner="dead", lease_until=ago(seconds=1))
    assert exports.work() == 0
    export.refresh_from_db()
    assert (export.state, export.problem) == (ExportState.FAILED, "BrokenOff")


def during(times: int, deed: Callable[[], bool]) -> Callable[[], bool]:
    """A word to the maker at its `times`-th look around; what `deed` returns is whether it is to end."""
    looks = 0

    def look() -> bool:
        nonlocal looks
        looks += 1
        return deed() if looks == times else False

    return look


def test_stopped_while_it_is_made(order: Order, folder: Path) -> None:
    export = order()
    exports.work(during(60, lambda: not exports.stop(export)))
    export.refresh_from_db()
    assert export.state == ExportState.STOPPED
    assert files(folder) == set()
    assert not AuditEntry.objects.filter(action="clients.export").exists()


def test_an_open_query_does_not_forbid_to_write_down_how_it_ended(
    order: Order, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite whoever reads cannot write once somebody else has written."""
    index.refresh(PAGES["clients"])
    monkeypatch.setattr("backoffice.services.index.query._CHUNK", 10)
    export = order(criteria=(Criterion("name", Operator.EMPTY, ("false",)),))

    def somebody_else_writes() -> None:
        User.objects.filter(username="viewer").update(first_name="Else")
        connection.close()

    def end() -> bool:
        thread = threading.Thread(target=somebody_else_writes)
        thread.start()
        thread.join()
        return True

    looks = itertools.count()
    exports.work(lambda: (at := next(looks)) >= 60 and (at > 60 or end()))
    export.refresh_from_db()
    assert export.read_at is not None
    assert (export.state, export.attempts, export.lease_until) == (ExportState.WAITING, 0, None)
    assert files(folder) == set()


def test_a_worker_that_is_to_end_leaves_it_to_the_next(order: Order, folder: Path) -> None:
    export = order()
    looks = itertools.count()
    exports.work(lambda: next(looks) >= 60)
    export.refresh_from_db()
    assert (export.state, export.attempts, export.lease_until) == (ExportState.WAITING, 0, None)
    assert files(folder) == set()
    exports.work()
    export.refresh_from_db()
    assert export.state == ExportState.DONE


def test_whoever_lost_it_leaves_nothing(order: Order, folder: Path) -> None:
    """The lease went to another: what the slow one finishes is not offered."""
    export = order()
    theirs = {"lease_owner": "other", "lease_until": timezone.now() + timedelta(minutes=1), "file": "theirs"}
    exports.work(during(60, lambda: not Export.objects.update(**theirs)))
    export.refresh_from_db()
    assert (export.state, export.lease_owner, export.file) == (ExportState.RUNNING, "other", "theirs")
    assert files(folder) == set()


def test_deleted_while_it_is_made(order: Order, folder: Path) -> None:
    export = order()
    exports.work(during(60, lambda: bool(exports.delete(export))))
    assert not Export.objects.exists()
    assert files(folder) == set()


def test_it_expires(order: Order, folder: Path, settings: LazySettings) -> None:
    settings.KEEP_EXPORTS_DAYS = 2
    old, young = order(at_once=True), order("contacts", at_once=True)
    assert old.finished_at
    assert old.expires_at - old.finished_at == timedelta(days=2)
    Export.objects.filter(pk=old.pk).update(expires_at=ago(seconds=1))
    old.refresh_from_db()
    assert exports.download(old) is None
    assert exports.expire() == 1
    assert list(Export.objects.all()) == [young]
    assert files(folder) == {young.file}


def test_what_waits_does_not_expire(order: Order) -> None:
    order()
    Export.objects.update(expires_at=ago(days=1))
    assert exports.expire() == 0
    assert exports.work() == 1
    assert Export.objects.get().ready


def test_forgetting_an_entity(order: Order, folder: Path) -> None:
    order(at_once=True)
    kept = order("contacts", at_once=True)
    assert exports.forget("clients") == 1
    assert list(Export.objects.all()) == [kept]
    assert files(folder) == {kept.file}


def test_forgetting_while_it_is_made_begins_anew(order: Order, sandbox: SandboxServer, folder: Path) -> None:
    """The rows that were read before the redaction are in no file."""
    export = order()

    def redacted() -> bool:
        sandbox.patch_row("clients", 1, {"name": "Redacted"})
        exports.forget("clients")
        return False

    exports.work(during(60, redacted))
    export.refresh_from_db()
    assert export.state == ExportState.DONE
    assert "\n1,Redacted," in (folder / export.file).read_text()
    assert files(folder) == {export.file}


def test_a_disk_that_is_full(order: Order, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    export = order()
    monkeypatch.setattr("backoffice.services.sheets.write_csv", full)
    exports.work()
    export.refresh_from_db()
    assert (export.state, export.problem) == (ExportState.FAILED, "Internal")
    assert files(folder) == set()


def test_names_that_nobody_knows_are_numbers(order: Order, sandbox: SandboxServer, folder: Path) -> None:
    """A file costs a bounded number of requests, whatever its rows refer to."""
    sandbox.fault("status", path="/counterparties*", status=403, times=None)
    export = order(at_once=True)
    assert export.state == ExportState.DONE
    heads, *rows = (folder / export.file).read_text().splitlines()
    assert "Default cost" in heads
    assert len(rows) == 120
