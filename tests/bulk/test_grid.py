"""The grid: what was typed into its cells, and nothing else, becomes a plan; what cannot be read comes back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from backoffice.forms.grid import GridBasis, GridRow, cells_of, placed
from backoffice.forms.gridcolumns import build_columns
from backoffice.forms.records import Offered
from backoffice.models import Forecast, Job
from backoffice.sandbox.server import SandboxServer
from backoffice.services import reading
from backoffice.views import grid
from tests.bulk.cast import CLIENTS, by_key, forecasts, sent
from tests.conftest import Login
from tests.records.pages import Page, read

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def steward(sandbox: SandboxServer, login: Login) -> Client:
    return login("steward")


def opens(browser: Client, *keys: str, slug: str = "clients", columns: str = "") -> str:
    """The address of the grid of these records."""
    browser.post(f"/{slug}/selection/none/")
    browser.post(f"/{slug}/selection/", {"add": keys})
    answer = browser.post(f"/{slug}/selection/grid/")
    assert answer.status_code == 303
    return str(answer["Location"]) + (f"?column={columns.replace(' ', '&column=')}" if columns else "")


def page(browser: Client, url: str) -> Page:
    answer = browser.get(url)
    assert answer.status_code == 200
    return read(answer, "grid-form")


def sends(browser: Client, url: str, cells: dict[str, dict[str, str]], **fields: Any) -> HttpResponse:
    """Opens the grid, types into these cells, and sends it."""
    form = page(browser, url).fields | {"cells": json.dumps(cells)} | fields
    return browser.post(url.partition("?")[0], form)


def planned(answer: HttpResponse) -> Job:
    assert answer.status_code == 303, answer.content.decode()[:3000]
    return Job.objects.get(pk=str(answer["Location"]).split("/")[2])


def test_the_cells_hold_what_a_person_would_type(steward: Client, sandbox: SandboxServer) -> None:
    sandbox.patch_row("clients", 1, {"dueDays": 1234, "defaultCost": "/counterparties/7", "tin": "<b>&amp;"})
    sandbox.patch_row("counterparties", 7, {"displayName": "Æbler ApS"})
    text = steward.get(opens(steward, "1", columns="country currency dueDays defaultCost tin")).content.decode()
    assert 'data-raw="/counterparties/7">Æbler ApS</td>' in text
    assert '<td aria-colindex="4" class="num">1234</td>' in text
    assert 'data-raw="/countries/' in text
    assert "&lt;b&gt;&amp;amp;</td>" in text


def test_the_columns_are_those_of_the_persons_list(steward: Client, sandbox: SandboxServer) -> None:
    names = [column["name"] for column in described(steward.get(opens(steward, "1")))]
    assert names == ["status", "country", "currency", "tin", "dueDays", "defaultCost"]
    steward.post("/clients/columns/", {"column": ["addressCity", "costGroupIcon"]})
    assert [column["name"] for column in described(steward.get(opens(steward, "1")))] == ["addressCity"]


def described(answer: HttpResponse) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(answer.context["described_json"])
    return found


def test_only_cells_that_were_typed_into_are_planned(steward: Client, sandbox: SandboxServer) -> None:
    url = opens(steward, "1", "2", "3")
    seen = sandbox.row("clients", 2)
    assert seen is not None
    sandbox.clear_log()
    job = planned(sends(steward, url, {"2": {"dueDays": "21"}, "3": {"status": "lead"}}))
    steps = by_key(job)
    assert set(steps) == {"2", "3"}
    assert (steps["2"].base, steps["2"].changes) == ({"dueDays": seen["dueDays"]}, {"dueDays": 21})
    assert steps["2"].context["seen"] == {"dueDays": seen["dueDays"]}
    assert steps["3"].changes == {"status": "lead"}
    assert forecasts(job) == {"2": Forecast.CHANGE, "3": Forecast.CHANGE}
    assert job.spec["source"]["kind"] == "grid"
    assert sent(sandbox.requests) == []


def test_what_others_changed_meanwhile_is_not_written_over(steward: Client, sandbox: SandboxServer) -> None:
    url = opens(steward, "1", "2")
    form = page(steward, url).fields
    sandbox.patch_row("clients", 1, {"dueDays": 99})
    sandbox.patch_row("clients", 2, {"status": "blocked"})
    cells = {"1": {"dueDays": "21"}, "2": {"dueDays": "21"}}
    job = planned(steward.post(url, form | {"cells": json.dumps(cells)}))
    assert forecasts(job) == {"1": Forecast.EDITED, "2": Forecast.CHANGE}


def test_a_value_that_is_there_already_is_no_change(steward: Client, sandbox: SandboxServer) -> None:
    sandbox.patch_row("clients", 1, {"dueDays": 1234, "vatNumber": " 12 "})
    answer = sends(steward, opens(steward, "1", columns="dueDays vatNumber"), {"1": {"dueDays": "1,234"}})
    assert answer.status_code == 200
    assert "Nothing was changed" in answer.content.decode()
    assert not Job.objects.exists()


def test_a_second_submit_is_the_first(steward: Client, sandbox: SandboxServer) -> None:
    url = opens(steward, "1")
    form = page(steward, url).fields | {"cells": '{"1": {"dueDays": "21"}}'}
    first, second = planned(steward.post(url, form)), planned(steward.post(url, form))
    assert first == second
    other = planned(steward.post(url, form | {"cells": '{"1": {"dueDays": "22"}}'}))
    assert other != first


def test_what_cannot_be_read_comes_back_at_its_cell(steward: Client, sandbox: SandboxServer) -> None:
    cells = {
        "1": {"dueDays": "1,5", "status": "lead", "country": "Nowhere"},
        "2": {"name": "", "defaultCost": "No such company"},
        "3": {"currency": "dkk"},
    }
    url = opens(steward, "1", "2", "3", columns="name status country currency dueDays defaultCost")
    answer = sends(steward, url, cells)
    assert (answer.status_code, Job.objects.count()) == (422, 0)
    text = answer.content.decode()
    assert "4 cells need correcting" in text
    assert 'data-problem="Write a whole number, for example 30.">1,5</td>' in text
    assert 'data-problem="Choose one from the list.">Nowhere</td>' in text
    assert "Nothing is found by the name “No such company”" in text
    assert 'data-problem="Name must be filled in."></td>' in text
    assert 'data-problem="">lead</td>' in text
    assert 'data-problem="">DKK</td>' in text  # what could be read is kept, too, as what it means
    again = read(answer, "grid-form").fields
    cells["1"] |= {"dueDays": "15", "country": "Denmark"}
    cells["2"] = {"name": "Ny A/S"}
    job = planned(steward.post(url.partition("?")[0], again | {"cells": json.dumps(cells)}))
    assert set(by_key(job)["2"].changes) == {"name"}


def test_names_are_taken_where_one_record_has_them(steward: Client, sandbox: SandboxServer) -> None:
    sandbox.patch_row("counterparties", 5, {"displayName": "Bogholderiet Æbler ApS"})
    sandbox.patch_row("counterparties", 6, {"displayName": "Tvilling A/S"})
    sandbox.patch_row("counterparties", 7, {"displayName": "Tvilling A/S"})
    url = opens(steward, "1", "2", "3", columns="defaultCost country requireAttachment")
    codes = {code: iri for iri, code in reading.codes("countries").items()}
    sandbox.patch_row("clients", 2, {"country": codes["PL"]})
    job = planned(sends(steward, url, {"1": {"defaultCost": "bogholderiet æbler aps"}, "2": {"country": "se"}}))
    assert by_key(job)["1"].changes == {"defaultCost": "/counterparties/5"}
    assert by_key(job)["2"].changes == {"country": codes["SE"]}
    answer = sends(steward, url, {"1": {"defaultCost": "Tvilling A/S"}})
    assert (answer.status_code, "More than one is found" in answer.content.decode()) == (422, True)


def test_the_page_asks_for_names_that_it_does_not_know(steward: Client, sandbox: SandboxServer) -> None:
    sandbox.patch_row("counterparties", 5, {"displayName": "Bogholderiet Æbler ApS"})
    url = f"{opens(steward, '1')}names/"
    answer = steward.post(url, {"field": "defaultCost", "name": ["BOGHOLDERIET æbler ApS", "No such", "\x00", ""]})
    assert answer.json()["names"] == {
        "BOGHOLDERIET æbler ApS": [["/counterparties/5", "Bogholderiet Æbler ApS"]],
        "No such": [],
        "\x00": [],
        "": [],
    }
    for field in ("country", "dueDays", "nothing", ""):
        assert steward.post(url, {"field": field, "name": "x"}).status_code == 404


def test_a_name_that_is_new_in_flowtly_is_asked_for(steward: Client, sandbox: SandboxServer) -> None:
    url = f"{opens(steward, '1')}names/"
    steward.post(url, {"field": "defaultCost", "name": "x"})
    key = sandbox.add_row("counterparties", {"displayName": "Splinterny Ærø ApS", "type": "vendor"})
    sandbox.clear_log()
    names = [f"No such {number}" for number in range(50)]
    answer = steward.post(url, {"field": "defaultCost", "name": ["Splinterny Ærø ApS", *names]})
    assert answer.json()["names"]["Splinterny Ærø ApS"] == [[f"/counterparties/{key}", "Splinterny Ærø ApS"]]
    assert len(sandbox.requests) == 20  # a pasted column of nonsense does not become a flood


def test_booleans_of_spreadsheets_are_understood(steward: Client, sandbox: SandboxServer) -> None:
    for key in ("1", "2"):
        sandbox.patch_row("counterparties", key, {"cyclic": False})
    url = opens(steward, "1", "2", slug="counterparties", columns="cyclic")
    job = planned(sends(steward, url, {"1": {"cyclic": "SAND"}, "2": {"cyclic": "Nej"}}))
    assert {key: step.changes for key, step in by_key(job).items()} == {"1": {"cyclic": True}}


@pytest.mark.parametrize(
    "spoilt",
    [
        {"base": ""},
        {"base": "x:y:z"},
        {"cells": "{"},
        {"cells": "[]"},
        {"cells": '{"1": {"dueDays": 5}}'},
        {"cells": '{"9": {"dueDays": "5"}}'},  # not of the selection
        {"cells": '{"1": {"invoiceComment": "5"}}'},  # no column
        {"cells": '{"1": {"costGroupIcon": "5"}}'},  # nobody edits it
        {"cells": '{"1": {"dueDays": "\\ud800"}}'},
    ],
)
def test_nothing_is_planned_from_a_grid_that_was_tampered_with(
    steward: Client, sandbox: SandboxServer, spoilt: dict[str, str]
) -> None:
    url = opens(steward, "1", "2", columns="dueDays costGroupIcon")
    form = page(steward, url).fields | {"cells": '{"1": {"dueDays": "21"}}'}
    answer = steward.post(url.partition("?")[0], form | spoilt)
    assert (answer.status_code, Job.objects.count()) == (422, 0)
    assert "lost its own data" in answer.content.decode()
    if "base" in spoilt:  # what was typed is kept all the same
        assert 'data-problem="">21</td>' in answer.content.decode()


def test_the_data_of_another_grid_is_refused(steward: Client, sandbox: SandboxServer) -> None:
    other = page(steward, opens(steward, "1", "2")).fields
    answer = sends(steward, opens(steward, "1"), {"1": {"dueDays": "21"}}, base=other["base"])
    assert (answer.status_code, Job.objects.count()) == (422, 0)


def test_other_columns_keep_what_was_typed(steward: Client, sandbox: SandboxServer) -> None:
    url = opens(steward, "1", columns="dueDays status")
    form = page(steward, url).fields
    sandbox.patch_row("clients", 1, {"dueDays": 99})
    typed = form | {"cells": '{"1": {"dueDays": "21"}}', "show": "1", "column": ["addressCity"]}
    answer = steward.post(url.partition("?")[0], typed)
    assert [column["name"] for column in described(answer)] == ["addressCity", "dueDays"]
    assert 'data-problem="">21</td>' in answer.content.decode()
    again = read(answer, "grid-form").fields | {"cells": '{"1": {"dueDays": "21", "addressCity": "Odense"}}'}
    job = planned(steward.post(url.partition("?")[0], again))
    assert forecasts(job) == {"1": Forecast.EDITED}  # held against what the person saw first


def test_what_is_read_only_is_shown_and_never_sent(steward: Client, sandbox: SandboxServer) -> None:
    url = opens(steward, "1", columns="dueDays costGroupIcon")
    text = steward.get(url).content.decode()
    assert text.count('<td aria-colindex="3" aria-readonly="true"') == 1
    assert text.count('<td aria-colindex="2" class="num">') == 1
    assert sends(steward, url, {"1": {"costGroupIcon": "x"}}).status_code == 422


def test_an_object_where_a_text_is_declared_is_shown_and_never_sent() -> None:
    row = GridRow("1", "Acme", {"invoiceComment": {"da": "tak"}})
    columns = build_columns(CLIENTS, ["invoiceComment"], Offered())
    (cell,) = cells_of(row, columns, {}, {})
    assert (cell.fixed, cell.text) == (True, '{"da": "tak"}')
    basis = GridBasis("clients", "x", ("invoiceComment",), (row,))
    assert placed(basis, CLIENTS, {"1": {"invoiceComment": "x"}}) == {}


def test_records_that_are_gone_are_named(steward: Client, sandbox: SandboxServer) -> None:
    url = opens(steward, "1", "2", "3")
    sandbox.delete_row("clients", 2)
    text = page(steward, url).text
    assert "1 selected record is not shown here: number 2 (no longer in Flowtly)" in re.sub(
        r"\( | (?=\))", lambda m: m[0].strip(), text
    )
    assert "Edit 2 clients as a grid" in text


def test_a_grid_has_a_limit(steward: Client, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "MOST", 2)
    answer = steward.get(opens(steward, "1", "2", "3"))
    assert "3 clients are too many for a grid" in answer.content.decode()
    assert steward.post(opens(steward, "1", "2", "3")).status_code == 200
    assert not Job.objects.exists()


def test_reading_it_takes_few_requests(steward: Client, sandbox: SandboxServer) -> None:
    keys = [str(number) for number in range(1, 101)]
    url = opens(steward, *keys, columns="dueDays status name")
    steward.get(url)
    sandbox.clear_log()
    page(steward, url)
    assert len(sandbox.requests) <= 6
    form = page(steward, url).fields | {"cells": '{"1": {"dueDays": "x"}}'}
    sandbox.clear_log()
    assert steward.post(url.partition("?")[0], form).status_code == 422
    assert sandbox.requests == []  # what comes back needs no reading


def test_an_outage_is_said_and_loses_nothing(steward: Client, sandbox: SandboxServer) -> None:
    url = opens(steward, "1", columns="defaultCost")
    form = page(steward, url).fields | {"cells": '{"1": {"defaultCost": "Who is this"}}'}
    sandbox.fault(status=503, times=None)
    assert steward.get(url).status_code == 503
    assert steward.post(f"{url.partition('?')[0]}names/", {"field": "defaultCost", "name": "x"}).status_code == 503
    answer = steward.post(url.partition("?")[0], form)
    assert (answer.status_code, "Who is this" in answer.content.decode()) == (422, True)


def test_a_grid_is_its_owners_alone(steward: Client, login: Login, sandbox: SandboxServer) -> None:
    url = opens(steward, "1")
    assert login("editor").get(url).status_code == 403
    assert login("editor").post("/clients/selection/grid/").status_code == 403
    steward.post("/clients/selection/none/")
    assert steward.post("/clients/selection/grid/")["Location"] == "/clients/"
    admin = login("approver")
    assert admin.get(url).status_code == 403
