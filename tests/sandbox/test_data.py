"""The data of the first day: the same for the same seed, believable, and as awkward as real data."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from stdnum.de import vat as de_vat
from stdnum.dk import cvr as dk_cvr
from stdnum.gb import vat as gb_vat
from stdnum.pl import nip as pl_nip
from stdnum.se import orgnr as se_orgnr

from backoffice.sandbox.data.generate import demo_data, duplicate_groups, lookalike_groups
from backoffice.sandbox.data.names import ODD_NAMES
from backoffice.sandbox.schema import BY_PATH

Row = dict[str, Any]
CHECKS: dict[str, Any] = {"DK": dk_cvr, "PL": pl_nip, "DE": de_vat, "SE": se_orgnr, "GB": gb_vat}


def rows(**options: Any) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    settings = {"clients": 400, "counterparties": 900, "seed": 1, "codes_as_ids": True} | options
    for path, chunk in demo_data(**settings)():
        names = ("id", *(each.name for each in BY_PATH[path].columns))
        found.setdefault(path, []).extend(dict(zip(names, row, strict=True)) for row in chunk)
    return found


@pytest.fixture(scope="module")
def data() -> dict[str, list[Row]]:
    return rows()


def test_the_same_seed_makes_the_same_data(data: dict[str, list[Row]]) -> None:
    # More records than are kept between starts, so that both are really made.
    large = {"clients": 3000, "counterparties": 3000}
    assert rows(**large) == rows(**large)
    assert rows(seed=2)["clients"] != data["clients"]


def test_there_are_as_many_as_asked_for(data: dict[str, list[Row]]) -> None:
    assert (len(data["clients"]), len(data["counterparties"])) == (400, 900)
    assert len(data["client-contacts"]) > 400
    assert len(data["client-notes"]) > 100
    assert len(data["documents"]) > 300
    for path in ("client-notes", "counterparties", "countries"):
        assert len({row["id"] for row in data[path]}) == len(data[path])


def test_most_tax_numbers_are_right_and_some_are_not(data: dict[str, list[Row]]) -> None:
    verdicts = Counter(
        CHECKS[row["tinCountry"]].is_valid(row["tin"])
        for row in data["clients"]
        if row["tin"] and row["tinCountry"]
    )

    assert verdicts[True] > 300
    assert 5 < verdicts[False] < 40
    assert sum(row["tin"] is None for row in data["clients"]) > 5
    assert any(row["tin"] and row["tin"][:2].isalpha() for row in data["clients"])


def test_each_country_has_its_share(data: dict[str, list[Row]]) -> None:
    shares = Counter(row["country"] for row in data["clients"])

    assert shares.keys() == CHECKS.keys()
    assert shares["DK"] == max(shares.values())
    assert {row["tinType"] for row in data["clients"]} == {"cvr", "nip", "vat", "orgnr", "none"}


def test_names_are_awkward_and_unlike(data: dict[str, list[Row]]) -> None:
    for path, name in (("clients", "name"), ("counterparties", "displayName")):
        names = {row[name] for row in data[path]}
        assert set(ODD_NAMES) <= names
        assert max(map(len, names)) > 200
        assert all(len(each) <= 255 and each for each in names)
        assert len(names) > 0.9 * len(data[path])


def test_values_are_missing_here_and_there(data: dict[str, list[Row]]) -> None:
    for name in ("defaultCost", "attributeSet", "tinCountry", "vatNumber", "addressCity", "costGroup"):
        missing = sum(row[name] is None for row in data["clients"])
        assert 0 < missing < 400, name


def test_every_record_meets_the_rules(data: dict[str, list[Row]]) -> None:
    for path, found in data.items():
        for field in BY_PATH[path].columns:
            if field.nullable:
                continue
            assert all(row[field.name] is not None for row in found), (path, field.name)
            assert not field.choices or {row[field.name] for row in found} <= set(field.choices)


def test_relations_point_at_something(data: dict[str, list[Row]]) -> None:
    for path, found in data.items():
        for field in BY_PATH[path].relations():
            known = {row["id"] for row in data[field.target]} | {None}
            assert {row[field.name] for row in found} <= known, (path, field.name)


def test_a_few_counterparties_are_used_far_more_than_the_rest(data: dict[str, list[Row]]) -> None:
    used = Counter(row["defaultCost"] for row in data["clients"] if row["defaultCost"])

    assert used.most_common(1)[0][1] > 10
    assert sum(number == 1 for number in used.values()) > 30


def test_nobody_real_can_be_written_to(data: dict[str, list[Row]]) -> None:
    addresses = [row["email"] for path in ("client-contacts", "employees") for row in data[path]]

    assert all(each.rpartition("@")[2] in ("example.com", "example.org", "example.net") for each in addresses)
    assert "editor@example.com" in addresses
    websites = [row["corporateWebsiteUrl"] for row in data["counterparties"] if row["corporateWebsiteUrl"]]
    assert all(each.rstrip("/").endswith(".example") for each in websites)


def test_duplicates_are_known_and_hard(data: dict[str, list[Row]]) -> None:
    names = {row["id"]: row["displayName"] for row in data["counterparties"]}
    groups, alike = duplicate_groups(), lookalike_groups()

    assert 50 <= len(groups) <= 60
    assert 15 <= len(alike) <= 25
    members = [key for group in [*groups, *alike] for key in group]
    assert len(members) == len(set(members))
    spelt = [len({names[key].casefold() for key in group}) for group in groups]
    assert sum(number > 1 for number in spelt) > 40
    assert all(len({names[key] for key in group}) == len(group) for group in alike)
