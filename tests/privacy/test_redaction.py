"""One person, redacted everywhere: nothing of them is left in any table, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backoffice.models import (
    Approval,
    ApprovalComment,
    Export,
    ExportFormat,
    Job,
    JobState,
    Label,
    Outcome,
    Redacted,
    Step,
    StepState,
    User,
)
from backoffice.resources import PAGES, REGISTRY
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, edits, exports, jobs, privacy, undoing
from backoffice.services.exports.files import path_of
from backoffice.services.operations import StepPlan
from backoffice.services.reading import ListQuery, get_record
from tests.conftest import Login
from tests.privacy.cast import ANNA, OLD, PAGE, Person, left, redact, redacted
from tests.privacy.tables import where
from tests.records.pages import form_of, read, submit

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_of_her_is_left_in_any_table(lived: SandboxServer, login: Login) -> None:
    admin, viewer = login("admin"), login("viewer")
    assert b"".join(viewer.get("/history/export/", {"q": "ørsted", "as": "da"}))
    assert where("q=ørsted")
    assert {line.split(":")[0] for line in left()} >= {
        "backoffice_step",
        "backoffice_auditentry",
        "backoffice_label",
        "backoffice_job",
        "session",
    }
    assert redact(admin).status_code == 303
    assert [left(), where("q=ørsted")] == [[], []]
    assert audit.verify() == []
    assert "33" in str(Step.objects.get(entity="clients").changes)
    exported = b"".join(viewer.get("/history/export/", {"as": "da"})).decode()
    assert "Redacted" in exported
    assert "@redacted" not in exported


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
    assert redacted() >= 1
    step.refresh_from_db()
    assert [line for text in ANNA.values() for line in where(text)] == []
    assert neighbour in step.before["clientContacts"]
    assert step.redacted == Redacted.NO
    assert undoing.undoable(job)


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
    assert undoing.undoable(job)
    redact(login("admin"))
    anna.clear_log()
    assert not undoing.undoable(job)
    with pytest.raises(undoing.NotUndoable):
        undoing.undo(actor=User.objects.get(username="editor"), job=job, nonce="n", request_id="r")
    assert editor.post(f"/jobs/{job.pk}/undo/").status_code == 409
    assert anna.requests == []


def test_an_order_is_not_brought_back_by_half(anna: SandboxServer, login: Login) -> None:
    steward = login("steward")
    form = form_of(steward, "/clients/1/contacts/")
    page = steward.get("/clients/1/contacts/").content.decode()
    places = form.get("places") or page.split('name="places" value="')[1].split('"')[0]
    steward.post("/clients/1/contacts/move/", {"places": places, "down": "1"})
    job = Job.objects.get(kind="reorder")
    undo = f"/jobs/{job.pk}/undo/"
    seen = steward.get(undo).content.decode().split('name="seen" value="')[1].split('"')[0]
    step = Step.objects.filter(phase__job=job, key="1").get()
    Step.objects.filter(pk=step.pk).update(redacted=Redacted.PART)
    anna.clear_log()
    assert steward.post(undo, {"seen": seen}).status_code == 409
    assert "can no longer be undone" in read(steward.get(undo)).text
    assert [entry for entry in anna.requests if entry["method"] != "GET"] == []


def test_what_was_not_hers_can_still_be_undone(anna: SandboxServer, person: Person) -> None:
    job = _save(person("editor"), "contacts", "1", position=44)
    redacted()
    assert left() == []
    assert undoing.undoable(job)
    undoing.undo(actor=person("editor"), job=job, nonce="n", request_id="r")
    patch = next(
        entry for entry in anna.requests if entry["method"] == "PATCH" and entry["body"]["position"] != 44
    )
    assert set(patch["body"]) == {"position"}


def test_no_mark_ever_reaches_flowtly(anna: SandboxServer, person: Person) -> None:
    """Not by a plan made of redacted values, and not by a step that was stored before they went."""
    job = _save(person("editor"), "contacts", "1", email="ny@ny.example")
    redacted()
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


def test_reasons_comments_and_fingerprints_go_with_it(anna: SandboxServer, person: Person) -> None:
    job = _save(person("editor"), "contacts", "1", email="ny@ny.example")
    Job.objects.update(reason=f"{OLD['name']} called")
    Approval.objects.create(
        job=job, fingerprint=job.fingerprint, expires_at=job.created_at, comment=f"ok for {OLD['name']}"
    )
    Approval.objects.update(message=f"as {OLD['name']} asked")
    ApprovalComment.objects.create(
        approval=Approval.objects.get(), author=job.actor, text=f"{OLD['name']} has called"
    )
    old = job.fingerprint
    redacted()
    job.refresh_from_db()
    assert (job.title, job.reason, Approval.objects.get().comment) == ("", "", "")
    assert (Approval.objects.get().message, ApprovalComment.objects.get().text) == ("", "")
    assert job.fingerprint == Approval.objects.get().fingerprint != old
    assert privacy.preview(entity="contacts", key="1").total == 0


def test_a_comment_that_somebody_began_goes_too(anna: SandboxServer, login: Login, person: Person) -> None:
    job = _save(person("editor"), "contacts", "1", email="ny@ny.example")
    approver = login("approver")
    approver.post(f"/jobs/{job.pk}/approval/rows/", {"out": ["1"], "comment": f"Ask {OLD['name']}"})
    assert [line for line in where(OLD["name"]) if line.startswith("session")]
    redacted()
    assert where(OLD["name"]) == []


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
    redacted("counterparties", "1")
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


def test_files_that_may_name_her_go(anna: SandboxServer, person: Person, login: Login) -> None:
    files = {slug: _file(person("viewer"), slug) for slug in ("contacts", "clients", "counterparties")}
    assert OLD["name"].encode() in path_of(files["contacts"].file).read_bytes()
    redact(login("admin"))
    assert set(Export.objects.values_list("entity", flat=True)) == {"counterparties"}
    assert not path_of(files["contacts"].file).exists()
    assert path_of(files["counterparties"].file).exists()


def _file(owner: User, slug: str) -> Export:
    return exports.request(
        actor=owner,
        resource=PAGES[slug],
        source=exports.of_list(ListQuery(), ""),
        title=slug,
        columns=(),
        file_format=ExportFormat.CSV,
        language="en",
    )


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


def _store(user: User, plan: StepPlan) -> tuple[Job, bool]:
    return jobs.store(
        actor=user, kind="edit", entity=plan.entity, title="", nonce="x", phases={"a": [plan]}, request_id="r"
    )
