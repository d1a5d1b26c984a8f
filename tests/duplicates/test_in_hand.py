"""Who has a card of the queue in hand: by opening it, by the signs of its page, until it is left or decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import DuplicateGroup, User, Verdict
from backoffice.services import duplicates
from tests.conftest import Login
from tests.duplicates.bakeries import queue, twins
from tests.duplicates.test_queue_pages import at, form, says, text

__all__ = ["queue", "twins"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_card_in_other_hands_is_only_read(
    login: Login, person: Callable[[str], User], queue: DuplicateGroup, twins: list[str]
) -> None:
    browser = login("steward")
    sent = form(browser, queue)
    other = User.objects.create(username="Other steward")
    _five_minutes_pass()
    assert duplicates.leases.take(other, queue)
    page = browser.get(at(queue))
    assert "In the hands of Other steward until" in text(page)
    assert 'name="kind"' not in page.content.decode()
    assert "Other steward" in text(browser.get("/duplicates/?q=bagerg"))
    kept = {**sent, "kind": "separate", "key": twins, "reason_separate": "Typed before"}
    answer = browser.post(at(queue, "decide"), kept)
    assert answer.status_code == 409
    assert "Other steward has taken this group in hand." in text(answer)
    assert not Verdict.objects.exists()
    held = browser.post(at(queue, "hold"), headers={"HX-Request": "true"})
    assert held.headers["HX-Refresh"] == "true"


def test_a_card_is_held_while_it_is_looked_at(login: Login, queue: DuplicateGroup) -> None:
    browser = login("steward")
    assert browser.post(at(queue, "hold")).status_code == 204
    queue.refresh_from_db()
    assert str(queue.holder) == "steward"
    assert queue.held_until is not None
    assert queue.held_until > timezone.now() + timedelta(minutes=4)
    assert browser.post(at(queue, "hold"), {"release": "1"}).status_code == 204
    queue.refresh_from_db()
    assert queue.holder is None


def _five_minutes_pass() -> None:
    DuplicateGroup.objects.update(held_until=timezone.now() - timedelta(seconds=1))


def _holder() -> str:
    """Who has any group in hand, as everybody sees it."""
    return " ".join(str(group.holder) for group in DuplicateGroup.objects.all() if duplicates.leases.holder(group))


def test_whoever_opens_a_card_has_it_in_hand_without_any_script(
    login: Login, person: Callable[[str], User], queue: DuplicateGroup, twins: list[str]
) -> None:
    browser, another = login("steward"), Client()
    colleague = User.objects.create(username="colleague")
    colleague.groups.set(person("steward").groups.all())
    another.force_login(colleague)
    sent = form(browser, queue)
    assert _holder() == "steward"
    assert "In the hands of steward until" in text(another.get(at(queue)))
    assert _holder() == "steward"
    assert says(browser, queue, "later-month", twins).status_code == 303
    assert DuplicateGroup.objects.get(pk=queue.pk).holder is None  # put off: the card stays, in nobody's hands
    assert "In the hands" not in text(another.get(at(queue)))
    _five_minutes_pass()
    assert "In the hands" not in text(browser.get(at(queue)))
    assert _holder() == "steward"
    late = another.post(at(queue, "decide"), {**sent, "kind": "same", "key": twins})
    assert late.status_code == 409


@pytest.mark.parametrize("role", ["viewer", "editor", "approver", "admin"])
def test_who_only_reads_has_nothing_in_hand(login: Login, queue: DuplicateGroup, role: str) -> None:
    assert login(role).get(at(queue)).status_code == 200
    assert _holder() == ""


@pytest.mark.parametrize("ahead", ["prefetch", "prefetch;prerender"])
def test_a_page_that_nobody_sees_takes_nothing_in_hand(login: Login, queue: DuplicateGroup, ahead: str) -> None:
    browser = login("steward")
    assert browser.head(at(queue)).status_code == 200
    for header in ("Sec-Purpose", "Purpose"):
        assert browser.get(at(queue), headers={header: ahead}).status_code == 200
    browser.get("/duplicates/")
    browser.get(at(queue, "others"), {"q": "1"})
    assert _holder() == ""
