"""The queue through its pages: read, decided, taken back, refused; without a request to Flowtly."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from backoffice.models import (
    DuplicateGroup,
    GroupMember,
    GroupState,
    Likeness,
    User,
    Verdict,
)
from backoffice.models.index import ROWS
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates, index
from tests.conftest import Login
from tests.duplicates.bakeries import TWINS, group_with, queue, twins
from tests.duplicates.cast import CLIENTS, COUNTERPARTIES, scanned
from tests.records.pages import read, said

__all__ = ["queue", "twins"]
pytestmark = pytest.mark.django_db(transaction=True)


def at(group: DuplicateGroup, deed: str = "") -> str:
    return f"/duplicates/{group.pk}/{deed}{'/' if deed else ''}"


def form(browser: Client, group: DuplicateGroup) -> dict[str, str]:
    """What the card's form sends beside the ticks."""
    fields = read(browser.get(at(group)), "verdict").fields
    return {name: fields[name] for name in ("version", "act")}


def says(browser: Client, group: DuplicateGroup, kind: str, keys: list[str], **more: str) -> HttpResponse:
    return browser.post(at(group, "decide"), {**form(browser, group), "kind": kind, "key": keys, **more})


def _in_no_group() -> str:
    """The number of a counterparty that looks like no other."""
    grouped = GroupMember.objects.values("key")
    return ROWS["counterparties"]._default_manager.exclude(key__in=grouped).values_list("key", flat=True)[0]


def text(answer: HttpResponse) -> str:
    return read(answer).text


def test_the_list_says_what_looks_alike_and_why(
    sandbox: SandboxServer, login: Login, queue: DuplicateGroup
) -> None:
    page = read(login("viewer").get("/duplicates/?q=bagerg"))
    assert page.rows == [str(queue.pk)]
    assert all(name in page.text for name in TWINS)
    assert duplicates.sentence("site_same").capitalize() in page.text
    scan = duplicates.in_force(COUNTERPARTIES)
    assert scan is not None
    assert f"{scan.records} records compared less than a minute ago" in page.text
    assert sandbox.requests == []


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("type=vendor", True),
        ("type=bank", False),
        ("logo=no", True),
        ("logo=yes", False),
        ("tier=nonsense", True),
        ("state=later", False),
        ("q=brødfabrik", True),
        ("q=nobody-of-this-name", False),
    ],
)
def test_filters_narrow_the_list(login: Login, queue: DuplicateGroup, query: str, there: bool) -> None:
    DuplicateGroup.objects.exclude(pk=queue.pk).delete()
    page = read(login("viewer").get(f"/duplicates/?{query}"))
    assert (str(queue.pk) in page.rows) is there


def test_a_card_shows_the_records_side_by_side_and_the_whole_account(
    sandbox: SandboxServer, login: Login, queue: DuplicateGroup, twins: list[str]
) -> None:
    answer = login("steward").get(at(queue))
    page, markup = text(answer), answer.content.decode()
    assert markup.count('class="signals"') == Likeness.objects.filter(a__in=twins, b__in=twins).count() > 0
    for table in markup.split('class="signals"')[1:]:
        weights = re.findall(r'<td class="num">([+−])([\d.]+)</td>', table.split("<tfoot>")[0])
        total = re.search(r'<td class="num">(−?[\d.]+)</td>', table.split("<tfoot>")[1])
        assert total is not None
        summed = sum(float(figure) * (-1 if sign == "−" else 1) for sign, figure in weights)
        assert round(summed, 2) == float(total[1].replace("−", "-"))
    assert "from " in page
    assert "bagergaarden.example" in page
    assert sandbox.requests == []


def test_those_who_cannot_decide_see_who_can(
    login: Login, person: Callable[[str], User], queue: DuplicateGroup
) -> None:
    person("steward")
    for role in ("viewer", "editor", "approver", "admin"):
        answer = login(role).get(at(queue))
        assert "These can decide: steward." in text(answer)
        assert "<form" not in answer.content.decode().split("<main")[1].split("</main>")[0]
        assert login(role).post(at(queue, "decide")).status_code == 403


def test_told_apart_with_a_reason_they_do_not_come_back(
    login: Login, queue: DuplicateGroup, twins: list[str]
) -> None:
    browser = login("steward")
    refused = says(browser, queue, "separate", twins)
    assert refused.status_code == 422
    assert "Say why they are not duplicates." in text(refused)
    assert not Verdict.objects.exists()
    answer = says(browser, queue, "separate", twins, reason_separate="Three bakeries")
    assert answer.status_code == 303
    assert "Not duplicates: 3 pairs." in text(browser.get(answer["Location"]))
    assert list(Verdict.objects.values_list("reason", flat=True)) == ["Three bakeries"] * 3
    assert not GroupMember.objects.filter(key__in=twins).exists()
    assert "Three bakeries" in text(browser.get("/duplicates/verdicts/?q=bakeries"))
    assert read(browser.get("/duplicates/verdicts/?q=bakeries")).rows


