"""Home counts the groups that wait to be looked at."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from backoffice.models import DuplicateGroup, GroupState, User
from backoffice.sandbox.server import SandboxServer
from tests.conftest import Login

from .cast import CLIENTS, COUNTERPARTIES, scanned
from .test_scanning import plant

pytestmark = pytest.mark.django_db(transaction=True)


def counted(text: str, url: str) -> str | None:
    found = re.search(rf'href="{re.escape(url)}">[^<]*</a><b class="[^"]*">(\d+)</b>', text)
    return found[1] if found else None


def test_groups_to_be_looked_at_are_counted(
    sandbox: SandboxServer, login: Login, person: Callable[[str], User]
) -> None:
    plant(sandbox)
    client = login("viewer")
    assert counted(client.get("/").content.decode(), "/duplicates/") is None  # nothing was compared yet
    scanned(COUNTERPARTIES, person("steward"))
    scanned(CLIENTS, person("steward"))
    for resource, url in ((COUNTERPARTIES, "/duplicates/"), (CLIENTS, "/duplicates/?entity=clients")):
        number = DuplicateGroup.objects.filter(entity=resource.slug, state=GroupState.OPEN).count()
        assert number > 0
        assert counted(client.get("/").content.decode(), url) == str(number)
    DuplicateGroup.objects.filter(entity="clients").update(state=GroupState.LATER)
    assert counted(client.get("/").content.decode(), "/duplicates/?entity=clients") == "0"
