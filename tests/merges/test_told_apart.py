"""What people said of two records stands in the way of their merge, until a person says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.models import Job, JobState, Outcome, Step, User, Verb, VerdictKind
from backoffice.sandbox.server import SandboxServer
from backoffice.services import merges
from backoffice.services.duplicates import verdicts
from backoffice.services.operations import Result, merge

from .cast import (
    FIRST,
    KEEPS,
    SECOND,
    again,
    finished,
    merge_calls,
    outcome,
    planned,
    run,
    there,
    told_apart,
    writes,
)
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


def test_what_is_said_after_the_confirmation_stops_it_before_its_first_write(
    sandbox: SandboxServer, browser: Client, steward: User, person: Person
) -> None:
    job = merges.confirm(job=planned(steward), actor=steward, reason="One firm")
    said = told_apart(person("approver"), KEEPS, SECOND)
    assert again(job).state == JobState.STOPPED
    assert writes(sandbox) == []
    page = words(browser.get(reverse("job", args=[job.pk])))
    assert "Somebody said after this was planned that two of the records are not one firm." in page
    assert "Firm 12 (12) and Firm 18 (18) are not duplicates. Why: Other owners" in page
    assert "Finish what is left" not in page
    with pytest.raises(merges.Blocked):
        finished(job, steward)
    verdicts.withdraw(actor=steward, verdict=said)
    assert finished(job, steward).state == JobState.DONE
    assert list(merge_calls(sandbox).values()) == [1, 1]


def test_what_is_said_between_two_merges_stops_the_second(
    sandbox: SandboxServer, steward: User, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Carried on by then: of the one that went it is said of the one that it went into."""
    write = merge.Merge.write

    def and_then(self: merge.Merge, step: Step) -> Result:
        result = write(self, step)
        if step.key == FIRST:
            told_apart(person("approver"), FIRST, SECOND)
        return result

    monkeypatch.setattr(merge.Merge, "write", and_then)
    job = run(planned(steward), steward)
    assert (job.state, outcome(job, Verb.MERGE, FIRST)) == (JobState.STOPPED, Outcome.MERGED)
    assert list(merge_calls(sandbox).values()) == [1]
    assert merges.hindrance(job) == "apart"
    assert there(sandbox, SECOND)


def test_an_approver_sees_what_was_said_and_what_was_overruled(
    browser: Client, steward: User, person: Person
) -> None:
    told_apart(person("approver"), KEEPS, FIRST, reason="Two owners")
    job = planned(steward, even_so=[f"{KEEPS}-{FIRST}", "no such"])
    assert job.spec["even_so"] == [f"{KEEPS}-{FIRST}"]
    page = words(browser.get(reverse("job", args=[job.pk])))
    assert "Overruled" in page
    assert "Firm 12 (12) and Firm 15 (15) are not duplicates. Why: Two owners" in page
    assert "Said since it was planned" not in page
    told_apart(person("approver"), FIRST, SECOND)
    assert "Said since it was planned" in words(browser.get(reverse("job", args=[job.pk])))


def test_what_was_overruled_before_stops_nothing_on_its_way(steward: User, sandbox: SandboxServer) -> None:
    told_apart(steward, FIRST, SECOND)
    job = run(planned(steward, even_so=[f"{FIRST}-{SECOND}"]), steward)
    assert job.state == JobState.DONE


def test_what_is_said_of_what_was_merged_holds_for_what_stands_for_it(
    sandbox: SandboxServer, steward: User
) -> None:
    """Before the worker has carried it on: of 15, which is 18 by now, it was said that it is not 12."""
    told_apart(steward, KEEPS, FIRST)
    first = merges.plan(
        actor=steward, survivor=SECOND, gone=[FIRST], changes={}, nonce="n", request_id="r", reason="One firm"
    )
    assert run(first, steward).state == JobState.DONE
    assert names(SECOND) == [("told_apart", f"{KEEPS}-{SECOND}")]
    with pytest.raises(merges.Blocked, match="are not duplicates"):
        planned(steward, gone=[SECOND])
    job = planned(steward, gone=[SECOND], even_so=[f"{KEEPS}-{SECOND}"])
    assert merges.confirm(job=job, actor=steward, reason="One firm").state == JobState.RUNNING


def test_what_a_merge_carries_to_another_number_counts_from_then_on(sandbox: SandboxServer, steward: User) -> None:
    """That 19 is not 12 was said long ago; 19 becomes 11 after a plan was made of 11 and 12."""
    told_apart(steward, KEEPS, "19")
    plan = {"changes": {}, "request_id": "r", "reason": "One firm", "actor": steward}
    waiting = merges.plan(survivor=KEEPS, gone=["11"], nonce="w", **plan)
    assert run(merges.plan(survivor="11", gone=["19"], nonce="n", **plan), steward).state == JobState.DONE
    with pytest.raises(merges.Blocked, match="are not duplicates"):
        merges.confirm(job=waiting, actor=steward, reason="One firm")


def test_what_was_being_said_while_the_plan_was_made_counts(steward: User) -> None:
    """Its time is before the plan, but nobody saw it."""
    before = timezone.now()
    job = planned(steward)
    told_apart(steward, KEEPS, FIRST, at=before)
    with pytest.raises(merges.Blocked):
        merges.confirm(job=job, actor=steward, reason="One firm")
