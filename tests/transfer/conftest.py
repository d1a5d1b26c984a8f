"""A sheet of some clients, as a steward gets it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from backoffice.models import User
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from tests.transfer.sheets import Book, download

Make = Callable[..., Book]


@pytest.fixture
def steward(person: Callable[[str], User]) -> User:
    return person("steward")


@pytest.fixture
def sheet(sandbox: SandboxServer, steward: User) -> Make:
    """Makes a sheet for editing of these records and opens it, as a person does."""

    def make(slug: str = "clients", keys: Iterable[int] = (1, 2, 3), **asked: object) -> Book:
        return Book(download(steward, PAGES[slug], [str(key) for key in keys], **asked))

    return make