@pytest.mark.parametrize("kind", [None, "apart", "nonsense"])
def test_a_form_that_says_nothing_keeps_nothing(
    login: Login, queue: DuplicateGroup, twins: list[str], kind: str | None
) -> None:
    browser = login("steward")
    sent = form(browser, queue) | {"key": twins} | ({"kind": kind} if kind else {})
    answer = browser.post(at(queue, "decide"), sent)
    assert answer.status_code == 422
    assert "Choose what is to be said about them." in text(answer)
    assert not Verdict.objects.exists()
    assert browser.get(at(queue)).status_code == 200


def test_enter_in_a_reason_says_what_it_was_typed_for(
    login: Login, queue: DuplicateGroup, twins: list[str]
) -> None:
    """Without a script the first button of the form is pressed, whose kind is told by what was typed."""
    says(login("steward"), queue, "typed", twins, reason_related="Branch", reason_separate="")
    assert set(Verdict.objects.values_list("kind", "reason")) == {("related", "Branch")}


def test_the_last_verdict_is_taken_back(login: Login, queue: DuplicateGroup, twins: list[str]) -> None:
    browser = login("steward")
    there = says(browser, queue, "later-week", twins)["Location"]
    verdict = Verdict.objects.first()
    assert verdict is not None
    assert verdict.until is not None
    act = str(verdict.act)
    assert f'name="act" value="{act}"><button' in browser.get(there).content.decode()
    answer = browser.post("/duplicates/back/", {"act": act})
    assert "Taken back: Later: 3 pairs." in text(browser.get(answer["Location"]))
    assert group_with(twins).state == GroupState.OPEN
    again = browser.post("/duplicates/back/", {"act": act})
    assert "There is nothing to take back" in said(again)


def test_put_off_until_something_changes(login: Login, queue: DuplicateGroup, twins: list[str]) -> None:
    browser = login("steward")
    says(browser, queue, "later-change", twins)
    assert Verdict.objects.values_list("until", flat=True).first() is None
    assert str(group_with(twins).pk) in read(browser.get("/duplicates/?state=later")).rows
    assert "until something about the records changes" in text(browser.get(at(group_with(twins))))


def test_the_same_leads_to_the_merge(login: Login, queue: DuplicateGroup, twins: list[str]) -> None:
    browser = login("steward")
    answer = says(browser, queue, "same", twins)
    assert answer["Location"] == f"/merges/new/?ids={','.join(twins)}"
    assert str(group_with(twins).pk) in read(browser.get("/duplicates/?state=decided")).rows
    assert answer["Location"] in read(browser.get(at(group_with(twins)))).links


def test_a_card_that_changed_is_shown_anew_with_what_was_typed(
    login: Login, queue: DuplicateGroup, twins: list[str]
) -> None:
    browser = login("steward")
    old = form(browser, queue) | {"kind": "separate", "key": twins, "reason_separate": "Other owners"}
    says(browser, queue, "later-week", twins)
    answer = browser.post(at(queue, "decide"), {**old, "act": str(uuid.uuid4())})
    assert answer.status_code == 409
    assert "Somebody decided, or a record changed, since you opened it." in text(answer)
    assert read(answer, "").text
    assert 'value="Other owners"' in answer.content.decode()
    assert not Verdict.objects.filter(kind="separate").exists()


def test_a_contradiction_is_refused_with_the_chain(login: Login, queue: DuplicateGroup, twins: list[str]) -> None:
    browser = login("steward")
    one, two, three = twins
    says(browser, queue, "same", [one, two])
    says(browser, group_with(twins), "same", [two, three])
    answer = says(browser, group_with(twins), "separate", [one, three], reason_separate="Not at all")
    assert answer.status_code == 409
    page = text(answer)
    assert f"{TWINS[0]} = {TWINS[1]}" in page
    assert f"So {TWINS[0]} and {TWINS[2]} cannot be different." in page
    assert 'value="Not at all"' in answer.content.decode()
    verdict = Verdict.objects.get(a=min(one, two), b=max(one, two))
    assert f"/duplicates/verdicts/{verdict.pk}/withdraw/" in answer.content.decode()
    browser.post(f"/duplicates/verdicts/{verdict.pk}/withdraw/", {"back": at(queue)})
    says(browser, group_with(twins), "separate", [one, three], reason_separate="Not at all")
    assert Verdict.objects.filter(kind="separate").count() == 1


def test_one_is_dropped_split_off_and_added_again(login: Login, queue: DuplicateGroup, twins: list[str]) -> None:
    browser = login("steward")
    one, two, three = twins
    browser.post(at(queue, "drop"), {**form(browser, queue), "member": three})
    pair = group_with([one, two])
    assert not GroupMember.objects.filter(key=three).exists()
    found = browser.get(at(pair, "others"), {"q": three}).content.decode()
    assert f'data-value="{three}"' in found
    answer = browser.post(at(pair, "add"), {**form(browser, pair), "add": three})
    assert "The record was added." in text(browser.get(answer["Location"]))
    whole = group_with(twins)
    refused = browser.post(at(whole, "split"), {**form(browser, whole), "key": twins})
    assert refused.status_code == 409
    assert "Tick the records that are meant" in text(refused)
    browser.post(at(whole, "split"), {**form(browser, whole), "key": [one]})
    assert group_with([two, three])


