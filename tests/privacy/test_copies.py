"""Index, files and saved views: a person goes from them with the rest, and comes back only from Flowtly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import ROWS, Export, ExportFormat, Label, SavedView, Snapshot, User
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, exports, index, layouts, privacy
from backoffice.services.index import Question
from backoffice.services.reading import ListQuery
from tests.privacy.tables import where

NAME = "Åse Ørsted-Testsen"


@pytest.fixture(params=[True, False], ids=["embedded", "by address"])
def indexed(sandbox: SandboxServer, request: Any) -> SandboxServer:
    sandbox.set_profile(embed_contacts=request.param)
    sandbox.patch_row("client-contacts", 1, {"name": NAME, "email": "aase@ny.example"})
    for resource in PAGES.values():
        assert index.refresh(resource)
    return sandbox


def redact() -> dict[str, int]:
    return privacy.redact(actor=None, actor_name="test", entity="contacts", key="1", reason="request 14")


def neighbours() -> list[Any]:
    client = next(each for each in index.every(Question(PAGES["clients"])) if each.key == "1")
    return list(client["clientContacts"])


def test_nothing_is_left_in_the_index(indexed: SandboxServer) -> None:
    others = [each for each in neighbours() if each != "/client-contacts/1" and NAME not in str(each)]
    assert "index" in {store for hit in privacy.search("aase@ny.example") for store in hit.stores}
    total = ROWS["contacts"]._default_manager.count()
    embedded = isinstance(neighbours()[0], dict)
    assert redact()["index"] == (2 if embedded else 1)
    assert [where(NAME), where("aase@ny.example")] == [[], []]
    assert ROWS["contacts"]._default_manager.count() == total - 1
    assert [each for each in neighbours() if each != "/client-contacts/1"] == others
    assert privacy.preview(entity="contacts", key="1").total == 0


def test_what_flowtly_still_has_is_read_again(indexed: SandboxServer) -> None:
    before = neighbours()
    redact()
    asked = Snapshot.objects.get(entity="contacts")
    assert asked.asked_at is not None
    assert index.refresh(PAGES["contacts"])
    assert index.refresh(PAGES["clients"])
    assert Label.objects.get(entity="contacts", key="1").label == NAME
    assert neighbours() == before


def test_what_is_gone_from_flowtly_stays_away(indexed: SandboxServer) -> None:
    indexed.delete_row("client-contacts", 1)
    redact()
    for resource in PAGES.values():
        assert index.refresh(resource)
    assert where(NAME) == []


def test_what_was_searched_for_goes_from_views_files_and_trail(
    indexed: SandboxServer, person: Callable[[str], User]
) -> None:
    viewer, contacts = person("viewer"), PAGES["contacts"]
    for number, query in enumerate(
        ["q=ørsted&type=general", "email__contains=AASE@ny&sort=-name", "q=invoices&name=Åse+Ørsted-Testsen"]
    ):
        name = f"Seeking {NAME}" if number == 2 else f"View of {number}"
        layouts.save_view(
            user=viewer, resource=contacts, name=name, shared=False, query=query, columns=["name"], size=25
        )
    sought = exports.request(
        actor=viewer,
        resource=PAGES["counterparties"],
        source=exports.of_list(ListQuery(search="testsen"), ""),
        title="Counterparties, search: testsen",
        columns=(),
        file_format=ExportFormat.CSV,
        language="en",
    )
    assert where("search: testsen")
    assert redact()["views"] == 3
    found = list(SavedView.objects.order_by("pk").values_list("query", flat=True))
    assert found == ["type=general", "sort=-name", "q=invoices"]
    assert not Export.objects.filter(pk=sought.pk).exists()
    assert [where(text) for text in ("testsen", "ørsted-t", "aase@ny")] == [[], [], []]
    assert privacy.preview(entity="contacts", key="1").total == 0
    assert audit.verify() == []
