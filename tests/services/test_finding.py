"""The search for everything: what is known here, what Flowtly adds, and what a person may do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from backoffice.flowtly import Client, errors
from backoffice.models import Label, User
from backoffice.resources import PAGES, REGISTRY
from backoffice.sandbox.server import SandboxServer
from backoffice.services import finding, index, lists, reading
from backoffice.services.finding import FINDABLE, Action, Found, Group, Hit
from backoffice.services.reading import ListQuery

Person = Callable[[str], User]
ACTIONS = [Action("New client", "/clients/new/", "plus-lg"), Action("Clients", "/clients/", "people")]


@pytest.fixture
def find(sandbox: SandboxServer, person: Person) -> Callable[..., Found]:
    user = person("viewer")

    def ask(text: str, **options: Any) -> Found:
        return finding.find(user=user, text=text, actions=ACTIONS, **options)

    return ask


@pytest.fixture
def warm(sandbox: SandboxServer) -> None:
    """What Flowtly can search is known."""
    for resource in FINDABLE:
        reading.capabilities(resource)
    sandbox.clear_log()


def group(groups: Any, slug: str) -> Group:
    found: Group = next(each for each in groups if each.resource.slug == slug)
    return found


def keys(found: Group) -> list[str]:
    return [hit.key for hit in found.hits]


def known(*names: str, slug: str = "clients") -> None:
    """Names that were read before, with the numbers 1, 2, ..."""
    records = [
        REGISTRY[slug].decode({"id": number, REGISTRY[slug].label_field: name})
        for number, name in enumerate(names, 1)
    ]
    reading.remember(records)


def test_every_entity_with_pages_is_findable_by_its_declaration() -> None:
    assert [item.slug for item in FINDABLE] == [slug for slug, item in PAGES.items() if item.findable]
    assert {"clients", "contacts", "counterparties"} <= {item.slug for item in FINDABLE}
    for item in FINDABLE:
        assert set(item.told_apart_by) <= set(item.by_name)


def test_flowtly_is_asked_once_for_each_entity(
    find: Callable[..., Found], warm: None, sandbox: SandboxServer
) -> None:
    find("aps")
    assert sorted(entry["path"] for entry in sandbox.requests) == [
        "/client-contacts",
        "/client-notes",
        "/clients/search",
        "/counterparties",
    ]


@pytest.mark.parametrize(("text", "ask"), [("", True), ("a", True), (" ap ", True), ("aps", False)])
def test_flowtly_is_not_asked(
    find: Callable[..., Found], warm: None, sandbox: SandboxServer, text: str, ask: bool
) -> None:
    found = find(text, ask=ask)
    assert sandbox.requests == []
    assert not found.asked
    assert found.more is not ask


def test_the_entities_are_asked_at_the_same_time(
    find: Callable[..., Found], warm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of the requests is sent before all of them are on their way."""
    together = threading.Barrier(len(FINDABLE))
    page = Client.page

    def waiting(self: Client, *args: Any, **options: Any) -> Any:
        together.wait(60)
        return page(self, *args, **options)

    monkeypatch.setattr(Client, "page", waiting)
    assert all(each.problem is None for each in find("aps").asked)


def test_one_that_fails_leaves_the_others(find: Callable[..., Found], warm: None, sandbox: SandboxServer) -> None:
    row = sandbox.row("counterparties", 7)
    assert row is not None
    sandbox.fault(status=403, path="/client-contacts", times=None)
    found = find(row["displayName"])
    assert isinstance(group(found.asked, "contacts").problem, errors.Forbidden)
    assert "7" in keys(group(found.asked, "counterparties"))
    assert [each.resource.slug for each in found.asked if each.problem] == ["contacts"]


def test_one_whose_abilities_cannot_be_found_out_leaves_the_others(
    find: Callable[..., Found], sandbox: SandboxServer
) -> None:
    sandbox.fault(status=503, path="/client-notes", times=None)
    found = find("aps")
    assert isinstance(group(found.asked, "notes").problem, errors.Unavailable)
    assert group(found.asked, "clients").hits


def test_a_client_is_found_by_its_tax_number(find: Callable[..., Found], sandbox: SandboxServer) -> None:
    sandbox.patch_row("clients", 9, {"tin": "48151623"})
    (hit,) = group(find("48151623").asked, "clients").hits
    assert (hit.key, hit.record and hit.record["tin"]) == ("9", "48151623")


def test_what_is_known_here_is_told_apart_and_not_repeated(
    find: Callable[..., Found], sandbox: SandboxServer
) -> None:
    record = reading.get_record(resource=REGISTRY["clients"], key="3")
    found = find(record.label)
    (hit,) = [hit for hit in group(found.known, "clients").hits if hit.key == "3"]
    assert hit.record is not None
    assert hit.record["tin"] == record["tin"]
    assert "3" not in keys(group(found.asked, "clients"))
    (here,) = [hit for hit in group(find(record.label, ask=False).known, "clients").hits if hit.key == "3"]
    assert here.record is None


def test_more_than_is_shown_is_said(find: Callable[..., Found], sandbox: SandboxServer) -> None:
    for key in range(1, 10):
        sandbox.patch_row("clients", key, {"name": f"Ens Navn {key}"})
    found = group(find("ens navn").asked, "clients")
    assert (len(found.hits), found.left_out, found.partly) == (finding.SHOWN, True, False)
    assert group(find("ens navn 3").asked, "clients") == Group(REGISTRY["clients"], [])  # known by now


