"""Looking up logos and websites: every answer, every lost answer, one record and many, never asked twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from backoffice.models import AuditEntry, Job, JobState, Outcome, Step, StepState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import branding, jobs, outcomes
from tests.conftest import Login
from tests.records.pages import read

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)

Person = Callable[[str], User]
ENRICH = "/counterparties/{}/enrich-branding-ai"


@pytest.fixture
def bare(sandbox: SandboxServer) -> str:
    """A counterparty without logo and website."""
    return sandbox.add_row("counterparties", {"displayName": "Nordlys Papir", "type": "vendor"})


def enrich(user: User, key: str, nonce: str = "") -> Job:
    return branding.enrich(actor=user, key=key, nonce=nonce or uuid.uuid4().hex, request_id="r")


def step_of(job: Job) -> Step:
    step = job.step
    assert step is not None
    return step


def posts(sandbox: SandboxServer) -> list[Any]:
    return [entry for entry in sandbox.requests if entry["method"] == "POST"]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_answer_is_fine(sandbox: SandboxServer, person: Person, bare: str, status: int) -> None:
    sandbox.set_profile(enrich_status=status)
    job = enrich(person("editor"), bare)
    step = step_of(job)
    assert (job.state, step.outcome, step.label) == (JobState.DONE, Outcome.CALLED, "Nordlys Papir")
    (found,) = branding.found(step)
    assert found.changes == [
        ("logoUrl", None, f"https://logo.example/{bare}.png"),
        ("corporateWebsiteUrl", None, f"https://cp{bare}.example/"),
    ]
    assert [(entry["path"], entry["body"]) for entry in posts(sandbox)] == [(ENRICH.format(bare), {})]
    entry = AuditEntry.objects.get(action="counterparties.call")
    assert (entry.outcome, entry.key) == ("called", bare)
    assert entry.values["logoUrl.after"]["value"] == f"https://logo.example/{bare}.png"


def test_the_record_s_own_history_does_not_name_it(
    sandbox: SandboxServer, person: Person, login: Login, bare: str
) -> None:
    enrich(person("editor"), bare)
    own, all_of_them = (
        read(login("viewer").get(url)).text for url in (f"/counterparties/{bare}/history/", "/history/")
    )
    assert "editor looked up logo and website" in own
    assert "looked up logo and website of" not in own
    assert "editor looked up logo and website of Nordlys Papir" in all_of_them


def test_what_is_found_later_is_shown_later(
    sandbox: SandboxServer, person: Person, login: Login, bare: str
) -> None:
    sandbox.set_profile(enrich_status=202, enrich_delay=600.0)
    job = enrich(person("editor"), bare)
    assert step_of(job).outcome == Outcome.CALLED
    url = f"/jobs/{job.pk}/"
    assert "Flowtly is still looking." in read(login("viewer").get(url)).text
    sandbox.finish_deferred()
    text = read(login("viewer").get(url)).text
    assert f"https://logo.example/{bare}.png" in text
    assert "still looking" not in text
    assert len(posts(sandbox)) == 1


LOST = [{"kind": "reset"}, {"kind": "status", "status": 500}, {"kind": "garbage"}]


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("how", LOST, ids=lambda how: how["kind"])
def test_a_lost_answer_is_read_back_and_never_repeated(
    sandbox: SandboxServer, person: Person, bare: str, how: dict[str, Any], done: bool
) -> None:
    sandbox.fault(method="POST", path=ENRICH.format(bare), times=1, apply=done, **how)
    step = step_of(enrich(person("editor"), bare))
    assert step.outcome == (Outcome.CALLED if done else Outcome.UNKNOWN)
    assert len(posts(sandbox)) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(422, Outcome.REJECTED), (404, Outcome.GONE), (403, Outcome.REJECTED)],
)
def test_refusals_have_their_names(
    sandbox: SandboxServer, person: Person, bare: str, status: int, outcome: Outcome
) -> None:
    sandbox.fault("status", method="POST", path=ENRICH.format(bare), status=status, times=9)
    assert step_of(enrich(person("editor"), bare)).outcome == outcome


def test_a_record_that_is_gone_is_not_asked_about(sandbox: SandboxServer, person: Person) -> None:
    assert step_of(enrich(person("editor"), "987654")).outcome == Outcome.GONE
    assert posts(sandbox) == []


def test_the_button_does_it_once_and_leads_to_the_job(sandbox: SandboxServer, login: Login, bare: str) -> None:
    editor = login("editor")
    done = editor.post(f"/counterparties/{bare}/enrich/", {"nonce": "once"})
    again = editor.post(f"/counterparties/{bare}/enrich/", {"nonce": "once"})
    assert (done.status_code, done["Location"]) == (303, f"/jobs/{Job.objects.get().pk}/")
    assert again["Location"] == done["Location"]
    text = read(editor.get(done["Location"])).text
    assert "Before" in text
    assert f"https://cp{bare}.example/" in text
    assert "Undo" not in text
    assert len(posts(sandbox)) == 1


def test_nothing_new_is_said(sandbox: SandboxServer, login: Login, bare: str) -> None:
    editor = login("editor")
    for _time in range(2):
        place = editor.post(f"/counterparties/{bare}/enrich/")["Location"]
    assert "Flowtly found nothing new." in read(editor.get(place)).text


# A selection


@pytest.fixture
def many(sandbox: SandboxServer, settings: LazySettings) -> list[str]:
    """Addresses of counterparties without logo: one chunk and a bit, one after the other."""
    settings.FLOWTLY_MAX_CONNECTIONS = 1
    rows = [{"displayName": f"Firma {n}", "type": "vendor"} for n in range(branding.CHUNK + 3)]
    return [f"/counterparties/{sandbox.add_row('counterparties', row)}" for row in rows]


def enrich_many(user: User, iris: list[str]) -> Job:
    return branding.enrich_many(actor=user, iris=iris, nonce=uuid.uuid4().hex, request_id="r")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_selection_is_looked_up_by_the_worker(
    sandbox: SandboxServer, person: Person, login: Login, many: list[str], status: int
) -> None:
    sandbox.set_profile(enrich_many_status=status)
    job = enrich_many(person("steward"), [*many, many[0]])
    assert (job.state, posts(sandbox)) == (JobState.RUNNING, [])
    waiting = read(login("steward").get(f"/jobs/{job.pk}/")).text
    assert f"0 of {len(many)} done" in waiting
    assert posts(sandbox) == []
    jobs.run(job)
    assert job.state == JobState.DONE
    assert outcomes.counts(job).by == {"found": len(many)}
    sent = [entry["body"]["counterparties"] for entry in posts(sandbox)]
    assert sent == [many[: branding.CHUNK], many[branding.CHUNK :]]
    key = many[0].rpartition("/")[2]
    assert sandbox.row("counterparties", key)["logoUrl"]  # type: ignore[index]
    assert AuditEntry.objects.filter(action="counterparties.call").count() == len(many)
    assert AuditEntry.objects.get(key=key).label == "Firma 0"
    text = read(login("steward").get(f"/jobs/{job.pk}/")).text
    assert f"https://logo.example/{key}.png" in text
    assert "looked up logo and website of" in read(login("steward").get("/history/")).text


def test_of_a_selection_those_that_are_gone_are_left_out(
    sandbox: SandboxServer, person: Person, many: list[str]
) -> None:
    sandbox.delete_row("counterparties", many[1].rpartition("/")[2])
    job = enrich_many(person("steward"), many[:3])
    jobs.sweep()
    assert step_of(job).outcome == Outcome.CALLED
    assert posts(sandbox)[0]["body"] == {"counterparties": [many[0], many[2]]}


@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_about_many_is_read_back(
    sandbox: SandboxServer, person: Person, many: list[str], done: bool
) -> None:
    path = "/counterparties/enrich-branding-ai"
    sandbox.fault("reset", method="POST", path=path, times=1, apply=done)
    job = enrich_many(person("steward"), many[:2])
    jobs.sweep()
    assert step_of(job).outcome == (Outcome.CALLED if done else Outcome.UNKNOWN)
    assert len(posts(sandbox)) == 1


def test_a_worker_that_died_in_the_call_does_not_repeat_it(
    sandbox: SandboxServer, person: Person, bare: str
) -> None:
    job = enrich(person("editor"), bare)
    step = step_of(job)
    step.state, step.outcome, step.after = StepState.WRITING, "", None
    step.save()
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    assert jobs.sweep() == 1
    assert step_of(job).outcome == Outcome.CALLED
    assert len(posts(sandbox)) == 1


def test_an_empty_selection_is_a_mistake(person: Person) -> None:
    with pytest.raises(ValueError, match="not empty"):
        enrich_many(person("steward"), [])


def test_the_button_on_the_record_asks_once(sandbox: SandboxServer, login: Login, bare: str) -> None:
    client = login("editor")
    page = client.get(f"/counterparties/{bare}/").content.decode()
    nonce = page.split('name="nonce" value="')[1].split('"')[0]
    sandbox.clear_log()
    first, second = (client.post(f"/counterparties/{bare}/enrich/", {"nonce": nonce}) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert [entry["path"] for entry in sandbox.requests if entry["method"] == "POST"] == [ENRICH.format(bare)]


def test_who_may_not_edit_is_not_offered_the_button(sandbox: SandboxServer, login: Login, bare: str) -> None:
    assert "Find logo" not in login("viewer").get(f"/counterparties/{bare}/").content.decode()
    assert "Find logo" not in login("editor").get("/clients/1/").content.decode()


def test_the_job_is_named_like_the_record(sandbox: SandboxServer, login: Login, bare: str) -> None:
    client = login("editor")
    client.get(f"/counterparties/{bare}/")
    answer = client.post(f"/counterparties/{bare}/enrich/")
    assert Job.objects.get().title == "Nordlys Papir"
    assert "Nordlys Papir" in client.get(answer.headers["Location"]).content.decode()
