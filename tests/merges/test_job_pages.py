"""The pages of a merge after it was composed: its plan, its run, what stops it, and its result."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from backoffice.environment import MergeApproval
from backoffice.models import JobState, Outcome, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services.jobs import gates
from tests.conftest import Login
from tests.records.pages import form_of, read

from .cast import (
    FIRST,
    KEEPS,
    OF_FIRST,
    OF_SECOND,
    SECOND,
    again,
    merge_calls,
    naming,
    outcome,
    stage,
    there,
    writes,
)
from .pages import NEW, composed, confirmed, job_at, merged, page_of, words

pytestmark = pytest.mark.django_db(transaction=True)
MERGE = f"/counterparties/{KEEPS}/merge"
MOVED = len(OF_FIRST) + len(OF_SECOND)


# The plan


def test_the_plan_is_numbered_steps_in_words(browser: Client) -> None:
    job = job_at(composed(browser, survivor=KEEPS, **{"pick-displayName": FIRST}))
    said = page_of(browser, job)
    assert "Look again at the 3 records and at the clients that name them" in said
    assert "Change Name of Hansen El A/S (12)" in said
    assert "Merge Hansen El (15) into 12" in said
    assert "Merge HANSEN EL (18) into 12" in said
    assert said.count(" to 12") >= MOVED
    assert job.fingerprint[:12] in said


def test_a_reason_is_asked_for(browser: Client) -> None:
    job = job_at(composed(browser))
    answer = confirmed(browser, job, reason=" ")
    assert answer.status_code == 422
    assert "Not confirmed" in words(answer)
    job.refresh_from_db()
    assert job.state == JobState.PLANNED


def test_it_may_run_at_a_time_and_be_called_off(browser: Client) -> None:
    job = job_at(composed(browser))
    at = timezone.localtime(timezone.now() + timedelta(days=1))
    confirmed(browser, job, when="at", at=f"{at:%Y-%m-%dT%H:%M}")
    assert "Begins:" in page_of(browser, job)
    browser.post(f"/jobs/{job.pk}/call-off/")
    assert "Not run: it was given up." in page_of(browser, job)


def test_a_second_trial_waits_for_the_first(browser: Client) -> None:
    first = job_at(composed(browser, f"{NEW}?ids={KEEPS},{FIRST}"))
    second = job_at(composed(browser, f"{NEW}?ids={SECOND},20"))
    confirmed(browser, first)
    answer = confirmed(browser, second)
    assert answer.status_code == 422
    assert "one is under way" in words(answer)


def test_the_file_holds_every_step(browser: Client) -> None:
    job = job_at(composed(browser, survivor=KEEPS))
    answer = browser.get(f"/jobs/{job.pk}/report/")
    book = load_workbook(io.BytesIO(b"".join(answer)))  # type: ignore[arg-type]
    said = [str(row[6].value) for row in book.worksheets[1].iter_rows(min_row=2)]
    assert "Merge Hansen El (15) into 12" in said
    assert sum("Point client" in each for each in said) == MOVED
    assert job.fingerprint in [row[1].value for row in book.worksheets[0].iter_rows()]


def test_strangers_to_jobs_do_not_see_a_plan(browser: Client, login: Login) -> None:
    job = job_at(composed(browser))
    assert login("viewer").get(f"/jobs/{job.pk}/").status_code == 404
    assert login("editor").post(f"/jobs/{job.pk}/merge/confirm/", {"reason": "x"}).status_code == 403


def test_it_is_composed_again_with_the_same_choices_and_none_stands_in_the_address(
    browser: Client, login: Login
) -> None:
    typed = {"pick-displayName": "typed", "value-displayName": "Anna Hansen", "pick-type": FIRST}
    job = job_at(composed(browser, survivor=KEEPS, **typed))
    [url] = [link for link in read(browser.get(f"/jobs/{job.pk}/")).links if link.startswith(NEW)]
    assert url == f"{NEW}?ids={KEEPS},{FIRST},{SECOND}&survivor={KEEPS}&job={job.pk}"
    found = form_of(browser, url, "merge-form")
    assert (found["pick-displayName"], found["value-displayName"]) == ("typed", "Anna Hansen")
    again = job_at(composed(browser, url))
    assert Step.objects.get(phase__job=again, verb="update", key=KEEPS).changes == {"displayName": "Anna Hansen"}
    assert "Anna Hansen" not in words(login("viewer").get(url))
    for odd in ("x", "%00", "00000000-0000-0000-0000-000000000000"):
        assert browser.get(f"{NEW}?ids={KEEPS},{FIRST}&job={odd}").status_code == 200


# The run and its result


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("moves", [True, False])
def test_planned_done_and_verified_stand_side_by_side(
    sandbox: SandboxServer, browser: Client, settings: LazySettings, status: int, moves: bool
) -> None:
    settings.FLOWTLY_SETTLE_SECONDS = 0.05
    sandbox.set_profile(merge_status=status, merge_moves_references=moves, merge_delay=0.05)
    job = merged(browser, survivor=KEEPS, **{"pick-displayName": FIRST})
    said = page_of(browser, job)
    assert "Merged as planned, and verified." in said
    assert f"{MOVED} of {MOVED} moved" in said
    parts = (MOVED * moves, MOVED * (not moves))
    assert f"{parts[0]} moved by Flowtly · {parts[1]} pointed by us · 0 failed · 0 left" in said
    assert "None names what is gone" in said
    assert "This was the trial" in said


@pytest.mark.parametrize("profile", ["v4", "legacy"])
def test_at_other_flowtlys(connect: Any, person: Callable[[str], User], profile: str) -> None:
    with SandboxServer(clients=120, counterparties=80, profile=profile) as server:
        connect(server)
        stage(server)
        browser = Client()
        browser.force_login(person("steward"), backend="backoffice.backends.RoleBackend")
        job = merged(browser, survivor=KEEPS)
        assert "Merged as planned, and verified." in page_of(browser, job)
        assert browser.get(f"/counterparties/{FIRST}/")["Location"] == f"/counterparties/{KEEPS}/?was={FIRST}"
        plan = job_at(browser.post(f"/jobs/{job.pk}/undo/", {"nonce": "n"}))
        confirmed(browser, plan)
        assert "Restored as planned." in page_of(browser, again(plan))


def test_while_it_runs_the_page_asks_again_and_then_stops(browser: Client) -> None:
    job = job_at(composed(browser))
    confirmed(browser, job)
    asked = browser.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})
    assert asked.status_code == 200
    assert b'hx-trigger="every 1s"' in asked.content
    again(job)
    assert browser.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).status_code == 286


def test_what_flowtly_did_by_itself_is_shown(sandbox: SandboxServer, browser: Client) -> None:
    sandbox.patch_row("counterparties", FIRST, {"corporateWebsiteUrl": "https://hansen.example/"})
    job = merged(browser, survivor=KEEPS)
    said = page_of(browser, job)
    assert "Flowtly itself changed this in the one that stays: Website: empty → https://hansen.example/" in said


def test_a_lost_answer_is_read_back(sandbox: SandboxServer, browser: Client) -> None:
    sandbox.fault("reset", method="POST", path=MERGE, apply=True)
    job = merged(browser, survivor=KEEPS)
    assert "Merged as planned, and verified." in page_of(browser, job)
    assert set(merge_calls(sandbox).values()) == {1}


# What stops it


def test_a_change_between_plan_and_run_stops_it_before_anything_is_written(
    sandbox: SandboxServer, browser: Client
) -> None:
    job = job_at(composed(browser, survivor=KEEPS, **{"pick-displayName": FIRST}))
    sandbox.patch_row("counterparties", FIRST, {"displayName": "Renamed by others"})
    confirmed(browser, job)
    said = page_of(browser, again(job))
    assert "Nothing was written. Compose it again." in said
    assert "was changed since the plan was made: Name: Hansen El → Renamed by others" in said
    assert "Finish what is left" not in said
    assert writes(sandbox) == []
    browser.post(f"/jobs/{job.pk}/go-on/")
    assert "It cannot go on: a record is not as the plan knows it." in page_of(browser, again(job))
    assert writes(sandbox) == []


def test_other_clients_than_planned_are_named(sandbox: SandboxServer, browser: Client) -> None:
    job = job_at(composed(browser, survivor=KEEPS))
    sandbox.patch_row("clients", 20, {"defaultCost": int(FIRST)})
    sandbox.patch_row("clients", OF_FIRST[0], {"defaultCost": 1})
    confirmed(browser, job)
    said = page_of(browser, again(job))
    assert "New among them: 20." in said
    assert f"No longer among them: {OF_FIRST[0]}." in said


def test_a_refusal_in_the_middle_is_told_and_can_be_finished(sandbox: SandboxServer, browser: Client) -> None:
    sandbox.fault("status", method="POST", path=MERGE, status=422, skip=1, detail="Not this one.")
    job = merged(browser, survivor=KEEPS)
    said = page_of(browser, job)
    assert "Stopped" in said
    assert "goes into 12 Merged" in said
    assert "Not this one." in said
    assert "Finish what is left" in said
    browser.post(f"/jobs/{job.pk}/go-on/")
    assert "Merged as planned, and verified." in page_of(browser, again(job))
    assert max(merge_calls(sandbox).values()) == 2


def test_why_it_stopped_is_said_in_the_reader_s_language(sandbox: SandboxServer, browser: Client) -> None:
    sandbox.fault("status", method="POST", path=MERGE, status=422)
    job = merged(browser, survivor=KEEPS)
    assert job.problem == gates.SHUT
    said = words(browser.get(f"/jobs/{job.pk}/", headers={"Accept-Language": "da"}))
    assert "Et trin gik ikke som planlagt." in said
    assert job.problem not in said


def test_what_was_stopped_can_be_restored(sandbox: SandboxServer, browser: Client) -> None:
    sandbox.fault("status", method="POST", path=MERGE, status=422, skip=1)
    job = merged(browser, survivor=KEEPS)
    assert "The stopped merge is ended for good with it." in words(browser.get(f"/jobs/{job.pk}/undo/"))
    plan = job_at(browser.post(f"/jobs/{job.pk}/undo/", {"nonce": "n"}))
    confirmed(browser, plan)
    assert "Restored as planned." in page_of(browser, again(plan))
    assert len(naming(sandbox, FIRST)) == 0
    assert there(sandbox, SECOND)


@pytest.mark.parametrize("deeds", [["stop", "close"], ["pause", "go-on"]])
def test_it_can_be_held_up(browser: Client, deeds: list[str]) -> None:
    job = job_at(composed(browser, survivor=KEEPS))
    confirmed(browser, job)
    for deed in deeds:
        browser.post(f"/jobs/{job.pk}/{deed}/")
        page_of(browser, job)
    job.refresh_from_db()
    assert job.state == (JobState.FAILED if "close" in deeds else JobState.RUNNING)


def test_the_wrong_record_is_said_loudly_everywhere(sandbox: SandboxServer, browser: Client, login: Login) -> None:
    sandbox.set_profile(merge_keeps="body")
    job = merged(browser, survivor=KEEPS)
    said = page_of(browser, job)
    assert "Flowtly took the wrong record away: 12, which was to stay." in said
    assert "FLOWTLY_MERGE_PATH_ID" in said
    assert "It cannot be finished. Restore what went." in said
    loud = "Nothing is merged any more."
    assert loud in words(browser.get("/"))
    assert loud in words(browser.get("/merges/"))
    assert loud in words(login("admin").get("/connection/"))
    browser.post(f"/jobs/{job.pk}/go-on/")
    assert set(merge_calls(sandbox).values()) == {1}
    refused = browser.get(f"{NEW}?ids={FIRST},{SECOND}")
    assert "The last merge took the wrong record." in words(refused)
    plan = job_at(browser.post(f"/jobs/{job.pk}/undo/", {"nonce": "n"}))
    confirmed(browser, plan)
    assert "Restored as planned." in page_of(browser, again(plan))


def test_what_is_left_of_an_ended_merge_is_a_plan_of_its_own(sandbox: SandboxServer, browser: Client) -> None:
    sandbox.set_profile(merge_moves_references=False)
    sandbox.fault("status", method="PATCH", path=f"/clients/{OF_FIRST[0]}", status=422)
    job = merged(browser, survivor=KEEPS)
    said = page_of(browser, job)
    assert "Not everything came out as planned." in said
    assert f"{MOVED - 1} of {MOVED} moved" in said
    assert f"They are: {OF_FIRST[0]}." in said
    rest = job_at(browser.post(f"/jobs/{job.pk}/retry/", {"nonce": "n"}))
    assert "This finishes a merge that was made" in page_of(browser, rest)
    confirmed(browser, rest)
    assert "Finished as planned, and verified." in page_of(browser, again(rest))
    assert naming(sandbox, FIRST) == []
    assert "There is nothing left to finish." in words(
        browser.post(f"/jobs/{job.pk}/retry/", {"nonce": "m"}, follow=True)
    )


def test_an_unknown_repair_is_settled_by_a_person(sandbox: SandboxServer, browser: Client) -> None:
    sandbox.set_profile(merge_moves_references=False)
    job = merged(browser, survivor=KEEPS)
    unknown = Step.objects.filter(phase__job=job, phase__name="repair").order_by("number").last()
    assert unknown is not None
    Step.objects.filter(pk=unknown.pk).update(outcome=Outcome.UNKNOWN)
    row = f"/jobs/{job.pk}/rows/{unknown.number}/?phase={unknown.phase.number}"
    assert row in read(browser.get(f"/jobs/{job.pk}/")).links
    assert "Just read again: it holds what we sent." in words(browser.get(row))
    browser.post(row, {"written": "yes"})
    unknown.refresh_from_db()
    assert unknown.outcome == Outcome.CHANGED


def test_nobody_says_what_became_of_a_merge(
    sandbox: SandboxServer, browser: Client, settings: LazySettings
) -> None:
    settings.FLOWTLY_SETTLE_SECONDS = 0.01
    sandbox.set_profile(merge_status=202, merge_delay=3600)
    job = merged(browser, survivor=KEEPS)
    assert outcome(job, "merge", FIRST) == Outcome.UNKNOWN
    step = Step.objects.get(phase__job=job, verb="merge", key=FIRST)
    answer = browser.get(f"/jobs/{job.pk}/rows/{step.number}/?phase={step.phase.number}")
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert "It is not asked again." in page_of(browser, job)


# Four eyes


def test_a_second_person_sees_the_plan_and_agrees(
    sandbox: SandboxServer, browser: Client, login: Login, settings: LazySettings
) -> None:
    settings.MERGE_APPROVAL = MergeApproval(always=True)
    job = job_at(composed(browser, survivor=KEEPS))
    assert "A second person has to agree to each merge." in page_of(browser, job)
    approver = login("approver")
    confirmed(browser, job, message="Please look")
    said = page_of(approver, job)
    assert "Awaiting approval" in said
    assert "Merge Hansen El (15) into 12" in said
    form = form_of(approver, f"/jobs/{job.pk}/", "approve")
    refused = approver.post(f"/jobs/{job.pk}/approval/approve/", {**form, "out": ["1"]})
    assert refused.status_code == 409
    approver.post(f"/jobs/{job.pk}/approval/approve/", form)
    assert "Merged as planned, and verified." in page_of(browser, again(job))


def test_what_was_approved_and_changed_since_is_not_run(
    sandbox: SandboxServer, browser: Client, login: Login, settings: LazySettings
) -> None:
    settings.MERGE_APPROVAL = MergeApproval(always=True)
    job = job_at(composed(browser, survivor=KEEPS))
    confirmed(browser, job)
    sandbox.patch_row("counterparties", SECOND, {"displayName": "Renamed by others"})
    approver = login("approver")
    approver.post(f"/jobs/{job.pk}/approval/approve/", form_of(approver, f"/jobs/{job.pk}/", "approve"))
    assert "Nothing was written. Compose it again." in page_of(browser, again(job))
    assert writes(sandbox) == []


def test_a_refused_plan_says_so(browser: Client, login: Login, settings: LazySettings) -> None:
    settings.MERGE_APPROVAL = MergeApproval(always=True)
    job = job_at(composed(browser))
    confirmed(browser, job)
    approver = login("approver")
    form = form_of(approver, f"/jobs/{job.pk}/", "approve")
    approver.post(f"/jobs/{job.pk}/approval/refuse/", {"fingerprint": form["fingerprint"], "reason": "Two firms"})
    assert "Not run: it was refused." in page_of(browser, job)
