"""The sheet comes back: what was touched is found, and nothing else."""

from __future__ import annotations

import pytest

from backoffice.models import User
from backoffice.sandbox.server import SandboxServer
from tests.transfer.conftest import Make
from tests.transfer.sheets import NUMBER, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("slug", ["clients", "counterparties", "contacts"])
def test_an_untouched_sheet_changes_nothing(sheet: Make, steward: User, slug: str) -> None:
    book = sheet(slug, range(1, 40))
    for content in (book.original, book.saved()):
        found = upload(steward, content, slug)
        assert (found.lines, found.problems(), found.notes) == ([], [], [])
        assert found.rows_read == book.page.max_row - 1 > 1


def test_touched_cells_are_told_with_what_stood_there(sandbox: SandboxServer, sheet: Make, steward: User) -> None:
    sandbox.patch_row("clients", 2, {"dueDays": 14, "addressCity": "Aarhus", "tin": "00123456"})
    book = sheet()
    assert book.headers[0] == NUMBER
    book.put(2, "Due days", 30)
    book.put(2, "City", None)
    book.put(3, "Currency", "PLN" if book.cell(3, "Currency").value != "PLN" else "EUR")
    found = upload(steward, book.saved())
    assert found.problems() == []
    second = next(line for line in found.lines if line.key == "2")
    assert second.changes == {"dueDays": 30, "addressCity": None}
    assert second.base == {"dueDays": 14, "addressCity": "Aarhus"}
    assert second.number == book.line(2)
    third = next(line for line in found.lines if line.key == "3")
    assert list(third.changes) == ["currency"]
    assert third.changes["currency"].startswith("/currencies/")
    assert (found.cells, found.created, len(found.lines)) == (3, 0, 2)
