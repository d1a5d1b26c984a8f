"""The queue: ordered, filtered, a page in few queries, one card after the other."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from backoffice.models import DuplicateGroup, User
from backoffice.services import duplicates, index
from backoffice.services.duplicates import leases, queue, rebuild

from .cast_verdicts import CLIENTS, COUNTERPARTIES, alike, copied, firms, group_of, put, say

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


def pages(**filters: Any) -> list[str]:
    found = queue.page(COUNTERPARTIES, queue.Filters(**filters)).groups
    return ["".join(member.key for member in card.members) for card in found]


@pytest.fixture
def four(db: None) -> None:
    """ab is the surest; cd, ef and gh are as sure as each other, of which ef is the most used."""
    firms("abcdefgh")
    copied(CLIENTS)
    for number, named in enumerate("eefg"):
        put(str(number), CLIENTS, defaultCost=f"/api/counterparties/{named}")
    put("c", displayName="Ørsted El", type="supplier")
    put("d", displayName="Ørsted Vvs", type="employee", logoUrl="https://logo.example/d.png")
    put("g", displayName="Værket", type="supplier", corporateWebsiteUrl="https://vaerket.dk")
    alike("ab", score=900, tier="sure")
    for pair in ("cd", "ef", "gh"):
        alike(pair)
    rebuild(COUNTERPARTIES)


def test_the_likeliest_first_and_of_those_the_most_used(four: None) -> None:
    assert pages() == ["ab", "ef", "gh", "cd"]
    DuplicateGroup.objects.filter(pk=group_of("gh").pk).update(uses=None)
    assert pages() == ["ab", "ef", "cd", "gh"]


def test_filters_narrow_together(four: None, person: Person) -> None:
    assert pages(tier="sure") == ["ab"]
    assert pages(type="supplier") == ["gh", "cd"]
    assert pages(type="employee") == ["cd"]
    assert pages(logo=True) == ["cd"]
    assert pages(logo=False) == ["ab", "ef", "gh"]
    assert pages(text="ØRSTED") == ["cd"]
    assert pages(text="ørsted vvs") == ["cd"]
    assert pages(text="el vvs") == []  # of two members, one word each
    assert pages(text="vaerket.dk") == ["gh"]
    assert pages(text="a\x00") == pages(text="a")
    assert pages(type="supplier", logo=False, tier="likely") == ["gh"]
    say(person("steward"), "later", "ab")
    assert (pages(state="later"), pages(), pages(state="")) == (
        ["ab"],
        ["ef", "gh", "cd"],
        ["ab", "ef", "gh", "cd"],
    )
    assert queue.types(COUNTERPARTIES) == ["employee", "supplier"]
    assert queue.counts(COUNTERPARTIES) == {"open": 3, "later": 1, "decided": 0}
    assert queue.counts(CLIENTS) == {"open": 0, "later": 0, "decided": 0}


def test_pages_hold_each_group_once(four: None) -> None:
    found = [queue.page(COUNTERPARTIES, queue.Filters(), number=number, size=3) for number in (1, 2, 9)]
    assert [[card.group.size for card in page.groups] for page in found] == [[2, 2, 2], [2], [2]]
    assert [(page.number, page.total, page.has_next) for page in found] == [
        (1, 4, True),
        (2, 4, False),
        (2, 4, False),
    ]
    nothing = queue.page(COUNTERPARTIES, queue.Filters(text="nobody"))
    assert (list(nothing.groups), nothing.total, nothing.number) == ([], 0, 1)


def test_a_page_takes_as_many_queries_as_one_card(
    four: None, person: Person, django_assert_num_queries: Callable[[int], Any]
) -> None:
    say(person("steward"), "same", "cd")
    with django_assert_num_queries(10):
        queue.page(COUNTERPARTIES, queue.Filters(state=""))
    group = queue.find(group_of("ab").pk)
    assert group is not None
    with django_assert_num_queries(8):
        queue.card(group)


def test_a_card_has_what_is_needed_to_decide(four: None, person: Person) -> None:
    steward = person("steward")
    alike("ac", score=880)
    rebuild(COUNTERPARTIES)
    say(steward, "same", "ac", of="abcd")
    group = group_of("abcd")
    leases.take(steward, group)
    card = queue.card(group_of("abcd"))
    assert [(pair.a, pair.b) for pair in card.pairs] == [("a", "b"), ("a", "c"), ("c", "d")]
    assert [verdict.kind for verdict in card.verdicts] == ["same"]
    assert card.holder == steward
    third = card.members[2]
    assert (third.label, third.type, third.has_logo, third.uses, third.there) == (
        "Ørsted El",
        "supplier",
        False,
        0,
        True,
    )
    assert third.record is not None
    assert third.record["displayName"] == "Ørsted El"
    index.remove(COUNTERPARTIES, "c")
    assert not queue.card(group_of("abcd")).members[2].there


def test_one_card_after_the_other_and_from_the_beginning_again(four: None, person: Person) -> None:
    steward, other = person("steward"), person("admin")
    seen, group = [], group_of("ab")
    for _card in range(4):
        following = queue.after(group, queue.Filters(), viewer=steward)
        assert following is not None
        seen.append("".join(following.members.values_list("key", flat=True)))
        group = following
    assert seen == ["ef", "gh", "cd", "ab"]
    leases.take(other, group_of("ef"))
    after = queue.after(group_of("ab"), queue.Filters(), viewer=steward)
    assert after == group_of("gh")
    assert queue.after(group_of("ab"), queue.Filters(), viewer=other) == group_of("ef")
    assert queue.after(group_of("ab"), queue.Filters(tier="sure"), viewer=steward) is None


def test_after_a_group_that_is_gone_comes_the_next(four: None, person: Person) -> None:
    steward = person("steward")
    group = group_of("ef")
    say(steward, "separate", "ef")
    assert queue.find(group.pk) is None
    assert queue.after(group, queue.Filters(), viewer=steward) == group_of("gh")


def test_a_group_that_nobody_knows(four: None, person: Person) -> None:
    assert queue.find(uuid.uuid4()) is None
    with pytest.raises(duplicates.Stale):
        duplicates.decide(
            actor=person("steward"), group_id=uuid.uuid4(), version="x", kind="same", keys=["a", "b"]
        )


# The list of what was said


def test_what_was_said_is_searched_and_told_apart_by_state(four: None, person: Person) -> None:
    steward, other = person("steward"), person("admin")
    say(steward, "separate", "cd", reason="Two trades")
    say(other, "related", "gh", reason="Mother and daughter")
    first = say(steward, "later", "ef")
    duplicates.take_back(actor=steward, act=first.act)

    def found(**wanted: str) -> list[str]:
        rows = duplicates.listed(duplicates.Wanted(**wanted))
        return [verdict.a + verdict.b for verdict in rows]

    assert found() == ["gh", "cd"]
    assert found(state="ended") == ["ef"]
    assert found(state="all") == ["ef", "gh", "cd"]
    assert found(kind="related") == ["gh"]
    assert found(entity="clients") == []
    assert found(text="vvs") == found(text="two TRADES") == found(text="Steward") == found(text="c") == ["cd"]
    assert found(text="nobody") == []
