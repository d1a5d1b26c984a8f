"""Groups are made of pairs, verdicts and records, and can be made anew at any time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from backoffice.models import DuplicateGroup, GroupMember, Likeness, User, Verdict
from backoffice.services import index
from backoffice.services.duplicates import queue, rebuild

from .cast_verdicts import CLIENTS, COUNTERPARTIES, alike, copied, firms, group_of, put, say, shown, to_look_at

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


def test_pairs_that_hang_together_are_one_group() -> None:
    firms("abcde")
    alike("ab", "bc")
    alike("de", score=900, tier="sure")
    rebuild(COUNTERPARTIES)
    assert to_look_at() == {"abc", "de"}
    (first, second) = queue.page(COUNTERPARTIES, queue.Filters()).groups
    assert [member.key for member in first.members] == ["d", "e"]
    assert (first.group.score, first.group.tier, second.group.score, second.group.tier) == (
        900,
        "sure",
        500,
        "likely",
    )


def test_only_what_hangs_together_by_sure_pairs_is_sure() -> None:
    firms("abc")
    alike("ab", tier="sure")
    alike("bc")
    rebuild(COUNTERPARTIES)
    assert group_of("abc").tier == "likely"
    Likeness.objects.update(tier="sure")
    rebuild(COUNTERPARTIES, "a")
    assert group_of("abc").tier == "sure"


def test_a_group_keeps_its_address_as_long_as_its_members_are_the_same(person: Person) -> None:
    firms("abcd")
    alike("ab", "cd")
    rebuild(COUNTERPARTIES)
    kept, held = group_of("ab").pk, group_of("cd").pk
    Likeness.objects.filter(a="a").update(score=777)
    put("a", displayName="Another name")
    rebuild(COUNTERPARTIES)
    group = group_of("ab")
    assert (group.pk, group.score) == (kept, 777)
    assert set(group.members.values_list("label", flat=True)) == {"Another name", "Firm b"}
    alike("bc")
    rebuild(COUNTERPARTIES, "bc")
    assert group_of("abcd").pk not in (kept, held)


def test_making_them_anew_without_a_change_writes_nothing(django_assert_max_num_queries: Callable) -> None:  # type: ignore[type-arg]
    firms("abcd")
    alike("ab", "cd")
    rebuild(COUNTERPARTIES)
    before = list(GroupMember.objects.order_by("pk").values())
    with django_assert_max_num_queries(20) as asked:
        rebuild(COUNTERPARTIES)
    assert [each["sql"] for each in asked.captured_queries if "INSERT" in each["sql"]] == []
    assert list(GroupMember.objects.order_by("pk").values()) == before


def test_records_that_are_gone_fall_out() -> None:
    firms("abc")
    alike("ab", "bc", "ac")
    rebuild(COUNTERPARTIES)
    index.remove(COUNTERPARTIES, "c")
    rebuild(COUNTERPARTIES, "c")
    assert to_look_at() == {"ab"}
    index.remove(COUNTERPARTIES, "a")
    rebuild(COUNTERPARTIES, "a")
    assert shown() == {}


def test_what_was_told_apart_is_not_joined_through_others(person: Person) -> None:
    firms("abc")
    alike("ab", "bc", "ac")
    rebuild(COUNTERPARTIES)
    say(person("steward"), "separate", "ac", of="abc")
    assert to_look_at() == {"ab", "bc"}
    assert (group_of("ab").apart, group_of("bc").apart) == ("", "verdict")
    rebuild(COUNTERPARTIES)
    assert to_look_at() == {"ab", "bc"}


@pytest.mark.parametrize("kind", ["related", "separate"])
def test_neither_not_duplicates_nor_related_ones_are_shown_again(person: Person, kind: str) -> None:
    firms("ab")
    alike("ab")
    rebuild(COUNTERPARTIES)
    say(person("steward"), kind, "ab")
    rebuild(COUNTERPARTIES)
    assert shown() == {}


def test_put_off_and_decided(person: Person) -> None:
    firms("abcdef")
    alike("ab", "bc", "de")
    rebuild(COUNTERPARTIES)
    say(person("steward"), "later", "de")
    say(person("steward"), "same", "ab", of="abc")
    assert shown() == {"abc": "open", "de": "later"}
    say(person("steward"), "same", "bc", of="abc")
    assert shown() == {"abc": "decided", "de": "later"}
    alike("ac")
    rebuild(COUNTERPARTIES, "a")
    assert shown()["abc"] == "decided"  # a is b and b is c
    assert queue.counts(COUNTERPARTIES) == {"open": 0, "later": 1, "decided": 1}


def test_contradicting_tax_numbers_stay_apart() -> None:
    copied(CLIENTS)
    for key, number in (("1", "DK88146328"), ("2", ""), ("3", "DK13585628")):
        put(key, CLIENTS, name="Liabria ApS", tin=number)
    alike("12", "23", resource=CLIENTS)
    rebuild(CLIENTS)
    assert set(shown(CLIENTS)) == {"12", "23"}
    assert group_of("23", CLIENTS).apart == "tax_id"


def test_uses_are_counted_by_the_index_or_not_at_all() -> None:
    firms("ab")
    alike("ab")
    rebuild(COUNTERPARTIES)
    assert group_of("ab").uses is None
    copied(CLIENTS)
    for key, named in (("1", "a"), ("2", "a"), ("3", "b"), ("4", "c")):
        put(key, CLIENTS, defaultCost=f"/api/counterparties/{named}")
    rebuild(COUNTERPARTIES)
    group = group_of("ab")
    assert group.uses == 3
    assert dict(group.members.values_list("key", "uses")) == {"a": 2, "b": 1}
    put("5", CLIENTS, defaultCost="/api/cost-types/1")
    copied(CLIENTS)
    rebuild(COUNTERPARTIES)
    assert group_of("ab").uses is None


def test_a_part_made_anew_is_what_the_whole_would_be(person: Person) -> None:
    firms("abcdefgh")
    alike("ab", "bc", "cd", "de", "fg", "gh")
    rebuild(COUNTERPARTIES)
    say(person("steward"), "separate", "ad", of="abcde")
    Likeness.objects.filter(a="f").delete()
    rebuild(COUNTERPARTIES, "fg")
    part = _facts()
    DuplicateGroup.objects.all().delete()
    rebuild(COUNTERPARTIES)
    assert _facts() == part
    assert to_look_at() == {"abc", "cd", "de", "gh"}


def _facts() -> list[tuple[str, str, int, str, str]]:
    found = []
    for row in DuplicateGroup.objects.prefetch_related("members"):
        keys = "".join(sorted(member.key for member in row.members.all()))
        found.append((keys, row.state, row.score, row.tier, row.apart))
    return sorted(found)


def test_what_nobody_said_anything_about_is_not_touched(person: Person) -> None:
    firms("abcd")
    alike("ab", "cd")
    rebuild(COUNTERPARTIES)
    DuplicateGroup.objects.filter(pk=group_of("cd").pk).update(score=1)
    say(person("steward"), "separate", "ab")
    assert group_of("cd").score == 1
    assert Verdict.objects.get().at <= timezone.now()
