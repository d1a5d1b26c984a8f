"""Narrowing a list: chips, one filter more, several sorts, and the copy that answers what Flowtly cannot."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.resources import PAGES
from backoffice.resources.criteria import operators_of
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index
from tests.conftest import Login
from tests.records.pages import read

HTMX = {"HX-Request": "true"}


@pytest.fixture
def indexed(sandbox: SandboxServer) -> SandboxServer:
    for resource in PAGES.values():
        index.refresh(resource)
    return sandbox


def rows(sandbox: SandboxServer, keys: list[str]) -> list[dict[str, object]]:
    return [dict(sandbox.row("clients", key) or {}) for key in keys]


def test_several_filters_at_once_each_a_chip_that_can_be_taken_away(indexed: SandboxServer, login: Login) -> None:
    client = login("viewer")
    page = read(client.get("/clients/?status=active&dueDays__gte=14&vatNumber__empty=false&size=200"))
    found = rows(indexed, page.rows)
    assert 0 < len(found) < 120
    assert all(row["status"] == "active" and row["dueDays"] >= 14 and row["vatNumber"] for row in found)  # type: ignore[operator]
    assert f"{len(found)} found" in page.text
    for words in ("Status: active", "Due days: from 14", "VAT number: not empty"):
        assert words in page.text
    without = [link for link in page.links if link.startswith("/clients/?") and "dueDays__gte" not in link]
    assert "/clients/?status=active&vatNumber__empty=false&size=200" in without


def test_values_of_one_field_are_either_or(indexed: SandboxServer, login: Login) -> None:
    page = read(login("viewer").get("/clients/?status=active&status=lead&size=200"))
    assert {row["status"] for row in rows(indexed, page.rows)} == {"active", "lead"}
    assert "/clients/?status=lead&size=200" in page.links
    assert "/clients/?status=active&size=200" in page.links


def test_the_copys_age_is_said_and_it_can_be_read_again(indexed: SandboxServer, login: Login) -> None:
    client = login("viewer")
    fresh = read(client.get("/clients/?status=active"))
    assert "From our copy" not in fresh.text
    page = read(client.get("/clients/?vatNumber__empty=true"))
    assert "From our copy, " in page.text
    before = index.age(PAGES["clients"])
    assert before
    answer = client.post("/clients/refresh/", {"back": "/clients/?vatNumber__empty=true"})
    assert answer["Location"] == "/clients/?vatNumber__empty=true"
    waiting = client.get("/clients/refresh/", {"since": before.refreshed_at.isoformat()}, headers=HTMX)
    assert "Being read again" in waiting.content.decode()
    index.refresh_due()
    done = client.get("/clients/refresh/", {"since": before.refreshed_at.isoformat()}, headers=HTMX)
    assert (done.status_code, done["HX-Trigger"]) == (286, '{"index-refreshed": {}}')


@pytest.mark.parametrize(
    "back", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_the_way_back_stays_here(indexed: SandboxServer, login: Login, back: str) -> None:
    assert login("viewer").post("/clients/refresh/", {"back": back})["Location"] == "/clients/"


def test_sorted_by_several_columns(indexed: SandboxServer, login: Login) -> None:
    answer = login("viewer").get("/clients/?vatNumber__empty=false&sort=-dueDays,name&size=200")
    page, html = read(answer), answer.content.decode()
    found = [
        (-row["dueDays"], str(row["name"]).lower())
        for row in rows(indexed, page.rows)
        if row["dueDays"] is not None
    ]  # type: ignore[operator]
    assert found == sorted(found)
    assert 'aria-sort="descending"' in html
    assert 'aria-sort="ascending"' in html


def test_every_column_sorts_once_there_is_a_copy(indexed: SandboxServer, login: Login) -> None:
    page = read(login("viewer").get("/clients/"))
    for name in PAGES["clients"].list_display:
        assert f"/clients/?sort={name}" in page.links


def test_the_page_that_adds_a_filter_goes_step_by_step(indexed: SandboxServer, login: Login) -> None:
    client = login("viewer")
    first = client.get("/clients/filter/?status=active&sort=name").content.decode()
    assert "Choose a field" in first
    assert 'name="status" value="active"' in first
    second = client.get("/clients/filter/?status=active&add=dueDays").content.decode()
    assert 'value="gte"' in second
    done = client.get("/clients/filter/?status=active&sort=name&add=dueDays&how=gte&what=30&go=1")
    assert dict(parse_qsl(urlsplit(done["Location"]).query)) == {
        "status": "active",
        "sort": "name",
        "dueDays__gte": "30",
    }


def test_counts_stand_beside_the_values(indexed: SandboxServer, login: Login) -> None:
    text = login("viewer").get("/clients/filter/?add=status").content.decode()
    counted = {value: int(n) for value, n in re.findall(r'value="(\w+)"> \w+ \((\d+)\)', text)}
    assert sum(counted.values()) == 120
    page = read(login("viewer").get("/clients/?status=lead"))
    assert f"{counted['lead']} found" in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("add=dueDays&how=gte&what=many&go=1", "Write a whole number."),
        ("add=dueDays&how=gte&what=&go=1", "Say what to look for."),
        ("add=&go=1", "Choose a field."),
        ("add=country&how=is&what=<b>&go=1", "Choose from the list."),
    ],
)
def test_a_wrong_answer_is_told_beside_the_field(
    indexed: SandboxServer, login: Login, query: str, said: str
) -> None:
    answer = login("viewer").get(f"/clients/filter/?{query}")
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_related_records_that_are_not_there(indexed: SandboxServer, login: Login) -> None:
    client = login("viewer")
    done = client.get("/clients/filter/?add=contacts&how=empty&go=1")
    assert done["Location"] == "/clients/?contacts__empty=true"
    page = read(client.get("/clients/?contacts__empty=true&size=200"))
    owners = {
        str(indexed.row("client-contacts", key)["client"]) for key in index.keys(index.Question(PAGES["contacts"]))
    }  # type: ignore[index]
    assert set(page.rows) == {str(n) for n in range(1, 121)} - owners
    assert "Contacts: none" in page.text


def test_the_panel_comes_without_its_page(indexed: SandboxServer, login: Login) -> None:
    part = login("viewer").get("/clients/filter/?add=status", headers=HTMX).content.decode()
    assert "<html" not in part
    assert part.count('id="filter-panel"') == 1


def test_what_the_form_does_not_show_is_sent_along(indexed: SandboxServer, login: Login) -> None:
    html = login("viewer").get("/clients/?dueDays__gte=14&status=active").content.decode()
    assert re.search(r'type="hidden" form="list-form" name="dueDays__gte" value="14"', html)
    assert 'type="hidden" form="list-form" name="status"' not in html


_WILD = st.dictionaries(
    st.sampled_from(
        [
            f"{name}__{operator}"
            for name in ("name", "dueDays", "country", "contacts", "clientContacts")
            for operator in ("is", "not", "contains", "gte", "lte", "empty", "regex", "")
        ]
        + ["name", "dueDays", "status"]
    ),
    st.lists(
        st.text(max_size=12) | st.sampled_from(["true", "14", "-1", "9" * 15, "/countries/1", "2026-01-01"]),
        max_size=3,
    ),
    max_size=4,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(query=_WILD)
def test_no_address_breaks_a_list(indexed: SandboxServer, login: Login, query: dict[str, list[str]]) -> None:
    client: Client = login("viewer")
    assert client.get("/clients/", query).status_code == 200
    assert client.get("/clients/filter/", {**query, "add": "name"}).status_code == 200


@pytest.mark.parametrize("slug", PAGES)
def test_every_field_of_every_entity_can_be_narrowed_by(indexed: SandboxServer, login: Login, slug: str) -> None:
    client, resource = login("viewer"), PAGES[slug]
    for item in resource.fields:
        if "empty" in operators_of(resource, item.name):
            answers = [client.get(f"/{slug}/?{item.name}__empty={flag}") for flag in ("true", "false")]
            totals = [
                int(re.search(r"([\d,]+) found", read(answer).text)[1].replace(",", "")) for answer in answers
            ]  # type: ignore[index]
            assert sum(totals) == index.total(index.Question(resource)), item.name
