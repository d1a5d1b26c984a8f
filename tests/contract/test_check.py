"""The connection check against servers of every kind; it never writes."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from backoffice.flowtly.tokens import expires_at
from backoffice.models import ConnectionCheck
from backoffice.sandbox.server import SandboxServer
from backoffice.services import contract, upstream
from backoffice.services.contract import Severity
from backoffice.services.contract.words import WORDS, line
from tests.contract.conftest import by_code

Flowtly = Callable[..., SandboxServer]
FLOWTLY = {
    "envelope_prefixed",
    "errors_problem",
    "page_size_unknown",
    "prefix_none",
    "write_plural",
    "relations_iris",
}


def jwt(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.c2lnbmF0dXJl"


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_api", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize(
    ("profile", "switches", "said"),
    [
        ("flowtly", {}, {"envelope_prefixed", "errors_problem", "prefix_none", "write_plural", "relations_iris"}),
        ("v4", {}, {"envelope_plain", "errors_problem", "prefix_none", "write_plural", "relations_iris"}),
        (
            "legacy",
            {},
            {"envelope_prefixed", "errors_legacy", "page_size_ignored", "relations_whole", "list_silent"},
        ),
        ("flowtly", {"prefix": "/api"}, {"envelope_prefixed", "prefix", "write_plural"}),
        ("flowtly", {"counterparty_writes": "singular"}, {"write_singular"}),
        ("v4", {"counterparty_writes": "plural"}, {"write_plural"}),
        ("flowtly", {"page_size_max": 10}, {"page_size_capped"}),
        ("flowtly", {"embed_relations": ["country"]}, {"relations_whole"}),
        ("flowtly", {"search_param": "q", "search_declared": True}, {"search_declared"}),
        ("flowtly", {"search_param": "q"}, {"search_none"}),
    ],
    ids=str,
)
def test_what_kind_of_server_it_is(
    flowtly: Flowtly, profile: str, switches: dict[str, Any], said: set[str]
) -> None:
    server = flowtly(profile, **switches)
    report = contract.run()
    assert said <= set(by_code(report)), by_code(report).keys()
    assert report.severity in (Severity.OK, Severity.NOTE)
    assert {entry["method"] for entry in server.requests} == {"GET", "OPTIONS"}
    assert run()[0] == 0


def test_a_check_is_kept_and_read_again(sandbox: SandboxServer) -> None:
    assert contract.last() is None
    report = contract.run()
    assert contract.last() == report
    contract.run()
    assert ConnectionCheck.objects.count() == 1


def test_a_server_that_is_away_is_a_problem(flowtly: Flowtly, connect: Any) -> None:
    server = flowtly()
    contract.run()
    server.stop()
    code, said = run()
    assert code == 2
    assert "Flowtly cannot be reached" in said


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 401}, "unauthorized"),
        ({"status": 403}, "forbidden"),
        ({"status": 404, "body": "html"}, "not_flowtly"),
    ],
)
def test_refusals_are_problems(sandbox: SandboxServer, fault: dict[str, Any], code: str) -> None:
    sandbox.fault("status", path="/clients", times=20, **fault)
    report = contract.run()
    assert [item.code for item in report.findings] == [code]
    assert run()[0] == 2


def test_a_server_that_stumbles_half_way_costs_one_part(sandbox: SandboxServer) -> None:
    sandbox.fault("status", method="GET", path="/clients/0", status=503, times=9)
    found = by_code(contract.run())
    assert found["probe_failed"][0].values["part"] == "errors"
    assert "page_size_kept" in found
    sandbox.clear_faults()
    assert "probe_failed" not in by_code(contract.run())


def test_warnings_count_only_when_strict(sandbox: SandboxServer) -> None:
    sandbox.fault("status", method="GET", path="/client-contacts", status=403, times=9)
    assert run()[0] == 0
    assert run("--strict")[0] == 1


def test_lists_that_may_not_be_read_are_named(sandbox: SandboxServer) -> None:
    sandbox.fault("status", method="GET", path="/employees", status=403, times=9)
    found = by_code(contract.run())["address_forbidden"]
    assert [line(item).says for item in found] == ["/employees may not be read with these credentials."]
    assert line(found[0]).means == "Authors of notes are shown by number."


@pytest.mark.parametrize(
    ("left", "code"), [(-60, "token_expired"), (86_400, "token_soon"), (90 * 86_400, "token_until")]
)
def test_the_expiry_of_a_token_is_read(sandbox: SandboxServer, settings: Any, left: float, code: str) -> None:
    settings.FLOWTLY_API_TOKEN = jwt(exp=time.time() + left)
    sandbox.set_profile(token=settings.FLOWTLY_API_TOKEN)
    upstream.forget()
    assert code in by_code(contract.run())


def test_a_login_needs_nobody(sandbox: SandboxServer, settings: Any) -> None:
    settings.FLOWTLY_API_TOKEN = ""
    settings.FLOWTLY_USERNAME, settings.FLOWTLY_PASSWORD = sandbox.profile.username, sandbox.profile.password
    upstream.forget()
    assert "login" in by_code(contract.run())


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c", "a.!.c", jwt(), jwt(exp="soon"), jwt(exp=True), jwt(exp=1e999)]
)
def test_other_tokens_say_nothing(token: str) -> None:
    assert expires_at(token) is None


def test_json_is_for_programs_and_holds_no_secret(sandbox: SandboxServer, settings: Any) -> None:
    settings.FLOWTLY_API_TOKEN = jwt(exp=time.time() + 60, secret="s")
    sandbox.set_profile(token=settings.FLOWTLY_API_TOKEN)
    upstream.forget()
    _code, said = run("--json")
    found = json.loads(said)
    assert (found["severity"], found["address"]) == ("warning", sandbox.url)
    assert {"code", "severity", "says", "means", "values"} == set(found["findings"][0])
    for text in (said, run()[1], json.dumps(ConnectionCheck.objects.get().result)):
        assert settings.FLOWTLY_API_TOKEN not in text
        assert "signature" not in text


def test_words_of_a_refusal_that_repeats_the_token_are_left_out(sandbox: SandboxServer) -> None:
    sandbox.set_profile(token="another")
    _code, said = run()
    assert "demo-token" not in said
    assert "HTTP 401" in said


@pytest.mark.parametrize("language", ["en", "da"])
def test_every_finding_has_words_that_fill(language: str) -> None:
    names = """address reason instance minutes moment days ms count prefix ours theirs asked got entity filters
        sorts path parameter fields paths form found operation field values sent known part"""
    every = dict.fromkeys(names.split(), "x")
    with translation.override(language):
        for code in WORDS:
            assert line(contract.Finding(code, Severity.OK, every)).says


def test_a_slow_server_is_a_warning(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 1000, 2))
    monkeypatch.setattr("backoffice.services.contract.connection.time.perf_counter", lambda: float(next(moments)))
    found = by_code(contract.run())["slow"][0]
    assert dict(found.values) == {"ms": "2000", "count": "5"}


def test_the_worker_checks_once_a_day_and_sooner_after_a_problem(sandbox: SandboxServer) -> None:
    def asked() -> bool:
        sandbox.clear_log()
        contract.run_when_due()
        return bool(sandbox.requests)

    assert asked()
    assert not asked()
    kept = ConnectionCheck.objects.get()
    for severity, hours, again in ((Severity.OK, 23, False), (Severity.OK, 25, True), (Severity.PROBLEM, 1, True)):
        at = timezone.now() - timedelta(hours=hours)
        kept.result |= {"checked_at": at.isoformat(), "findings": _findings(severity)}
        kept.save()
        assert asked() is again, (severity, hours)


def _findings(severity: Severity) -> list[Any]:
    return [["refused", severity.value, {}]] if severity is Severity.PROBLEM else []
