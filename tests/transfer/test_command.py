"""`manage.py jobs plan --sheet`: an edited sheet becomes a plan from a shell, as it does on its page."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backoffice.models import Job, User
from backoffice.sandbox.server import SandboxServer
from tests.transfer.conftest import Make

pytestmark = pytest.mark.django_db(transaction=True)


def say(*words: str) -> str:
    out = io.StringIO()
    call_command("jobs", *words, stdout=out)
    return out.getvalue()


def test_an_edited_sheet_is_planned_and_applied(sheet: Make, sandbox: SandboxServer, tmp_path: Path) -> None:
    book = sheet()
    book.put(2, "Due days", 77)
    file = tmp_path / "edited.xlsx"
    file.write_bytes(book.saved())
    job = say("plan", "clients", "--sheet", str(file), "--reason", "From sales", "--as", "steward").split()[0]
    sandbox.clear_log()
    say("apply", job, "--inline")
    found = json.loads(say("show", job, "--json"))
    assert [(row["id"], row["outcome"], row["after"]) for row in found["rows"]] == [
        ("2", "changed", {"dueDays": 77})
    ]
    assert found["reason"] == "From sales"
    assert [each["body"] for each in sandbox.requests if each["method"] == "PATCH"] == [{"dueDays": 77}]


def test_what_cannot_be_a_sheet_is_refused(sandbox: SandboxServer, steward: User, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("id;name\n1;x\n")
    for words, sentence in (
        (("--sheet", str(file)), "."),
        (("--sheet", str(tmp_path / "gone.xlsx")), "cannot be read"),
        (("--sheet", str(file), "--set", "dueDays=1"), "nothing else"),
    ):
        with pytest.raises(CommandError, match=sentence):
            say("plan", "clients", *words, "--as", "steward")
    assert Job.objects.count() == 0
