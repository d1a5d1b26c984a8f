"""Requests to Flowtly for every page of every entity, counted, with look-ups and labels warm.

The figures are those of docs/architecture.md; a page that is not named here fails the last test.
"""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client
from django.urls import get_resolver

from backoffice.resources import PAGES, Children, Kind
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index, reading
from tests.conftest import Login
from tests.records.pages import form_of

# Pages of one entity: their requests without an index, and with one where it makes a difference.
LIST_PAGES = {
    "list": ("", 1, 1),
    "list sorted by what Flowtly lacks": ("?sort={lacking}", 1, 0),
    "list narrowed by what Flowtly lacks": ("?{lacking}__empty=false", 1, 0),
    "add_filter": ("filter/?add={lacking}", 0, 0),
    "columns": ("columns/", 0, 0),
    "views": ("views/", 0, 0),
    "export_list": ("export/", 1, 1),
    "sheet": ("sheet/", 0, 0),
    "paste": ("selection/paste/", 0, 0),
    "create": ("new/", 0, 0),
}
RECORD_PAGES = {"detail": ("", 1), "edit": ("edit/", 1), "record_history": ("history/", 1)}


@pytest.fixture(params=[False, True], ids=["without a copy", "with a copy"])
def copied(request: pytest.FixtureRequest, sandbox: SandboxServer) -> bool:
    for resource in PAGES.values() if request.param else ():
        index.refresh(resource)
    return bool(request.param)


def requests_of(client: Client, sandbox: SandboxServer, url: str) -> int:
    """The second visit, so that what is remembered is remembered."""
    client.get(url)
    sandbox.clear_log()
    answer = client.get(url)
    assert answer.status_code == 200, url
    return len(sandbox.requests)


@pytest.mark.parametrize("slug", PAGES)
def test_pages_about_the_list(copied: bool, sandbox: SandboxServer, login: Login, slug: str) -> None:
    client, resource = login("steward"), PAGES[slug]
    able = reading.capabilities(resource)
    lacking = next(
        item.name for item in resource.fields if item.name not in able.sorts and item.kind is not Kind.LIST
    )
    for name, (address, without, with_copy) in LIST_PAGES.items():
        url = f"/{slug}/{address.format(lacking=lacking)}"
        assert requests_of(client, sandbox, url) <= (with_copy if copied else without), (name, url)


@pytest.mark.parametrize("slug", PAGES)
def test_pages_of_one_record(copied: bool, sandbox: SandboxServer, login: Login, slug: str) -> None:
    client, resource = login("steward"), PAGES[slug]
    key = _key(client, slug)
    for name, (address, allowed) in RECORD_PAGES.items():
        contacts = 1 if (slug, name) == ("clients", "detail") else 0
        assert requests_of(client, sandbox, f"/{slug}/{key}/{address}") <= allowed + contacts, name
    for tab in resource.tabs:
        assert requests_of(client, sandbox, f"/{slug}/{key}/{tab.name}/") <= 2, tab.name
        fragment = {"HX-Request": "true"}
        sandbox.clear_log()
        assert client.get(f"/{slug}/{key}/{tab.name}/", headers=fragment).status_code == 200
        assert len(sandbox.requests) <= 1 if isinstance(tab, Children) else 1, tab.name


@pytest.mark.parametrize("slug", PAGES)
def test_a_save_reads_back_and_writes_once(sandbox: SandboxServer, login: Login, slug: str) -> None:
    client, resource = login("steward"), PAGES[slug]
    url = f"/{slug}/{_key(client, slug)}/edit/"
    form = form_of(client, url)
    sandbox.clear_log()
    answer = client.post(url, {**form, resource.label_field: "Budgetprøve ApS"})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    assert Counter(entry["method"] for entry in sandbox.requests) == {"GET": 1, "PATCH": 1}


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/history/",
        "/jobs/",
        "/branding/",
        "/exports/",
        "/preferences/",
        "/search/",
        "/merges/",
        "/merges/mapping.csv",
        "/duplicates/",
        "/duplicates/?entity=clients",
        "/duplicates/verdicts/",
    ],
)
def test_pages_that_ask_flowtly_nothing(copied: bool, sandbox: SandboxServer, login: Login, url: str) -> None:
    assert requests_of(login("steward"), sandbox, url) == 0


def _clients(sandbox: SandboxServer) -> int:
    return sum(sandbox.row("clients", key) is not None for key in range(1, 1000))


def test_composing_a_merge_reads_each_record_and_walks_the_clients(sandbox: SandboxServer, login: Login) -> None:
    """Choosing costs nothing: the form carries what it was made from. The plan reads afresh."""
    client = login("steward")
    pages = -(-_clients(sandbox) // 100)
    new = "/merges/new/"
    url = f"{new}?ids=12,15,18"
    assert requests_of(client, sandbox, url) == 3 + pages
    form = form_of(client, url, "merge-form")
    sandbox.clear_log()
    for chosen in ({"pick-displayName": "15"}, {"survivor": "15"}, {"do": "look"}):
        assert client.post(new, {**form, **chosen}).status_code == 200
    assert sandbox.requests == []
    place = client.post(new, {**form, "do": "plan"})["Location"]
    assert len(sandbox.requests) == 3 + pages
    sandbox.clear_log()
    assert client.get(place).status_code == 200
    assert sandbox.requests == []


def test_no_page_of_a_list_is_forgotten() -> None:
    own = {
        pattern.name
        for outer in get_resolver().url_patterns
        if "resource" in str(outer.pattern)
        for pattern in outer.url_patterns
    }
    # Fragments and actions: counted where they are tested.
    others = {"refresh", "suggest", "check_tax", "alike", "delete", "tab", "move", "page_size", "grid_selected"}
    others |= {"export_selected", "edit_selected", "merge_selected"}
    others |= {
        name
        for name in own
        if str(name).split("_")[-1] == "view" or str(name).split("_")[0] in ("select", "enrich", "change")
    }
    assert own - others == set(RECORD_PAGES) | {name for name in LIST_PAGES if " " not in name}


def _key(client: Client, slug: str) -> str:
    return client.get(f"/{slug}/").content.decode().split('<tr data-id="')[1].split('"')[0]
