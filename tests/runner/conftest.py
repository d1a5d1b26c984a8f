"""Front doors for the tests of the runner: each with data in a folder of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.frontdoor import FrontDoor

Open = Callable[..., FrontDoor]


@pytest.fixture
def front_door(tmp_path: Path) -> Iterator[Open]:
    """Opens front doors on one data folder; whatever is left of them afterwards is ended."""
    doors: list[FrontDoor] = []

    def start(command: list[str] | None = None, *, terminal: bool = False, **settings: str) -> FrontDoor:
        serve = [sys.executable, "-m", "tools.serve"]
        doors.append(FrontDoor(tmp_path, command or serve, terminal=terminal, **settings))
        return doors[-1]

    yield start
    for door in doors:
        door.clear_away()
