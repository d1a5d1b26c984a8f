"""From the selection to the plan, through the pages."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse, HttpResponse
from django.test import Client
from openpyxl import load_workbook

from backoffice.models import Export, Job, Sheet, SheetRow, SheetUpload, Step, User
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import exports, index
from tests.conftest import Login
from tests.records.pages import read, said
from tests.transfer.conftest import Make
from tests.transfer.sheets import NUMBER, Book, upload

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}


def select(browser: Client, keys: Iterable[int], slug: str = "clients") -> None:
    browser.post(f"/{slug}/selection/none/", headers=HTMX)
    browser.post(f"/{slug}/selection/", {"add": [str(key) for key in keys]}, headers=HTMX)


def downloaded(answer: HttpResponse) -> bytes:
    assert isinstance(answer, FileResponse), answer.content.decode()
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]


def send(browser: Client, content: bytes, slug: str = "clients", name: str = "mine.xlsx") -> HttpResponse:
    return browser.post(f"/{slug}/sheet/", {"file": SimpleUploadedFile(name, content)})


def test_from_the_selection_to_the_plan(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("clients", 2, {"dueDays": 14})
    browser = login("steward")
    select(browser, (1, 2, 3))
    asked = browser.post("/clients/selection/sheet/")["Location"]
    form = read(browser.get(asked), form_id="export-panel")
    assert (form.fields["format"], form.fields["columns"]) == ("sheet", "all")
    assert "Clients (3 selected)" in form.text
    book = Book(downloaded(browser.post(asked.split("?")[0], form.fields)))
    book.put(2, "Due days", 30)
    book.put(3, "Due days", "soon")
    book.append(Name="Brand new", Status="lead")
    there = send(browser, book.saved())["Location"]
    page = read(browser.get(there)).text
    for words in ("Rows read 4", "Cells changed 1, in rows: 1", "New records 1", "2 rows cannot be taken"):
        assert words in page
    assert "Write a whole number without unit" in page
    assert Job.objects.count() == 0
    job = browser.post(f"{there}plan/")["Location"]
    assert browser.post(f"{there}plan/")["Location"] == job
    [plan] = Job.objects.all()
    assert job == f"/jobs/{plan.pk}/"
    steps = {step.key: step for step in Step.objects.filter(phase__job=plan)}
    assert {key: step.forecast for key, step in steps.items()} == {"2": "change", "3": "invalid", "": "invalid"}
    assert (steps["2"].changes, steps["2"].base) == ({"dueDays": 30}, {"dueDays": 14})
    assert steps["3"].context["line"] == book.line(3)
    assert "Due days: Write a whole number" in steps["3"].error["message"]
    assert not [entry for entry in sandbox.requests if entry["method"] != "GET"]


def test_a_change_by_somebody_else_is_seen(sandbox: SandboxServer, sheet: Make, login: Login) -> None:
    sandbox.patch_row("clients", 2, {"dueDays": 14})
    book = sheet()
    book.put(2, "Due days", 30)
    sandbox.patch_row("clients", 2, {"dueDays": 20})
    browser = login("steward")
    browser.post(f"{send(browser, book.saved())['Location']}plan/")
    [step] = Step.objects.all()
    assert (step.forecast, step.context["seen"]) == ("edited", {"dueDays": 14})


def test_all_problems_come_as_a_file(sheet: Make, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoffice.views.transfer._SHOWN", 2)
    book = sheet(keys=range(1, 6))
    for key in range(1, 6):
        book.put(key, "Due days", "soon")
    browser = login("steward")
    there = send(browser, book.saved())["Location"]
    assert "3 more are in the file." in read(browser.get(there)).text
    table = load_workbook(io.BytesIO(downloaded(browser.get(f"{there}problems/")))).active
    assert [cell.value for cell in table[1]] == ["Row", "Column", "Field", "Problem"]
    assert [row[0].value for row in table.iter_rows(min_row=2)] == [2, 3, 4, 5, 6]


def test_a_refused_sheet_leaves_nothing(sheet: Make, login: Login) -> None:
    browser = login("steward")
    answer = send(browser, b"Number;Name\r\n", name="mine.csv")
    assert answer.status_code == 422
    assert "The sheet was not taken; nothing was changed" in read(answer).text
    assert "This is a CSV file" in read(answer).text
    assert "Choose a file." in read(browser.post("/clients/sheet/")).text
    assert SheetUpload.objects.count() == 0


def test_a_file_that_is_too_large_is_dropped_on_its_way(
    sandbox: SandboxServer, login: Login, settings: Any, tmp_path: Any
) -> None:
    settings.MOST_UPLOAD_BYTES = 100_000
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    answer = send(login("steward"), bytes(3_000_000))
    assert answer.status_code == 422
    assert "The file is larger than 97.7" in read(answer).text.replace("\u00a0", " ")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 100_000


def test_what_others_uploaded_is_not_there(sheet: Make, login: Login, person: Callable[[str], User]) -> None:
    book = sheet()
    book.put(1, "Due days", 77)
    there = send(login("steward"), book.saved())["Location"]
    User.objects.create_user("other").groups.set(person("steward").groups.all())
    other = Client()
    other.force_login(User.objects.get(username="other"), backend="backoffice.backends.RoleBackend")
    for address in (there, f"{there}problems/"):
        assert other.get(address).status_code == 404
    assert other.post(f"{there}plan/").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "editor", "approver"])
def test_a_sheet_for_editing_is_for_who_may_use_it(sandbox: SandboxServer, login: Login, role: str) -> None:
    browser = login(role)
    select(browser, (1, 2))
    assert "Sheet for editing" not in browser.get("/clients/export/").content.decode()
    assert "Upload a sheet" not in browser.get("/clients/").content.decode()
    there = browser.post("/clients/selection/export/")["Location"]
    assert browser.post(there, {"format": "sheet", "columns": "all"}).status_code == 422
    assert Sheet.objects.count() == 0


def test_an_export_of_a_selection(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    select(browser, (7, 3, 5))
    sandbox.delete_row("clients", 5)
    there = browser.post("/clients/selection/export/")["Location"]
    content = downloaded(browser.post(there, {"format": "csv", "columns": "shown"})).decode()
    assert sorted(line.split(",")[0] for line in content.splitlines()[1:]) == ["3", "7"]
    export = Export.objects.get()
    page = browser.get(f"/exports/{export.pk}/")
    assert "Clients (3 selected)" in read(page).text


def test_a_sheet_of_a_list_is_read_fresh(sandbox: SandboxServer, login: Login) -> None:
    """Also where only the copy knows which records these are."""
    for resource in PAGES.values():
        index.refresh(resource)
    browser = login("steward")
    empty = [key for key in range(1, 121) if not (sandbox.row("clients", key) or {}).get("vatNumber")]
    sandbox.patch_row("clients", empty[0], {"addressCity": "Freshby"})
    query = "vatNumber__empty=true"
    answer = browser.post("/clients/export/", {"query": query, "format": "sheet", "columns": "all"})
    if answer.status_code == 303:  # how many there are is known by reading
        exports.work()
        answer = browser.get(f"{answer['Location']}file/")
    book = Book(downloaded(answer))
    assert book.cell(empty[0], "City").value == "Freshby"
    assert book.page.max_row - 1 == len(empty)


def test_a_sheet_holds_what_the_list_found_by_a_number(sandbox: SandboxServer, login: Login) -> None:
    """In any notation, which only the copy knows; the values are Flowtly's all the same."""
    sandbox.patch_row("clients", 9, {"tin": "66 55-44.33"})
    index.refresh(PAGES["clients"])
    sandbox.patch_row("clients", 9, {"addressCity": "Freshby"})
    browser = login("steward")
    assert read(browser.get("/clients/?q=66554433")).rows == ["9"]
    asked = {"query": "q=66554433", "format": "sheet", "columns": "all"}
    book = Book(downloaded(browser.post("/clients/export/", asked)))
    assert (book.page.max_row, book.cell(9, "City").value) == (2, "Freshby")


