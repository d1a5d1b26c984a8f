"""What became of a save, and taking it back."""

from __future__ import annotations

import uuid
from typing import Any

from backoffice.models import Job
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs
from tests.conftest import Login
from tests.records.pages import form_of, read, said, submit

EDIT = "/clients/1/edit/"


def undo_form(response: Any) -> dict[str, str]:
    text = response.content.decode()
    return {"seen": text.split('name="seen" value="')[1].split('"')[0]}


def test_undo_shows_and_does(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    sandbox.patch_row("clients", 1, {"dueDays": 14, "addressCity": None})
    submit(client, EDIT, dueDays="30", addressCity="Ny by")
    url = f"/jobs/{Job.objects.get().pk}/undo/"
    preview = client.get(url)
    assert "Back to" in read(preview).text
    assert sandbox.row("clients", 1)["dueDays"] == 30  # type: ignore[index]
    done = client.post(url, undo_form(preview))
    assert (done.status_code, done["Location"]) == (303, "/clients/1/")
    row = sandbox.row("clients", 1)
    assert row is not None
    assert (row["dueDays"], row["addressCity"]) == (14, None)
    again = client.get(url)
    assert again.status_code == 409
    assert "nothing to take back" in read(again).text


def test_undo_twice_is_one_undo(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    submit(client, EDIT, dueDays="31")
    url = f"/jobs/{Job.objects.get().pk}/undo/"
    form = undo_form(client.get(url))
    client.post(url, form)
    client.post(url, form)
    assert Job.objects.filter(kind="undo").count() == 1


def test_undo_leaves_what_was_edited_since_unless_chosen(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    sandbox.patch_row("clients", 1, {"dueDays": 14, "addressCity": "Old"})
    submit(client, EDIT, dueDays="30", addressCity="Ny by")
    url = f"/jobs/{Job.objects.get().pk}/undo/"
    sandbox.patch_row("clients", 1, {"addressCity": "Newest"})
    preview = client.get(url)
    assert "Changed since" in read(preview).text
    assert 'name="overwrite" value="addressCity"' in preview.content.decode()
    client.post(url, {**undo_form(preview), "overwrite": "addressCity"})
    row = sandbox.row("clients", 1)
    assert row is not None
    assert (row["dueDays"], row["addressCity"]) == (14, "Old")


def test_nothing_left_to_undo_says_so(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    submit(client, EDIT, dueDays="30")
    url = f"/jobs/{Job.objects.get().pk}/undo/"
    sandbox.patch_row("clients", 1, {"dueDays": 77})
    response = client.post(url, undo_form(client.get(url)))
    assert response.status_code == 409
    assert "Nothing was taken back" in read(response).text
    assert sandbox.row("clients", 1)["dueDays"] == 77  # type: ignore[index]


def test_a_tampered_undo_does_nothing(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    submit(client, EDIT, dueDays="30")
    url = f"/jobs/{Job.objects.get().pk}/undo/"
    assert client.post(url, {"seen": "nonsense"}).status_code == 422
    assert client.post(url, {}).status_code == 422
    assert sandbox.row("clients", 1)["dueDays"] == 30  # type: ignore[index]


def test_only_ones_own_unless_steward(sandbox: SandboxServer, login: Login) -> None:
    submit(login("steward"), EDIT, dueDays="30")
    url = f"/jobs/{Job.objects.get().pk}/undo/"
    assert login("editor").get(url).status_code == 403
    assert login("editor").post(url, {}).status_code == 403
    assert login("steward").get(url).status_code == 200
    assert login("viewer").get(url).status_code == 403


def test_undo_of_a_record_that_is_gone(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    submit(client, EDIT, dueDays="30")
    sandbox.delete_row("clients", 1)
    assert client.get(f"/jobs/{Job.objects.get().pk}/undo/").status_code == 404


def test_a_lost_answer_is_watched_and_never_repeated(sandbox: SandboxServer, login: Login, settings: Any) -> None:
    client = login("editor")
    form = {**form_of(client, EDIT), "addressCity": "Ny by"}
    sandbox.fault("reset", method="PATCH", path="/clients/1", apply=True)
    sandbox.fault("status", method="GET", path="/clients/1", status=503, skip=1, times=None)
    response = client.post(EDIT, form)
    job = Job.objects.get()
    assert response["Location"] == f"/jobs/{job.pk}/"
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert "do not enter the change again" in page
    assert "/jobs/?group=unknown" in read(client.get("/")).links
    assert f"/jobs/{job.pk}/" in read(client.get("/jobs/?group=unknown")).links
    assert client.post(EDIT, form)["Location"] == f"/jobs/{job.pk}/"
    sandbox.clear_faults()
    for step in jobs_steps(job):
        step.due_at = None
        step.save()
    part = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})
    assert part.status_code == 286
    assert "<html" not in part.content.decode()
    assert [entry["method"] for entry in sandbox.requests].count("PATCH") == 1
    assert jobs.find(job.nonce) == job


def jobs_steps(job: Job) -> list[Any]:
    return [step for phase in job.phases.all() for step in phase.steps.all()]


def test_a_finished_job_tells_what_changed(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    sandbox.patch_row("clients", 1, {"name": "Before <b>"})
    response = submit(client, EDIT, name="After <b>")
    assert "After" in said(response)
    text = login("viewer").get(f"/jobs/{Job.objects.get().pk}/").content.decode()
    assert "Before &lt;b&gt;" in text
    assert "After &lt;b&gt;" in text
    assert "/undo/" not in text
    assert "/undo/" in client.get(f"/jobs/{Job.objects.get().pk}/").content.decode()


def test_a_job_that_never_was(sandbox: SandboxServer, login: Login) -> None:
    assert login("viewer").get(f"/jobs/{uuid.uuid4()}/").status_code == 404
    assert login("editor").post(f"/jobs/{uuid.uuid4()}/undo/").status_code == 404
