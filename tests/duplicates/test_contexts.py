"""Records are read otherwise from a scan on: no verdict ends by that, and those of other records still do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from backoffice.models import Outcome, Snapshot, User, Verb, Verdict
from backoffice.resources import Resource
from backoffice.sandbox.faults import Kind
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates, index
from backoffice.services.duplicates import memory
from backoffice.services.index import Question

from .cast import CLIENTS, COUNTERPARTIES, scanned
from .cast_verdicts import alike, holding, say, wrote
from .test_scanning import plant

pytestmark = pytest.mark.django_db(transaction=True)
SAID = {("5", "6", "separate")}


@pytest.fixture
def steward(sandbox: SandboxServer, person: Callable[[str], User]) -> User:
    plant(sandbox)
    return person("steward")


def _edit(resource: Resource, key: str, **values: Any) -> None:
    """As a reading would find it."""
    held = next(record for record in index.every(Question(resource)) if record.key == key)
    index.put(replace(held, values={**held.values, **values}), read_at=timezone.now())


def _country() -> str:
    return duplicates.record_in_index(CLIENTS, ["5"])["5"].country


def _without_countries(sandbox: SandboxServer, kind: Kind) -> None:
    cache.clear()
    sandbox.fault(kind, status=403, method="GET", path="/countries", times=50)


def _with_countries(sandbox: SandboxServer) -> None:
    cache.clear()
    sandbox.clear_faults()


@pytest.mark.parametrize("kind", ["status", "garbage"])
def test_a_list_of_countries_that_is_not_given_today_ends_nothing(
    sandbox: SandboxServer, steward: User, kind: Kind
) -> None:
    scanned(CLIENTS, steward)
    country = _country()
    say(steward, "separate", "56", resource=CLIENTS)
    _without_countries(sandbox, kind)
    scanned(CLIENTS, steward)
    assert (holding(), _country()) == (SAID, country)


def test_a_list_of_countries_that_is_given_from_now_on_ends_nothing(sandbox: SandboxServer, steward: User) -> None:
    _without_countries(sandbox, "status")
    scanned(CLIENTS, steward)
    assert _country() == ""
    say(steward, "separate", "56", resource=CLIENTS)
    _with_countries(sandbox)
    scanned(CLIENTS, steward)
    assert (holding(), len(_country())) == (SAID, 2)
    _edit(CLIENTS, "6", country="/countries/none")
    memory.refresh(CLIENTS, ["6"])
    assert Verdict.objects.get().lapsed_fields == ["country"]


def test_what_changed_before_such_a_scan_ends_its_verdicts_all_the_same(
    sandbox: SandboxServer, steward: User
) -> None:
    _without_countries(sandbox, "status")
    scanned(CLIENTS, steward)
    say(steward, "separate", "56", resource=CLIENTS)
    _with_countries(sandbox)
    sandbox.patch_row("clients", "6", {"name": "Gripsholm Briller"})
    scanned(CLIENTS, steward)
    assert (holding(), Verdict.objects.get().lapsed_fields) == (set(), ["name"])


def test_a_field_that_the_list_leaves_out_for_a_time_ends_nothing(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    say(steward, "separate", "56", resource=COUNTERPARTIES)
    for left_out, site in ((["corporateWebsiteUrl"], None), ([], "https://gripsholm.example")):
        Snapshot.objects.filter(entity="counterparties").update(missing=left_out)
        for key in ("5", "6"):
            _edit(COUNTERPARTIES, key, corporateWebsiteUrl=site)
        duplicates.look_due()
        assert holding() == SAID
        scanned(COUNTERPARTIES, None)
        assert holding() == SAID
    _edit(COUNTERPARTIES, "5", corporateWebsiteUrl="https://optik.example")
    duplicates.look_due()
    assert Verdict.objects.get().lapsed_fields == ["url"]


def test_a_verdict_given_while_a_field_is_left_out_outlives_its_return(steward: User) -> None:
    index.refresh(COUNTERPARTIES)
    Snapshot.objects.filter(entity="counterparties").update(missing=["corporateWebsiteUrl"])
    scanned(COUNTERPARTIES, None)
    alike("56", resource=COUNTERPARTIES)
    duplicates.rebuild(COUNTERPARTIES)
    say(steward, "separate", "56", resource=COUNTERPARTIES)
    Snapshot.objects.filter(entity="counterparties").update(missing=[])
    scanned(COUNTERPARTIES, None)
    assert holding() == SAID


def test_what_is_said_while_a_scan_makes_the_groups_holds_under_it(
    sandbox: SandboxServer, steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_countries(sandbox, "status")
    scanned(CLIENTS, steward)
    _with_countries(sandbox)
    made = memory.refresh_all

    def then_say(*args: Any) -> None:
        made(*args)
        say(steward, "separate", "56", resource=CLIENTS)

    monkeypatch.setattr(memory, "refresh_all", then_say)
    scanned(CLIENTS, steward)
    assert (holding(), len(_country())) == (SAID, 2)
    assert duplicates.group_of(CLIENTS, "5") is None
    memory.refresh(CLIENTS, ["5", "6"])
    assert holding() == SAID


def _left_out(resource: Resource, *names: str) -> None:
    """A scan of the copy as it is, in which the list leaves these fields out."""
    Snapshot.objects.filter(entity=resource.slug).update(missing=list(names))
    scanned(resource, None)


def test_what_changed_while_a_field_was_left_out_ends_its_verdicts_once_it_is_back(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    say(steward, "separate", "56", resource=COUNTERPARTIES)
    _left_out(COUNTERPARTIES, "corporateWebsiteUrl")
    _edit(COUNTERPARTIES, "6", corporateWebsiteUrl="https://optik.example")
    duplicates.look_due()
    _left_out(COUNTERPARTIES, "corporateWebsiteUrl", "type")
    assert holding() == SAID
    _left_out(COUNTERPARTIES)
    verdict = Verdict.objects.get()
    assert (holding(), verdict.lapsed_key, verdict.lapsed_fields) == (set(), "6", ["url"])
    _edit(COUNTERPARTIES, "6", corporateWebsiteUrl="https://gripsholm.example")
    duplicates.look_due()
    group = duplicates.group_of(COUNTERPARTIES, "5")
    assert group is not None
    assert group.returned == ["url"]


def test_what_a_merge_wrote_while_a_field_was_left_out_ends_nothing(steward: User) -> None:
    scanned(COUNTERPARTIES, steward)
    say(steward, "separate", "56", resource=COUNTERPARTIES)
    _left_out(COUNTERPARTIES, "corporateWebsiteUrl")
    old = {"displayName": "Gripsholm Optik A/S", "corporateWebsiteUrl": "https://gripsholm.example"}
    new = {"displayName": "Gripsholm Optik A/S", "corporateWebsiteUrl": "https://optik.example"}
    wrote(steward, "merge", Verb.UPDATE, Outcome.CHANGED, "6", before=old, after=new)
    _edit(COUNTERPARTIES, "6", **new)
    _left_out(COUNTERPARTIES)
    assert holding() == SAID
    _edit(COUNTERPARTIES, "6", corporateWebsiteUrl="https://another.example")
    duplicates.look_due()
    assert holding() == set()


def test_a_number_that_was_read_from_one_field_alone_is_not_compared_with_that_of_both(steward: User) -> None:
    """The VAT number stands for the tax number while that is left out."""
    scanned(CLIENTS, steward)
    _edit(CLIENTS, "6", vatNumber="DK13585628")
    _left_out(CLIENTS, "tin")
    say(steward, "separate", "56", resource=CLIENTS)
    for missing in (["tin", "vatNumber"], [], ["tin", "vatNumber"], ["tin"], []):
        _left_out(CLIENTS, *missing)
        assert holding() == SAID
    _edit(CLIENTS, "6", tin="13585628")
    duplicates.look_due()
    assert Verdict.objects.get().lapsed_fields == ["tax_id"]


@pytest.mark.parametrize("between", [True, False])
def test_codes_that_became_known_while_a_country_was_left_out_end_nothing(
    sandbox: SandboxServer, steward: User, between: bool
) -> None:
    _without_countries(sandbox, "status")
    scanned(CLIENTS, steward)
    say(steward, "separate", "56", resource=CLIENTS)
    _left_out(CLIENTS, "country")
    _with_countries(sandbox)
    if between:
        _left_out(CLIENTS, "country", "dueDays")
    _left_out(CLIENTS)
    assert (holding(), len(_country())) == (SAID, 2)
