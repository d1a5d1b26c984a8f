"""Exports through the front door: the file holds what the list shows, from either source, in each format."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.conf import LazySettings, settings
from django.http import FileResponse, HttpResponse
from django.test import Client

from backoffice.models import AuditEntry, Export, ExportState
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, exports, index, upstream
from tests.conftest import Login
from tests.records.pages import read

# What the worker does is told by a second connection, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
CSV_DIALECTS = {"csv": ",", "csv-da": ";", "csv-pl": ";"}
Rows = list[dict[str, Any]]
Row = dict[str, Any]


def ask(browser: Client, query: str = "", slug: str = "clients", **chosen: str) -> HttpResponse:
    sent = {"query": query, "format": "xlsx", "columns": "all", **chosen}
    return browser.post(f"/{slug}/export/", sent)


def body(answer: HttpResponse) -> bytes:
    assert isinstance(answer, FileResponse), answer.content.decode()
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]


def sheet(content: bytes) -> Rows:
    rows = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True)
    heads = next(rows)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def table(content: bytes, delimiter: str) -> Rows:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def held(sandbox: SandboxServer, wanted: Callable[[Row], bool] = lambda row: True) -> dict[str, Row]:
    rows = {str(n): sandbox.row("clients", n) or {} for n in range(1, 121)}
    return {key: row for key, row in rows.items() if wanted(row)}


FILTERS: dict[str, Callable[[Row], bool]] = {
    "": lambda row: True,
    "status=active": lambda row: row["status"] == "active",
    "status=active&country=/countries/1": lambda row: row["status"] == "active" and row["country"] == "1",
    "vatNumber__empty=true": lambda row: not row["vatNumber"],
    "dueDays__gte=14&name__contains=a": lambda row: (row["dueDays"] or 0) >= 14 and "a" in row["name"].lower(),
    "status__not=active&status__not=lead": lambda row: row["status"] not in ("active", "lead"),
}


def made(browser: Client, answer: HttpResponse) -> bytes:
    """The file, whether it came at once or through the worker."""
    if answer.status_code == 200:
        return body(answer)
    exports.work()
    page = browser.get(answer["Location"])
    link = next(link for link in read(page).links if link.endswith("/file/"))
    return body(browser.get(link))


def numbers(row: Row, name: str) -> Any:
    return str(row[name]) if row.get(name) else None


@pytest.mark.parametrize("source", ["flowtly", "copy"])
@pytest.mark.parametrize("query", FILTERS)
def test_the_file_holds_what_the_filter_shows(
    sandbox: SandboxServer, login: Login, query: str, source: str
) -> None:
    if source == "copy":
        index.refresh(PAGES["clients"])
    expected = held(sandbox, FILTERS[query])
    assert expected
    browser = login("viewer")
    content = made(browser, ask(browser, query))
    found = {row["Number in Flowtly"]: row for row in sheet(content)}
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        shown = found[key]
        assert (shown["Name"], shown["Status"], shown["Due days"]) == (row["name"], row["status"], row["dueDays"])
        assert (shown["Tax number"], shown["VAT number"]) == (row["tin"] or None, row["vatNumber"] or None)
        assert shown["Country, number"] == numbers(row, "country")
        assert shown["Default cost, number"] == numbers(row, "defaultCost")
        cost = sandbox.row("counterparties", row["defaultCost"]) if row["defaultCost"] else None
        assert shown["Default cost"] == (cost["displayName"] if cost else None)
        currency = sandbox.row("currencies", row["currency"])
        assert currency
        assert shown["Currency"] == currency["code"]


def test_sorted_as_the_list_is(sandbox: SandboxServer, login: Login) -> None:
    index.refresh(PAGES["clients"])
    browser = login("viewer")
    found = sheet(made(browser, ask(browser, "sort=-dueDays,name&vatNumber__empty=false", columns="shown")))
    filled = [(-row["Due days"], row["Name"].lower()) for row in found if row["Due days"] is not None]
    assert filled == sorted(filled)
    listed = read(browser.get("/clients/?sort=-dueDays,name&size=200&vatNumber__empty=false")).rows
    assert [row["Number in Flowtly"] for row in found] == listed


@pytest.mark.parametrize("slug", PAGES)
@pytest.mark.parametrize("columns", ["shown", "all"])
def test_every_entity_alike(sandbox: SandboxServer, login: Login, slug: str, columns: str) -> None:
    resource, browser = PAGES[slug], login("viewer")
    found = sheet(made(browser, ask(browser, slug=slug, columns=columns)))
    listed: list[str] = []
    while len(rows := read(browser.get(f"/{slug}/?size=100&page={len(listed) // 100 + 1}")).rows) == 100:
        listed += rows
    listed += [row for row in rows if row not in listed]  # beyond the last page the last one is shown
    assert [row["Number in Flowtly"] for row in found] == listed
    if columns == "shown":
        labels = [str(resource.by_name[name].label) for name in resource.list_display]
        assert list(found[0]) == ["Number in Flowtly", *labels]


@pytest.mark.parametrize("file_format", CSV_DIALECTS)
def test_the_dialects(sandbox: SandboxServer, login: Login, file_format: str) -> None:
    browser = login("viewer")
    content = made(browser, ask(browser, "status=active", format=file_format))
    assert content.startswith(b"\xef\xbb\xbf") is (file_format != "csv")
    expected = held(sandbox, FILTERS["status=active"])
    found = table(content, CSV_DIALECTS[file_format])
    assert {row["Number in Flowtly"]: row["Name"].removeprefix("'") for row in found} == {
        key: row["name"] for key, row in expected.items()
    }
    flags = table(
        made(browser, ask(browser, slug="counterparties", format=file_format)), CSV_DIALECTS[file_format]
    )
    words = {"csv": {"true", "false"}, "csv-da": {"SAND", "FALSK"}, "csv-pl": {"PRAWDA", "FAŁSZ"}}
    assert {row["Recurring"] for row in flags} <= words[file_format] | {""}
    assert {row["Recurring"] for row in flags} & words[file_format]


NASTY = ["=HYPERLINK(1)", "+45 12", "-1", "@SUM(1)", "\tx", "  =1+1", "＝1", "plain"]


def test_no_cell_is_a_formula(sandbox: SandboxServer, login: Login) -> None:
    for number, text in enumerate(NASTY, 1):
        sandbox.patch_row("clients", number, {"name": text, "tin": "00123", "addressCity": text})
    browser = login("viewer")
    in_csv = {row["Number in Flowtly"]: row for row in table(made(browser, ask(browser, format="csv")), ",")}
    for number, text in enumerate(NASTY, 1):
        shown = in_csv[str(number)]["Name"]
        assert shown == (text if text == "plain" else f"'{text}")
        assert in_csv[str(number)]["Tax number"] == "00123"
    book = openpyxl.load_workbook(io.BytesIO(made(browser, ask(browser))))
    cells = {row[0].value: row for row in book.worksheets[0].iter_rows(min_row=2)}
    for number, text in enumerate(NASTY, 1):
        assert (cells[str(number)][1].value, cells[str(number)][1].data_type) == (text, "s")
    assert all(cell.data_type != "f" for row in cells.values() for cell in row)


def test_the_words_are_the_persons(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    answer = ask(browser, "country=/countries/1", columns="shown")
    assert 'filename="klienter-' in answer["Content-Disposition"]
    rows = sheet(made(browser, answer))
    assert "viewer eksporterede Klienter (Land: " in read(browser.get("/history/")).text
    assert list(rows[0])[:5] == ["Nummer i Flowtly", "Navn", "Status", "Land", "Valuta"]
    code = (sandbox.row("countries", 1) or {})["code"]
    assert {row["Land"] for row in rows} == {{"DK": "Danmark", "PL": "Polen", "DE": "Tyskland"}[code.upper()]}


def test_a_tax_number_is_found_as_in_the_list(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("clients", "1", {"tin": "521 301-72-28"})
    index.refresh(PAGES["clients"])
    browser = login("viewer")
    listed = read(browser.get("/clients/?q=PL5213017228")).rows
    found = sheet(made(browser, ask(browser, "q=PL5213017228")))
    assert [row["Number in Flowtly"] for row in found] == listed == ["1"]


# The panel


def test_the_panel_says_how_many_and_from_where(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    assert "/clients/export/?status=active" in read(browser.get("/clients/?status=active&page=2")).links
    fresh = read(browser.get("/clients/export/?status=active"))
    number = len(held(sandbox, FILTERS["status=active"]))
    assert f"{number} rows, fresh from Flowtly" in fresh.text
    assert "Clients (Status: active)" in fresh.text
    unknown = read(browser.get("/clients/export/?vatNumber__empty=true&sort=vatNumber"))
    assert "is known in the end" in unknown.text
    assert "Nobody can sort" in unknown.text
    index.refresh(PAGES["clients"])
    copied = read(browser.get("/clients/export/?vatNumber__empty=true"))
    number = len(held(sandbox, FILTERS["vatNumber__empty=true"]))
    assert f"{number} rows from our copy of Flowtly, read" in copied.text


def test_what_nobody_can_tell_is_not_exported(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    page = read(browser.get("/clients/export/?contacts__empty=true"))
    assert "Neither Flowtly nor our copy of it can tell" in page.text
    assert ask(browser, "contacts__empty=true").status_code == 422
    assert not Export.objects.exists()


def test_a_form_that_makes_no_sense(sandbox: SandboxServer, login: Login) -> None:
    answer = ask(login("viewer"), format="pdf", columns="")
    assert answer.status_code == 422
    assert "Choose from the list." in read(answer).text
    assert "Choose the columns." in read(answer).text
    assert not Export.objects.exists()


def test_requests(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    body(ask(browser))  # the look-ups are warm
    index.refresh(PAGES["clients"])
    sandbox.clear_log()
    browser.get("/clients/export/?status=active")
    assert len(sandbox.requests) == 1
    sandbox.clear_log()
    body(ask(browser))
    assert len(sandbox.requests) == 1 + math.ceil(120 / settings.FLOWTLY_PAGE_SIZE)
    sandbox.clear_log()
    browser.get("/clients/export/?vatNumber__empty=true")
    body(ask(browser, "vatNumber__empty=true"))
    browser.get("/exports/")
    assert sandbox.requests == []


# Long ones


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is small is taken for long."""
    monkeypatch.setattr("backoffice.services.exports.requests.SMALL", 10)


