"""The trail notices what was altered, removed or cut off, and forgets what must be forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from backoffice.models import AuditEntry, AuditHead, User
from backoffice.models.audit import AppendOnly
from backoffice.services import audit, history

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _trail(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.AUDIT_ANCHOR_EVERY = 3
    for number in range(1, 8):
        audit.append(
            action="clients.update",
            outcome="changed",
            entity="clients",
            key=str(number),
            label=f"Client {number}",
            changes={"dueDays": (14, number)},
        )


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def found() -> list[tuple[int, str]]:
    return [(finding.seq, finding.what) for finding in audit.verify()]


def test_an_untouched_trail_verifies() -> None:
    assert found() == []


@pytest.mark.parametrize(
    "column",
    ["actor_name = 'x'", "outcome = 'x'", "entity = 'x'", "key = '9'", "request_id = 'x'", "detail = 'x'"],
)
def test_an_altered_fact_is_found(column: str) -> None:
    sql(f"UPDATE backoffice_auditentry SET {column} WHERE seq = 4")
    assert (4, "altered") in found()


def test_an_altered_value_is_found() -> None:
    entry = AuditEntry.objects.get(seq=4)
    entry.values["dueDays.after"]["value"] = 99
    with connection.cursor() as cursor:
        cursor.execute('UPDATE backoffice_auditentry SET "values" = %s WHERE seq = 4', [json.dumps(entry.values)])
    assert found() == [(4, "altered")]


def test_a_removed_entry_is_found() -> None:
    sql("DELETE FROM backoffice_auditentry WHERE seq IN (3, 4)")
    assert found() == [(3, "removed")]


def test_a_cut_off_end_is_found() -> None:
    sql("DELETE FROM backoffice_auditentry WHERE seq > 5")
    assert found() == [(6, "cut_off")]


def test_a_cut_off_end_with_the_recorded_end_rewound_is_found_by_the_anchors() -> None:
    last = AuditEntry.objects.get(seq=5)
    sql("DELETE FROM backoffice_auditentry WHERE seq > 5")
    AuditHead.objects.update(seq=last.seq, mac=last.mac)
    assert found() == [(6, "cut_off")]


def test_a_chain_made_anew_with_another_key_is_found(settings: Any) -> None:
    settings.AUDIT_KEY = "another key, as a thief of the database would have to make up"
    assert {what for _, what in found()} == {"altered"}


def test_redaction_drops_the_value_and_keeps_the_chain() -> None:
    audit.redact(AuditEntry.objects.get(seq=4), ["label", "dueDays.after"])
    entry = AuditEntry.objects.get(seq=4)
    assert entry.label == ""
    assert "dueDays.after" not in entry.values
    assert "dueDays.before" in entry.values
    assert found() == []


def test_the_orm_changes_and_deletes_nothing() -> None:
    entry = AuditEntry.objects.get(seq=2)
    for attempt in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(outcome="x"),
        lambda: AuditEntry.objects.bulk_update([entry], ["outcome"]),
        lambda: AuditEntry.objects.bulk_create([entry]),
    ):
        with pytest.raises(AppendOnly):
            attempt()


def test_the_command_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit_verify")
    assert "Intact: 7 entries, 3 anchors." in capsys.readouterr().out
    sql("DELETE FROM backoffice_auditentry WHERE seq = 2")
    with pytest.raises(SystemExit) as stopped:
        call_command("audit_verify")
    assert stopped.value.code == 1
    assert "entry 2: removed: entry 2 missing" in capsys.readouterr().out


@pytest.mark.parametrize(("role", "seen"), [("viewer", {"clients.update", "auth.logout"}), ("admin", None)])
def test_other_peoples_sign_ins_are_for_admins(
    person: Callable[[str], User], role: str, seen: set[str] | None
) -> None:
    viewer = person(role)
    audit.append(action="auth.login", outcome="ok", actor=person("steward"))
    audit.append(action="auth.logout", outcome="ok", actor=viewer)
    shown = {entry.action for entry in history.everything(viewer=viewer, filters={}).entries}
    assert shown == (seen or {"clients.update", "auth.logout", "auth.login"})
    assert set(history.actions(viewer)) == shown
