"""The form of a change: it holds what was added to it, says what is there, keeps what was typed, makes a plan."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from backoffice.models import Forecast, Job
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index
from tests.bulk.cast import CLIENTS, COUNTERPARTIES, by_key, forecasts, sent
from tests.bulk.pages import HTMX, change, form_url, set_to
from tests.conftest import Login
from tests.records.pages import read

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(sandbox: SandboxServer, login: Login) -> Client:
    return login("steward")


def test_the_form_holds_nothing_but_what_was_added(browser: Client, sandbox: SandboxServer) -> None:
    url = form_url(browser, "1", "2", "3")
    sandbox.clear_log()
    page = read(browser.get(url), "change-form")
    assert "Change fields of 3 clients" in page.text
    assert set(page.fields) - {"name"} == {"csrfmiddlewaretoken", "nonce", "added"}
    added = read(browser.post(url, {"add": "1", "added": "dueDays"}), "change-form")
    assert {name for name in added.fields if name.endswith("-dueDays")} == {
        f"{part}-dueDays" for part in ("how", "value", "number", "from")
    } & set(added.fields)
    assert added.fields["field"] == "dueDays"
    assert "Sensitive: a second person may have to agree" in added.text
    assert sandbox.requests == []


def test_adding_and_leaving_out_keep_what_was_typed(browser: Client, sandbox: SandboxServer) -> None:
    url = form_url(browser, "1")
    typed = {**set_to(dueDays="soon"), "number-dueDays": "7", "name": "Q4", "nonce": "n1"}
    page = read(browser.post(url, {**typed, "add": "1", "added": "invoiceComment"}, headers=HTMX), "change-form")
    assert page.fields["value-dueDays"] == "soon"
    assert (page.fields["number-dueDays"], page.fields["name"], page.fields["nonce"]) == ("7", "Q4", "n1")
    assert "how-invoiceComment" in page.fields
    assert "There is no preview yet" not in page.text
    again = {**page.fields, "field": ["dueDays", "invoiceComment"], "drop": "invoiceComment"}
    page = read(browser.post(url, again), "change-form")
    assert page.fields["value-dueDays"] == "soon"
    assert "how-invoiceComment" not in page.fields


def test_a_field_that_nobody_may_change_in_bulk_is_not_taken(browser: Client, sandbox: SandboxServer) -> None:
    url = form_url(browser, "1")
    page = read(browser.post(url, {"field": ["name", "x", "id"], "add": "1", "added": "name"}), "change-form")
    assert "field" not in page.fields
    answer = browser.post(url, set_to(name="Same for all"))
    assert answer.status_code == 422
    assert "Add at least one field." in read(answer).text
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        (set_to(dueDays=""), "Due days: Enter the new value."),
        (set_to(dueDays="1.5"), "Due days: Write a whole number"),
        (set_to(invoiceComment=" "), "To empty the field, choose to clear it."),
        ({"field": "dueDays", "how-dueDays": "add", "number-dueDays": "x"}, "Due days: Write a whole number"),
        ({"field": "dueDays", "how-dueDays": "clear"}, "Due days: Select a valid choice"),
        ({"field": "invoiceComment", "how-invoiceComment": "replace"}, "Comment on invoices: Enter the text"),
        ({"field": "tin", "how-tin": "copy"}, "Tax number: Choose a field."),
        (set_to(country="/elsewhere/1"), "Country: Choose one from the list."),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_all_is_kept(
    browser: Client, sandbox: SandboxServer, posted: dict[str, Any], said: str
) -> None:
    url = form_url(browser, "1")
    answer = browser.post(url, {"addressCity": "", **posted, "nonce": "n1", "name": "Mine"})
    page = read(answer, "change-form")
    assert answer.status_code == 422
    assert said in page.text
    assert page.text.count(said.split(": ", 1)[-1]) == 2  # in the summary and at the field
    typed = {name: text for name, text in posted.items() if name != "field" and name.split("-")[0] != "how"}
    assert {name: page.fields[name] for name in typed} == typed
    assert page.fields["name"] == "Mine"
    assert not Job.objects.exists()


def test_inputs_of_another_way_are_not_looked_at(browser: Client, sandbox: SandboxServer) -> None:
    posted = {**set_to(dueDays="21"), "number-dueDays": "nonsense"}
    assert forecasts(change(browser, ["1"], posted)) == {"1": Forecast.CHANGE}


@pytest.mark.parametrize(
    ("name", "posted", "expected"),
    [
        ("dueDays", {"how": "set", "value": "21"}, 21),
        ("dueDays", {"how": "add", "number": "5"}, 35),
        ("dueDays", {"how": "subtract", "number": "5"}, 25),
        ("invoiceComment", {"how": "clear"}, None),
        ("invoiceComment", {"how": "replace", "find": "  bank", "with": " konto"}, "Danne konto"),
        ("invoiceComment", {"how": "replace", "find": "DANNE", "with": "Nord", "case": "on"}, "Nord  bank"),
        ("vatNumber", {"how": "copy", "from": "tin"}, "42"),
        ("status", {"how": "set", "value": "lead"}, "lead"),
        ("tinCountry", {"how": "set", "value": "SE"}, "SE"),
    ],
)
def test_each_way_becomes_a_plan(
    browser: Client, sandbox: SandboxServer, name: str, posted: dict[str, str], expected: Any
) -> None:
    held = {"dueDays": 30, "invoiceComment": "Danne  bank", "tin": "42", "vatNumber": "7", "status": "active"}
    sandbox.patch_row("clients", 1, {**held, "tinCountry": "DK"})
    given = {"field": name, **{f"{part}-{name}": text for part, text in posted.items()}}
    job = change(browser, ["1"], given)
    step = by_key(job)["1"]
    assert (step.forecast, step.changes) == (Forecast.CHANGE, {name: expected})
    assert sent(sandbox.requests) == []


def test_a_related_record_by_its_name_without_a_script(browser: Client, sandbox: SandboxServer) -> None:
    row = sandbox.row("counterparties", 3)
    assert row is not None
    job = change(browser, ["1"], set_to(defaultCost=row["displayName"]))
    assert by_key(job)["1"].changes["defaultCost"].endswith("/counterparties/3")
    answer = browser.post(form_url(browser, "1"), set_to(defaultCost="Nobody at all"))
    assert "Nothing is found by the name" in read(answer).text


def test_what_they_hold_now_stands_beside_the_field(browser: Client, sandbox: SandboxServer) -> None:
    for key, days in (("1", 30), ("2", 30), ("3", None)):
        sandbox.patch_row("clients", int(key), {"dueDays": days, "currency": "/currencies/1"})
    url = form_url(browser, "1", "2", "3")
    before = read(browser.post(url, {"add": "1", "added": "dueDays"}))
    assert "What they hold now is not known yet" in before.text
    index.refresh(CLIENTS)
    sandbox.clear_log()
    page = read(browser.post(url, {"field": "currency", "add": "1", "added": "dueDays"}))
    assert re.search(r"30 : 2 .*empty : 1", page.text)
    assert "/currencies/1" not in page.text
    assert "As of our copy, read less than a minute ago" in page.text
    assert not [each for each in sandbox.requests if "currencies" not in each["path"]]


def test_the_same_form_twice_is_one_plan_and_another_change_is_another(
    browser: Client, sandbox: SandboxServer
) -> None:
    url = form_url(browser, "1", "2")
    posted = {**set_to(dueDays="21"), "nonce": "n1", "name": "Q4 review"}
    first, second = browser.post(url, posted), browser.post(url, posted)
    assert first["Location"] == second["Location"]
    third = browser.post(url, {**posted, "value-dueDays": "22"})
    assert third["Location"] != first["Location"]
    assert Job.objects.count() == 2
    assert "Q4 review" in read(browser.get(first["Location"])).text


def test_the_records_are_one_click_away_page_by_page(browser: Client, sandbox: SandboxServer) -> None:
    browser.get("/clients/?size=200")
    url = form_url(browser, *(str(number) for number in range(1, 111)))
    assert "See all 110" in read(browser.get(url)).text
    sandbox.clear_log()
    there = url.removesuffix("change/")
    page, last = read(browser.get(there)), read(browser.get(f"{there}?page=2"))
    assert (len(page.rows), len(last.rows)) == (100, 10)
    name = (sandbox.row("clients", 1) or {})["name"]
    assert name in page.text
    assert sandbox.requests == []


def test_a_selection_is_its_owners_alone(browser: Client, sandbox: SandboxServer, login: Login) -> None:
    url = form_url(browser, "1")
    for role, status in (("admin", 403), ("viewer", 403)):
        assert login(role).get(url).status_code == status
        assert login(role).get(url.removesuffix("change/")).status_code == 404


def test_nothing_selected_leads_back_to_the_list(browser: Client, sandbox: SandboxServer) -> None:
    browser.post("/clients/selection/none/", headers=HTMX)
    answer = browser.post("/clients/selection/change/")
    assert (answer.status_code, answer["Location"]) == (303, "/clients/")


@pytest.mark.parametrize(("role", "offered"), [("steward", True), ("editor", False), ("viewer", False)])
def test_the_bar_offers_it_to_who_may(sandbox: SandboxServer, login: Login, role: str, offered: bool) -> None:
    browser = login(role)
    bar = browser.post("/clients/selection/", {"add": "1"}, headers=HTMX)
    assert ("Change fields" in bar.content.decode()) is offered


@pytest.mark.parametrize("slug", ["clients", "contacts", "counterparties"])
def test_every_entity_by_declaration_alone(browser: Client, sandbox: SandboxServer, slug: str) -> None:
    key = read(browser.get(f"/{slug}/")).rows[0]
    url = form_url(browser, key, slug=slug)
    groups = re.findall(r'<option value="(\w+)"', browser.get(url).content.decode())
    assert groups
    for name in groups:
        page = read(browser.post(url, {"add": "1", "added": name}), "change-form")
        assert page.fields["field"] == name


def test_several_that_a_name_may_mean_are_offered(browser: Client, sandbox: SandboxServer) -> None:
    sandbox.patch_row("counterparties", 3, {"displayName": "Twin One"})
    sandbox.patch_row("counterparties", 4, {"displayName": "Twin Two"})
    index.refresh(COUNTERPARTIES)
    answer = browser.post(form_url(browser, "1"), set_to(defaultCost="Twin"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Twin One" in text
    assert "Twin Two" in text