def test_a_long_one_is_made_by_the_worker(
    sandbox: SandboxServer, login: Login, monkeypatch: pytest.MonkeyPatch, person: Callable[[str], User]
) -> None:
    monkeypatch.setattr("backoffice.services.exports.requests.SMALL", 10)
    browser = login("steward")
    answer = browser.post("/clients/export/", {"query": "", "format": "sheet", "columns": "shown"})
    assert SheetRow.objects.count() == 0
    assert exports.work() == 1
    page = browser.get(answer["Location"])
    assert "upload it again" in read(page).text
    book = Book(downloaded(browser.get(f"{answer['Location']}file/")))
    assert SheetRow.objects.count() == 120
    assert upload(person("steward"), book.saved()).lines == []


def test_more_than_a_sheet_takes(sandbox: SandboxServer, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoffice.services.exports.requests.MOST_RECORDS", 100)
    monkeypatch.setattr("backoffice.services.exports.MOST_RECORDS", 100)
    asked = {"query": "", "format": "sheet", "columns": "all"}
    answer = login("steward").post("/clients/export/", asked)
    assert "at most 100 records" in read(answer).text
    assert Export.objects.count() == 0


def test_new_records_and_whom_they_look_like(sandbox: SandboxServer, sheet: Make, steward: User) -> None:
    sandbox.patch_row("clients", 9, {"name": "Acme ApS", "tin": "12 34 56 78"})
    index.refresh(PAGES["clients"])
    book = sheet()
    same = {each: book.cell(1, each).value for each in ("Status", "Country", "Currency", "Tax number type")}
    first = book.append(**same, Name="acme  aps")
    second = book.append(**same, **{"Name": "Quite another", "Tax number": "12345678"})
    third = book.append(**same, Name="Quite another")
    fourth = book.append(**same, Name="Nobody's twin")
    found = upload(steward, book.saved())
    assert found.problems() == []
    alike = {line.number: line.alike for line in found.lines}
    assert "Acme ApS (9)" in alike[first]
    assert "Acme ApS (9)" in alike[second]
    assert f"row {second}" in alike[third]
    assert alike[fourth] == ""
    assert found.created == 4
    assert all(line.key == "" and line.changes["country"].startswith("/countries/") for line in found.lines)


def test_a_new_record_needs_what_flowtly_needs(sheet: Make, steward: User) -> None:
    book = sheet()
    line = book.append(Name="Only a name")
    missing = {problem.header for problem in upload(steward, book.saved()).problems() if problem.line == line}
    assert missing == {"Status", "Country", "Currency", "Tax number type"}


def test_the_columns_that_were_chosen(sandbox: SandboxServer, sheet: Make) -> None:
    book = sheet(columns=("name", "defaultCost", "dueDays"))
    assert book.headers == [NUMBER, "Name", "Default cost, number", "Default cost", "Due days"]
    row = SheetRow.objects.get(key="1")
    assert set(row.values) == {"name", "defaultCost", "dueDays"}


def test_a_sheet_in_which_nothing_was_changed(sheet: Make, login: Login) -> None:
    browser = login("steward")
    there = send(browser, sheet().saved())["Location"]
    page = browser.get(there)
    assert "Nothing was changed in this sheet" in read(page).text
    answer = browser.post(f"{there}plan/")
    assert answer["Location"] == there
    assert said(browser.get(there)) == "Nothing was changed in this sheet."
