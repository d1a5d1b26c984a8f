"""Three counterparties that are one company, found by a scan: a group of which tests know everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backoffice.models import DuplicateGroup, User
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index
from tests.duplicates.cast import COUNTERPARTIES, scanned

TWINS = ("Bagergaardens Brødfabrik ApS", "Bagergårdens Brødfabrik A/S", "Bagergaardens Brodfabrik")


@pytest.fixture
def twins(sandbox: SandboxServer) -> list[str]:
    """Three counterparties that are one company, and nobody else's twins; their numbers."""
    rows = [
        {"displayName": name, "type": "vendor", "corporateWebsiteUrl": "https://bagergaarden.example"}
        for name in TWINS
    ]
    return [sandbox.add_row("counterparties", row) for row in rows]


@pytest.fixture
def queue(sandbox: SandboxServer, twins: list[str], person: Callable[[str], User]) -> DuplicateGroup:
    """Everything read and compared; the group of the three."""
    for resource in PAGES.values():
        index.refresh(resource)
    scanned(COUNTERPARTIES, person("steward"))
    sandbox.clear_log()
    return group_with(twins)


def group_with(keys: list[str]) -> DuplicateGroup:
    """The group of exactly these records."""
    for group in DuplicateGroup.objects.filter(members__key=keys[0]):
        if {member.key for member in group.members.all()} == set(keys):
            return group
    raise AssertionError(keys)
