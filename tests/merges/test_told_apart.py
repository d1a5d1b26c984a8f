"""What people said of two records stands in the way of their merge, until a person says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import Job, JobState, User, VerdictKind
from backoffice.sandbox.server import SandboxServer
from backoffice.services import merges

from .cast import FIRST, KEEPS, SECOND, planned, told_apart, writes
from .pages import NEW, composed, confirmed, job_at, words

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
TWO = f"{NEW}?ids={KEEPS},{FIRST}"


def names(*gone: str) -> list[tuple[str, str]]:
    found = merges.compose(survivor=KEEPS, gone=list(gone))
    return [(problem.code, problem.name) for problem in found.problems]


@pytest.mark.parametrize("kind", [VerdictKind.SEPARATE, VerdictKind.RELATED])
def test_two_that_were_told_apart_are_not_planned(steward: User, kind: VerdictKind) -> None:
    told_apart(steward, SECOND, FIRST, kind=kind)
    assert names(FIRST) == names(SECOND) == []
    assert names(FIRST, SECOND) == [("told_apart", f"{FIRST}-{SECOND}")]
    with pytest.raises(merges.Blocked) as blocked:
        planned(steward)
    assert "Firm 15 (15) and Firm 18 (18) are" in str(blocked.value)
    assert steward.get_username() in str(blocked.value)
    assert "Why: Other owners" in str(blocked.value)
    job = planned(steward, even_so=[f"{FIRST}-{SECOND}"])
    assert merges.confirm(job=job, actor=steward, reason="One firm").state == JobState.RUNNING


@pytest.mark.parametrize(
    "more",
    [
        {"withdrawn_at": timezone.now()},
        {"lapsed_at": timezone.now()},
        {"entity": "clients"},
        {"kind": VerdictKind.APART},
        {"kind": VerdictKind.LATER},
        {"kind": VerdictKind.SAME},
    ],
)
def test_what_holds_no_more_or_says_something_else_does_not(steward: User, more: dict[str, Any]) -> None:
    told_apart(steward, KEEPS, FIRST, **more)
    assert names(FIRST) == []


def test_what_is_carried_on_counts_once(steward: User) -> None:
    after = told_apart(steward, KEEPS, FIRST)
    told_apart(steward, KEEPS, SECOND, carried_to=after)
    told_apart(steward, KEEPS, FIRST, reason="Seen again")
    assert names(FIRST, SECOND) == [("told_apart", f"{KEEPS}-{FIRST}")]


def test_the_page_says_who_and_why_and_asks_for_a_word(browser: Client, person: Person) -> None:
    told_apart(person("approver"), KEEPS, FIRST, reason="Two <owners>")
    said = words(browser.get(TWO))
    assert "They may not be the same firm." in said
    assert "approver said on" in said
    assert "Why: Two <owners>" in said
    answer = composed(browser, TWO)
    assert answer.status_code == 422
    assert "Say that you looked at this" in words(answer)
    assert not Job.objects.exists()
    assert job_at(composed(browser, TWO, even_so=f"{KEEPS}-{FIRST}")).spec["even_so"] == [f"{KEEPS}-{FIRST}"]


def test_what_is_said_after_the_plan_stops_its_confirmation(
    sandbox: SandboxServer, browser: Client, person: Person
) -> None:
    job = job_at(composed(browser))
    told_apart(person("approver"), FIRST, SECOND)
    answer = confirmed(browser, job)
    assert answer.status_code == 422
    assert "Firm 15 (15) and Firm 18 (18) are not duplicates." in words(answer)
    job.refresh_from_db()
    assert (job.state, writes(sandbox)) == (JobState.PLANNED, [])
