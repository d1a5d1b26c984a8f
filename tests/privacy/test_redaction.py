"""One person, redacted everywhere: nothing of them is left in any table, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from backoffice.models import Approval, AuditEntry, Job, JobState, Label, Outcome, Redacted, Step, StepState, User
from backoffice.resources import PAGES, REGISTRY
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, edits, jobs, privacy
from backoffice.services.operations import StepPlan
from backoffice.services.reading import get_record
from tests.conftest import Login
from tests.privacy.tables import everything, where
from tests.records.pages import form_of, read, said, submit

Person = Callable[[str], User]
ANNA = {
    "name": "Åse Ørsted-Testsen",
    "email": "aase@ny.example",
    "title": "Vagtmester",
    "phone": "+45 12 34 56 78",
}
OLD = {"name": "Åse Førhen", "email": "foerhen@ny.example"}
HERS = [*ANNA.values(), *OLD.values()]
PAGE = "/privacy/contacts/1/"
CONFIRMED = {"reason": "request 14", "sure": "on"}


@pytest.fixture
def anna(sandbox: SandboxServer) -> SandboxServer:
    """A contact whose client is shown with its contacts whole."""
    sandbox.set_profile(embed_contacts=True)
    sandbox.patch_row("client-contacts", 1, {**ANNA, **OLD})
    return sandbox


@pytest.fixture
def lived(anna: SandboxServer, login: Login) -> SandboxServer:
    """The contact was changed and her client too; one more with her name was refused by Flowtly."""
    steward = login("steward")
    steward.get("/contacts/1/")
    submit(steward, "/clients/1/edit/", dueDays="33")
    anna.fault("status", method="POST", path="/client-contacts", status=422, times=1, body="problem")
    address = "/contacts/new/?client=/clients/1"
    steward.post(address, {**form_of(steward, address), **ANNA, "type": "invoice"})
    submit(steward, "/contacts/1/edit/", **{k: v for k, v in ANNA.items() if k in OLD})
    return anna


def redact(browser: Client, page: str = PAGE, **typed: str) -> Any:
    return browser.post(page, {**CONFIRMED, **typed})


def left() -> list[str]:
    return [line for text in HERS for line in where(text)]


def test_nothing_of_her_is_left_in_any_table(lived: SandboxServer, login: Login) -> None:
    admin = login("admin")
    assert {line.split(":")[0] for line in left()} >= {
        "backoffice_step",
        "backoffice_auditentry",
        "backoffice_label",
        "backoffice_job",
        "session",
    }
    assert redact(admin).status_code == 303
    assert left() == []
    assert audit.verify() == []
    assert "33" in str(Step.objects.get(entity="clients").changes)


def test_what_was_deleted_and_created_again_is_the_same_person(anna: SandboxServer, login: Login) -> None:
    steward = login("steward")
    steward.post("/contacts/1/delete/", form_of(steward, "/contacts/1/delete/"))
    page = steward.get(f"/jobs/{Job.objects.get().pk}/undo/")
    seen = page.content.decode().split('name="seen" value="')[1].split('"')[0]
    key = steward.post(page.wsgi_request.path, {"seen": seen})["Location"].split("/")[2]
    steward.get(f"/contacts/{key}/")
    admin = login("admin")
    for address in (PAGE, f"/privacy/contacts/{key}/"):
        assert "created again from the copy" in admin.get(address).content.decode()
    redact(admin, f"/privacy/contacts/{key}/")
    assert [line for text in OLD.values() for line in where(text)] == []
    assert audit.verify() == []


def test_embedded_in_her_clients_steps_by_number_alone(anna: SandboxServer, person: Person) -> None:
    job = _save(person("editor"), "clients", "1", dueDays=33)
    step = Step.objects.get(phase__job=job)
    neighbour = {"id": 11, "name": "Bo Anden", "email": "bo@ny.example"}
    step.before["clientContacts"] = [{"id": 1, **ANNA}, neighbour]
    step.context = {"other": {"main": {"@id": "/api/client-contacts/1", **ANNA}}}
    step.save()
    assert _redact() >= 1
    step.refresh_from_db()
    assert [line for text in ANNA.values() for line in where(text)] == []
    assert neighbour in step.before["clientContacts"]
    assert step.redacted == Redacted.NO
    assert edits.undoable(job)


def test_a_copy_of_a_deleted_record_goes_and_cannot_be_created_again(anna: SandboxServer, login: Login) -> None:
    steward = login("steward")
    steward.post("/contacts/1/delete/", form_of(steward, "/contacts/1/delete/"))
    job = Job.objects.get()
    undo = f"/jobs/{job.pk}/undo/"
    seen = steward.get(undo).content.decode().split('name="seen" value="')[1].split('"')[0]
    redact(login("admin"))
    assert left() == []
    anna.clear_log()
    refused = steward.post(undo, {"seen": seen})
    assert refused.status_code == 409
    assert "can no longer be undone from the copy" in read(refused).text
    assert steward.get(undo).status_code == 409
    assert undo not in steward.get("/contacts/1/").content.decode()
    assert undo not in steward.get("/history/").content.decode()
    assert "Values were redacted" in read(steward.get(f"/jobs/{job.pk}/")).text
    assert [entry for entry in anna.requests if entry["method"] != "GET"] == []


def test_an_edit_can_no_longer_be_undone(anna: SandboxServer, login: Login) -> None:
    editor = login("editor")
    submit(editor, "/contacts/1/edit/", email="ny@ny.example")
    job = Job.objects.get()
    assert edits.undoable(job)
    redact(login("admin"))
    anna.clear_log()
    assert not edits.undoable(job)
    with pytest.raises(edits.NotUndoable):
        edits.undo(actor=User.objects.get(username="editor"), job=job, nonce="n", request_id="r")
    assert editor.post(f"/jobs/{job.pk}/undo/").status_code == 409
    assert anna.requests == []


def test_what_was_not_hers_can_still_be_undone(anna: SandboxServer, person: Person) -> None:
    job = _save(person("editor"), "contacts", "1", position=44)
    _redact()
    assert left() == []
    assert edits.undoable(job)
    edits.undo(actor=person("editor"), job=job, nonce="n", request_id="r")
    patch = next(
        entry for entry in anna.requests if entry["method"] == "PATCH" and entry["body"]["position"] != 44
    )
    assert set(patch["body"]) == {"position"}


def test_no_mark_ever_reaches_flowtly(anna: SandboxServer, person: Person) -> None:
    """Not by a plan made of redacted values, and not by a step that was stored before they went."""
    job = _save(person("editor"), "contacts", "1", email="ny@ny.example")
    _redact()
    step = Step.objects.get(phase__job=job)
    anna.clear_log()
    plan = StepPlan(verb="update", entity="contacts", key="1", base=step.base, changes=step.changes)
    with pytest.raises(jobs.RedactedPlan):
        _store(person("editor"), plan)
    Step.objects.update(state=StepState.PLANNED, outcome="")
    Job.objects.update(state=JobState.PLANNED)
    jobs.run(Job.objects.get())
    step.refresh_from_db()
    assert step.outcome == Outcome.NOT_WRITTEN
    assert anna.requests == []


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


def test_reasons_comments_and_fingerprints_go_with_it(anna: SandboxServer, person: Person) -> None:
    job = _save(person("editor"), "contacts", "1", email="ny@ny.example")
    Job.objects.update(reason=f"{OLD['name']} called")
    Approval.objects.create(
        job=job, fingerprint=job.fingerprint, expires_at=job.created_at, comment=f"ok for {OLD['name']}"
    )
    old = job.fingerprint
    _redact()
    job.refresh_from_db()
    assert (job.title, job.reason, Approval.objects.get().comment) == ("", "", "")
    assert job.fingerprint == Approval.objects.get().fingerprint != old
    assert privacy.preview(entity="contacts", key="1").total == 0


def test_a_note_and_its_text(sandbox: SandboxServer, login: Login) -> None:
    key = read(login("steward").get("/notes/")).rows[0]
    sandbox.patch_row("client-notes", key, {"note": "Ring til datteren om fakturaen."})
    steward = login("steward")
    User.objects.update(employee="/employees/2")
    submit(steward, f"/notes/{key}/edit/", note="Datteren er syg, ring ikke mere.")
    steward.post(f"/notes/{key}/delete/", form_of(steward, f"/notes/{key}/delete/"))
    assert redact(login("admin"), f"/privacy/notes/{key}/").status_code == 303
    assert where("datteren") == []


def test_a_sole_traders_name_and_numbers(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("clients", 3, {"name": "Per Enkeltmand", "addressCity": "Vejlby", "tin": "12121212"})
    editor = login("editor")
    submit(editor, "/clients/3/edit/", addressCity="Tarmby", dueDays="31")
    assert redact(login("admin"), "/privacy/clients/3/").status_code == 303
    assert [where(text) for text in ("Per Enkeltmand", "Vejlby", "Tarmby", "12121212")] == [[], [], [], []]
    assert Step.objects.get().changes["dueDays"] == 31


def test_one_of_several_counterparties_looked_up_together(sandbox: SandboxServer, person: Person) -> None:
    from backoffice.services import branding

    sandbox.patch_row("counterparties", 1, {"displayName": "Ib Værtshus"})
    job = branding.enrich_many(
        actor=person("steward"), iris=["/counterparties/1", "/counterparties/2"], nonce="n", request_id="r"
    )
    jobs.run(job)
    assert where("Ib Værtshus")
    _redact("counterparties", "1")
    assert where("Ib Værtshus") == []
    step = Step.objects.get()
    assert step.before["2"]["displayName"]
    assert next(each.label for each in branding.found(step)) == "1"


def test_an_employee_and_the_account_that_is_linked(sandbox: SandboxServer, login: Login) -> None:
    editor = login("editor")
    editor.get("/preferences/employee/")
    User.objects.update(employee="/employees/2")
    name = Label.objects.get(entity="employees", key="2").label
    assert redact(login("admin"), "/privacy/employees/2/").status_code == 303
    assert where(name) == []
    assert not User.objects.exclude(employee="").exists()


def test_an_account_of_this_back_office(sandbox: SandboxServer, login: Login) -> None:
    editor = login("editor")
    user = User.objects.get(username="editor")
    User.objects.filter(pk=user.pk).update(first_name="Åge", last_name="Hansen-Testsen", email="aage@ny.example")
    editor.get("/clients/1/")
    submit(editor, "/clients/1/edit/", dueDays="31")
    Client().post("/login/", {"username": "editor", "password": "wrong"})
    admin = login("admin")
    assert redact(admin, f"/privacy/users/{user.pk}/").status_code == 303
    assert [where(text) for text in ("Testsen", "aage@ny.example")] == [[], []]
    user.refresh_from_db()
    assert (user.is_active, user.username) == (False, "editor")
    assert editor.get("/").status_code == 302
    assert audit.verify() == []
    own = User.objects.get(username="admin").pk
    assert "Ask another administrator" in redact(admin, f"/privacy/users/{own}/").content.decode()


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
        _redact()
    entry = AuditEntry.objects.get(action="privacy.redact")
    assert (entry.outcome, "steps=" in entry.detail) == ("failed", True)
    monkeypatch.undo()
    _redact()
    assert left() == []


def test_every_entity_declares_names_addresses_and_texts_as_personal() -> None:
    """A new entity is asked the question: whatever holds free text or names somebody is personal."""
    for resource in [*PAGES.values(), REGISTRY["employees"]]:
        open_texts = [
            item.name
            for item in resource.fields
            if (item.name == resource.label_field or item.kind in ("email", "long_text")) and not item.personal
        ]
        assert open_texts == [], resource.slug


def _save(user: User, slug: str, key: str, **changes: Any) -> Job:
    record = get_record(resource=REGISTRY[slug], key=key)
    return edits.save(
        actor=user,
        resource=REGISTRY[slug],
        key=key,
        label=record.label,
        base=record.values,
        changes=changes,
        nonce=f"{slug}{key}{changes}"[:64],
        request_id="r",
    )


def _redact(entity: str = "contacts", key: str = "1") -> int:
    return sum(privacy.redact(actor=None, actor_name="test", entity=entity, key=key, reason="request 14").values())


def _store(user: User, plan: StepPlan) -> tuple[Job, bool]:
    return jobs.store(
        actor=user, kind="edit", entity=plan.entity, title="", nonce="x", phases={"a": [plan]}, request_id="r"
    )
