"""The cast and the stage: a sandbox Flowtly over real HTTP, and people with one role each."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from backoffice.models import User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import upstream
from backoffice.services.access import give_roles
from backoffice.services.jobs import runners
from backoffice.services.reading import forget_labels
from tools.messages import compile_stale

ROLES = ("viewer", "editor", "steward", "approver", "admin")
SHARED = Path(__file__).parents[1].parent / "shared"
Login = Callable[[str], Client]
_BEAT = 0.5  # seconds

# A slow machine is no fault of the code: no example has to be ready within a time. Here each run tries others;
# what decides about a merge tries the same ones each time.
hypothesis.settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis.settings.load_profile("patient")


def pytest_configure() -> None:
    """Danish pages speak Danish also where pytest was started by hand."""
    compile_stale()


@pytest.fixture(autouse=True)
def _alive_within_a_transaction(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runner of a job tells from a connection of its own that it is alive. Where a test is one transaction,
    nobody else sees the runner, and on a busy machine it took itself for dead: there it lives as long as its
    thread."""
    marker = request.node.get_closest_marker("django_db")
    outside = marker is not None and bool(marker.kwargs.get("transaction"))
    if outside or {"transactional_db", "live_server"} & {*request.fixturenames}:
        return

    def beats(place: runners.Place, stop: threading.Event) -> None:
        while not stop.wait(_BEAT):
            place._beaten = time.time()

    monkeypatch.setattr(runners, "_beats", beats)


@pytest.fixture(scope="session")
def _server() -> Iterator[SandboxServer]:
    with SandboxServer(clients=120, counterparties=80) as server:
        yield server


@pytest.fixture
def connect(
    settings: LazySettings, tmp_path: Path, db: None
) -> Iterator[Callable[[SandboxServer], SandboxServer]]:
    """Points the back office at a sandbox, with nothing remembered from another one."""

    def point(server: SandboxServer) -> SandboxServer:
        settings.FLOWTLY_API_URL = server.url
        settings.FLOWTLY_API_TOKEN = server.profile.token
        settings.FLOWTLY_INSTANCE = ""
        settings.FLOWTLY_SETTLE_SECONDS = 0.01
        settings.DATA_DIR = tmp_path
        _forget()
        return server

    yield point
    _forget()


def _forget() -> None:
    upstream.forget()
    forget_labels()
    cache.clear()


@pytest.fixture
def sandbox(_server: SandboxServer, connect: Callable[[SandboxServer], SandboxServer]) -> Iterator[SandboxServer]:
    """The usual Flowtly, as on its first day, with the back office pointed at it."""
    profile = _server.profile
    _server.reset()
    _server.clear_log()
    yield connect(_server)
    _server.clear_faults()
    _server.set_profile(**{name: getattr(profile, name) for name in profile.__dataclass_fields__})


@pytest.fixture
def person(db: None) -> Callable[[str], User]:
    """The person of a role, named like it; made when first asked for."""

    def get(role: str) -> User:
        user, made = User.objects.get_or_create(username=role, defaults={"email": f"{role}@example.com"})
        if made:
            user.set_password("correct horse")
            user.save()
            give_roles(user=user, roles=[role])
        return user

    return get


@pytest.fixture
def login(person: Callable[[str], User]) -> Login:
    """A browser signed in as the person of a role."""

    def get(role: str) -> Client:
        client = Client()
        client.force_login(person(role), backend="backoffice.backends.RoleBackend")
        return client

    return get
