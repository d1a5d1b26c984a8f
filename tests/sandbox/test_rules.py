"""What a write may be, beyond what was recorded."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import NEW_CLIENT, Caller, Start


def violations(answer: Any) -> list[tuple[str, str]]:
    return [(each["propertyPath"], each["message"]) for each in answer.json()["violations"]]


def test_defaults_are_filled_in(api: Caller) -> None:
    created = api("POST", "/clients", NEW_CLIENT)

    assert created.status_code == 201
    assert (created.json()["dueDays"], created.json()["documentsLanguage"]) == (14, "da")
    assert api.get(created.headers["Location"]) == created.json()


def test_a_blank_choice_breaks_two_rules(api: Caller) -> None:
    answer = api("PATCH", "/clients/1", {"status": ""})

    assert answer.status_code == 422
    assert violations(answer) == [
        ("status", "This value should not be blank."),
        ("status", "The value you selected is not a valid choice."),
    ]


def test_several_rules_are_broken_in_declared_order(api: Caller) -> None:
    answer = api("POST", "/clients", NEW_CLIENT | {"dueDays": -1, "name": "", "status": "nope"})

    assert [path for path, _ in violations(answer)] == ["status", "name", "dueDays"]
    assert api.server.profile.name == "flowtly"
    assert answer.json()["@id"].startswith("/validation_errors/0=")


def test_a_refused_write_changes_nothing(api: Caller) -> None:
    before = api.server.row("clients", 1)

    assert api("PATCH", "/clients/1", {"addressCity": "Odense", "dueDays": -1}).status_code == 422
    assert api("PATCH", "/clients/1", {"addressCity": "Odense", "dueDays": "x"}).status_code == 400
    assert api.server.row("clients", 1) == before


def test_an_emptied_optional_field_is_gone_and_a_required_one_stays(api: Caller) -> None:
    api.server.patch_row("clients", 1, {"addressCity": "Odense"})

    answer = api("PATCH", "/clients/1", {"addressCity": None})

    assert "addressCity" not in answer.json()
    for name in ("dueDays", "documentsLanguage", "name", "country"):
        assert api("PATCH", "/clients/1", {name: None}).status_code == 400


@pytest.mark.parametrize(
    ("value", "given"), [(True, "boolean"), (1.5, "double"), (10**20, "double"), ({}, "array"), ([], "array")]
)
def test_types_are_named_as_php_names_them(api: Caller, value: Any, given: str) -> None:
    answer = api("PATCH", "/clients/1", {"dueDays": value})

    assert answer.status_code == 400
    assert answer.json()["detail"] == f'The type of the "dueDays" attribute must be "int", "{given}" given.'


@pytest.mark.parametrize("body", ['{"note": NaN}', '{"note": "\\ud800"}', "nonsense", "\x00", "[" * 100_000])
def test_what_php_cannot_decode_is_a_syntax_error(api: Caller, body: str) -> None:
    answer = api("POST", "/client-notes", data=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["detail"]) == (400, "Syntax error")


def test_errors_of_type_are_collected_where_the_profile_says_so(start: Start) -> None:
    body = {"name": 5, "country": "/countries/999", "currency": "/currencies/1"}

    assert start()("POST", "/clients", body).status_code == 400
    answer = start(collect_errors={"clients"})("POST", "/clients", body)
    assert answer.status_code == 422
    assert violations(answer) == [
        ("name", "This value should be of type string."),
        ("country", "This value should be of type App\\Entity\\Country."),
    ]


def test_a_bad_choice_is_a_400_where_the_server_has_backed_enumerations(start: Start) -> None:
    answer = start(enum_errors=400)("PATCH", "/clients/1", {"status": "nope"})

    assert answer.status_code == 400
    assert "backed enumeration" in answer.json()["detail"]


def test_a_tax_number_may_be_unique(start: Start) -> None:
    api = start(unique_tin=True)
    number = {"tin": "12345678", "tinCountry": "DK"}
    first = api("POST", "/clients", NEW_CLIENT | number)

    answer = api("POST", "/clients", NEW_CLIENT | number)

    assert (answer.status_code, violations(answer)) == (422, [("tin", "This value is already used.")])
    assert answer.json()["violations"][0]["code"] == "23bd9dbf-6b9b-41cd-a99e-4844bcf3077f"
    assert api("POST", "/clients", NEW_CLIENT | number | {"tinCountry": "SE"}).status_code == 201
    assert api("PATCH", first.headers["Location"], {"dueDays": 8}).status_code == 200


def test_an_edit_moves_the_time_stamp(api: Caller) -> None:
    before = api.get("/client-contacts/1")

    after = api("PATCH", "/client-contacts/1", {"title": "CFO"}).json()

    assert after["createdAt"] == before["createdAt"]
    assert after["updatedAt"] > before["updatedAt"]
    assert after["title"] == "CFO"


def test_notes_have_keys_that_are_no_numbers(api: Caller) -> None:
    body = {"client": "/clients/1", "employee": "/employees/2", "note": "Ringet 🙂"}

    created = api("POST", "/client-notes", body)

    assert len(created.json()["id"]) == 36
    assert api.get(created.headers["Location"])["note"] == "Ringet 🙂"
    assert api("DELETE", created.headers["Location"]).status_code == 204
    assert api("GET", created.headers["Location"]).status_code == 404


@pytest.mark.parametrize(("switch", "status"), [("500", 500), ("409", 409), ("allow", 204)])
def test_a_counterparty_in_use_is_deleted_as_the_house_allows(start: Start, switch: str, status: int) -> None:
    api = start(delete_in_use=switch)
    api.server.patch_row("clients", 1, {"defaultCost": "/counterparties/7"})

    assert api("DELETE", "/counterparties/7").status_code == status
    gone = status == 204
    assert (api.server.row("counterparties", 7) is None) == gone
    assert (api.get("/clients/1").get("defaultCost") is None) == gone


def test_a_wrong_method_is_told_before_a_missing_token(api: Caller) -> None:
    answer = api("DELETE", "/clients/1", headers={"Authorization": ""})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PATCH")


def test_the_content_type_is_checked_before_the_record_is_looked_for(api: Caller) -> None:
    unsupported = api("PATCH", "/clients/99999", {}, headers={"Content-Type": "application/json"})
    missing = api("PATCH", "/clients/99999", data=b"{}")

    assert (unsupported.status_code, missing.status_code) == (415, 404)
