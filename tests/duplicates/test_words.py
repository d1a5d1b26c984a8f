"""What was said stands in the history, in words."""

from __future__ import annotations

import pytest

from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates, index
from backoffice.services.duplicates import rebuild
from tests.conftest import Login
from tests.duplicates.test_verdicts import Person
from tests.records.pages import read

from .cast_verdicts import COUNTERPARTIES, alike, say

pytestmark = pytest.mark.django_db


def test_the_history_tells_who_said_what_of_which_records(
    sandbox: SandboxServer, login: Login, person: Person
) -> None:
    sandbox.patch_row("counterparties", "1", {"displayName": "Hansen El"})
    index.refresh(COUNTERPARTIES)
    alike("12")
    rebuild(COUNTERPARTIES)
    said = say(person("steward"), "separate", "12", reason="Two families")
    page = read(login("viewer").get("/history/")).text
    for words in ("marked as no duplicate", "Hansen El", "with 2", "Two families"):
        assert words in page
    own = read(login("viewer").get("/history/", {"entity": "counterparties", "key": "1"})).text
    assert "marked as no duplicate" in own
    duplicates.take_back(actor=person("steward"), act=said.act)
    page = read(login("viewer").get("/history/")).text
    assert "took back a verdict on" in page
    assert "Duplicates: verdict taken back" in page
