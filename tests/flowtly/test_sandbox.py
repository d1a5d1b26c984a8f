"""The client against the sandbox, which shares no code with it, in every dialect that it speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from backoffice.flowtly import Policy, errors, iri_of, key_of, merge_body_doubt
from backoffice.sandbox.server import SandboxServer

from .conftest import Rig

CLIENTS, COUNTERPARTIES = 130, 60
DIALECTS: dict[str, dict[str, Any]] = {
    "flowtly": {},
    "v4": {"profile": "v4"},
    "legacy": {"profile": "legacy"},
    "prefix": {"prefix": "/api"},
    "other": {
        "profile": "v4",
        "prefix": "/api",
        "items_per_page": False,
        "embed_relations": {"country", "currency"},
        "embed_contacts": True,
        "omit_nulls": False,
        "documents": "item",
        "employees_me": "item",
    },
}

Open = Callable[..., tuple[SandboxServer, Rig]]


@pytest.fixture
def open_sandbox() -> Iterator[Open]:
    with ExitStack() as stack:

        def start(settings: dict[str, Any] | None = None, **switches: Any) -> tuple[SandboxServer, Rig]:
            sandbox = stack.enter_context(
                SandboxServer(clients=CLIENTS, counterparties=COUNTERPARTIES, **switches)
            )
            rig = Rig(sandbox.url, **({"token": sandbox.profile.token} | (settings or {})))
            stack.callback(rig.client.close)
            return sandbox, rig

        yield start


@pytest.fixture(params=list(DIALECTS.values()), ids=list(DIALECTS))
def dialect(request: pytest.FixtureRequest, open_sandbox: Open) -> tuple[SandboxServer, Rig]:
    return open_sandbox(**request.param)


# In every dialect


def test_whole_lists_are_walked(dialect: tuple[SandboxServer, Rig]) -> None:
    sandbox, rig = dialect
    first = rig.client.check()
    assert first.total == CLIENTS
    sandbox.clear_log()
    keys = [key_of(record) for record in rig.client.walk("/clients", workers=3)]
    assert len(set(keys)) == len(keys) == CLIENTS
    size = 100 if sandbox.profile.items_per_page else sandbox.profile.page_size
    assert len(sandbox.requests) == -(-CLIENTS // size)
    assert sum(len(page.members) for page in rig.client.pages("/counterparties")) == COUNTERPARTIES


def test_filters_are_declared_and_work(dialect: tuple[SandboxServer, Rig]) -> None:
    sandbox, rig = dialect
    declared = {parameter.variable for parameter in rig.client.capabilities("/clients")}
    assert ("order[name]" in declared) == (sandbox.profile.filters is None)
    found = rig.client.page("/clients", {"name": "no such client anywhere"})
    assert found.total == (0 if "name" in declared else CLIENTS)


def test_a_record_is_read_changed_and_cleared(dialect: tuple[SandboxServer, Rig]) -> None:
    _, rig = dialect
    record = next(iter(rig.client.walk("/clients")))
    item = rig.client.get(record["@id"])
    assert key_of(item) == key_of(record)
    assert rig.client.get(iri_of(item["country"]) or "")["@id"] == iri_of(item["country"])
    written = rig.client.patch(item["@id"], {"dueDays": 43, "invoiceComment": "Ærø 🧾"})
    assert written.payload is not None
    assert (written.payload["dueDays"], written.payload["invoiceComment"]) == (43, "Ærø 🧾")
    rig.client.patch(item["@id"], {"invoiceComment": None})
    again = rig.client.get(item["@id"])
    assert again.get("invoiceComment") is None
    assert again["dueDays"] == 43


def test_a_record_is_created_and_deleted(dialect: tuple[SandboxServer, Rig]) -> None:
    _, rig = dialect
    owner = rig.client.page("/clients").members[0]["@id"]
    contact = {"client": owner, "type": "invoice", "name": "Ny", "email": "ny@mail.example", "position": 0}
    written = rig.client.create("/client-contacts", contact)
    assert written.status == 201
    assert written.payload is not None
    assert written.location is not None
    assert rig.client.get(written.location)["@id"] == written.payload["@id"]
    rig.client.delete(written.location)
    with pytest.raises(errors.NotFound):
        rig.client.get(written.location)


def test_refusals_are_named(dialect: tuple[SandboxServer, Rig]) -> None:
    _, rig = dialect
    client = rig.client.page("/clients").members[0]["@id"]
    with pytest.raises(errors.NotFound):
        rig.client.get("/clients/99999999")
    with pytest.raises(errors.RouteMissing):
        rig.client.delete(client)
    with pytest.raises(errors.RouteMissing):
        rig.client.get("/no-such-list")
    with pytest.raises(errors.Invalid) as caught:
        rig.client.create("/clients", {"name": ""})
    assert {"name", "country", "currency"} <= {violation.path for violation in caught.value.violations}
    with pytest.raises(errors.Invalid) as caught:
        rig.client.patch(client, {"name": None})
    assert [violation.path for violation in caught.value.violations] == ["name"]
    with pytest.raises(errors.Invalid) as caught:
        rig.client.patch(client, {"country": "/countries/999999"})
    assert [violation.path for violation in caught.value.violations] == ["country"]


def test_what_may_be_a_record_or_a_list_is_read(dialect: tuple[SandboxServer, Rig]) -> None:
    sandbox, rig = dialect
    client = rig.client.page("/clients").members[0]["@id"]
    for path, switch in ((f"{client}/documents", "documents"), ("/employees/me", "employees_me")):
        answer = rig.client.read(path)
        assert isinstance(answer, dict) == (getattr(sandbox.profile, switch) == "item")


def test_counterparties_are_merged_and_enriched(dialect: tuple[SandboxServer, Rig]) -> None:
    _, rig = dialect
    survivor, source = (member["@id"] for member in rig.client.page("/counterparties").members[:2])
    rig.client.merge(survivor, source)
    assert rig.client.get(survivor)["@id"] == survivor
    with pytest.raises(errors.NotFound):
        rig.client.get(source)
    assert rig.client.enrich(survivor).status == 201


def test_the_api_document_agrees_with_the_merge_body(dialect: tuple[SandboxServer, Rig]) -> None:
    _, rig = dialect
    document = rig.client.openapi()
    assert document is not None
    assert merge_body_doubt(document, rig.client.settings) is None


def test_a_login_is_renewed(dialect: tuple[SandboxServer, Rig]) -> None:
    sandbox, _ = dialect
    profile = sandbox.profile
    with_login = Rig(sandbox.url, username=profile.username, password=profile.password, max_connections=6)
    with with_login.client as client:
        client.check()
        sandbox.expire_tokens()
        with ThreadPoolExecutor(6) as pool:
            assert [page.total for page in pool.map(lambda _: client.check(), range(12))] == [CLIENTS] * 12
    logins = [entry for entry in sandbox.requests if entry["path"].endswith("/login")]
    assert len(logins) == 2


def test_a_wrong_token_is_unauthorized(dialect: tuple[SandboxServer, Rig]) -> None:
    sandbox, _ = dialect
    with Rig(sandbox.url, token="wrong").client as client, pytest.raises(errors.Unauthorized):
        client.check()


# Faults


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "times": 2},
        {"status": 502, "times": 2, "body": "html"},
        {"kind": "reset", "times": 2},
        {"kind": "truncate", "times": 2},
        {"status": 429, "times": 5, "retry_after": 2},
        {"status": 429, "times": 5, "body": "html"},
        {"status": 429, "times": 2, "retry_after": 3, "retry_after_date": True},
    ],
    ids=str,
)
def test_a_walk_outlives_passing_faults(fault: dict[str, Any], open_sandbox: Open) -> None:
    sandbox, rig = open_sandbox()
    sandbox.fault(**fault)
    assert len(list(rig.client.walk("/clients", workers=1))) == CLIENTS
    assert rig.slept


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reset"},
        {"kind": "truncate"},
        {"kind": "garbage"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503, "retry_after": 1},
        {"kind": "status", "status": 504, "body": "html"},
    ],
    ids=str,
)
def test_a_write_whose_answer_is_lost_is_sent_once(fault: dict[str, Any], open_sandbox: Open) -> None:
    sandbox, rig = open_sandbox()
    target = rig.client.page("/clients").members[0]["@id"]
    sandbox.fault(**fault, method="PATCH", apply=True)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        rig.client.patch(target, {"dueDays": 43}, request_id="save-1")
    assert caught.value.request_id == "save-1"
    assert [entry["method"] for entry in sandbox.requests].count("PATCH") == 1
    assert rig.client.get(target)["dueDays"] == 43


def test_a_hanging_write_is_unknown(open_sandbox: Open) -> None:
    sandbox, rig = open_sandbox({"read_timeout": 0.3})
    sandbox.fault("hang", method="POST", seconds=600)
    with pytest.raises(errors.OutcomeUnknown):
        rig.client.create("/counterparties", {"displayName": "x"})
    assert rig.exchanges[-1].problem == "it did not answer in time"


def test_a_refusal_by_a_fault_is_certain(open_sandbox: Open) -> None:
    sandbox, rig = open_sandbox()
    for status, kind in ((403, errors.Forbidden), (409, errors.Conflict), (422, errors.Invalid)):
        sandbox.fault(status=status, method="PATCH")
        with pytest.raises(kind):
            rig.client.patch("/clients/1", {"dueDays": 1})


def test_a_429_that_lasts_is_rate_limited(open_sandbox: Open) -> None:
    sandbox, rig = open_sandbox({"retry": Policy(throttle_budget=5)})
    sandbox.fault(status=429, retry_after=2, times=None)
    with pytest.raises(errors.RateLimited) as caught:
        rig.client.patch("/clients/1", {"dueDays": 1})
    assert (caught.value.retry_after, rig.slept) == (2, [2, 2])


def test_another_tenant_is_forbidden(open_sandbox: Open) -> None:
    _, rig = open_sandbox(instance="tenant-1")
    with pytest.raises(errors.Forbidden):
        rig.client.check()
    _, rig = open_sandbox({"instance": "tenant-1"}, instance="tenant-1")
    assert rig.client.check().total == CLIENTS


def test_a_list_without_a_stable_order_is_noticed(open_sandbox: Open) -> None:
    _, rig = open_sandbox(unstable_order=True, items_per_page=False)
    with pytest.raises(errors.ShiftedPages):
        list(rig.client.walk("/clients"))
    walked = list(rig.client.walk("/clients", {"order[id]": "asc"}))
    assert len(walked) == CLIENTS


def test_a_deletion_during_a_walk_is_noticed(open_sandbox: Open) -> None:
    sandbox, rig = open_sandbox(items_per_page=False)
    first = key_of(rig.client.page("/client-contacts").members[0])
    sandbox.edit_before("client-contacts", first, None, path="/client-contacts", skip=1)
    with pytest.raises(errors.ShiftedPages):
        list(rig.client.walk("/client-contacts", workers=1))


def test_a_pool_bounds_what_the_server_sees(open_sandbox: Open) -> None:
    sandbox, rig = open_sandbox({"max_connections": 2}, items_per_page=False, page_size=5, latency_ms=5)
    assert len(list(rig.client.walk("/clients", workers=8))) == CLIENTS
    assert sandbox.most_in_flight <= 2


@pytest.mark.parametrize("answer", ["404", "410", "redirect", "survivor"])
def test_what_a_merged_record_answers_can_be_read(answer: str, open_sandbox: Open) -> None:
    _, rig = open_sandbox(merged_answer=answer)
    survivor, source = (member["@id"] for member in rig.client.page("/counterparties").members[:2])
    rig.client.merge(survivor, source)
    if answer in {"404", "410"}:
        with pytest.raises(errors.NotFound):
            rig.client.get(source)
    else:
        assert rig.client.get(source)["@id"] == survivor
