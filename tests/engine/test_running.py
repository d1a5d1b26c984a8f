"""A job of many steps in one process: every row ends rightly, with the calls that it takes and no more."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import AuditEntry, Job, JobState, Outcome, Runner, Step, StepState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, jobs

from .plans import NEW, OLD, before, due_days, outcomes, plans, reads, stored, writes

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
KEYS = range(1, 101)


def test_each_row_is_read_once_and_written_once(sandbox: SandboxServer, person: Person) -> None:
    keys = before(sandbox, KEYS)
    before_already = {5, 6, 7}
    for key in before_already:
        sandbox.patch_row("clients", key, {"dueDays": NEW})
    job = jobs.run(stored(person("steward"), apply=plans(keys)))
    assert job.state == JobState.DONE
    assert outcomes(job) == {Outcome.CHANGED: 97, Outcome.ALREADY: 3}
    assert set(reads(sandbox).values()) == {1}
    assert set(writes(sandbox).values()) == {1}
    assert len(writes(sandbox)) == 97
    assert due_days(sandbox, keys) == {NEW: 100}
    assert sandbox.most_in_flight > 1
    assert not Runner.objects.exists()
    assert not Step.objects.exclude(runner="").exists()


def test_each_row_has_its_entry_in_the_trail(sandbox: SandboxServer, person: Person) -> None:
    keys = before(sandbox, range(1, 31))
    job = jobs.run(stored(person("steward"), apply=plans(keys)))
    entries = AuditEntry.objects.filter(job_id=job.pk)
    assert sorted(int(entry.key) for entry in entries) == keys
    assert {entry.action_id for entry in entries} == {job.action_id}
    assert {entry.values["dueDays.before"]["value"] for entry in entries} == {OLD}
    assert {entry.values["dueDays.after"]["value"] for entry in entries} == {NEW}
    assert audit.verify() == []


def test_the_order_of_the_rows_is_nothing_to_the_outcome(sandbox: SandboxServer, person: Person) -> None:
    found: list[Any] = []
    for seed in (1, 2):
        sandbox.reset()
        keys = before(sandbox, KEYS)
        sandbox.patch_row("clients", 9, {"dueDays": NEW})
        sandbox.patch_row("clients", 10, {"dueDays": 77})
        sandbox.delete_row("clients", 11)
        random.Random(seed).shuffle(keys)
        job = jobs.run(stored(person("steward"), apply=plans(keys)))
        found.append(sorted(Step.objects.filter(phase__job=job).values_list("key", "outcome")))
    assert found[0] == found[1]
    assert dict(found[0])["10"] == Outcome.CONFLICT
    assert dict(found[0])["11"] == Outcome.GONE


def test_a_phase_begins_when_the_one_before_is_done(sandbox: SandboxServer, person: Person) -> None:
    keys = before(sandbox, range(1, 61))
    job = jobs.run(stored(person("steward"), first=plans(keys[:30]), second=plans(keys[30:])))
    assert outcomes(job) == {Outcome.CHANGED: 60}
    order = [int(each["path"].rpartition("/")[2]) for each in sandbox.requests]
    last_of_first = max(place for place, key in enumerate(order) if key <= 30)
    first_of_second = min(place for place, key in enumerate(order) if key > 30)
    assert last_of_first < first_of_second


def test_an_edit_between_preview_and_read_is_a_conflict(sandbox: SandboxServer, person: Person) -> None:
    keys = before(sandbox, range(1, 41))
    job = stored(person("steward"), apply=plans(keys))
    sandbox.patch_row("clients", 17, {"dueDays": 60})
    sandbox.patch_row("clients", 18, {"name": "Another name"})  # not touched by the plan, so it does not matter
    jobs.run(job)
    assert outcomes(job) == {Outcome.CHANGED: 39, Outcome.CONFLICT: 1}
    assert (sandbox.row("clients", 17) or {})["dueDays"] == 60
    assert (sandbox.row("clients", 18) or {})["name"] == "Another name"
    assert all(each["body"] == {"dueDays": NEW} for each in sandbox.requests if each["method"] == "PATCH")


def test_an_edit_between_read_and_write_of_another_field_stays(sandbox: SandboxServer, person: Person) -> None:
    keys = before(sandbox, range(1, 41))
    sandbox.edit_before("clients", 20, {"name": "Meanwhile"}, method="PATCH", path="/clients/20")
    job = jobs.run(stored(person("steward"), apply=plans(keys)))
    assert outcomes(job) == {Outcome.CHANGED: 40}
    row = sandbox.row("clients", 20) or {}
    assert (row["name"], row["dueDays"]) == ("Meanwhile", NEW)


def test_what_was_taken_out_or_is_not_valid_is_never_touched(sandbox: SandboxServer, person: Person) -> None:
    keys = before(sandbox, range(1, 41))
    job = stored(person("steward"), apply=plans(keys))
    out = Step.objects.filter(phase__job=job, number__lte=10)
    out.update(state=StepState.DONE, outcome=Outcome.EXCLUDED, context={"out": "author"})
    jobs.run(job)
    assert outcomes(job) == {Outcome.EXCLUDED: 10, Outcome.CHANGED: 30}
    assert due_days(sandbox, keys[:10]) == {OLD: 10}
    assert set(reads(sandbox)) == {f"/clients/{key}" for key in keys[10:]}


def test_the_end_is_told_once(sandbox: SandboxServer, person: Person) -> None:
    told: list[Job] = []

    def hear(job: Job, **_more: object) -> None:
        told.append(job)

    jobs.job_ended.connect(hear)
    try:
        keys = before(sandbox, range(1, 5))
        job = jobs.run(jobs.run(stored(person("steward"), apply=plans(keys))))
    finally:
        jobs.job_ended.disconnect(hear)
    assert told == [job]
    assert told[0].state == JobState.DONE


def test_running_a_job_that_others_hold_or_that_ended_is_harmless(sandbox: SandboxServer, person: Person) -> None:
    keys = before(sandbox, range(1, 5))
    job = jobs.run(stored(person("steward"), apply=plans(keys)))
    jobs.run(job)
    assert set(writes(sandbox).values()) == {1}
