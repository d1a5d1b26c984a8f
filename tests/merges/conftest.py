"""The stage of a merge, and workers that die at a boundary, as for every other job."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from backoffice.models import User
from backoffice.sandbox.server import SandboxServer
from tests.engine.conftest import start

from .cast import stage

__all__ = ["start", "steward"]


@pytest.fixture
def steward(sandbox: SandboxServer, person: Callable[[str], User]) -> User:
    stage(sandbox)
    return person("steward")


@pytest.fixture
def browser(steward: User) -> Client:
    client = Client()
    client.force_login(steward, backend="backoffice.backends.RoleBackend")
    return client
