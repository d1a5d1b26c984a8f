"""What is said about the records of a group: kept, refused where it contradicts, taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from backoffice.models import AuditEntry, Likeness, User, Verdict
from backoffice.services import audit, duplicates
from backoffice.services.duplicates import queue, rebuild

from .cast_verdicts import COUNTERPARTIES, alike, firms, group_of, holding, put, say, shown, to_look_at

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


@pytest.fixture
def steward(person: Person) -> User:
    return person("steward")


@pytest.fixture
def other(person: Person) -> User:
    return person("admin")


def _stage(names: str, *pairs: str) -> None:
    firms(names)
    alike(*pairs)
    rebuild(COUNTERPARTIES)


def test_not_duplicates_is_kept_with_who_when_and_why(steward: User) -> None:
    _stage("ab", "ab")
    before = timezone.now()
    decided = say(steward, "separate", "ba", reason=" Two firms of one owner ")
    verdict = Verdict.objects.get()
    assert (verdict.a, verdict.b, verdict.label_a, verdict.label_b) == ("a", "b", "Firm a", "Firm b")
    assert (verdict.by, verdict.reason, verdict.act) == (steward, "Two firms of one owner", decided.act)
    assert before <= verdict.at <= timezone.now()
    assert (decided.n_pairs, decided.group_id) == (1, None)
    assert "Firm" not in str([verdict.digests_a, verdict.digests_b])


def test_it_stands_in_the_history_of_each_record(steward: User) -> None:
    _stage("abc", "ab", "bc")
    decided = say(steward, "separate", "abc", reason="Seen")
    entries = AuditEntry.objects.order_by("seq")
    assert [(e.action, e.key, e.detail, e.label) for e in entries] == [
        ("duplicates.separate", "a", "b, c", "Firm a"),
        ("duplicates.separate", "b", "a, c", "Firm b"),
        ("duplicates.separate", "c", "a, b", "Firm c"),
    ]
    assert {e.values["reason.after"]["value"] for e in entries} == {"Seen"}
    assert {e.action_id for e in entries} == {decided.act}
    assert audit.verify() == []


def test_whoever_tells_records_apart_says_why(steward: User) -> None:
    _stage("ab", "ab")
    with pytest.raises(duplicates.ReasonNeeded):
        say(steward, "separate", "ab", reason="  ")
    say(steward, "related", "ab", reason="")
    assert holding() == {("a", "b", "related")}


@pytest.mark.parametrize("kind", ["", "apart", "nonsense"])
def test_what_cannot_be_said_is_not_kept(steward: User, kind: str) -> None:
    _stage("ab", "ab")
    with pytest.raises(duplicates.KindNeeded):
        say(steward, kind, "ab")
    assert not Verdict.objects.exists()


def test_the_same_form_twice_is_said_once(steward: User) -> None:
    _stage("abc", "ab", "bc")
    group, act = group_of("abc"), uuid.uuid4()
    version = queue.card(group).version
    answers = [
        duplicates.decide(
            actor=steward, group_id=group.pk, version=version, kind="separate", keys="ac", reason="Seen", act=act
        )
        for _twice in range(2)
    ]
    assert [(each.act, each.kind, each.n_pairs) for each in answers] == [(act, "separate", 1)] * 2
    assert answers[0].group_id == group_of("ab").pk
    assert Verdict.objects.count() == 1
    assert AuditEntry.objects.count() == 2


def test_a_card_that_is_not_what_it_was_is_refused(steward: User, other: User) -> None:
    _stage("abc", "ab", "bc")
    group = group_of("abc")
    seen = queue.card(group).version
    say(other, "separate", "ac", of="abc")
    with pytest.raises(duplicates.Stale):
        duplicates.decide(
            actor=steward, group_id=group.pk, version=seen, kind="same", keys=["a", "b"], reason="", request_id="r"
        )
    with pytest.raises(duplicates.Stale):
        duplicates.decide(
            actor=steward,
            group_id=group_of("ab").pk,
            version=queue.card(group_of("ab")).version,
            kind="same",
            keys=["a", "c"],
        )
    assert holding() == {("a", "c", "separate")}


@pytest.mark.parametrize("act", ["decide", "drop", "split", "add"])
def test_a_record_that_changed_since_it_was_seen_is_looked_at_again_first(steward: User, act: str) -> None:
    _stage("abcx", "ab", "bc")
    group = group_of("abc")
    asked: dict[str, Any] = {
        "decide": {"kind": "related", "keys": ["a", "b"]},
        "drop": {"key": "a"},
        "split": {"keys": ["a"]},
        "add": {"key": "x"},
    }
    seen = queue.card(group).version
    put("c", requireAttachment=True)
    assert queue.card(group).version == seen
    put("c", displayName="Another firm")
    with pytest.raises(duplicates.Stale):
        getattr(duplicates, act)(actor=steward, group_id=group.pk, version=seen, **asked[act])
    assert not Verdict.objects.exists()
    version = queue.card(group).version
    assert getattr(duplicates, act)(actor=steward, group_id=group.pk, version=version, **asked[act]).n_pairs


# Contradictions


def test_what_is_the_same_through_others_is_not_told_apart(steward: User, other: User) -> None:
    _stage("abcd", "ab", "bc", "cd", "ad")
    say(steward, "same", "ab", of="abcd")
    say(other, "same", "bc", of="abcd")
    with pytest.raises(duplicates.Contradiction) as refused:
        say(steward, "separate", "ac", of="abcd")
    chain = refused.value.chain
    assert [(link.a, link.b, link.kind, link.by) for link in chain] == [
        ("a", "b", "same", "steward"),
        ("b", "c", "same", "admin"),
    ]
    assert [(link.label_a, link.label_b) for link in chain] == [("Firm a", "Firm b"), ("Firm b", "Firm c")]
    assert holding() == {("a", "b", "same"), ("b", "c", "same")}
    duplicates.withdraw(actor=steward, verdict=Verdict.objects.get(pk=chain[0].verdict or 0))
    say(steward, "separate", "ac", of="abcd")


@pytest.mark.parametrize("kind", ["separate", "related"])
def test_what_was_told_apart_does_not_become_the_same_through_others(steward: User, kind: str) -> None:
    _stage("abc", "ab", "bc", "ac")
    say(steward, kind, "ac", of="abc")
    say(steward, "same", "ab")
    with pytest.raises(duplicates.Contradiction) as refused:
        say(steward, "same", "bc")
    assert [(link.a, link.b, link.kind) for link in refused.value.chain] == [("a", "b", "same"), ("a", "c", kind)]


def test_one_verdict_may_contradict_itself_with_an_earlier_one(steward: User) -> None:
    """a, c and d at once are one, but a is not b, and b is d."""
    _stage("abcd", "ac", "cd", "bd")
    say(steward, "same", "bd", of="abcd")
    say(steward, "separate", "ab", of="abcd")
    with pytest.raises(duplicates.Contradiction) as refused:
        say(steward, "same", "acd", of="acd")
    assert [(link.a, link.b, link.kind) for link in refused.value.chain] == [
        ("a", "b", "separate"),
        ("b", "d", "same"),
    ]


def test_the_opposite_of_what_was_said_is_refused_until_it_is_taken_back(steward: User, other: User) -> None:
    _stage("ab", "ab")
    said = say(steward, "same", "ab")
    with pytest.raises(duplicates.Contradiction) as refused:
        say(other, "separate", "ab")
    assert [link.by for link in refused.value.chain] == ["steward"]
    duplicates.take_back(actor=steward, act=said.act)
    say(other, "separate", "ab")
    assert holding() == {("a", "b", "separate")}


def test_later_and_apart_contradict_nothing(steward: User) -> None:
    _stage("abc", "ab", "bc", "ac")
    say(steward, "same", "abc")
    say(steward, "later", "abc")
    assert shown() == {"abc": "later"}
    group = group_of("abc")
    duplicates.drop(actor=steward, group_id=group.pk, version=queue.card(group).version, key="c")
    assert shown() == {"ab": "later"}


# Members


def test_a_dropped_member_is_only_not_shown_with_the_others(steward: User) -> None:
    _stage("abc", "ab", "bc", "ac")
    group = group_of("abc")
    done = duplicates.drop(actor=steward, group_id=group.pk, version=queue.card(group).version, key="c")
    assert shown() == {"ab": "open"}
    assert done.group_id == group_of("ab").pk
    assert holding() == {("a", "c", "apart"), ("b", "c", "apart")}
    duplicates.take_back(actor=steward, act=done.act)
    assert shown() == {"abc": "open"}


def test_a_group_is_split_in_two(steward: User) -> None:
    _stage("abcd", "ab", "bc", "cd")
    group = group_of("abcd")
    version = queue.card(group).version
    for none in ("", "abcd"):
        with pytest.raises(ValueError, match="both parts"):
            duplicates.split(actor=steward, group_id=group.pk, version=version, keys=list(none))
    duplicates.split(actor=steward, group_id=group.pk, version=version, keys=["c", "d"])
    assert to_look_at() == {"ab", "cd"}
    assert len(holding()) == 4


def test_a_record_is_added_by_hand_and_stays(steward: User) -> None:
    _stage("abx", "ab")
    group = group_of("ab")
    done = duplicates.add(actor=steward, group_id=group.pk, version=queue.card(group).version, key="x")
    assert done.group_id == group_of("abx").pk
    assert Likeness.objects.filter(added_by=steward).count() == 2
    with pytest.raises(duplicates.Unknown):
        _add(steward, "abx", "x")
    with pytest.raises(duplicates.Unknown):
        _add(steward, "abx", "nobody")
    rebuild(COUNTERPARTIES)
    assert to_look_at() == {"abx"}


def test_whoever_was_told_apart_is_not_added_before_that_is_taken_back(steward: User, other: User) -> None:
    _stage("abx", "ab", "bx")
    say(other, "separate", "bx", of="abx", reason="Another country")
    with pytest.raises(duplicates.Stands) as refused:
        _add(steward, "ab", "x")
    assert [(v.by, v.reason) for v in refused.value.verdicts] == [(other, "Another country")]
    duplicates.withdraw(actor=steward, verdict=refused.value.verdicts[0])
    assert to_look_at() == {"abx"}


def test_whoever_was_dropped_can_be_added_again(steward: User) -> None:
    _stage("abx", "ab", "bx")
    group = group_of("abx")
    duplicates.drop(actor=steward, group_id=group.pk, version=queue.card(group).version, key="x")
    assert to_look_at() == {"ab"}
    _add(steward, "ab", "x")
    assert to_look_at() == {"abx"}


def test_a_full_group_takes_no_more(steward: User) -> None:
    names = [f"{number:02}" for number in range(31)]
    firms(names)
    alike(*pairwise(names[:30]))
    rebuild(COUNTERPARTIES)
    group = group_of(names[:30])
    with pytest.raises(duplicates.TooLarge):
        duplicates.add(actor=steward, group_id=group.pk, version=queue.card(group).version, key="30")


def _add(who: User, members: str, key: str) -> duplicates.Decided:
    group = group_of(members)
    return duplicates.add(actor=who, group_id=group.pk, version=queue.card(group).version, key=key)


# Taking back


def test_the_last_verdict_of_a_person_is_taken_back(steward: User, other: User) -> None:
    _stage("abcd", "ab", "cd")
    first = say(steward, "separate", "ab")
    second = say(other, "separate", "cd")
    assert duplicates.last_act(steward) == first.act
    assert duplicates.take_back(actor=steward, act=second.act) == 0
    assert duplicates.take_back(actor=steward, act=first.act) == 1
    assert to_look_at() == {"ab"}
    assert duplicates.last_act(steward) is None
    assert duplicates.take_back(actor=steward, act=first.act) == 0
    gone = Verdict.objects.get(act=first.act)
    assert (gone.withdrawn_by, gone.open) == (steward, False)
    assert AuditEntry.objects.filter(action="duplicates.withdraw").count() == 2


def test_what_was_said_on_another_day_is_taken_back_in_the_list(steward: User, other: User) -> None:
    _stage("ab", "ab")
    say(steward, "separate", "ab")
    Verdict.objects.update(at=timezone.now() - timedelta(days=1, hours=1))
    assert duplicates.last_act(steward) is None
    assert duplicates.withdraw(actor=other, verdict=Verdict.objects.get()) == 1
    assert Verdict.objects.get().withdrawn_by == other
    assert to_look_at() == {"ab"}


def test_a_number_is_shown_as_it_is_named_now(steward: User) -> None:
    _stage("ab", "ab")
    put("a", displayName="Renamed")
    rebuild(COUNTERPARTIES, "a")
    say(steward, "related", "ab")
    assert Verdict.objects.get().label_a == "Renamed"