def test_what_is_told_apart_is_not_added(login: Login, queue: DuplicateGroup, twins: list[str]) -> None:
    browser = login("steward")
    one, two, three = twins
    says(browser, queue, "separate", [one, three], reason_separate="Another owner")
    for pair in DuplicateGroup.objects.filter(members__key=two):
        outside = one if three in pair.members.values_list("key", flat=True) else three
        answer = browser.post(at(pair, "add"), {**form(browser, pair), "add": outside})
        assert answer.status_code == 422
        assert "Take it back first" in text(answer)
        assert "Another owner" in text(answer)
        unknown = browser.post(at(pair, "add"), {**form(browser, pair), "add": "987654"})
        assert "There is no other record of this number" in text(unknown)
        return
    raise AssertionError


def test_a_change_brings_it_back_and_is_named(
    sandbox: SandboxServer, login: Login, queue: DuplicateGroup, twins: list[str]
) -> None:
    browser = login("steward")
    says(browser, queue, "separate", twins, reason_separate="Three bakeries")
    sandbox.patch_row("counterparties", twins[0], {"corporateWebsiteUrl": "https://www.bagergaarden.example/da"})
    index.refresh(COUNTERPARTIES)
    duplicates.look_again(COUNTERPARTIES)
    page = text(browser.get(at(DuplicateGroup.objects.filter(members__key=twins[0])[0])))
    assert "Returned, because this changed on" in page
    assert f"Website of {TWINS[0]}" in page
    listed = text(browser.get("/duplicates/verdicts/?state=ended"))
    assert f"Ended, because this changed: Website of {TWINS[0]}" in listed
    assert "Returned" in text(browser.get("/duplicates/?q=bagerg"))


def test_a_form_that_is_sent_twice_goes_on_as_the_first_time(
    login: Login, queue: DuplicateGroup, twins: list[str]
) -> None:
    browser = login("steward")
    sent = {**form(browser, queue), "kind": "separate", "key": twins, "reason_separate": "Three bakeries"}
    answers = [browser.post(at(queue, "decide"), sent) for _twice in range(2)]
    assert not DuplicateGroup.objects.filter(pk=queue.pk).exists()
    assert [answer.status_code for answer in answers] == [303, 303]
    assert all(sent["act"] in answer["Location"] for answer in answers)
    assert "Not duplicates: 3 pairs." in text(browser.get(answers[1]["Location"]))
    assert Verdict.objects.count() == 3


def test_a_record_that_is_added_twice_is_added(login: Login, queue: DuplicateGroup, twins: list[str]) -> None:
    browser = login("steward")
    other = _in_no_group()
    sent = {**form(browser, queue), "add": other}
    answers = [browser.post(at(queue, "add"), sent) for _twice in range(2)]
    assert group_with([*twins, other])
    assert answers[0]["Location"] == answers[1]["Location"]
    assert "The record was added." in text(browser.get(answers[1]["Location"]))


def test_a_group_that_is_gone_says_so(login: Login, queue: DuplicateGroup, twins: list[str]) -> None:
    browser = login("steward")
    sent = form(browser, queue)
    says(browser, queue, "separate", twins, reason_separate="Three bakeries")
    gone = browser.get(at(queue))
    assert gone.status_code == 404
    assert "This group is no longer there" in text(gone)
    kept = {"version": sent["version"], "act": str(uuid.uuid4()), "kind": "same", "key": twins}
    answer = browser.post(at(queue, "decide"), kept)
    assert "Nothing was kept" in said(answer)


def test_the_record_itself_says_that_it_looks_like_others(
    sandbox: SandboxServer, login: Login, queue: DuplicateGroup, twins: list[str]
) -> None:
    answer = login("viewer").get(f"/counterparties/{twins[0]}/")
    assert "Looks like 2 others" in text(answer)
    assert f"{at(queue)}?entity=counterparties" in read(answer).links


def test_the_sidebar_counts_what_waits(login: Login, queue: DuplicateGroup) -> None:
    DuplicateGroup.objects.exclude(pk=queue.pk).delete()
    page = login("viewer").get("/history/").content.decode()
    assert re.search(r'href="/duplicates/"[^>]*data-key="g d"', page)
    assert '<b class="nav-number">1</b>' in page
    assert "Duplicates" in text(login("viewer").get("/search/?q=dupl"))


def test_clients_are_found_to_be_duplicates_without_a_merge(
    sandbox: SandboxServer, login: Login, person: Callable[[str], User]
) -> None:
    row = {"name": "Havnens Sejlmagerværksted ApS", "tin": "12345674", "addressCity": "Ebeltoft"}
    keys = [sandbox.add_row("clients", row) for _ in range(2)]
    index.refresh(CLIENTS)
    scanned(CLIENTS, person("steward"))
    browser = login("steward")
    group = DuplicateGroup.objects.get(entity="clients", members__key=keys[0])
    members = list(group.members.values_list("key", flat=True))
    answer = says(browser, group, "same", members)
    assert answer["Location"].startswith("/duplicates/")
    assert str(group.pk) in read(browser.get("/duplicates/?entity=clients&state=decided")).rows
