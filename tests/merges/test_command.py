"""`manage.py jobs merge`, `show`, `apply` and `undo`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.management import CommandError

from backoffice.models import Job, User
from backoffice.sandbox.server import SandboxServer
from tests.bulk.test_command import say

from .cast import FIRST, KEEPS, OF_FIRST, OF_KEEPS, OF_SECOND, SECOND, naming, there, writes
from .cast import stage as set_up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def stage(sandbox: SandboxServer, person: Callable[[str], User]) -> None:
    set_up(sandbox)
    person("steward")
    person("editor")


def merge(*words: str, who: str = "steward") -> str:
    named = ("--survivor", KEEPS, "--gone", f"{FIRST}, {SECOND}")
    return say("merge", *named, *words, "--reason", "One firm", "--as", who)


def test_from_a_plan_to_its_restore(sandbox: SandboxServer) -> None:
    said = merge("--set", "displayName=Hansen El ApS")
    job = said.split()[0]
    assert "clients moved  5" in said
    assert f"  {FIRST}: 3" in said
    assert "unknown" in said
    assert "partly" in said
    assert "trial" in said
    assert writes(sandbox) == []
    said = say("apply", job, "--inline")
    assert "done" in said
    told = json.loads(say("show", job, "--json"))
    assert told["state"] == "done"
    assert told["merge"]["verified"]
    assert told["merge"]["clients"] == {"planned": 5, "by_flowtly": 5, "by_us": 0, "failed": 0, "left": 0}
    assert not there(sandbox, FIRST)
    back = say("undo", job).split()[0]
    assert say("apply", back, "--inline")
    assert Job.objects.get(pk=back).state == "done"
    assert naming(sandbox, KEEPS) == list(OF_KEEPS)
    assert len(merge_again()) == 2


def merge_again() -> list[str]:
    from backoffice.services import merges

    return [moved.new for moved in merges.mapping()]


def test_a_failure_is_told_and_applied_again(sandbox: SandboxServer) -> None:
    job = merge().split()[0]
    sandbox.fault("status", status=422, method="POST", path=f"/counterparties/{KEEPS}/merge", skip=1)
    said = say("apply", job, "--inline")
    assert "stopped" in said
    assert "Nothing after it was begun" in said
    assert "stopped" in say("show", job)
    said = say("apply", job, "--inline")
    assert "done" in said
    assert naming(sandbox, KEEPS) == sorted({*OF_KEEPS, *OF_FIRST, *OF_SECOND})


def test_what_cannot_be_merged_is_said(sandbox: SandboxServer) -> None:
    with pytest.raises(CommandError, match="into itself"):
        say("merge", "--survivor", KEEPS, "--gone", KEEPS, "--reason", "x", "--as", "steward")
    with pytest.raises(CommandError, match="99999 is not in Flowtly"):
        say("merge", "--survivor", KEEPS, "--gone", "99999", "--reason", "x", "--as", "steward")
    with pytest.raises(CommandError, match="may not"):
        merge(who="editor")
    with pytest.raises(CommandError, match="cannot be emptied"):
        merge("--clear", "displayName")
    job = merge().split()[0]
    sandbox.patch_row("counterparties", FIRST, {"displayName": "Renamed"})
    assert "stopped" in say("apply", job, "--inline")
    with pytest.raises(CommandError, match="Make a new one"):
        say("apply", job, "--inline")
    assert writes(sandbox) == []
