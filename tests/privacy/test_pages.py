"""What an admin meets: found, shown, asked why, refused where it must be, recorded; and the command."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from backoffice.models import AuditEntry, Job, JobState, Label
from backoffice.sandbox.server import SandboxServer
from backoffice.services import privacy
from tests.conftest import Login
from tests.privacy.cast import ANNA, OLD, PAGE, left, redact, redacted
from tests.privacy.tables import everything
from tests.records.pages import read, said


def test_looked_up_before_asked_why_and_recorded(lived: SandboxServer, login: Login) -> None:
    admin, verbs = login("admin"), AuditEntry.objects.filter(action="privacy.redact")
    before = everything()
    page = read(admin.get(PAGE)).text
    assert "What is kept here and would be redacted" in page
    assert "The record is still there" in page
    assert "can then no longer be undone from the copy" in page
    assert redact(admin, reason="").status_code == 422
    assert redact(admin, sure="").status_code == 422
    assert redact(admin, reason=f"asked by {ANNA['name'].upper()}").status_code == 422
    assert not verbs.exists()
    assert everything() == before
    assert said(redact(admin)) != ""
    entry = verbs.get()
    assert (entry.entity, entry.key, entry.actor_name, entry.label) == ("contacts", "1", "admin", "")
    assert entry.values["reason.after"]["value"] == "request 14"
    assert "steps=" in entry.detail
    done = read(admin.get(PAGE)).text
    assert "request 14" in done
    assert "Steps of jobs, with copies of deleted records" in done
    assert "redacted" in read(login("viewer").get("/history/")).text
    assert "request 14" in read(login("viewer").get("/history/")).text
    redact(admin)
    assert verbs.count() == 2
    assert verbs.first().detail == ""  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "state", [state for state in JobState if state not in ("done", "failed", "refused", "withdrawn", "expired")]
)
def test_a_job_in_flight_is_waited_for(lived: SandboxServer, login: Login, state: JobState) -> None:
    job = Job.objects.filter(entity="clients").get()  # it holds her within its client
    Job.objects.filter(pk=job.pk).update(state=state)
    admin, before = login("admin"), len(left())
    assert f"/jobs/{job.pk}/" in admin.get(PAGE).content.decode()
    answer = redact(admin)
    assert answer.status_code == 409
    assert "has not ended yet" in answer.content.decode()
    assert len(left()) == before
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    assert redact(admin).status_code == 303
    assert left() == []


def test_the_name_is_kept_again_where_the_record_still_is(anna: SandboxServer, login: Login) -> None:
    admin = login("admin")
    admin.get("/contacts/1/")
    redact(admin)
    assert left() == []
    admin.get("/contacts/1/")
    assert Label.objects.get(entity="contacts", key="1").label == OLD["name"]


def test_without_flowtly(lived: SandboxServer, login: Login) -> None:
    lived.fault("status", status=503, times=None)
    admin = login("admin")
    assert "It cannot be asked now" in admin.get(PAGE).content.decode()
    redact(admin)
    assert left() == []


@pytest.mark.parametrize("address", ["/privacy/cats/1/", "/privacy/users/987/", "/privacy/users/x/"])
def test_no_such_person(sandbox: SandboxServer, login: Login, address: str) -> None:
    assert login("admin").get(address).status_code == 404
    assert redact(login("admin"), address).status_code == 404


def test_from_the_records_page(anna: SandboxServer, login: Login) -> None:
    assert PAGE in read(login("admin").get("/contacts/1/")).links
    assert PAGE not in read(login("steward").get("/contacts/1/")).links
    assert "/privacy/" in read(login("admin").get("/")).links


def test_found_by_text_and_by_number(lived: SandboxServer, login: Login) -> None:
    admin = login("admin")
    for text in (ANNA["email"], "åse ørsted", "vagtmester", "førhen"):
        answer = admin.post("/privacy/", {"find": "text", "text": text})
        assert PAGE in read(answer).links, text
    assert (
        "Nothing is kept with this text"
        in admin.post("/privacy/", {"find": "text", "text": "xy"}).content.decode()
    )
    there = admin.post("/privacy/", {"find": "key", "entity": "contacts", "key": "1"})
    assert there["Location"] == PAGE
    assert admin.post("/privacy/", {"find": "key", "entity": "cats", "key": "1"}).status_code == 422
    assert admin.post("/privacy/", {"find": "text", "text": "a\x00b"}).status_code == 422


def test_the_command(lived: SandboxServer, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything()
    call_command("redact", "contacts", "1", "--dry-run")
    assert "Nothing was changed." in capsys.readouterr().out
    assert everything() == before
    with pytest.raises(CommandError, match="Say why"):
        call_command("redact", "contacts", "1")
    call_command("redact", "contacts", "1", "--reason", "request 14")
    assert "Done and recorded." in capsys.readouterr().out
    assert left() == []
    assert AuditEntry.objects.get(action="privacy.redact").actor_name.startswith("command line")


def test_what_failed_half_way_is_recorded_and_done_again(
    lived: SandboxServer, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(person: privacy.Person) -> int:
        raise OSError("the disk is full")

    stores = (*privacy.STORES[:2], privacy.Store("broken", "broken", lambda person: 0, fails))
    monkeypatch.setattr("backoffice.services.privacy.redaction.STORES", stores)
    with pytest.raises(OSError, match="disk"):
        redacted()
    entry = AuditEntry.objects.get(action="privacy.redact")
    assert (entry.outcome, "steps=" in entry.detail) == ("failed", True)
    monkeypatch.undo()
    redacted()
    assert left() == []
