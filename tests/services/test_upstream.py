"""One database serves one Flowtly, and a pause after a 429 is everybody's."""

from __future__ import annotations

import time
from typing import Any

import pytest

from backoffice.models import Upstream, User
from backoffice.services import upstream
from backoffice.services.backoff import SharedBackoff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _address(settings: Any) -> None:
    settings.FLOWTLY_API_URL = "https://api.flowtly.example/api"


def test_a_new_database_is_claimed_once() -> None:
    first = upstream.claim_upstream()
    assert upstream.claim_upstream().pk == first.pk
    assert Upstream.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("FLOWTLY_API_URL", "https://other.example"), ("FLOWTLY_INSTANCE", "1hk"), ("SANDBOX", True)],
)
def test_another_flowtly_is_refused_with_both_names(settings: Any, name: str, value: Any) -> None:
    upstream.claim_upstream()
    setattr(settings, name, value)
    with pytest.raises(upstream.UpstreamMismatch, match=r"belongs to https://api\.flowtly\.example/api"):
        upstream.claim_upstream()


def test_the_sandbox_may_come_back_on_another_port(settings: Any) -> None:
    settings.SANDBOX, settings.FLOWTLY_API_URL = True, "http://127.0.0.1:4001"
    first = upstream.claim_upstream()
    settings.FLOWTLY_API_URL = "http://127.0.0.1:4002"
    assert upstream.claim_upstream().pk == first.pk


def test_demo_accounts_are_refused_in_production(settings: Any) -> None:
    User.objects.create_user("viewer", password="demo", demo=True)
    upstream.refuse_demo_accounts()
    settings.PRODUCTION = True
    with pytest.raises(upstream.DemoAccountsPresent, match="viewer"):
        upstream.refuse_demo_accounts()


def test_a_pause_reaches_another_process() -> None:
    upstream.claim_upstream()
    here, elsewhere = SharedBackoff(), SharedBackoff()
    assert elsewhere.wait_until() is None
    until = time.time() + 3600
    here.announce(until)
    assert here.wait_until() == until
    elsewhere._looked = 0.0  # a second later
    assert elsewhere.wait_until() == until


def test_a_shorter_pause_does_not_cut_a_longer_one_short() -> None:
    upstream.claim_upstream()
    here, elsewhere = SharedBackoff(), SharedBackoff()
    until = time.time() + 3600
    here.announce(until)
    elsewhere.announce(until - 20)
    assert Upstream.objects.get().paused_until == until
