"""What looks like a record, and why, in words."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from backoffice import matching
from backoffice.matching.features import SIGNALS
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates

from .cast import CLIENTS, COUNTERPARTIES

FIELDS = {field for field, _side in SIGNALS.values()} | {"address"}


def test_every_signal_has_a_sentence_of_its_own() -> None:
    assert duplicates.SENTENCES.keys() == SIGNALS.keys() | {"address_cap"}
    for language in ("en", "da"):
        with translation.override(language):
            said = [duplicates.sentence(code) for code in duplicates.SENTENCES]
        assert len(set(said)) == len(said)
        assert all(said)
    assert not [code for code in duplicates.SENTENCES if "_" in duplicates.sentence(code)]


def test_every_sentence_is_translated() -> None:
    with translation.override("en"):
        english = {code: duplicates.sentence(code) for code in duplicates.SENTENCES}
    with translation.override("da"):
        assert not [code for code, said in english.items() if duplicates.sentence(code) == said]


@pytest.mark.parametrize("slug", ["clients", "counterparties"])
def test_every_field_has_a_name_where_it_is_compared(slug: str) -> None:
    resource = {"clients": CLIENTS, "counterparties": COUNTERPARTIES}[slug]
    compared = {item.matchable for item in resource.fields} | {"site" if slug == "counterparties" else "tax_id"}
    for field in FIELDS & (compared | {"name", "number", "place", "form", "address", "email"}):
        assert re.match(r"[A-Z]", duplicates.field_label(resource, field)), field


@pytest.mark.django_db(transaction=True)
def test_why_two_look_like_one(compared: SandboxServer) -> None:
    found = duplicates.explained(COUNTERPARTIES, "5", "6")
    assert found is not None
    assert sum(line.weight for line in found.contributions) == found.score >= found.threshold
    said = {line.words for line in found.contributions if line.speaks_for}
    assert {"same website after normalising", "same name, apart from legal form and spelling"} <= said
    site = next(line for line in found.contributions if line.field_label == "Website")
    assert site.raw == ("https://gripsholm.example", "https://gripsholm.example")
    assert site.normalised == ("gripsholm.example", "gripsholm.example")
    assert all(line.weight for line in found.contributions)
    assert duplicates.explained(COUNTERPARTIES, "5", "no such record") is None


@pytest.mark.django_db(transaction=True)
def test_contradictions_are_said_also_where_they_are_outweighed(compared: SandboxServer) -> None:
    a = matching.Record("a", name="Holm El IV", url="https://holm.example")
    b = matching.Record("b", name="Holm El V", url="https://holm.example")
    speaking, against = duplicates.in_words(matching.explain(a, b))
    assert "different numbers in the names" in against
    assert "same website after normalising" in speaking
    assert not set(speaking) & set(against)


@pytest.mark.django_db(transaction=True)
def test_what_looks_like_a_new_one(compared: SandboxServer) -> None:
    values = {"displayName": "gripsholm optik", "corporateWebsiteUrl": "www.gripsholm.example"}
    found = duplicates.like(COUNTERPARTIES, values)
    assert [each.key for each in found][:2] in (["5", "6"], ["6", "5"])
    assert found[0].label.startswith("Gripsholm")
    assert "same website after normalising" in found[0].reasons
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert duplicates.like(COUNTERPARTIES, values, leave_out="5")[0].key == "6"
    assert len(duplicates.like(COUNTERPARTIES, values, most=1)) == 1
    assert duplicates.like(COUNTERPARTIES, {"displayName": "Zwischenwasser Xylophonbau"}) == []
    assert duplicates.like(COUNTERPARTIES, {}) == []
    assert not compared.requests


@pytest.mark.django_db(transaction=True)
def test_looking_takes_few_queries_and_none_to_flowtly(compared: SandboxServer) -> None:
    duplicates.frozen(CLIENTS)
    with CaptureQueriesContext(connection) as asked:
        found = duplicates.like(CLIENTS, {"name": "Gripsholm Optik", "tin": "26 13 44 39"})
    assert {"5", "6"} <= {each.key for each in found}
    assert len(asked) <= 5
    assert not compared.requests