def test_a_long_one_has_a_page_that_shows_how_far_it_is(sandbox: SandboxServer, login: Login, long: None) -> None:
    browser = login("viewer")
    answer = ask(browser)
    assert answer.status_code == 303
    there = answer["Location"]
    assert "Waiting for its turn" in read(browser.get(there)).text
    waiting = browser.get(there, headers={"HX-Request": "true"})
    assert (waiting.status_code, 'hx-trigger="every 1s"' in waiting.content.decode()) == (200, True)
    Export.objects.update(state=ExportState.RUNNING, rows=50)
    running = browser.get(there)
    assert "50 of 120 rows written" in read(running).text
    assert 'value="50" max="120"' in running.content.decode()
    Export.objects.update(state=ExportState.WAITING)
    exports.work()
    ended = browser.get(there, headers={"HX-Request": "true"})
    assert ended.status_code == 286
    assert "every 1s" not in ended.content.decode()
    assert "The file is ready: 120 rows" in read(ended).text
    assert browser.get(there).status_code == 200


def test_the_address_leads_back_to_the_list(sandbox: SandboxServer, login: Login, long: None) -> None:
    browser = login("viewer")
    page = read(browser.get(ask(browser, "status=active&sort=-name")["Location"]))
    assert "/clients/?status=active&sort=-name" in page.links


