"""Records selected by what people have at hand: numbers, tax numbers, addresses, a file of them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import Workbook

from backoffice.models import SelectedKey, User
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import index, selections, transfer
from backoffice.services.transfer.pasted import find
from tests.conftest import Login
from tests.records.pages import read, said

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = PAGES["clients"]


@pytest.fixture(params=[False, True], ids=["without a copy", "with a copy"])
def copied(request: pytest.FixtureRequest, numbered: SandboxServer) -> bool:
    if request.param:
        index.refresh(CLIENTS)
    return bool(request.param)


@pytest.fixture
def numbered(sandbox: SandboxServer) -> SandboxServer:
    """Clients with tax numbers that nobody else has."""
    for key in range(1, 121):
        sandbox.patch_row("clients", key, {"tin": f"7700{key:04d}", "vatNumber": None})
    sandbox.patch_row("clients", 5, {"tin": "66 55-44.33"})
    sandbox.patch_row("clients", 6, {"vatNumber": "PL 123-456-78-90"})
    sandbox.patch_row("clients", 7, {"tin": "99887766"})
    sandbox.patch_row("clients", 8, {"tin": "DK99887766"})
    return sandbox


def paste(
    browser: Client, text: str = "", slug: str = "clients", file: bytes = b"", name: str = "x.csv"
) -> HttpResponse:
    sent = {"terms": text} | ({"file": SimpleUploadedFile(name, file)} if file else {})
    return browser.post(f"/{slug}/selection/paste/", sent)


def selected(entity: str = "clients") -> list[str]:
    return list(SelectedKey.objects.filter(selection__entity=entity).order_by("pk").values_list("key", flat=True))


FOUND = {
    "12": ["12"],
    "1, 2;3\t4\n\n5\r\n 1 ": ["1", "2", "3", "4", "5"],
    "66554433": ["5"],
    "66 55 44 33": ["5"],
    "DK 66-55-44-33": ["5"],
    "PL1234567890": ["6"],
    "1234567890": ["6"],
    "77000011\n12": ["11", "12"],
    "/clients/9/": ["9"],
    "https://backoffice.example/clients/10/edit/?x=1": ["10"],
    "/api/clients/11": ["11"],
    '"3"': ["3"],
}


@pytest.mark.parametrize("text", FOUND)
def test_what_names_a_record(copied: bool, text: str) -> None:
    found = find(resource=CLIENTS, terms=transfer.terms_in(text))
    assert (found.keys, found.missed) == (FOUND[text], [])


MISSED = {
    "999": "No client has this number.",
    "SE66554433X": "No client has this number.",
    "PL66554433": "",
    "DE1234567890": "No client has this number.",
    "/counterparties/3/": "This is not the address of a client.",
    "https://example.com/": "This is not the address of a client.",
    "Acme ApS": "neither a number nor an address",
    "99887766": "Several match:",
}


@pytest.mark.parametrize("text", MISSED)
def test_what_names_none_or_several(copied: bool, text: str) -> None:
    found = find(resource=CLIENTS, terms=[text])
    if not MISSED[text]:
        assert found.keys == ["5"]  # the record's own number has no country
        return
    [missed] = found.missed
    assert (found.keys, missed.term) == ([], text)
    assert MISSED[text] in missed.why


def test_lines_that_named_nobody_stay_to_be_corrected(numbered: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    answer = paste(browser, "1\nnobody\n2\n99887766")
    assert answer.status_code == 422
    assert selected() == ["1", "2"]
    page = read(answer)
    assert "2 lines named no record" in page.text
    assert "(7)" in page.text
    assert "(8)" in page.text
    assert ">\nnobody\n99887766</textarea>" in answer.content.decode()
    assert "2 records are selected." in said(answer)
    assert paste(browser, "3")["Location"] == "/clients/"
    assert selected() == ["1", "2", "3"]


def test_keys_that_are_no_numbers(sandbox: SandboxServer, login: Login) -> None:
    listed = read(login("viewer").get("/notes/")).rows[:2]
    paste(login("viewer"), "\n".join(listed), "notes")
    assert sorted(selected("notes")) == sorted(listed)


def workbook(rows: list[list[object]]) -> bytes:
    book, held = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(held)
    return held.getvalue()


FILES: dict[str, bytes] = {
    "one column.xlsx": workbook([[1], ["2"], [3.0], [None], ["77000004"]]),
    "a header.xlsx": workbook([["Name", "CVR"], ["A", 77000001], ["B", "77000002"], ["C", "3"], ["D", "4"]]),
    "commas.csv": b"id,name\r\n1,A\r\n2,B\r\n3,C\r\n4,D\r\n",
    "semicolons.csv": "\ufeffNavn;Nummer\nÅ;1\nB;2\nC;3\nD;4\n".encode(),
    "old letters.csv": "Navn;Nummer\nÅ;1\nB;2\nC;3\nD;4\n".encode("cp1252"),
    "utf-16.csv": "id\tname\n1\tA\n2\tB\n3\tC\n4\tD\n".encode("utf-16"),
    "lines.txt": b"1\n2\n3\n77000004\n",
}


@pytest.mark.parametrize("name", FILES)
def test_numbers_from_a_file(numbered: SandboxServer, login: Login, name: str) -> None:
    answer = paste(login("viewer"), file=FILES[name], name=name)
    assert answer.status_code == 303, read(answer).text
    assert sorted(selected()) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (b"PK\x03\x04 nothing", "damaged or incomplete"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "an old Excel file"),
        (b"\x00\x01\x02\x00", "neither as XLSX nor as CSV"),
        (b"\n\n", "The first column holds nothing."),
    ],
)
def test_a_file_without_numbers(numbered: SandboxServer, login: Login, file: bytes, sentence: str) -> None:
    answer = paste(login("viewer"), "1", file=file)
    assert answer.status_code == 422
    assert sentence in read(answer).text
    assert selected() == []


def test_nothing_and_too_much(sandbox: SandboxServer, login: Login) -> None:
    browser = login("viewer")
    assert "at least one number" in read(paste(browser, " ,; \n")).text
    answer = paste(browser, "\n".join(map(str, range(10_001))))
    assert "more than 10,000" in read(answer).text
    assert sandbox.requests == []


@pytest.mark.parametrize("copy", [False, True])
def test_ten_thousand_lines_cost_few_requests(
    numbered: SandboxServer, person: Callable[[str], User], copy: bool
) -> None:
    if copy:
        index.refresh(CLIENTS)
    numbered.clear_log()
    terms = [*map(str, range(1, 5_001)), *(f"7700{key:04d}" for key in range(1, 5_001))]
    found = transfer.add(owner=person("viewer"), resource=CLIENTS, terms=terms)
    assert len(found.keys) == 120
    assert len(found.missed) == 10_000 - 120 - 117
    assert selections.count(selections.draft(owner=person("viewer"), resource=CLIENTS)) == 120
    assert len(numbered.requests) < 15
