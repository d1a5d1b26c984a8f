"""The page that composes a merge: who stays, what it will hold, whom it touches; and the plan that it makes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from backoffice.models import Job, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs, merges
from backoffice.services.operations.merge import read_there
from backoffice.services.operations.uses import Uses
from tests.conftest import Login
from tests.records.pages import form_of, read

from .cast import FIRST, KEEPS, OF_FIRST, SECOND, run, step, writes
from .pages import ALL_THREE, NEW, composed, confirmed, job_at, looked, words

pytestmark = pytest.mark.django_db(transaction=True)
TWO = f"{NEW}?ids={KEEPS},{FIRST}"
HTMX = {"HX-Request": "true", "HX-Target": "merge-result"}


# Who stays


def test_the_one_that_most_clients_name_is_suggested(browser: Client) -> None:
    page = browser.get(ALL_THREE)
    assert form_of(browser, ALL_THREE, "merge-form")["survivor"] == FIRST
    assert "Suggested: most clients name it." in words(page)
    assert "3 clients name it" in words(page)


def test_another_may_stay_and_its_values_follow(browser: Client) -> None:
    form = form_of(browser, ALL_THREE, "merge-form")
    found = read(browser.post(NEW, {**form, "survivor": SECOND}), "merge-form").fields
    assert found["survivor"] == SECOND
    assert found["pick-displayName"] == SECOND


def test_no_plan_is_made_of_a_result_that_nobody_saw(browser: Client) -> None:
    answer = browser.post(NEW, {**form_of(browser, ALL_THREE, "merge-form"), "do": "plan", "survivor": SECOND})
    assert answer.status_code == 422
    assert "another record stays now" in words(answer)
    assert not Job.objects.exists()
    job = job_at(browser.post(NEW, {**read(answer, "merge-form").fields, "do": "plan"}))
    assert job.spec["survivor"] == SECOND


def test_what_was_chosen_stays_chosen_when_another_stays(browser: Client) -> None:
    form = form_of(browser, ALL_THREE, "merge-form")
    page = browser.post(NEW, {**form, "survivor": SECOND, "pick-displayName": KEEPS})
    assert read(page, "merge-form").fields["pick-displayName"] == KEEPS


@pytest.mark.parametrize("other", [SECOND, f"/counterparties/{SECOND}", "HANSEN EL", "zzzz"])
def test_a_record_is_added_by_number_address_or_name(sandbox: SandboxServer, browser: Client, other: str) -> None:
    sandbox.patch_row("counterparties", KEEPS, {"displayName": "Another"})
    sandbox.patch_row("counterparties", FIRST, {"displayName": "Yet another"})
    answer = looked(browser, TWO, other=other)
    if other == "zzzz":
        assert answer.status_code == 422
        assert "Nothing is found by the name" in words(answer)
        return
    assert answer.status_code == 303
    assert f"ids={KEEPS},{FIRST},{SECOND}" in answer["Location"]


def test_several_that_a_name_may_mean_are_offered(browser: Client, sandbox: SandboxServer) -> None:
    for key in ("30", "31"):
        sandbox.patch_row("counterparties", key, {"displayName": f"Vesterbro {key}"})
        browser.get(f"/counterparties/{key}/")
    typed = {"survivor": KEEPS, "pick-displayName": "typed", "value-displayName": "Hansen, new"}
    answer = looked(browser, TWO, other="Vesterbro", **typed)
    assert "Which one?" in words(answer)
    for key in ("30", "31"):
        assert f'name="chosen" value="{key}"' in answer.content.decode()
    answer = browser.post(NEW, {**read(answer, "merge-form").fields, "chosen": "31"})
    found = read(answer, "merge-form").fields
    assert found["ids"] == f"{KEEPS},{FIRST},31"
    assert {name: found[name] for name in typed} == typed
    assert found["other"] == ""


def test_a_record_is_taken_out(browser: Client) -> None:
    answer = looked(browser, drop=SECOND)
    assert f"ids={KEEPS},{FIRST}&" in answer["Location"]


def test_what_was_chosen_outlives_a_change_of_the_records(browser: Client) -> None:
    typed = {"survivor": KEEPS, "pick-displayName": "typed", "value-displayName": "Hansen, new"}
    answer = looked(browser, TWO, other=SECOND, **typed)
    found = read(answer, "merge-form").fields
    assert {name: found[name] for name in typed} == typed
    assert found["ids"] == f"{KEEPS},{FIRST},{SECOND}"
    found = read(browser.post(NEW, {**found, "drop": SECOND}), "merge-form").fields
    assert {name: found[name] for name in typed} == typed
    assert found["ids"] == f"{KEEPS},{FIRST}"


def test_whose_values_were_chosen_stands_in_the_address_and_what_was_typed_does_not(browser: Client) -> None:
    two = f"{TWO}&survivor={KEEPS}"
    form = form_of(browser, two, "merge-form") | {"other": SECOND, "value-displayName": "Anna Hansen"}
    answer = browser.post(NEW, {**form, "pick-displayName": FIRST})
    assert answer["Location"] == f"{TWO},{SECOND}&survivor={KEEPS}&pick-displayName={FIRST}"
    answer = browser.post(NEW, {**form, "pick-displayName": "typed"})
    assert answer.status_code == 200
    assert not any("Anna" in link for link in read(answer).links)


def test_reading_again_keeps_what_was_chosen(sandbox: SandboxServer, browser: Client) -> None:
    typed = {"pick-displayName": "typed", "value-displayName": "Anna Hansen"}
    form = form_of(browser, f"{TWO}&survivor={KEEPS}", "merge-form") | typed
    sandbox.patch_row("counterparties", FIRST, {"displayName": "Renamed by others"})
    assert "Renamed by others" not in words(browser.post(NEW, {**form, "do": "look"}))
    answer = browser.post(NEW, {**form, "do": "afresh"})
    assert "Renamed by others" in words(answer)
    assert {name: read(answer, "merge-form").fields[name] for name in typed} == typed


@pytest.mark.parametrize(
    "query",
    ["", "ids=", "ids=,,", "ids=12", "id=12", "ids=../..", "ids=%00", "ids=999999", "ids=a%2Fb,12", "drop=1"],
)
def test_odd_addresses_are_pages(browser: Client, query: str) -> None:
    page = browser.get(f"{NEW}?{query}")
    assert page.status_code == 200
    assert "Make the plan" not in words(page)


def test_records_may_be_named_one_by_one(browser: Client) -> None:
    form = form_of(browser, f"{NEW}?id={KEEPS}&id={FIRST}", "merge-form")
    assert form["ids"] == f"{KEEPS},{FIRST}"


def test_a_record_that_is_not_there_is_said(browser: Client) -> None:
    page = browser.get(f"{TWO},999999")
    assert "999999 is not in Flowtly." in words(page)
    answer = composed(browser, f"{TWO},999999")
    assert answer.status_code == 422
    assert not Job.objects.exists()


# What it will hold


def test_only_what_differs_from_the_one_that_stays_is_sent(browser: Client) -> None:
    job = job_at(composed(browser, survivor=KEEPS, **{"pick-displayName": FIRST, "pick-type": FIRST}))
    assert step(job, "update", KEEPS).changes == {"displayName": "Hansen El"}


def test_a_typed_value_is_taken(browser: Client) -> None:
    typed = {"pick-corporateWebsiteUrl": "typed", "value-corporateWebsiteUrl": "https://hansen.example/"}
    job = job_at(composed(browser, survivor=KEEPS, **typed))
    assert step(job, "update", KEEPS).changes == {"corporateWebsiteUrl": "https://hansen.example/"}


def test_what_was_typed_and_not_chosen_is_not_sent(browser: Client) -> None:
    job = job_at(composed(browser, survivor=KEEPS, **{"value-displayName": "Left over"}))
    assert not job.phases.filter(name="prepare").exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"pick-corporateWebsiteUrl": "typed", "value-corporateWebsiteUrl": "no address"}, "no address"),
        ({"pick-displayName": "typed", "value-displayName": ""}, ""),
        ({"pick-displayName": "typed", "value-displayName": "x" * 300}, "x" * 300),
    ],
)
def test_a_value_that_cannot_be_is_said_beside_its_field(browser: Client, typed: Any, message: str) -> None:
    answer = composed(browser, survivor=KEEPS, **typed)
    assert answer.status_code == 422
    name = next(iter(typed)).removeprefix("pick-")
    assert f'id="id_value-{name}_error"' in answer.content.decode()
    kept = read(answer, "merge-form").fields
    assert (kept[f"pick-{name}"], kept[f"value-{name}"]) == ("typed", message)
    assert not Job.objects.exists()


def test_the_result_is_shown_at_once_without_asking_flowtly(sandbox: SandboxServer, browser: Client) -> None:
    form = form_of(browser, ALL_THREE, "merge-form")
    sandbox.clear_log()
    chosen = {"survivor": KEEPS, "was": KEEPS, "pick-displayName": "typed", "value-displayName": "Live"}
    answer = browser.post(NEW, {**form, **chosen}, headers=HTMX)
    assert sandbox.requests == []
    assert answer.content.decode().strip().startswith('<section class="panel" id="merge-result"')
    assert "1 field would change." in words(answer)
    assert "Live typed in" in words(answer)


def test_what_nobody_may_change_is_shown_beside_the_rest(browser: Client) -> None:
    assert "Icon of the cost group (not changed here)" in words(browser.get(ALL_THREE))


# Whom it touches


def test_clients_are_counted_and_named(browser: Client) -> None:
    page = browser.get(ALL_THREE)
    said = words(page)
    assert "3 clients have it as default cost: " in said
    assert said.count("They move to the one that stays.") == 2
    links = read(page).links
    assert all(f"/clients/{key}/" in links for key in OF_FIRST)
    assert "Unknown. Invoices, documents" in words(page)
    assert "Partly." in words(page)
    assert "This merge is a trial." in words(page)


def test_an_impact_that_nobody_knows_is_called_unknown(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoffice.services.merges.composing.clients_naming", lambda _iris: Uses(known=False))
    page = browser.get(ALL_THREE)
    assert words(page).count("Unknown: the clients do not tell") == 3
    assert "name it" not in words(page)
    assert "Unknown: the clients do not tell" in words(browser.get(f"/jobs/{job_at(composed(browser)).pk}/"))


def test_many_clients_are_folded_and_counted_to_the_last(sandbox: SandboxServer, browser: Client) -> None:
    for client in range(1, 121):
        sandbox.patch_row("clients", client, {"defaultCost": int(SECOND)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backoffice.views.mergeform._LISTED", 20)
        page = browser.get(f"{ALL_THREE}&survivor={KEEPS}")
        assert "120 clients have it as default cost" in words(page)
        assert "and 100 more" in words(page)
        swapped = browser.post(NEW, {**read(page, "merge-form").fields, "survivor": FIRST})
    assert "Suggested: most clients name it." in words(swapped)
    assert "120 clients have it as default cost" in words(swapped)


def test_contradicting_numbers_need_a_word(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_number(resource: Any, key: str, **more: Any) -> Any:
        record = read_there(resource, key, **more)
        return record and replace(record, other={**record.other, "vatNumber": {KEEPS: "1"}.get(key, "2")})

    monkeypatch.setattr("backoffice.services.merges.composing.read_there", with_number)
    page = browser.get(TWO)
    assert "They may not be the same firm." in words(page)
    assert "vatNumber" in words(page)
    answer = composed(browser, TWO)
    assert answer.status_code == 422
    assert "Say that you looked at this" in words(answer)
    assert job_at(composed(browser, TWO, even_so="vatNumber")).spec["even_so"] == ["vatNumber"]


def test_after_the_trial_nothing_is_said_of_it(steward: User, browser: Client) -> None:
    job = merges.plan(
        actor=steward, survivor=KEEPS, gone=[FIRST], changes={}, nonce="n", request_id="r", reason="One firm"
    )
    run(job, steward)
    assert "This merge is a trial." not in words(browser.get(f"{NEW}?ids={KEEPS},{SECOND}"))


# The plan


def test_composing_writes_nothing(sandbox: SandboxServer, browser: Client) -> None:
    job = job_at(composed(browser))
    assert writes(sandbox) == []
    assert (job.kind, job.state) == ("merge", "planned")


def test_the_same_form_twice_is_one_plan_and_other_choices_another(browser: Client) -> None:
    form = {**form_of(browser, ALL_THREE, "merge-form"), "do": "plan"}
    first, second = browser.post(NEW, form), browser.post(NEW, form)
    assert first["Location"] == second["Location"]
    assert browser.post(NEW, {**form, "pick-displayName": SECOND})["Location"] != first["Location"]


def test_a_record_that_changed_since_the_page_makes_no_plan(sandbox: SandboxServer, browser: Client) -> None:
    form = {**form_of(browser, ALL_THREE, "merge-form"), "do": "plan", "pick-displayName": KEEPS}
    sandbox.patch_row("counterparties", KEEPS, {"displayName": "Hansen, renamed"})
    answer = browser.post(NEW, form)
    assert answer.status_code == 422
    assert "somebody changed a record after this page was shown" in words(answer)
    assert "Changed just now: Name" in words(answer)
    assert "Hansen, renamed" in words(answer)
    assert not Job.objects.exists()
    again = {**read(answer, "merge-form").fields, "do": "plan"}
    assert again["pick-displayName"] == KEEPS
    job_at(browser.post(NEW, again))


def test_a_form_without_its_own_data_is_read_anew(browser: Client) -> None:
    job = job_at(composed(browser, base="altered"))
    assert job.spec["gone"]


def test_a_record_of_another_merge_is_said(browser: Client, steward: User) -> None:
    job = job_at(composed(browser))
    merges.confirm(job=job, actor=steward, reason="One firm")
    page = browser.get(TWO)
    assert "is part of another merge that has not ended" in words(page)
    assert composed(browser, TWO).status_code == 422


def test_from_what_is_ticked(browser: Client) -> None:
    browser.post("/counterparties/selection/", {"shown": "", "add": [KEEPS, FIRST]})
    answer = browser.post("/counterparties/selection/merge/")
    assert answer["Location"] == TWO


@pytest.mark.parametrize("number", [0, 1, 21])
def test_too_few_or_too_many_ticks_lead_back(browser: Client, number: int) -> None:
    browser.post("/counterparties/selection/", {"shown": "", "add": [str(n) for n in range(1, number + 1)]})
    answer = browser.post("/counterparties/selection/merge/", follow=True)
    assert "Tick 2 to 20 records to merge them" in words(answer)


def test_clients_are_not_merged(browser: Client) -> None:
    assert browser.post("/clients/selection/merge/").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "editor", "approver"])
def test_others_see_the_records_and_who_can_merge_them(
    sandbox: SandboxServer, steward: User, login: Login, role: str
) -> None:
    browser = login(role)
    page = browser.get(ALL_THREE)
    assert "merging them is for data stewards" in words(page)
    assert steward.get_username() in words(page)
    assert b"Make the plan" not in page.content
    assert browser.post(NEW, {"ids": f"{KEEPS},{FIRST}", "do": "plan"}).status_code == 403
    assert b"/merges/new/" not in browser.get(f"/counterparties/{KEEPS}/").content


def test_the_record_s_page_leads_here(browser: Client) -> None:
    assert f"{NEW}?ids={KEEPS}" in read(browser.get(f"/counterparties/{KEEPS}/")).links
    assert not [link for link in read(browser.get("/clients/1/")).links if link.startswith(NEW)]


def test_the_plan_leads_back_with_what_was_chosen(browser: Client) -> None:
    typed = {"pick-corporateWebsiteUrl": "typed", "value-corporateWebsiteUrl": "https://hansen.example/"}
    job = job_at(composed(browser, survivor=KEEPS, **{"pick-displayName": FIRST}, **typed))
    page = read(browser.get(f"/jobs/{job.pk}/"))
    again = next(link for link in page.links if link.startswith(NEW))
    found = form_of(browser, again, "merge-form")
    wanted = {"survivor": KEEPS, "pick-displayName": FIRST, **typed}
    assert {name: found[name] for name in wanted} == wanted


def test_a_value_that_was_redacted_is_never_taken(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_given: Any) -> Job:
        raise jobs.RedactedPlan("merge")

    monkeypatch.setattr(merges, "plan", refuse)
    answer = composed(browser)
    assert answer.status_code == 422
    assert "A value was redacted here" in words(answer)


def test_a_discarded_plan_is_no_more(browser: Client) -> None:
    job = job_at(composed(browser))
    browser.post(f"/jobs/{job.pk}/merge/discard/")
    job.refresh_from_db()
    assert job.state == "withdrawn"
    confirmed(browser, job)
    job.refresh_from_db()
    assert job.state == "withdrawn"
