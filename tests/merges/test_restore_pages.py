"""The way back of a merge on its pages, and what they show once values were redacted or emptied."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import Job
from backoffice.sandbox.server import SandboxServer
from backoffice.services import privacy
from tests.privacy.cast import redacted

from .cast import FIRST, KEEPS, OF_FIRST, again, writes
from .pages import confirmed, job_at, merged, page_of, words

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_restore_says_what_does_not_go_back(sandbox: SandboxServer, browser: Client) -> None:
    job = merged(browser, survivor=KEEPS, **{"pick-displayName": FIRST})
    sandbox.patch_row("clients", OF_FIRST[0], {"defaultCost": 1})
    sandbox.patch_row("counterparties", KEEPS, {"displayName": "Renamed since"})
    plan = job_at(browser.post(f"/jobs/{job.pk}/undo/", {"nonce": "n"}))
    said = page_of(browser, plan)
    assert "Create Hansen El again, which was 15, with a new number" in said
    assert f"They name another record by now, or are gone: {OF_FIRST[0]}" in said
    assert "Somebody changed them since, or they cannot be emptied: Name" in said
    assert writes(sandbox)[-1][1] != "/counterparties"
    confirmed(browser, plan)
    said = page_of(browser, again(plan))
    assert "Restored as planned." in said
    assert "Created, now " in said


def test_a_merge_is_restored_once(browser: Client) -> None:
    job = merged(browser, survivor=KEEPS)
    plan = job_at(browser.post(f"/jobs/{job.pk}/undo/", {"nonce": "n"}))
    confirmed(browser, plan)
    again(plan)
    answer = browser.post(f"/jobs/{job.pk}/undo/", {"nonce": "m"})
    assert answer.status_code == 409
    assert "There is nothing to restore" in words(answer)
    assert browser.get(f"/jobs/{plan.pk}/undo/").status_code == 409


@pytest.mark.parametrize("key", [KEEPS, FIRST])
def test_a_redacted_merge_is_shown_all_the_same(browser: Client, key: str) -> None:
    job = merged(browser, survivor=KEEPS, **{"pick-displayName": FIRST})
    plan = job_at(browser.post(f"/jobs/{job.pk}/undo/", {"nonce": "n"}))
    assert page_of(browser, plan)
    browser.post(f"/jobs/{plan.pk}/merge/discard/")
    redacted("counterparties", key)
    said = page_of(browser, job)
    assert "Hansen El A/S" not in said or key == FIRST
    assert f"goes into {KEEPS}" in said
    assert browser.get("/merges/").status_code == 200
    assert browser.get("/merges/mapping.csv").status_code == 200
    assert b"".join(browser.get(f"/jobs/{job.pk}/report/"))  # type: ignore[arg-type]


def test_an_emptied_merge_is_shown_all_the_same(browser: Client) -> None:
    """Its values were kept long enough."""
    job = merged(browser, survivor=KEEPS, **{"pick-displayName": FIRST})
    long_ago = timezone.now() - timedelta(days=4_000)
    Job.objects.filter(pk=job.pk).update(created_at=long_ago, finished_at=long_ago)
    privacy.clear_all(actor_name="admin")
    job.refresh_from_db()
    assert job.emptied_at
    assert f"goes into {KEEPS}" in page_of(browser, job)
    assert browser.get(f"/jobs/{job.pk}/undo/").status_code == 409
    assert browser.get(f"/counterparties/{FIRST}/")["Location"] == f"/counterparties/{KEEPS}/?was={FIRST}"
