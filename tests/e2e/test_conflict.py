"""Somebody else saves the same client while a form is open."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_conflict_is_settled_field_by_field(hire: Hire, flowtly: Flowtly, script: bool) -> None:
    client = flowtly.has_client(addressStreetLine="Søndergade")
    clerk = hire("editor", script=script)
    clerk.edits(client["id"], dueDays="30", addressCity="Odense", addressStreetLine="Nørregade")
    flowtly.changes_meanwhile(client["id"], dueDays=21, addressCity="Horsens", status="inactive")
    clerk.saves()

    clerk.reads("Nothing was saved: 2 fields that you changed were changed elsewhere")
    assert flowtly.writes(f"/clients/{client['id']}") == []
    clash = clerk.page.locator("table.conflict tbody tr")
    expect(clash).to_have_count(2)
    for label, values in (("Due days", ("14", "21", "30")), ("City", ("Aarhus", "Horsens", "Odense"))):
        cells = clash.filter(has=clerk.page.get_by_role("rowheader", name=label)).locator("td")
        expect(cells).to_have_text([f"{value}" for value in values], use_inner_text=True)
    clerk.reads("Nørregade")
    clerk.page.get_by_role("radio", name="Due days: use mine").check()
    clerk.page.get_by_role("radio", name="City: keep what is now in Flowtly").check()
    clerk.saves()

    expect(clerk.toast).to_contain_text("was saved")
    expect(clerk.fact("addressCity")).to_have_text("Horsens")
    sent = [each["body"] for each in flowtly.writes(f"/clients/{client['id']}")]
    assert sent == [{"dueDays": 30, "addressStreetLine": "Nørregade"}]
    now = flowtly.client(client["id"])
    assert (now["dueDays"], now["addressCity"], now["addressStreetLine"], now["status"]) == (
        30,
        "Horsens",
        "Nørregade",
        "inactive",
    )


def test_a_second_conflict_is_noticed_as_well(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor")
    clerk.edits(client["id"], dueDays="30")
    flowtly.changes_meanwhile(client["id"], dueDays=21)
    clerk.saves()
    clerk.page.get_by_role("radio", name="Due days: use mine").check()
    flowtly.changes_meanwhile(client["id"], dueDays=45)
    clerk.saves()
    expect(clerk.page.locator("table.conflict")).to_contain_text("45")
    assert flowtly.writes(f"/clients/{client['id']}") == []


def test_changes_to_other_fields_do_not_block(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor")
    clerk.edits(client["id"], dueDays="30")
    flowtly.changes_meanwhile(client["id"], addressCity="Horsens")
    clerk.saves()
    expect(clerk.toast).to_contain_text("Due days 14 → 30")
    assert flowtly.client(client["id"])["addressCity"] == "Horsens"


def test_undo_asks_before_it_overwrites_a_newer_value(hire: Hire, flowtly: Flowtly) -> None:
    client = flowtly.has_client()
    clerk = hire("editor")
    clerk.edits(client["id"], dueDays="30")
    clerk.saves()
    expect(clerk.toast).to_be_visible()
    flowtly.changes_meanwhile(client["id"], dueDays=45)
    clerk.toast.get_by_role("link", name="Undo").click()
    clerk.clicks("Take it back")
    clerk.reads("Nothing was taken back")
    assert flowtly.client(client["id"])["dueDays"] == 45
    clerk.page.get_by_role("checkbox", name="Overwrite the newer value").check()
    clerk.clicks("Take it back")
    expect(clerk.fact("dueDays")).to_have_text("14")
    assert flowtly.client(client["id"])["dueDays"] == 14
