"""Which address counterparties are written at: found out without writing, kept, used by every write."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import Outcome, User
from backoffice.resources import REGISTRY
from backoffice.sandbox.server import SandboxServer
from backoffice.services import contract, jobs, routes
from backoffice.services.operations import StepPlan
from backoffice.services.reading import get_record
from backoffice.services.routes import Form
from tests.contract.conftest import by_code

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)

COUNTERPARTIES = REGISTRY["counterparties"]
Flowtly = Callable[..., SandboxServer]


def judged(**methods: str) -> Form:
    """By the methods of both lists (`many`, `new`) and of a record in each (`one`, `old`)."""
    at = {"/counterparties": "many", "/counterparties/0": "one", "/counterparty": "new", "/counterparty/0": "old"}
    return routes.judge(lambda path: frozenset(methods[at[path]].split()) if at[path] in methods else None)


@pytest.mark.parametrize(
    ("methods", "form"),
    [
        ({"many": "GET POST", "one": "GET PATCH"}, Form.PLURAL),
        ({"many": "GET", "one": "GET", "new": "POST", "old": "PATCH"}, Form.SINGULAR),
        ({"many": "", "one": "", "new": "POST", "old": "PATCH"}, Form.SINGULAR),
        ({"many": "GET", "one": "GET PATCH", "new": "", "old": ""}, Form.NEITHER),
        ({"many": "GET", "one": "GET PATCH", "new": "POST", "old": ""}, Form.NEITHER),
        ({}, Form.UNKNOWN),
        ({"many": "GET", "one": "GET"}, Form.UNKNOWN),
        ({"many": "GET POST", "new": "POST", "old": "PATCH"}, Form.UNKNOWN),
    ],
    ids=str,
)
def test_the_judgement(methods: dict[str, str], form: Form) -> None:
    assert judged(**methods) is form


@pytest.mark.parametrize("profile", ["flowtly", "v4", "legacy"])
@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(("switch", "form"), [("both", "plural"), ("plural", "plural"), ("singular", "singular")])
def test_it_is_found_out_without_writing(
    flowtly: Flowtly, profile: str, prefix: str, switch: str, form: str
) -> None:
    server = flowtly(profile, prefix=prefix, counterparty_writes=switch)
    assert routes.choose() == form
    assert {entry["method"] for entry in server.requests} == {"OPTIONS"}
    assert not any(entry["body"] for entry in server.requests)


def write(user: User, verb: str, key: str = "", **changes: Any) -> Any:
    base = {name: get_record(resource=COUNTERPARTIES, key=key)[name] for name in changes} if key else {}
    plan = StepPlan(verb, "counterparties", key, "x", base, changes)
    job, _made = jobs.store(
        actor=user,
        kind="edit",
        entity="counterparties",
        title="x",
        nonce=uuid.uuid4().hex,
        phases={"apply": [plan]},
        request_id="r",
    )
    return jobs.run(job).step


@pytest.mark.parametrize(("switch", "path"), [("both", "/counterparties"), ("singular", "/counterparty")])
def test_writes_go_where_the_check_said(
    flowtly: Flowtly, person: Callable[[str], User], switch: str, path: str
) -> None:
    server = flowtly(counterparty_writes=switch)
    contract.run()
    created = write(person("editor"), "create", displayName="Nordlys Papir")
    changed = write(person("editor"), "update", created.key, displayName="Nordlys Blæk")
    assert (created.outcome, changed.outcome) == (Outcome.CREATED, Outcome.CHANGED)
    written = [entry["path"] for entry in server.requests if entry["method"] in ("POST", "PATCH")]
    assert written == [path, f"{path}/{created.key}"]


def test_it_is_never_decided_by_a_write(flowtly: Flowtly, person: Callable[[str], User]) -> None:
    server = flowtly(counterparty_writes="singular")
    step = write(person("editor"), "create", displayName="Nordlys Papir")
    assert step.outcome == Outcome.REJECTED
    assert [entry["path"] for entry in server.requests if entry["method"] == "POST"] == ["/counterparties"]


def test_a_server_that_does_not_tell_leaves_the_earlier_finding(flowtly: Flowtly) -> None:
    server = flowtly(counterparty_writes="singular")
    contract.run()
    server.fault("status", method="OPTIONS", status=204, times=99)
    assert routes.choose() is Form.UNKNOWN
    assert routes.in_use() is Form.SINGULAR


def test_where_the_router_is_silent_the_document_tells(flowtly: Flowtly) -> None:
    server = flowtly(counterparty_writes="singular")
    server.fault("status", method="OPTIONS", status=204, times=99)
    assert "write_singular" in by_code(contract.run())
    assert routes.in_use() is Form.SINGULAR


def test_the_setting_overrules_and_a_wrong_one_is_said(flowtly: Flowtly, settings: Any) -> None:
    flowtly(counterparty_writes="singular")
    settings.FLOWTLY_COUNTERPARTY_PATHS = "plural"
    found = by_code(contract.run())
    assert routes.write_path(COUNTERPARTIES, None) == "/counterparties"
    assert dict(found["write_set_against"][0].values) == {"form": "plural", "found": "singular"}
    settings.FLOWTLY_COUNTERPARTY_PATHS = "singular"
    assert "write_set_against" not in by_code(contract.run())
    assert routes.write_path(COUNTERPARTIES, "7") == "/counterparty/7"


def test_other_entities_have_one_address() -> None:
    assert routes.write_path(REGISTRY["clients"], None) == "/clients"
    assert routes.write_path(REGISTRY["clients"], "7") == "/clients/7"
