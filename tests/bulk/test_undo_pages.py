"""Taking a job of many back: said before what goes back, previewed as a plan, and itself undoable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import Approval, Job, Outcome, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import bulk, history
from backoffice.services.bulk import Row
from tests.bulk.cast import CLIENTS, by_key, chosen, forecasts, planned, put, run, sent
from tests.bulk.cast import outcomes as came_to
from tests.conftest import Login
from tests.records.pages import read

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.fixture
def owner(sandbox: SandboxServer, person: Person) -> User:
    return person("steward")


@pytest.fixture
def job(owner: User, sandbox: SandboxServer) -> Job:
    for key in ("1", "2", "3"):
        sandbox.patch_row("clients", key, {"dueDays": 14, "addressCity": "Aarhus"})
    found = run(planned(owner, chosen(owner, "1", "2", "3"), put("dueDays", 21)), owner)
    sandbox.clear_log()
    return found


def held(sandbox: SandboxServer, key: str) -> dict[str, Any]:
    row = sandbox.row("clients", key)
    assert row is not None
    return dict(row)


def undone(login: Login, job: Job) -> Job:
    answer = login("steward").post(f"/jobs/{job.pk}/undo/", {"nonce": "u"})
    assert answer.status_code == 303
    return Job.objects.get(pk=str(answer["Location"]).split("/")[2])


def test_the_undo_is_a_plan_that_leaves_out_what_was_edited_since(
    job: Job, login: Login, sandbox: SandboxServer
) -> None:
    browser = login("steward")
    assert f"/jobs/{job.pk}/undo/" in read(browser.get(f"/jobs/{job.pk}/")).links
    before = read(browser.get(f"/jobs/{job.pk}/undo/"))
    assert "Go back to what they held before 3" in before.text
    assert sandbox.requests == []
    sandbox.patch_row("clients", 2, {"dueDays": 60})
    sandbox.patch_row("clients", 3, {"addressCity": "Odense"})  # no field of ours
    plan = undone(login, job)
    assert forecasts(plan) == {"1": "change", "2": "edited", "3": "change"}
    assert sent(sandbox.requests) == []
    plan = run(plan, plan.actor)
    assert came_to(plan) == {"1": Outcome.CHANGED, "2": Outcome.EXCLUDED, "3": Outcome.CHANGED}
    assert [held(sandbox, key)["dueDays"] for key in "123"] == [14, 60, 14]
    assert held(sandbox, "3")["addressCity"] == "Odense"
    assert "Taken back by" in read(browser.get(f"/jobs/{job.pk}/")).text
    assert f"/jobs/{job.pk}/" in read(browser.get(f"/jobs/{plan.pk}/")).links
    again = browser.get(f"/jobs/{job.pk}/undo/")
    assert again.status_code == 409
    assert f"/jobs/{plan.pk}/" in read(again).links
    back = run(undone(login, plan), plan.actor)
    assert came_to(back) == {"1": Outcome.CHANGED, "3": Outcome.CHANGED}
    assert [held(sandbox, key)["dueDays"] for key in "123"] == [21, 60, 21]


def test_what_has_no_way_back_is_said_before(owner: User, login: Login, sandbox: SandboxServer) -> None:
    needed = {"country": "/countries/1", "currency": "/currencies/1", "tinType": "cvr", "status": "lead"}
    plan = bulk.plan_rows(
        actor=owner,
        resource=CLIENTS,
        rows=[Row("", {"name": "Ny kunde ApS", **needed}), Row("4", {"dueDays": 5})],
        scope="a sheet",
        source={"kind": "sheet"},
        nonce="n",
        request_id="t",
    )
    job = run(plan, owner)
    assert sorted(came_to(job).values()) == [Outcome.CHANGED, Outcome.CREATED]
    text = read(login("steward").get(f"/jobs/{job.pk}/undo/")).text
    assert "Go back to what they held before 1" in text
    assert "New records that stay: Flowtly has no way to delete them, or you may not 1" in text
    back = undone(login, job)
    assert list(Step.objects.filter(phase__job=back).values_list("key", flat=True)) == ["4"]


def test_only_the_author_or_a_steward_takes_it_back(job: Job, login: Login, person: Person) -> None:
    for role in ("viewer", "editor", "approver"):
        assert login(role).post(f"/jobs/{job.pk}/undo/", {"nonce": "u"}).status_code == 403
        assert f"/jobs/{job.pk}/undo/" not in read(login(role).get(f"/jobs/{job.pk}/")).links
    assert not Job.objects.filter(undo_of=job).exists()


def test_the_history_names_batch_reason_author_and_approver(
    job: Job, login: Login, person: Person, django_assert_max_num_queries: Any
) -> None:
    Approval.objects.create(
        job=job,
        fingerprint=job.fingerprint,
        decision=Approval.Decision.APPROVED,
        decided_by=person("approver"),
        expires_at=job.created_at,
    )
    browser = login("viewer")
    for where in ("/clients/1/history/", "/history/"):
        page = read(browser.get(where))
        assert "Batch: 3 clients" in page.text
        assert "As agreed with sales" in page.text
        assert "by steward , approved by approver" in page.text.replace("steward,", "steward ,")
        assert f"/jobs/{job.pk}/" in page.links
        assert f"/jobs/{job.pk}/undo/" not in page.links  # one record of a batch is not undone by itself
    assert "confirmed 3 clients" in read(browser.get("/history/")).text
    with django_assert_max_num_queries(9):
        entries = history.for_record(entity="clients", key="1").entries
    assert entries[0].batch is not None
    assert (entries[0].batch.author, entries[0].approver) == ("steward", "approver")
    assert by_key(job)["1"].outcome == Outcome.CHANGED
