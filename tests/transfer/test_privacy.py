"""A person who was redacted is in no sheet that comes back; sheets whose time is over go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from backoffice.models import Sheet, SheetRow, SheetUpload, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import privacy, transfer
from tests.conftest import Login
from tests.privacy.tables import where
from tests.transfer.conftest import Make
from tests.transfer.sheets import refusal, upload

pytestmark = pytest.mark.django_db(transaction=True)
HER = {"name": "Åse Ørsted-Testsen", "email": "aase@ny.example", "phone": "+45 12 34 56 78"}


def redact(entity: str = "contacts", key: str = "1") -> dict[str, int]:
    return privacy.redact(actor=None, actor_name="test", entity=entity, key=key, reason="request 14")


@pytest.fixture
def her(sandbox: SandboxServer) -> SandboxServer:
    sandbox.patch_row("client-contacts", 1, HER)
    return sandbox


def test_a_sheet_that_holds_the_person_is_used_no_more(her: SandboxServer, sheet: Make, steward: User) -> None:
    book, other = sheet("contacts", (1, 2)), sheet("contacts", (3, 4))
    book.put(2, "Title", "Boss")
    transfer.keep(upload(steward, book.saved(), "contacts"), file_name="x.xlsx")
    assert privacy.preview(entity="contacts", key="1").counts["sheets"] == 1
    assert redact()["sheets"] == 1
    assert "A person in this sheet was redacted" in refusal(steward, book.saved(), "contacts")
    assert (SheetRow.objects.count(), SheetUpload.objects.count()) == (2, 0)
    assert upload(steward, other.saved(), "contacts").lines == []
    assert [line for text in HER.values() for line in where(text)] == []
    assert redact()["sheets"] == 0


def test_a_new_record_that_is_the_person(her: SandboxServer, sheet: Make, steward: User) -> None:
    book = sheet("contacts", (3, 4))
    book.append(**{"Name": HER["name"], "E-mail": HER["email"], "Type": "invoice"})
    transfer.keep(upload(steward, book.saved(), "contacts"), file_name="x.xlsx")
    assert where(HER["email"])
    assert redact()["sheets"] == 1
    assert [line for text in HER.values() for line in where(text)] == []


def test_names_of_related_records_are_not_kept(sandbox: SandboxServer, sheet: Make, steward: User) -> None:
    sandbox.patch_row("counterparties", 3, {"displayName": "Ullas Firma"})
    sandbox.patch_row("clients", 1, {"defaultCost": "3"})
    book = sheet()
    assert book.cell(1, "Default cost").value == "Ullas Firma"
    assert not [line for line in where("Ullas Firma") if "sheetrow" in line.split(":")[0]]
    sandbox.patch_row("counterparties", 3, {"displayName": "Another name by now"})
    assert upload(steward, book.saved()).lines == []


def test_the_worker_deletes_what_has_expired(sandbox: SandboxServer, sheet: Make, steward: User) -> None:
    book = sheet()
    book.put(1, "Due days", 99)
    kept = transfer.keep(upload(steward, book.saved()), file_name="x.xlsx")
    SheetUpload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert transfer.kept(owner=steward, upload_id=kept.pk) is None
    call_command("worker", "--once")
    assert (SheetUpload.objects.count(), Sheet.objects.count()) == (0, 1)
    Sheet.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert privacy.due()["sheets"] == 1
    call_command("worker", "--once")
    assert (Sheet.objects.count(), SheetRow.objects.count()) == (0, 0)


def test_a_failed_sheet_keeps_nothing(her: SandboxServer, login: Login) -> None:
    browser: Client = login("steward")
    browser.post("/clients/selection/", {"add": ["1", "2"]}, headers={"HX-Request": "true"})
    asked = browser.post("/clients/selection/sheet/")["Location"].split("?")[0]
    her.fault("status", method="GET", path="/clients/2", status=500, times=None)
    answer = browser.post(asked, {"format": "sheet", "columns": "all"})
    assert answer.status_code == 303
    assert "There is no file: it could not be made." in browser.get(answer["Location"]).content.decode()
    assert (Sheet.objects.count(), SheetRow.objects.count()) == (0, 0)