def test_stopped_before_its_turn(sandbox: SandboxServer, login: Login, long: None) -> None:
    browser = login("viewer")
    there = ask(browser)["Location"]
    browser.post(f"{there}stop/")
    assert exports.work() == 0
    page = read(browser.get(there))
    assert "it was stopped" in page.text
    assert "/clients/export/" in page.links
    assert browser.get(f"{there}file/").status_code == 404


# Whose it is, and for how long


def test_only_its_owner_gets_it(sandbox: SandboxServer, login: Login) -> None:
    body(ask(login("viewer")))
    export = Export.objects.get()
    for role in ("editor", "admin"):
        stranger = login(role)
        for what in ("", "file/"):
            assert stranger.get(f"/exports/{export.pk}/{what}").status_code == 404
        for what in ("stop/", "delete/"):
            assert stranger.post(f"/exports/{export.pk}/{what}").status_code == 404
        assert str(export.pk) not in stranger.get("/exports/").content.decode()
    assert len(sheet(body(login("viewer").get(f"/exports/{export.pk}/file/")))) == 120


def test_the_list_of_ones_own(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    assert "There are no exports" in read(browser.get("/exports/")).text
    body(ask(browser, "status=active"))
    export = Export.objects.get()
    page = read(browser.get("/exports/"))
    assert page.rows == [str(export.pk)]
    assert f"/exports/{export.pk}/file/" in page.links
    assert "Clients (Status: active)" in page.text
    files = list((settings.DATA_DIR / "exports").iterdir())
    assert [path.name for path in files] == [export.file]
    assert len(export.file) >= 32
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert files[0].parent.stat().st_mode & 0o777 == 0o700
    answer = browser.post(f"/exports/{export.pk}/delete/", follow=True)
    assert "The file was deleted" in answer.content.decode()
    assert not Export.objects.exists()
    assert list((settings.DATA_DIR / "exports").iterdir()) == []


def test_what_is_said_in_the_trail(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    body(ask(browser, "q=aps&status=active", format="csv-da"))
    export = Export.objects.get()
    body(browser.get(f"/exports/{export.pk}/file/"))
    entries = list(AuditEntry.objects.order_by("seq").filter(action__startswith="clients."))
    assert [(entry.action, entry.actor_name) for entry in entries] == [
        ("clients.export", "viewer"),
        ("clients.download", "viewer"),
        ("clients.download", "viewer"),
    ]
    assert {entry.label for entry in entries} == {"Clients (Search: aps, Status: active)"}
    assert {entry.detail for entry in entries} == {f"csv-da, {export.rows}"}
    assert "aps" not in entries[0].detail
    assert audit.verify() == []
    told = "viewer exported Clients (Search: aps, Status: active)"
    assert told in read(login("admin").get("/history/")).text
    assert told in read(browser.get("/history/")).text
    assert told not in read(login("steward").get("/history/")).text


def test_the_names_of_the_file(sandbox: SandboxServer, login: Login) -> None:
    answer = ask(login("viewer"), slug="contacts", format="csv-pl")
    name = Export.objects.get().name
    assert answer["Content-Disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert name.startswith("contacts-20")
    assert name.endswith(".csv")
    assert body(answer)


# What goes wrong


def _pages_of_25(settings: LazySettings) -> None:
    settings.FLOWTLY_PAGE_SIZE = 25
    upstream.forget()


@pytest.mark.parametrize("through_the_worker", [False, True])
def test_flowtly_fails_in_the_middle(
    sandbox: SandboxServer,
    login: Login,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    through_the_worker: bool,
) -> None:
    _pages_of_25(settings)
    if through_the_worker:
        monkeypatch.setattr("backoffice.services.exports.requests.SMALL", 10)
    browser = login("viewer")
    body(ask(browser, slug="contacts", format="csv")) if not through_the_worker else None
    browser.get("/clients/")
    before = _files(settings)
    sandbox.fault("status", path="/clients", status=403, skip=3 if not through_the_worker else 4, times=None)
    answer = ask(browser)
    exports.work()
    assert answer.status_code == 303
    page = read(browser.get(answer["Location"]))
    assert "it could not be made" in page.text
    assert "may not do that in Flowtly" in page.text
    assert browser.get(f"{answer['Location']}file/").status_code == 404
    assert _files(settings) == before
    assert not AuditEntry.objects.filter(action="clients.export").exists()


def _files(settings: LazySettings) -> set[str]:
    return {path.name for path in (settings.DATA_DIR / "exports").glob("*")}


def test_flowtly_is_away_from_the_start(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    browser.get("/clients/")
    sandbox.fault("status", path="/clients", status=403, times=None)
    assert ask(browser).status_code == 403
    assert not Export.objects.exists()
