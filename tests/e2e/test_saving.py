"""Saving when things go wrong: twice, without a session, while Flowtly is down, with its answer lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .clerk import Clerk
from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


def fill_new_client(clerk: Clerk, name: str) -> None:
    clerk.opens("/clients/new/")
    clerk.fills(name=name, status="active", tinType="cvr")
    clerk.field("country").select_option(label="Denmark")
    clerk.field("currency").select_option(value="/currencies/1")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_double_click_makes_one_client(hire: Hire, flowtly: Flowtly, script: bool) -> None:
    name = f"Dobbeltklik {'med' if script else 'uden'} script ApS"
    clerk = hire("editor", script=script)
    fill_new_client(clerk, name)
    flowtly.fails(kind="delay", seconds=25.0, method="POST", path="/clients")  # until it recovers
    clerk.page.get_by_role("button", name="Create client").dblclick(no_wait_after=True)
    flowtly.waits_for_a_write("/clients", name=name)
    flowtly.recovers()
    expect(clerk.title).to_contain_text(name)
    clerk.looks_again()
    clerk.opens(f"/clients/?q={name}")
    expect(clerk.rows).to_have_count(1)
    assert len(flowtly.clients_named(name)) == 1
    assert [each["body"]["name"] for each in flowtly.writes("/clients")].count(name) == 1


def test_a_session_that_expired_over_the_form_loses_nothing(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor")
    clerk.edits(client["id"], dueDays="30", invoiceComment='Linje 1\n"Linje 2" & <b>')
    clerk.context.clear_cookies(name="backoffice_session")
    clerk.saves()
    clerk.reads("What you typed is kept")
    assert flowtly.writes(f"/clients/{client['id']}") == []
    clerk.signs_in_as("editor")
    clerk.clicks("Send what I typed")
    expect(clerk.toast).to_contain_text("Due days 14 → 30")
    now = flowtly.client(client["id"])
    assert (now["dueDays"], now["invoiceComment"]) == (30, 'Linje 1\n"Linje 2" & <b>')
    assert clerk.asked == []


def test_an_outage_keeps_what_was_typed(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor")
    clerk.edits(client["id"], dueDays="30", addressCity="Odense")
    flowtly.is_down()
    clerk.saves()
    expect(clerk.summary).to_contain_text("Not saved")
    expect(clerk.summary).to_contain_text("What you typed is still here")
    expect(clerk.summary).to_be_focused()
    expect(clerk.field("dueDays")).to_have_value("30")
    expect(clerk.field("addressCity")).to_have_value("Odense")
    flowtly.recovers()
    assert flowtly.writes(f"/clients/{client['id']}") == []
    clerk.saves()
    expect(clerk.toast).to_contain_text("was saved")
    assert flowtly.client(client["id"])["addressCity"] == "Odense"


def test_an_answer_lost_after_the_save_is_settled_without_a_second_write(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    path = f"/clients/{client['id']}"
    clerk = hire("editor")
    clerk.edits(client["id"], dueDays="30")
    flowtly.fails(kind="reset", apply=True, method="PATCH", path=path)
    clerk.saves()
    expect(clerk.title).to_have_text(client["name"])
    expect(clerk.page.locator("main")).to_contain_text("Due days 14 → 30")
    assert [each["method"] for each in flowtly.writes(path)] == ["PATCH"]
    assert flowtly.client(client["id"])["dueDays"] == 30


def test_a_write_lost_before_it_arrived_is_found_out(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    path = f"/clients/{client['id']}"
    clerk = hire("editor")
    clerk.edits(client["id"], dueDays="30")
    flowtly.fails(kind="reset", method="PATCH", path=path)
    clerk.saves()
    clerk.reads("Not saved")
    assert [each["method"] for each in flowtly.writes(path)] == ["PATCH"]
    assert flowtly.client(client["id"])["dueDays"] == 14


def test_leaving_with_unsaved_changes_asks(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor")
    clerk.edits(client["id"])
    clerk.link("Cancel").click()
    clerk.is_at(f"/clients/{client['id']}/")
    assert clerk.asked == []
    clerk.edits(client["id"], dueDays="30")
    clerk.leaves = False
    clerk.link("History").click(no_wait_after=True)
    expect(clerk.field("dueDays")).to_have_value("30")
    assert clerk.was_asked(1)
    clerk.leaves = True
    clerk.link("History").click()
    clerk.is_at("/history/")
    assert clerk.was_asked(2)
