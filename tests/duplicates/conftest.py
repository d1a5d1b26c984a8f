"""Workers in processes of their own, as for jobs; and a sandbox whose records were compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backoffice.models import User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates
from tests.engine.conftest import start

from .cast import scanned
from .test_scanning import plant

__all__ = ["start"]


@pytest.fixture
def compared(sandbox: SandboxServer, person: Callable[[str], User]) -> SandboxServer:
    plant(sandbox)
    for resource in duplicates.queued():
        scanned(resource, person("steward"))
    sandbox.clear_log()
    return sandbox