def test_where_the_api_has_no_search_a_part_of_the_list_is_looked_through_and_said(
    find: Callable[..., Found], sandbox: SandboxServer
) -> None:
    sandbox.set_profile(filters=frozenset())
    row = sandbox.row("counterparties", 2)
    assert row is not None
    found = group(find(row["displayName"]).asked, "counterparties")
    assert "2" in keys(found)
    assert found.partly


def test_what_the_api_cannot_search_comes_from_the_index(
    find: Callable[..., Found], sandbox: SandboxServer
) -> None:
    sandbox.set_profile(filters=frozenset())
    sandbox.patch_row("client-contacts", 5, {"email": "sjælden@example.com"})
    index.refresh(REGISTRY["contacts"])
    reading.capabilities(REGISTRY["contacts"])
    sandbox.clear_log()
    found = group(find("sjælden@example").asked, "contacts")
    assert keys(found) == ["5"]
    assert found.age is not None
    assert "/client-contacts" not in {entry["path"] for entry in sandbox.requests}


def test_a_tax_number_is_found_in_any_notation_once_there_is_an_index(
    find: Callable[..., Found], sandbox: SandboxServer
) -> None:
    sandbox.patch_row("clients", 9, {"tin": "48151623", "vatNumber": None})
    index.refresh(REGISTRY["clients"])
    for text in ("4815 1623", "DK 48 15 16 23", "dk48151623"):
        assert keys(group(find(text).asked, "clients")) == ["9"], text


def test_words_are_found_in_any_order_and_whatever_their_capitals(find: Callable[..., Found]) -> None:
    known("Østjysk Ærø Handel", "Handel Nord", "ØSTJYSK BYG")
    assert keys(group(find("øst", ask=False).known, "clients")) == ["3", "1"]
    assert keys(group(find("HANDEL østjysk", ask=False).known, "clients")) == ["1"]
    assert keys(group(find("del", ask=False).known, "clients")) == ["2", "1"]


def test_the_best_come_first(find: Callable[..., Found]) -> None:
    known("Mandan", "Den An", "Anden", "Hus 1", "4")
    assert keys(group(find("an", ask=False).known, "clients")) == ["3", "2", "1"]
    assert keys(group(find("4", ask=False).known, "clients")) == ["4", "5"]


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "'", '"', "%%%", "\x00", "a\x00\x00b", "🦊🦊🦊", "x" * 500, "x " * 99]
)
def test_odd_text_is_only_text(find: Callable[..., Found], text: str) -> None:
    known("Anden")
    assert all(each.hits == [] for each in find(text, ask=False).known)
    assert [each.problem for each in find(text).asked if each.problem] == []


def test_a_number_opens_what_was_never_read(find: Callable[..., Found]) -> None:
    def numbered(text: str) -> list[tuple[str, str]]:
        return [(hit.resource.slug, hit.key) for hit in find(text, ask=False).numbered]

    assert numbered("1042") == [("clients", "1042"), ("contacts", "1042"), ("counterparties", "1042")]
    known("En", "To")
    assert numbered("2") == [("contacts", "2"), ("counterparties", "2")]
    assert numbered("1042123456") == numbered("10 42") == numbered("٣") == numbered("") == []


def test_nothing_typed_shows_what_was_opened_lately(find: Callable[..., Found], person: Person) -> None:
    for key in ("5", "3"):
        reading.remember_opened(
            user=person("viewer"), record=reading.get_record(resource=REGISTRY["clients"], key=key)
        )
    found = find("  ")
    assert [hit.key for hit in found.opened] == ["3", "5"]
    assert found.actions == ACTIONS
    assert not found.known


def test_actions_are_found_by_every_word(find: Callable[..., Found]) -> None:
    assert [action.label for action in find("CLIENT", ask=False).actions] == ["New client", "Clients"]
    assert [action.label for action in find("cli new", ask=False).actions] == ["New client"]
    assert find("new clerk", ask=False).actions == []


def test_names_read_again_are_found_by_the_new_name(find: Callable[..., Found]) -> None:
    known("Gammelt Navn")
    known("Nyt Navn")
    assert keys(group(find("gammelt", ask=False).known, "clients")) == []
    assert group(find("nyt", ask=False).known, "clients").hits == [Hit(REGISTRY["clients"], "1", "Nyt Navn")]
    assert Label.objects.get(entity="clients").folded == "nyt navn"


def test_several_lists_are_read_as_each_alone(sandbox: SandboxServer) -> None:
    clients, notes = REGISTRY["clients"], REGISTRY["notes"]
    asks = [
        (clients, ListQuery(size=30, page=2)),
        (notes, ListQuery(sort=("-createdAt",), size=5)),
        (clients, ListQuery()),
    ]
    assert lists.at_once(asks) == [lists.page(resource=each, query=query) for each, query in asks]


def test_what_is_known_costs_one_query_for_each_entity(
    find: Callable[..., Found], django_assert_num_queries: Any
) -> None:
    known("Anden")
    with django_assert_num_queries(len(FINDABLE)):
        find("and", ask=False)
