"""Several people at one queue: who has what in hand, and what happens when two decide at once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from backoffice.models import DuplicateGroup, Likeness, User, Verdict
from backoffice.resources import Resource
from backoffice.services import duplicates
from backoffice.services.duplicates import groups, leases, memory, queue, rebuild

from .cast_verdicts import COUNTERPARTIES, alike, firms, group_of, holding, say, shown

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.fixture
def group(db: None) -> DuplicateGroup:
    firms("abc")
    alike("ab", "bc")
    rebuild(COUNTERPARTIES)
    return group_of("abc")


def test_a_card_in_somebodys_hands_is_refused_to_others(group: DuplicateGroup, person: Person) -> None:
    steward, other = person("steward"), person("admin")
    assert leases.take(steward, group)
    assert not leases.take(other, group)
    with pytest.raises(duplicates.InHands) as refused:
        say(other, "same", "abc")
    assert refused.value.by == steward
    for act in (duplicates.drop, duplicates.add):
        with pytest.raises(duplicates.InHands):
            act(actor=other, group_id=group.pk, version=queue.card(group).version, key="c")
    say(steward, "same", "abc")


def test_it_is_given_back_or_lapses(group: DuplicateGroup, person: Person) -> None:
    steward, other = person("steward"), person("admin")
    leases.take(steward, group)
    leases.release(other, group)
    assert not leases.take(other, group)
    leases.release(steward, group)
    assert leases.take(other, group)
    DuplicateGroup.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert queue.card(group_of("abc")).holder is None
    say(steward, "same", "abc")
    mine = group_of("abc")
    assert leases.renew(steward, mine)
    assert leases.holder(group_of("abc")) == steward
    assert not leases.renew(other, mine)


def test_renewing_moves_its_end_on(group: DuplicateGroup, person: Person) -> None:
    steward = person("steward")
    leases.take(steward, group)
    early = timezone.now() + timedelta(seconds=30)
    DuplicateGroup.objects.update(held_until=early)
    assert leases.renew(steward, group)
    held = group_of("abc").held_until
    assert held is not None
    assert held > early


def _at_once(*acts: Callable[[], object]) -> list[object]:
    """What comes of acts that begin at the same moment, each with a connection of its own."""
    start, found = threading.Barrier(len(acts)), list[object]()

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            found.append(act())
        except (duplicates.Stale, duplicates.InHands) as error:
            found.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_who_decide_at_once_one_is_told(group: DuplicateGroup, person: Person) -> None:
    version = queue.card(group).version
    people = [person("steward"), person("admin")]

    def decide(who: User) -> Callable[[], object]:
        return lambda: duplicates.decide(
            actor=who,
            group_id=group.pk,
            version=version,
            kind="separate",
            keys=["a", "b", "c"],
            reason="Seen",
            act=uuid.uuid4(),
        )

    found = _at_once(*map(decide, people))
    assert sorted(isinstance(each, duplicates.Decided) for each in found) == [False, True]
    assert duplicates.Stale in found
    assert Verdict.objects.count() == 3
    assert shown() == {}


def test_one_form_sent_twice_at_once_is_said_once(group: DuplicateGroup, person: Person) -> None:
    version, who, act = queue.card(group).version, person("steward"), uuid.uuid4()

    def decide() -> object:
        return duplicates.decide(
            actor=who, group_id=group.pk, version=version, kind="same", keys=["a", "b"], act=act
        )

    found = _at_once(decide, decide)
    assert [isinstance(each, duplicates.Decided) for each in found] == [True, True]
    assert Verdict.objects.count() == 1


def test_a_verdict_while_the_worker_makes_the_groups(
    group: DuplicateGroup, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "PART", 2)
    version, who = queue.card(group).version, person("steward")

    def decide() -> object:
        return duplicates.decide(
            actor=who, group_id=group.pk, version=version, kind="separate", keys=["a", "c"], reason="Seen"
        )

    _at_once(decide, lambda: memory.refresh(COUNTERPARTIES), lambda: memory.refresh(COUNTERPARTIES, "a"))
    assert holding() == {("a", "c", "separate")}
    assert shown() == {"ab": "open", "bc": "open"}


def test_what_is_said_between_two_parts_counts(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is told apart in the part that comes next, one in the part that was made; one is taken back."""
    monkeypatch.setattr(groups, "PART", 3)
    who, times = person("steward"), [0]
    firms("abcdef")
    alike("ab", "bc", "de", "ef")
    rebuild(COUNTERPARTIES)
    taken_back = say(who, "separate", "ab", of="abc")
    assert set(shown()) == {"bc", "def"}
    Likeness.objects.filter(a="b", b="c").update(score=700)
    Likeness.objects.filter(a="d").update(score=710)

    def look() -> None:
        times[0] += 1
        if times[0] == 2:
            say(who, "related", "ef", of="def")
            say(who, "later", "bc")
            duplicates.take_back(actor=who, act=taken_back.act)

    groups.rebuild_all(COUNTERPARTIES, look=look)
    assert times[0] == 2
    assert shown() == {"abc": "open", "de": "open"}
    assert {(group_of("abc").score, group_of("de").score)} == {(700, 710)}
    assert holding() == {("e", "f", "related"), ("b", "c", "later")}


def test_where_nothing_differs_nobody_waits(group: DuplicateGroup, monkeypatch: pytest.MonkeyPatch) -> None:
    held, hold = list[str](), groups.hold

    def counted(resource: Resource) -> None:
        held.append(resource.slug)
        hold(resource)

    monkeypatch.setattr(groups, "hold", counted)
    groups.rebuild_all(COUNTERPARTIES)
    assert held == []
    Likeness.objects.update(score=1)
    groups.rebuild_all(COUNTERPARTIES)
    assert held == ["counterparties"]


def test_what_hangs_together_is_made_at_once_and_the_rest_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "PART", 4)
    firms("abcdefghijkl")
    alike("ab", "bc", "cd", "de", "ef", "gh", "ij", "kl")
    assert [len(part) for part in groups._parts(COUNTERPARTIES)] == [6, 4, 2]
    rebuild(COUNTERPARTIES)
    assert set(shown()) == {"abcdef", "gh", "ij", "kl"}
    Likeness.objects.filter(a="g").delete()
    rebuild(COUNTERPARTIES)  # what is in no pair any more leaves its group
    assert set(shown()) == {"abcdef", "ij", "kl"}
