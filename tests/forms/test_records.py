"""The form of a record: what it sends, what it refuses, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.forms.basis import Basis, UnusableBasis
from backoffice.forms.records import build_form
from backoffice.resources.clients import CLIENTS
from tests.forms.cast import CLIENT, OFFERED, basis, created, edited, posted, rendered

REQUIRED = {
    "name": "Ny Kunde ApS",
    "status": "active",
    "country": "/countries/DK",
    "currency": "/currencies/DKK",
    "tinType": "cvr",
}


def test_untouched_form_changes_nothing() -> None:
    form = edited()
    assert form.is_valid(), form.errors
    assert form.changes == {}


def test_only_the_changed_field_is_sent() -> None:
    form = edited(dueDays="30")
    assert form.is_valid()
    assert form.changes == {"dueDays": 30}


def test_an_input_that_was_not_posted_keeps_its_value() -> None:
    form = build_form(CLIENTS, basis=basis(), offered=OFFERED)(posted({"dueDays": "30"}))
    assert form.is_valid(), form.errors
    assert form.changes == {"dueDays": 30}
    assert form["name"].value() == CLIENT["name"]
    assert form.texts()["addressCity"] == CLIENT["addressCity"]


def test_emptied_optional_field_becomes_null() -> None:
    form = edited(defaultCost="", invoiceComment="  \r\n")
    assert form.is_valid()
    assert form.changes == {"defaultCost": None, "invoiceComment": None}


@pytest.mark.parametrize(
    "name", ["name", "status", "country", "currency", "tinType", "dueDays", "documentsLanguage"]
)
def test_what_flowtly_cannot_empty_is_refused_here(name: str) -> None:
    form = edited(**{name: " "})
    assert not form.is_valid()
    assert str(CLIENTS.by_name[name].label) in form.errors[name][0]
    assert name not in form.changes


def test_a_field_that_is_empty_already_may_stay_empty() -> None:
    form = edited(basis(status=None, dueDays=None), name="Other")
    assert form.is_valid(), form.errors
    assert form.changes == {"name": "Other"}


def test_new_record_leaves_empty_fields_out() -> None:
    form = created(**REQUIRED, dueDays="", tin=" ", documentsLanguage="")
    assert form.is_valid(), form.errors
    assert form.changes == REQUIRED


def test_new_record_needs_the_required_fields() -> None:
    form = created(name="Only a name")
    assert not form.is_valid()
    assert set(form.errors) == {"status", "country", "currency", "tinType"}


def test_a_list_value_is_shown_and_never_sent() -> None:
    form = edited(basis(tin=["1", "2"], invoiceComment={"a": 1}), name="Other")
    assert form.is_valid(), form.errors
    assert "tin" not in form.fields
    assert form.changes == {"name": "Other"}
    facts = {item.name for section in form.sections() for item, _value in section.facts}
    assert facts == {"tin", "invoiceComment"}


def test_a_chosen_value_that_the_list_lacks_stays_an_option() -> None:
    of = basis(country="/countries/ZZ", tinCountry="XX", attributeSet="/attribute-sets/99")
    form = build_form(CLIENTS, basis=of, offered=OFFERED)()
    for name, held in (("country", "/countries/ZZ"), ("tinCountry", "XX"), ("attributeSet", "/attribute-sets/99")):
        assert f'<option value="{held}" selected>' in str(form[name])


def test_a_refused_choice_is_not_replaced_by_another() -> None:
    form = edited(attributeSet="/attribute-sets/404")
    assert not form.is_valid()
    assert '<option value="/attribute-sets/404" selected>' in str(form["attributeSet"])


def test_values_seen_are_offered_and_others_taken() -> None:
    assert '<option value="lead">' in str(edited()["status"])
    form = edited(status="archived", documentsLanguage="sv")
    assert form.is_valid()
    assert form.changes == {"status": "archived", "documentsLanguage": "sv"}


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("en", " 30 ", 30),
        ("en", "1,200", 1200),
        ("da", "1.200", 1200),
        ("da", "1 200", 1200),
        ("en", "-5", -5),
        ("en", "014", 14),
    ],
)
def test_whole_numbers_as_people_write_them(language: str, text: str, days: int) -> None:
    with translation.override(language):
        form = edited(dueDays=text)
        assert form.is_valid(), form.errors
    assert form.cleaned_data["dueDays"] == days


@pytest.mark.parametrize("text", ["x", "1.5", "1,5", "12,34", "30 dage", "9" * 40, "٣٠x", "1e3"])
def test_what_is_no_whole_number_is_named(text: str) -> None:
    form = edited(dueDays=text)
    assert not form.is_valid()
    assert form.errors["dueDays"] == ["Write a whole number, for example 30."]
    assert form["dueDays"].value() == text


def test_a_counterparty_is_sent_by_its_address_and_nothing_else() -> None:
    assert edited(defaultCost="/counterparties/3").is_valid()
    assert edited(defaultCost="https://flowtly.example/api/counterparties/3").is_valid()
    assert not edited(defaultCost="Acme").is_valid()
    assert not edited(country="/countries/XX").is_valid()


def test_the_same_record_under_another_prefix_is_no_change() -> None:
    form = edited(defaultCost="/api/counterparties/17")
    assert form.is_valid()
    assert form.changes == {}


def test_too_long_a_name() -> None:
    form = edited(name="n" * 300)
    assert not form.is_valid()
    assert "300" in form.errors["name"][0]


def test_unknown_places_of_a_complaint_go_on_top_in_words() -> None:
    form = edited(name="Other")
    assert form.is_valid()
    form.explain([("name", "Too plain."), ("clientContacts[0].email", "Not valid."), ("", "No luck.")])
    assert form.errors["name"] == ["Too plain."]
    assert form.non_field_errors() == ["Contacts 1, email: Not valid.", "No luck."]


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ('The type of the "dueDays" attribute must be "int", "string" given.', "dueDays"),
        ('Expected IRI or nested document for attribute "country", "integer" given.', "country"),
        ('Item not found for "/counterparties/999".', "defaultCost"),
        ('Invalid IRI "/counterparties/999".', "defaultCost"),
    ],
)
def test_a_400_lands_at_the_field_it_quotes(message: str, name: str) -> None:
    form = edited(defaultCost="/counterparties/999")
    assert form.is_valid()
    form.explain([("", message)])
    assert form.errors == {name: [message]}


def test_a_basis_is_for_one_record_and_cannot_be_altered() -> None:
    signed = basis().signed()
    assert Basis.read(signed, resource=CLIENTS, key="7").values == dict(basis().values)
    for text, key in ((signed, "8"), (signed + "x", "7"), ("", "7"), (Basis.of_nothing(CLIENTS).signed(), "7")):
        with pytest.raises(UnusableBasis):
            Basis.read(text, resource=CLIENTS, key=key)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from([item.name for item in CLIENTS.editable_fields])
WILD = st.text(max_size=60) | st.sampled_from(["", " ", "\r\n", "<script>", "'\"", "{{ x }}", "=1+1", "/", "\x00"])


@settings(max_examples=60, deadline=None)
@given(payload=st.dictionaries(NAMES, JSON, max_size=8), typed=st.dictionaries(NAMES, WILD, max_size=6))
def test_wild_input_never_breaks_and_untouched_fields_are_never_sent(
    payload: dict[str, Any], typed: dict[str, str]
) -> None:
    of = Basis.of_record(CLIENTS.decode({**CLIENT, **payload}))
    untouched = rendered(of)
    form = build_form(CLIENTS, basis=of, offered=OFFERED)(posted({**untouched, **typed}))
    form.is_valid()
    str(form)
    touched = {name for name, text in typed.items() if text != untouched.get(name)}
    assert set(form.changes) <= touched


@settings(max_examples=40, deadline=None)
@given(typed=st.dictionaries(NAMES, WILD, max_size=8))
def test_wild_new_records_never_break(typed: dict[str, str]) -> None:
    form = created(**typed)
    form.is_valid()
    str(form)
    assert all(value not in (None, "") for value in form.changes.values())
