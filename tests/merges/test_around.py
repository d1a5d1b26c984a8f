"""What else knows of merges: redaction, retention, the pages of jobs and of the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.models import AuditEntry, Job, JobState, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, bulk, merges, notices
from backoffice.services.privacy.steps import empty
from tests.conftest import Login
from tests.privacy.cast import redacted
from tests.privacy.tables import where

from .cast import FIRST, KEEPS, SECOND, planned, restored, run

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


def test_a_plan_waits_for_days_and_not_for_ever(steward: User) -> None:
    job = planned(steward)
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(days=2))
    bulk.expire_due()
    assert Job.objects.get(pk=job.pk).state == JobState.PLANNED
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(days=8))
    bulk.expire_due()
    assert Job.objects.get(pk=job.pk).state == JobState.EXPIRED


@pytest.mark.parametrize("made", ["planned", "run", "restored"])
def test_the_pages_of_jobs_show_it(sandbox: SandboxServer, steward: User, login: Login, made: str) -> None:
    job = planned(steward, changes={"displayName": "Hansen El ApS"})
    if made != "planned":
        job = run(job, steward)
    if made == "restored":
        job = run(restored(job, steward), steward)
    page = login("steward")
    assert page.get(reverse("job", args=[job.pk])).status_code == 200
    assert page.get(reverse("jobs")).status_code == 200
    assert page.get(reverse("history")).status_code == 200


def test_the_history_tells_what_was_lost(steward: User) -> None:
    job = run(planned(steward, gone=[FIRST]), steward)
    entry = AuditEntry.objects.get(job_id=job.pk, action="counterparties.merge")
    assert (entry.key, entry.outcome) == (FIRST, "merged")
    assert "displayName" in str(entry.values)
    assert audit.verify() == []
    assert notices.ended_untold().filter(pk=job.pk).exists()


@pytest.mark.parametrize(("key", "name"), [(FIRST, "Ib Værtshus"), (KEEPS, "Bo Krovært")])
def test_nothing_of_a_redacted_record_is_left(sandbox: SandboxServer, steward: User, key: str, name: str) -> None:
    """Neither in the copy of its own step, nor in those that another record's step keeps of it."""
    sandbox.patch_row("counterparties", key, {"displayName": name})
    job = run(planned(steward), steward)
    assert where(name)
    redacted("counterparties", key)
    assert where(name) == []
    assert merges.successor(FIRST) == KEEPS
    assert {moved.new for moved in merges.mapping()} == {KEEPS}
    assert merges.restorable(job) == (1 if key == FIRST else 2)


def test_a_restored_record_is_the_same_and_no_other_is(sandbox: SandboxServer, steward: User) -> None:
    sandbox.patch_row("counterparties", FIRST, {"displayName": "Ib Værtshus"})
    sandbox.patch_row("counterparties", SECOND, {"displayName": "Bo Krovært"})
    back = run(restored(run(planned(steward), steward), steward), steward)
    new = Step.objects.get(phase__job=back, verb="create", label="Ib Værtshus").key
    redacted("counterparties", new)
    assert where("Ib Værtshus") == []
    assert where("Bo Krovært")
    assert where("Hansen El A/S")


def test_what_was_kept_long_enough_cannot_be_restored(steward: User) -> None:
    job = run(planned(steward), steward)
    for step in Step.objects.filter(phase__job=job):
        empty(step)
        step.save()
    assert merges.restorable(job) == 0
    assert merges.successor(FIRST) == KEEPS
