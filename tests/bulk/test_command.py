"""`manage.py jobs`: the same plans as the pages make, from a shell."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from backoffice.models import Job, JobState, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import reading

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


def say(*words: str) -> str:
    out = io.StringIO()
    call_command("jobs", *words, stdout=out)
    return out.getvalue()


def plan(*words: str, entity: str = "clients") -> str:
    """The id of a plan that the steward makes."""
    return say("plan", entity, *words, "--reason", "As agreed", "--as", "steward").split()[0]


def told(job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(say("show", job_id, "--json"))
    return found


def rows(job_id: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in told(job_id)["rows"]}


@pytest.fixture(autouse=True)
def stage(sandbox: SandboxServer, person: Person) -> None:
    person("steward")
    person("viewer")


def test_from_a_plan_to_its_undo(sandbox: SandboxServer) -> None:
    leads = [str(n) for n in range(1, 121) if (sandbox.row("clients", n) or {})["status"] == "lead"]
    days = {key: (sandbox.row("clients", key) or {})["dueDays"] for key in leads}
    job = plan("--where", "status=lead", "--set", "dueDays=21")
    found = told(job)
    assert (found["state"], found["reason"], found["author"]) == ("planned", "As agreed", "steward")
    assert set(rows(job)) == set(leads)
    assert {row["outcome"] for row in found["rows"]} == {""}
    sandbox.clear_log()
    say("apply", job, "--inline")
    found = told(job)
    changed = [key for key in leads if days[key] != 21]
    assert found["state"] == "done"
    assert found["counters"]["changed"] == len(changed)
    assert found["counters"]["left"] == 0
    one = rows(job)[changed[0]]
    assert (one["before"], one["after"], one["error"]) == ({"dueDays": days[changed[0]]}, {"dueDays": 21}, None)
    assert len([each for each in sandbox.requests if each["method"] == "PATCH"]) == len(changed)
    sandbox.clear_log()
    say("apply", job, "--inline")  # harmless
    assert sandbox.requests == []
    undo = say("undo", job).split()[0]
    say("apply", undo, "--inline")
    assert {key: (sandbox.row("clients", key) or {})["dueDays"] for key in leads} == days
    assert told(undo)["undo_of"] == job


def test_named_records_and_each_way_of_changing(sandbox: SandboxServer) -> None:
    sandbox.patch_row("clients", 1, {"dueDays": 30, "addressCity": "Aalborg", "tin": "77"})
    job = plan("--ids", "1,999", "--clear", "addressCity", "--add", "dueDays=-9", "--copy", "vatNumber=tin")
    say("apply", job, "--inline")
    held = sandbox.row("clients", 1) or {}
    assert (held["addressCity"], held["dueDays"], held["vatNumber"]) == (None, 21, "77")
    assert rows(job)["999"]["outcome"] == "gone"


def test_related_records_are_named_as_people_name_them(sandbox: SandboxServer) -> None:
    job = plan("--where", "country=DK", "--where", "status=active", "--set", "currency=EUR")
    assert {(sandbox.row("clients", key) or {})["country"] for key in rows(job)} == {"1"}
    codes = reading.codes("currencies")
    assert {codes[row["after"]["currency"]] for row in told(job)["rows"]} == {"EUR"}


def test_a_paused_job_goes_on_and_a_stopped_one_says_what_it_did_not_reach() -> None:
    job = plan("--ids", "1,2", "--set", "dueDays=21")
    say("apply", job)
    say("pause", job)
    assert told(job)["state"] == "paused"
    say("stop", job)
    assert told(job)["state"] == "stopped"
    assert {row["outcome"] for row in told(job)["rows"]} == {"not_reached"}
    say("apply", job, "--inline")
    assert told(job)["state"] == "done"


def test_a_retry_takes_up_what_failed(sandbox: SandboxServer) -> None:
    job = plan("--ids", "1,2,3", "--set", "dueDays=21")
    sandbox.fault("status", method="PATCH", path="/clients/2", status=422, times=1)
    say("apply", job, "--inline")
    assert {key: row["outcome"] for key, row in rows(job).items()} == {
        "1": "changed",
        "2": "rejected",
        "3": "changed",
    }
    assert rows(job)["2"]["error"]
    again = say("retry", job, "--as", "steward").split()[0]
    assert set(rows(again)) == {"2"}
    say("apply", again, "--inline")
    assert rows(again)["2"]["outcome"] == "changed"


@override_settings(APPROVAL_REQUIRED_ABOVE=1)
def test_a_plan_that_needs_a_second_person_waits_for_one(sandbox: SandboxServer) -> None:
    job = plan("--ids", "1,2", "--set", "documentsLanguage=en")
    sandbox.clear_log()
    say("apply", job, "--inline")
    assert told(job)["state"] == "awaiting"
    assert sandbox.requests == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--ids", "1", "--set", "dueDays=soon"), "whole number"),
        (("--ids", "1", "--set", "nothing=1"), "no field"),
        (("--ids", "1", "--set", "costGroup=1"), "no field"),
        (("--ids", "1", "--set", "dueDays"), "NAME=VALUE"),
        (("--ids", "1", "--clear", "name"), "cannot be changed by clear"),
        (("--ids", "1", "--set", "country=Atlantis"), "no record"),
        (("--ids", "1", "--copy", "vatNumber=dueDays"), "cannot hold"),
        (("--ids", "1", "--set", "dueDays=1", "--add", "dueDays=1"), "named twice"),
        (("--where", "colour=red", "--set", "dueDays=1"), "narrowed by"),
        (("--where", "dueDays=many", "--set", "dueDays=1"), "whole number"),
        (("--set", "dueDays=1"), "which records"),
        (("--where", "status=nosuch", "--set", "dueDays=1"), "nothing to plan"),
        (("--ids", "1"), "nothing to plan"),
    ],
)
def test_what_is_not_understood_is_said_and_nothing_is_stored(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        plan(*words)
    assert Job.objects.count() == 0


def test_only_who_may_change_many(person: Person) -> None:
    for who in ("viewer", "nobody"):
        with pytest.raises(CommandError, match=who):
            say("plan", "clients", "--ids", "1", "--set", "dueDays=1", "--as", who)
    with pytest.raises(CommandError, match="no job"):
        say("show", "00000000-0000-0000-0000-000000000000")


def test_a_large_plan_needs_a_reason() -> None:
    ids = ",".join(map(str, range(1, 61)))
    job = say("plan", "clients", "--ids", ids, "--set", "dueDays=99", "--as", "steward").split()[0]
    with override_settings(REASON_REQUIRED_ABOVE=50), pytest.raises(CommandError, match="--reason"):
        say("apply", job)
    assert Job.objects.get().state == JobState.PLANNED
    with override_settings(REASON_REQUIRED_ABOVE=50):
        say("apply", job, "--reason", "New terms")
    assert told(job)["reason"] == "New terms"
