"""What is kept of duplicates: a sole trader goes from groups and verdicts, and ended verdicts are emptied."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.models import AuditEntry, Block, Compared, Likeness, User, Verdict
from backoffice.resources import Resource
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, duplicates, index, privacy
from backoffice.services.duplicates import groups, queue, rebuild
from backoffice.services.privacy import retention
from tests.duplicates.cast_verdicts import COUNTERPARTIES, alike, holding, put, say, shown
from tests.privacy.cast import Person, redacted
from tests.privacy.tables import where

pytestmark = pytest.mark.django_db(transaction=True)
NAME, OTHER = "Per Enkeltmand", "Ida Vognmand"


@pytest.fixture
def steward(sandbox: SandboxServer, person: Person) -> User:
    """1, 2 and 3 look alike, and so do 4 and 5."""
    for key, name in (("1", NAME), ("2", "Enkelte Mænd ApS"), ("3", "Enkeltmænd"), ("4", OTHER), ("5", "Ida V")):
        sandbox.patch_row("counterparties", key, {"displayName": name})
    assert index.refresh(COUNTERPARTIES)
    for key in "123":
        Compared.objects.create(entity="counterparties", key=key, fingerprint="f" * 32)
        Block.objects.create(entity="counterparties", key=key, code=7)
    alike("12", "23", "13", "45")
    rebuild(COUNTERPARTIES)
    return person("steward")


def test_it_waits_for_whoever_looks_before_it_takes_anything(
    steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, there = groups.hold, list[bool]()

    def waits(resource: Resource) -> None:
        there.append(Likeness.objects.filter(a="1").exists())
        hold(resource)

    monkeypatch.setattr(groups, "hold", waits)
    redacted("counterparties", "1")
    assert there[0]


def test_nothing_of_the_person_is_left_and_the_rest_stays(steward: User) -> None:
    say(steward, "separate", "12", of="123", reason=f"{NAME} died")
    say(steward, "same", "45", reason=f"As {NAME} told us")
    assert where(NAME)
    assert privacy.preview(entity="counterparties", key="1").counts["duplicates"] > 0
    redacted("counterparties", "1")
    assert where(NAME) == []
    assert privacy.preview(entity="counterparties", key="1").counts["duplicates"] == 0
    assert holding() == {("1", "2", "separate"), ("4", "5", "same")}
    verdict = Verdict.objects.get(a="1")
    assert (verdict.label_a, verdict.label_b, verdict.digests_a, verdict.reason) == (
        "",
        "Enkelte Mænd ApS",
        {},
        "",
    )
    assert verdict.digests_b
    assert shown() == {"23": "open", "45": "decided"}
    assert not Likeness.objects.filter(a="1").exists()
    assert [model.objects.filter(key="1").exists() for model in (Compared, Block)] == [False, False]
    assert Compared.objects.filter(key="2").exists()
    assert AuditEntry.objects.get(key="5").label == "Ida V"
    assert audit.verify() == []


def test_a_redacted_record_that_is_read_again_is_told_apart_as_before(steward: User) -> None:
    say(steward, "separate", "12", of="123", reason="Seen")
    redacted("counterparties", "1")
    put("1", displayName="Somebody")
    alike("12")
    duplicates.memory.refresh(COUNTERPARTIES, "1")
    assert "12" not in shown()
    assert holding() == {("1", "2", "separate")}


def test_what_holds_is_kept_and_what_ended_is_emptied_in_time(steward: User, settings: Any) -> None:
    settings.KEEP_AUDIT_VALUES_DAYS = 60
    kept = say(steward, "separate", "45", reason="Two people")
    gone = say(steward, "separate", "12", of="123", reason="A mistake")
    duplicates.take_back(actor=steward, act=gone.act)
    long_ago = timezone.now() - timedelta(days=61)
    Verdict.objects.update(at=long_ago)
    assert retention.due()["verdicts"] == 0
    carried = Verdict.objects.get(act=gone.act)
    before = Verdict.objects.create(
        entity="counterparties",
        a="1",
        b="3",
        label_a=NAME,
        kind="separate",
        by=steward,
        at=long_ago,
        salt="s",
        act=gone.act,
        carried_to=carried,
    )
    Verdict.objects.filter(pk=carried.pk).update(withdrawn_at=long_ago)
    assert retention.clear_all(actor_name="test")["verdicts"] >= 1
    retention.clear_all(actor_name="test")
    assert retention.due()["verdicts"] == 0
    for verdict in Verdict.objects.filter(pk__in=[carried.pk, before.pk]):
        assert (verdict.label_a, verdict.label_b, verdict.reason, verdict.digests_a) == ("", "", "", {})
        assert (verdict.kind, verdict.by) == ("separate", steward)
    assert Verdict.objects.get(act=kept.act).reason == "Two people"
    assert list(queue.page(COUNTERPARTIES, queue.Filters()).groups)
