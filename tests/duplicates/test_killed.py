"""A worker killed in the middle of a scan: another makes it, with the same result; nobody is left comparing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backoffice.models import DuplicateGroup, Scan, ScanState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates
from tests.engine.conftest import Start, wait_for

from .cast import COUNTERPARTIES, found_by_all, kept
from .worker import PLACES

pytestmark = pytest.mark.django_db(transaction=True)


def comparing(tmp_path: Path) -> list[str]:
    """Processes that compare for a back office with this data folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"BACKOFFICE_DATA_DIR={tmp_path}".encode() in (folder / "environ").read_bytes()
            if ours and b"backoffice.matching" in (folder / "cmdline").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


@pytest.mark.parametrize("place", PLACES)
def test_another_worker_makes_it(
    sandbox: SandboxServer, person: Callable[[str], User], start: Start, tmp_path: Path, place: str
) -> None:
    scan = duplicates.ask(actor=person("steward"), resource=COUNTERPARTIES)
    first = start(place, module="tests.duplicates.worker")
    assert first.end() == -9, first.output
    scan.refresh_from_db()
    assert (scan.state, scan.attempts, scan.finished_at) == (ScanState.RUNNING, 1, None)
    assert duplicates.in_force(COUNTERPARTIES) is None
    assert DuplicateGroup.objects.exists() == (place == "grouping")
    second = start(module="tests.duplicates.worker")
    wait_for(lambda: Scan.objects.get().state == ScanState.DONE, "the end of the scan", second)
    assert kept(COUNTERPARTIES) == found_by_all(COUNTERPARTIES)
    made = sorted(DuplicateGroup.objects.values_list("pk", "score", "size"))
    assert made
    duplicates.rebuild(COUNTERPARTIES)
    assert sorted(DuplicateGroup.objects.values_list("pk", "score", "size")) == made
    assert Scan.objects.get().attempts == 2
    wait_for(lambda: not comparing(tmp_path), "the end of those who compare", second)
    assert second.stop() == 0, second.output
