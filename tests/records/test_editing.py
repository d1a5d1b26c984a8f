"""Editing and creating, as an operator does it: open the form, type, send."""

from __future__ import annotations

import re

import pytest

from backoffice.models import Job
from backoffice.sandbox.server import SandboxServer
from backoffice.services import reading
from tests.conftest import Login
from tests.records.pages import form_of, read, said, submit

EDIT = "/clients/1/edit/"
# What a browser sends of a new form in which only the required fields were filled in.
NEW = {"name": "Ny Kunde ApS", "status": "active", "tinType": "none"}


def writes(sandbox: SandboxServer) -> list[dict]:  # type: ignore[type-arg]
    return [entry for entry in sandbox.requests if entry["method"] not in ("GET", "HEAD")]


def test_a_change_is_saved_named_and_can_be_undone(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    sandbox.patch_row("clients", 1, {"dueDays": 14})
    form = form_of(client, EDIT)
    sandbox.clear_log()
    response = client.post(EDIT, {**form, "dueDays": "30"})
    assert (response.status_code, response["Location"]) == (303, "/clients/1/")
    assert [entry["method"] for entry in sandbox.requests] == ["GET", "PATCH"]
    assert writes(sandbox)[0]["body"] == {"dueDays": 30}
    assert "Due days 14 → 30" in said(response)
    assert f"/jobs/{Job.objects.get().pk}/undo/" in said(response)


def test_an_untouched_form_makes_no_call(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("clients", 1, {"invoiceComment": " two\nlines \r\n", "addressCity": "  Aarhus "})
    client = login("editor")
    form = form_of(client, EDIT)
    sandbox.clear_log()
    response = client.post(EDIT, form)
    assert response.status_code == 303
    assert "Nothing was changed" in said(response)
    assert sandbox.requests == []
    assert not Job.objects.exists()


def test_emptied_optional_is_null_and_emptied_due_days_is_refused_here(
    sandbox: SandboxServer, login: Login
) -> None:
    sandbox.patch_row("clients", 1, {"addressCity": "Aarhus"})
    client = login("editor")
    sandbox.clear_log()
    response = submit(client, EDIT, dueDays="", addressCity="")
    assert response.status_code == 422
    assert "Due days cannot be emptied in Flowtly" in read(response).text
    assert writes(sandbox) == []
    assert submit(client, EDIT, addressCity="").status_code == 303
    assert sandbox.row("clients", 1)["addressCity"] is None  # type: ignore[index]


def test_the_same_form_sent_twice_is_one_save(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    form = {**form_of(client, EDIT), "name": "Once"}
    first, second = client.post(EDIT, form), client.post(EDIT, form)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


def test_back_and_another_change_is_another_save(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    form = form_of(client, EDIT)
    client.post(EDIT, {**form, "name": "Once"})
    client.post(EDIT, {**form, "name": "Once", "addressCity": "Twice"})
    row = sandbox.row("clients", 1)
    assert row is not None
    assert (row["name"], row["addressCity"]) == ("Once", "Twice")


def test_create_twice_makes_one_record(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    page = client.get("/clients/new/").content.decode()
    country = re.search(r'<option value="([^"]+)">Denmark', page)
    currency = re.search(r'<option value="([^"]+)">DKK', page)
    assert country
    assert currency
    form = {**form_of(client, "/clients/new/"), **NEW, "country": country[1], "currency": currency[1]}
    sandbox.clear_log()
    first, second = client.post("/clients/new/", form), client.post("/clients/new/", form)
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    assert len(writes(sandbox)) == 1
    key = first["Location"].split("/")[2]
    assert sandbox.row("clients", key)["name"] == "Ny Kunde ApS"  # type: ignore[index]
    assert "was created" in said(first)


def test_what_flowtly_refuses_lands_at_its_field_and_what_was_typed_stays(
    sandbox: SandboxServer, login: Login
) -> None:
    response = submit(login("editor"), EDIT, status="no-such-state", addressCity="Kept & <b>typed</b>")
    page = read(response)
    assert response.status_code == 422
    assert 'href="#id_status"' in response.content.decode()
    assert page.fields["status"] == "no-such-state"
    assert page.fields["addressCity"] == "Kept & <b>typed</b>"
    assert "<b>typed" not in response.content.decode()


def test_a_400_lands_at_the_field_it_quotes(sandbox: SandboxServer, login: Login) -> None:
    response = submit(login("editor"), EDIT, defaultCost="/counterparties/999999")
    assert response.status_code == 422
    assert 'href="#id_defaultCost"' in response.content.decode()


def test_conflict_asks_field_by_field(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    sandbox.patch_row("clients", 1, {"dueDays": 14, "name": "Was", "addressCity": "Old town"})
    form = form_of(client, EDIT)
    sandbox.patch_row("clients", 1, {"dueDays": 45, "name": "Theirs", "addressPostCode": "9999"})
    sandbox.clear_log()
    response = client.post(EDIT, {**form, "dueDays": "30", "name": "Mine", "addressCity": "New town"})
    page = read(response)
    assert response.status_code == 409
    assert writes(sandbox) == []
    for word in ("14", "45", "30", "Was", "Theirs", "Mine", "New town"):
        assert word in page.text
    chosen = {"choose-dueDays": "mine", "choose-name": "theirs"}
    done = client.post(EDIT, {**page.fields, "conflict": ["dueDays", "name"], **chosen})
    assert done.status_code == 303
    row = sandbox.row("clients", 1)
    assert row is not None
    assert (row["dueDays"], row["name"], row["addressCity"], row["addressPostCode"]) == (
        30,
        "Theirs",
        "New town",
        "9999",
    )


def test_a_choice_is_checked_again(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    sandbox.patch_row("clients", 1, {"dueDays": 14})
    form = form_of(client, EDIT)
    sandbox.patch_row("clients", 1, {"dueDays": 45})
    page = read(client.post(EDIT, {**form, "dueDays": "33"}))
    sandbox.patch_row("clients", 1, {"dueDays": 46})
    again = client.post(EDIT, {**page.fields, "conflict": "dueDays", "choose-dueDays": "mine"})
    assert again.status_code == 409
    assert sandbox.row("clients", 1)["dueDays"] == 46  # type: ignore[index]


def test_no_choice_keeps_theirs(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    sandbox.patch_row("clients", 1, {"dueDays": 14})
    form = form_of(client, EDIT)
    sandbox.patch_row("clients", 1, {"dueDays": 45})
    page = read(client.post(EDIT, {**form, "dueDays": "33"}))
    client.post(EDIT, {**page.fields, "conflict": "dueDays"})
    assert sandbox.row("clients", 1)["dueDays"] == 45  # type: ignore[index]


def test_a_tax_number_with_its_country_is_offered_before_saving(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    sandbox.clear_log()
    offered = submit(client, EDIT, tin="PL46584837")
    page = read(offered)
    assert writes(sandbox) == []
    assert "Use country PL and number 46584837" in page.text
    split = client.post(EDIT, {**page.fields, "split": "tin"})
    fields = read(split).fields
    assert split.status_code == 200
    assert (fields["tinCountry"], fields["tin"]) == ("PL", "46584837")
    assert writes(sandbox) == []
    assert client.post(EDIT, {**fields, "confirm": "1"}).status_code == 303
    row = sandbox.row("clients", 1)
    assert row is not None
    assert (row["tinCountry"], row["tin"]) == ("PL", "46584837")


def test_a_tax_number_may_stay_as_typed(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    fields = read(submit(client, EDIT, tin="PL46584837")).fields
    assert client.post(EDIT, {**fields, "keep": "tin"}).status_code == 303
    assert sandbox.row("clients", 1)["tin"] == "PL46584837"  # type: ignore[index]


def test_a_doubtful_tax_number_is_a_warning(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    response = submit(client, EDIT, tin="12345678", tinCountry="DK")
    page = read(response)
    assert response.status_code == 422
    assert "Save anyway" in page.text
    assert client.post(EDIT, {**page.fields, "confirm": "1"}).status_code == 303
    assert sandbox.row("clients", 1)["tin"] == "12345678"  # type: ignore[index]


def test_the_country_of_the_client_says_which_check_it_is(sandbox: SandboxServer, login: Login) -> None:
    country = next(iri for iri, code in reading.codes("countries").items() if code == "DK")
    sandbox.patch_row("clients", 1, {"tinCountry": None, "country": country.rsplit("/", 1)[-1], "tin": None})
    response = submit(login("editor"), EDIT, tin="12345678")
    assert response.status_code == 422
    assert "not a valid number of Denmark" in response.content.decode()


def test_advice_while_typing(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    client.get(EDIT)  # the look-ups are warm
    sandbox.clear_log()
    offer = client.post(
        "/clients/check-tax/", {"check": "tin", "tin": "PL46584837"}, headers={"HX-Request": "true"}
    )
    assert 'name="split" value="tin"' in offer.content.decode()
    doubt = client.post("/clients/check-tax/", {"check": "tin", "tin": "12345678", "tinCountry": "DK"})
    assert "not a valid number of Denmark" in doubt.content.decode()
    assert client.post("/clients/check-tax/", {"check": "name", "name": "PL46584837"}).content.strip() == b""
    assert sandbox.requests == []


def test_a_counterparty_by_name_without_script(sandbox: SandboxServer, login: Login) -> None:
    for key, name in ((5, "Zebra Unik Handel"), (6, "Tvilling Nord"), (7, "Tvilling Syd")):
        sandbox.patch_row("counterparties", key, {"displayName": name})
    client = login("editor")
    assert submit(client, EDIT, defaultCost="Zebra Unik").status_code == 303
    assert str(sandbox.row("clients", 1)["defaultCost"]) == "5"  # type: ignore[index]
    several = submit(client, EDIT, defaultCost="Tvilling")
    fields = read(several).fields
    assert "More than one is found" in read(several).text
    assert "/counterparties/6" in several.content.decode()
    assert fields["defaultCost"] == "Tvilling"
    assert client.post(EDIT, fields).status_code == 422, "sent again as it stands, nothing is cleared"
    missing = submit(client, EDIT, defaultCost="No such name at all")
    assert missing.status_code == 422
    assert "Nothing is found by the name" in read(missing).text


@pytest.mark.parametrize("base", ["", "nonsense", None])
def test_a_form_without_its_own_data_saves_nothing(base: str | None, sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    form = {**form_of(client, EDIT), "addressCity": "Typed"}
    form.pop("base")
    sandbox.clear_log()
    response = client.post(EDIT, form if base is None else {**form, "base": base})
    page = read(response)
    assert response.status_code == 422
    assert writes(sandbox) == []
    assert page.fields["addressCity"] == "Typed"
    assert client.post(EDIT, page.fields).status_code == 303


def test_an_outage_keeps_the_form(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    form = {**form_of(client, EDIT), "addressCity": "Typed"}
    sandbox.fault("status", status=503, times=20)
    response = client.post(EDIT, form)
    page = read(response)
    assert response.status_code == 503
    assert page.fields["addressCity"] == "Typed"
    assert "safe to try again" in page.text
    sandbox.clear_faults()
    assert client.post(EDIT, page.fields).status_code == 303
    assert sandbox.row("clients", 1)["addressCity"] == "Typed"  # type: ignore[index]


def test_gone_between_opening_and_saving(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    form = form_of(client, EDIT)
    sandbox.delete_row("clients", 1)
    response = client.post(EDIT, {**form, "name": "Other"})
    assert response.status_code == 404
    assert "Flowtly has no client 1" in read(response).text
    assert client.get(EDIT).status_code == 404


def test_who_may_not_edit_is_refused(sandbox: SandboxServer, login: Login) -> None:
    for role in ("viewer", "approver", "admin"):
        assert login(role).get(EDIT).status_code == 403
        assert login(role).post(EDIT, {"name": "x"}).status_code == 403
