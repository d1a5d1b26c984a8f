"""The pages of a batch: choosing, preview, confirmation, progress."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from backoffice.models import DuplicateGroup, Job, JobState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import merges
from tests.conftest import Login

from .cast import again, planned, run, sure_group, there

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(login: Login, steward: User) -> Client:
    """A signed-in steward, at a Flowtly at which a merge was verified."""
    run(planned(steward), steward)
    return login("steward")


def preview(page: Client, *groups: DuplicateGroup) -> str:
    """The address of the batch."""
    answer = page.post("/merges/batches/", {"nonce": "n", "group": [str(group.pk) for group in groups]})
    assert answer.status_code == 303
    return answer["Location"]


def batch_jobs(address: str) -> list[Job]:
    return merges.jobs_of(uuid.UUID(address.rstrip("/").rpartition("/")[2]))


def test_only_sure_groups_are_offered(page: Client) -> None:
    sure, _likely = sure_group("30", "31"), sure_group("32", "33", tier="likely")
    text = page.get("/merges/batches/").content.decode()
    assert re.findall(r'name="group" value="([^"]+)"', text) == [str(sure.pk)]


def test_forms_without_a_number_of_their_own_are_batches_of_their_own(page: Client) -> None:
    one, other = ({"nonce": "", "group": [str(sure_group(*keys).pk)]} for keys in (("30", "31"), ("32", "33")))
    assert page.post("/merges/batches/", one)["Location"] != page.post("/merges/batches/", other)["Location"]


def test_the_whole_way(page: Client, sandbox: SandboxServer) -> None:
    address = preview(page, sure_group("30", "31", scores=[1300]), sure_group("32", "33", "34"))
    text = page.get(address).content.decode()
    assert "2 merges are planned. Nothing has been written." in text
    first, second = batch_jobs(address)
    answer = page.post(f"{address}confirm/", {"reason": "One firm", "job": [str(second.pk)]})
    assert (answer.status_code, answer["Location"]) == (303, address)
    again(second)
    first.refresh_from_db()
    assert (first.state, set(first.spec["uses"])) == (JobState.WITHDRAWN, {"30", "31"})
    assert there(sandbox, "30")
    assert there(sandbox, "31")
    text = page.get(address).content.decode()
    assert "1 of 1 merge came out as planned, and is verified." in text
    assert "Verified" in text
    assert "every 1s" not in text


def test_without_a_reason_the_ticks_stay(page: Client) -> None:
    address = preview(page, sure_group("30", "31", scores=[1300]), sure_group("32", "33", "34"))
    first, _second = batch_jobs(address)
    answer = page.post(f"{address}confirm/", {"reason": "", "job": [str(first.pk)]})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Write why these records are the same." in text
    assert re.findall(r'value="([^"]+)" checked', text) == [str(first.pk)]
    assert not Job.objects.filter(kind="merge", state=JobState.RUNNING).exists()


def test_with_nothing_ticked_nothing_is_given_up(page: Client) -> None:
    address = preview(page, sure_group("30", "31"))
    answer = page.post(f"{address}confirm/", {"reason": "One firm"})
    assert answer.status_code == 422
    assert "Tick at least one merge" in answer.content.decode()
    assert [job.state for job in batch_jobs(address)] == [JobState.PLANNED]


def test_a_batch_is_discarded(page: Client, sandbox: SandboxServer) -> None:
    address = preview(page, sure_group("30", "31"))
    sandbox.clear_log()
    assert page.post(f"{address}discard/")["Location"] == "/merges/batches/"
    assert [job.state for job in batch_jobs(address)] == [JobState.WITHDRAWN]
    assert not sandbox.requests
    assert "1 merge was given up." in page.get("/merges/batches/").content.decode()


def test_what_was_confirmed_is_not_said_to_be_given_up(page: Client) -> None:
    address = preview(page, sure_group("30", "31"))
    (job,) = batch_jobs(address)
    page.post(f"{address}confirm/", {"reason": "One firm", "job": [str(job.pk)]})
    page.post(f"{address}discard/")
    assert "0 merges were given up." in page.get("/merges/batches/").content.decode()
    assert [each.state for each in batch_jobs(address)] == [JobState.RUNNING]


def test_a_group_that_cannot_be_planned_is_told(page: Client, sandbox: SandboxServer) -> None:
    group = sure_group("30", "31")
    sandbox.delete_row("counterparties", "31")
    answer = page.post("/merges/batches/", {"nonce": "n", "group": [str(group.pk)]})
    assert answer.status_code == 422
    assert "31 is not in Flowtly." in answer.content.decode()
    address = preview(page, group, sure_group("32", "33"))
    assert "Left out: " in page.get(address).content.decode()


def test_before_the_trial_there_is_no_batch(login: Login, steward: User) -> None:
    group, page = sure_group("30", "31"), login("steward")
    assert "No merge was verified at this Flowtly yet." in page.get("/merges/batches/").content.decode()
    answer = page.post("/merges/batches/", {"nonce": "n", "group": [str(group.pk)]})
    assert answer.status_code == 422
    assert not Job.objects.filter(kind="merge").exists()


@pytest.mark.parametrize("ids", [[], ["none"], ["00000000-0000-4000-8000-000000000000"]])
def test_groups_that_are_not_there_are_asked_for_again(page: Client, ids: list[str]) -> None:
    assert page.post("/merges/batches/", {"nonce": "n", "group": ids})["Location"] == "/merges/batches/"


def test_a_running_batch_is_asked_for_again_until_it_ends(page: Client, steward: User) -> None:
    address = preview(page, sure_group("30", "31"))
    (job,) = batch_jobs(address)
    page.post(f"{address}confirm/", {"reason": "One firm", "job": [str(job.pk)]})
    assert page.get(address, headers={"HX-Request": "true"}).status_code == 200
    again(job)
    assert page.get(address, headers={"HX-Request": "true"}).status_code == 286


def test_a_merge_that_stopped_is_told(page: Client, sandbox: SandboxServer) -> None:
    address = preview(page, sure_group("30", "31"))
    (job,) = batch_jobs(address)
    page.post(f"{address}confirm/", {"reason": "One firm", "job": [str(job.pk)]})
    sandbox.fault("status", status=422, method="POST", path="/counterparties/*/merge")
    again(job)
    answer = page.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 286
    assert "1 stopped: open it to finish or to restore it" in answer.content.decode()


def test_who_may_not_merge_sees_how_it_stands(page: Client, login: Login) -> None:
    address = preview(page, sure_group("30", "31"))
    viewer = login("viewer")
    text = viewer.get(address).content.decode()
    assert "1 merge is planned." in text
    assert '<form class="form"' not in text
    assert viewer.get("/merges/batches/").status_code == 403
