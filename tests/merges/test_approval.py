"""When a merge needs a second person, and that nothing is written before they agree."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings

from backoffice.environment import MergeApproval
from backoffice.models import JobState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import approvals, bulk, merges

from .cast import FIRST, KEEPS, SECOND, again, planned, sure_group, there, writes

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.mark.parametrize(
    ("policy", "score", "codes"),
    [
        (MergeApproval(), 0, []),
        (MergeApproval(always=True), 2000, ["merge"]),
        (MergeApproval(clients=4), 2000, ["clients"]),
        (MergeApproval(clients=5), 2000, []),
        (MergeApproval(score=9.5), 940, ["score"]),
        (MergeApproval(score=9.5), 950, []),
        (MergeApproval(score=9.5), 0, ["score"]),
        (MergeApproval(clients=1, score=9.5), 100, ["clients", "score"]),
    ],
)
def test_the_policy(
    steward: User, settings: LazySettings, policy: MergeApproval, score: int, codes: list[str]
) -> None:
    settings.MERGE_APPROVAL = policy
    if score:
        sure_group(KEEPS, FIRST, SECOND, scores=[3000, score])
    found = approvals.needed(planned(steward))
    assert [cause.code for cause in found] == codes
    assert all(cause.text for cause in found)


def test_an_unknown_impact_counts_as_too_much(steward: User, settings: LazySettings) -> None:
    settings.MERGE_APPROVAL = MergeApproval(clients=1_000)
    job = planned(steward)
    job.spec["clients"] = None
    assert [cause.code for cause in approvals.needed(job)] == ["clients"]


def test_nothing_is_written_before_a_second_person_agrees(
    sandbox: SandboxServer, steward: User, person: Person, settings: LazySettings
) -> None:
    settings.MERGE_APPROVAL = MergeApproval(always=True)
    job = merges.confirm(job=planned(steward), actor=steward, reason="One firm")
    job = again(job)
    assert (job.state, writes(sandbox)) == (JobState.AWAITING, [])
    with pytest.raises(approvals.Refused):
        approvals.approve(job=job, approver=steward)
    with pytest.raises(approvals.Refused):
        approvals.approve(job=job, approver=person("approver"), excluded=[1])
    approvals.approve(job=job, approver=person("approver"))
    job = again(job)
    assert job.state == JobState.DONE
    assert not there(sandbox, FIRST)


def test_an_approval_is_worth_nothing_once_a_record_changed(
    sandbox: SandboxServer, steward: User, person: Person, settings: LazySettings
) -> None:
    settings.MERGE_APPROVAL = MergeApproval(always=True)
    job = merges.confirm(job=planned(steward), actor=steward, reason="One firm")
    sandbox.patch_row("counterparties", FIRST, {"displayName": "Renamed"})
    approvals.approve(job=job, approver=person("approver"))
    job = again(job)
    assert (job.state, writes(sandbox)) == (JobState.STOPPED, [])


def test_a_merge_has_a_reason(steward: User) -> None:
    with pytest.raises(bulk.ReasonNeeded):
        merges.confirm(job=planned(steward), actor=steward, reason=" ")
