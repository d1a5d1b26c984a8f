"""The history: filters, chips, files, and the way back from each entry."""

from __future__ import annotations

import csv
import gc
import io
import re
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from openpyxl import load_workbook

from backoffice.models import AuditEntry, AuditHead, Job, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit, history, undoing
from tests.conftest import Login
from tests.records.pages import form_of, read, said, submit
from tests.records.test_tabs import CONTACTS, contacts_of_client_1, places, positions

Person = Callable[[str], User]
EDIT = "/clients/1/edit/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def two_saves(sandbox: SandboxServer, login: Login) -> SandboxServer:
    """Of a client by the editor, of a contact by the steward."""
    sandbox.patch_row("clients", 1, {"name": "Øst ApS", "dueDays": 14, "addressCity": None, "country": 1})
    sandbox.patch_row("client-contacts", 1, {"name": "Anna Ny", "title": "x"})
    submit(login("editor"), EDIT, dueDays="30", addressCity="=Ny by")
    submit(login("steward"), "/contacts/1/edit/", title="Direktør")
    sandbox.clear_log()
    return sandbox


def shown(client: Client, **filters: str) -> str:
    return "".join(
        re.findall(r'<ol class="timeline">.*?</ol>', client.get("/history/", filters).content.decode(), re.S)
    )


def whole(answer: Any) -> bytes:
    """A file, read to its end: that closes it."""
    return b"".join(answer)


def since(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


# Filters


@pytest.mark.parametrize(
    ("filters", "client", "contact"),
    [
        ({}, True, True),
        ({"actor": "edit"}, True, False),
        ({"entity": "contacts"}, False, True),
        ({"entity": "clients", "key": "1"}, True, False),
        ({"field": "clients.addressCity"}, True, False),
        ({"field": "contacts.title"}, False, True),
        ({"field": "clients.name"}, False, False),
        ({"action": "contacts.update"}, False, True),
        ({"outcome": "changed"}, True, True),
        ({"outcome": "refused"}, False, False),
        ({"since": since(-2), "until": since(2)}, True, True),
        ({"since": since(2)}, False, False),
        ({"until": since(-2)}, False, False),
        ({"q": "Øst"}, True, False),
        ({"q": "anna"}, False, True),
        ({"q": "1"}, True, True),
        ({"q": "100%"}, False, False),
        ({"q": "Øst", "actor": "editor", "field": "clients.dueDays", "since": since(-2)}, True, False),
        ({"q": "Øst", "actor": "steward"}, False, False),
    ],
)
def test_filters_narrow_together(
    two_saves: SandboxServer, login: Login, filters: dict[str, str], client: bool, contact: bool
) -> None:
    text = shown(login("viewer"), **filters)
    assert ("=Ny by" in text, "Direktør" in text) == (client, contact)
    assert two_saves.requests == []


def test_a_reason_is_shown_and_found(two_saves: SandboxServer, login: Login) -> None:
    Job.objects.filter(entity="clients").update(reason="Agreed <b>by phone</b>")
    text = shown(login("viewer"), q="by phone")
    assert "Agreed &lt;b&gt;by phone" in text
    assert "Direktør" not in text


def test_a_redacted_name_is_found_by_nobody(two_saves: SandboxServer, login: Login) -> None:
    audit.redact(AuditEntry.objects.get(action="contacts.update"), ["label", "title.before", "title.after"])
    assert "<li>" not in shown(login("viewer"), q="Anna")
    assert "contacts/1" in shown(login("viewer"), field="contacts.title")


def test_each_filter_is_a_chip_that_can_be_removed(two_saves: SandboxServer, login: Login) -> None:
    client = login("viewer")
    address = f"/history/?q=Øst&actor=editor&field=clients.dueDays&key=1&since={since(-2)}"
    page = read(client.get(address))
    for label in ("Search: Øst", "Who: editor", "Field: Client: Due days", "Number in Flowtly: 1", "From: "):
        assert label in page.text
    chips = [link for link in page.links if link.startswith("/history/?") and "as=" not in link]
    assert [link.count("&") for link in chips] == [3] * 5
    assert all("=Ny by" in client.get(link).content.decode() for link in chips)
    assert "q=%C3%98st" not in chips[0]
    assert "/history/" in page.links
    assert 'name="key" value="1"' in client.get(address).content.decode()


def test_the_region_alone_for_htmx_has_its_chips(two_saves: SandboxServer, login: Login) -> None:
    part = login("viewer").get("/history/?actor=editor", headers=HTMX)
    text = part.content.decode()
    assert "<html" not in text
    assert 'href="/history/"' in text
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize(
    "odd", ["since=0001-01-01", "until=9999-12-31", "since=x", "field=x", "field=clients.%00"]
)
def test_what_cannot_be_read_is_said(two_saves: SandboxServer, login: Login, odd: str) -> None:
    page = login("viewer").get(f"/history/?{odd}&q=%00&key=%27&page=99999999999")
    assert page.status_code == 200
    assert 'class="list-note"' in page.content.decode()


def test_sign_ins_and_exports_of_others_are_for_admins(sandbox: SandboxServer, login: Login) -> None:
    whole(login("editor").get("/history/export/"))
    audit.append(action="access.refused", outcome="refused", detail="GET /secret/")
    for role, sees in (("viewer", False), ("editor", True), ("admin", True)):
        assert ("exported the history" in shown(login(role))) is sees, role
    assert "/secret/" not in shown(login("editor"), q="secret")
    assert "/secret/" not in whole(login("editor").get("/history/export/?as=plain")).decode()
    assert "/secret/" in shown(login("admin"), q="secret")


def test_pages_keep_the_filters(sandbox: SandboxServer, login: Login) -> None:
    for number in range(history.PAGE_SIZE + 1):
        audit.append(action="clients.update", outcome="changed", entity="clients", key=str(number), label="Acme")
    client = login("viewer")
    first = read(client.get("/history/?q=Acme&entity=clients"))
    assert "/history/?q=Acme&entity=clients&page=2" in first.links
    assert "51 to 51 of 51" in read(client.get("/history/?q=Acme&entity=clients&page=2")).text


# As a file


def as_csv(client: Client, query: str, delimiter: str = ",") -> list[dict[str, str]]:
    answer = client.get(f"/history/export/?{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="history-\d{4}-\d\d-\d\d.csv"', answer["Content-Disposition"])
    text = whole(answer).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_a_file_has_a_row_for_each_field(two_saves: SandboxServer, login: Login) -> None:
    rows = [row for row in as_csv(login("viewer"), "as=plain") if row["Records"]]  # not who signed in
    found = {(row["Records"], row["Name"], row["Field"], row["Before"], row["After"]) for row in rows}
    assert found == {
        ("Contacts", "Anna Ny", "Title", "x", "Direktør"),
        ("Clients", "Øst ApS", "Due days", "14", "30"),
        ("Clients", "Øst ApS", "City", "", "'=Ny by"),
    }
    assert {(row["Who"], row["What was done"], row["Outcome"]) for row in rows} == {
        ("editor", "changed", "Changed"),
        ("steward", "changed", "Changed"),
    }
    assert all(datetime.fromisoformat(row["When"]).tzinfo for row in rows)
    assert two_saves.requests == []


def test_an_xlsx_keeps_what_was_typed(two_saves: SandboxServer, login: Login) -> None:
    answer = login("viewer").get("/history/export/?as=xlsx&field=clients.addressCity")
    held = io.BytesIO(whole(answer))
    sheet: Any = load_workbook(held).active
    head, *rows = sheet.iter_rows(values_only=True)
    assert ("City", None, "=Ny by") in [row[9:12] for row in rows]
    assert (head[0], {type(row[0]) for row in rows}, {row[4] for row in rows}) == ("Entry", {int}, {"1"})


def test_a_file_speaks_the_readers_language(two_saves: SandboxServer, login: Login) -> None:
    client = login("viewer")
    User.objects.filter(username="viewer").update(language="da")
    rows = as_csv(client, "as=da&entity=contacts", ";")
    assert [(row["Felt"], row["Efter"], row["Handling"]) for row in rows] == [("Titel", "Direktør", "ændret")]


def test_an_export_is_recorded_with_what_and_how_much(two_saves: SandboxServer, login: Login) -> None:
    as_csv(login("viewer"), "as=pl&q=Øst", ";")
    entry = AuditEntry.objects.get(action="history.export")
    assert (entry.outcome, entry.actor_name, entry.detail) == ("ok", "viewer", "csv pl · 1")
    assert entry.values["filter.after"]["value"] == "q=Øst"
    assert "Øst" not in entry.detail
    assert audit.verify() == []


def test_an_export_is_of_the_moment(two_saves: SandboxServer, login: Login) -> None:
    """What comes while the file is on its way is not in it: the count that was recorded is true."""
    answer = login("viewer").get("/history/export/?as=plain")
    audit.append(action="clients.update", outcome="changed", entity="clients", key="7", label="Later")
    assert b"Later" not in whole(answer)


def test_memory_does_not_grow_with_the_history(sandbox: SandboxServer, person: Person) -> None:
    def entries(first: int, number: int) -> Iterator[AuditEntry]:
        values = {f"name.{when}": {"value": "x" * 50, "salt": ""} for when in ("before", "after")}
        for seq in range(first, first + number):
            yield AuditEntry(seq=seq, at=datetime.now(UTC), entity="clients", values=values, digests=values)

    def peak() -> int:
        gc.collect()
        tracemalloc.start()
        try:
            found = history.extract(viewer=person("viewer"), filters={}, file_format="csv", request_id="")
            assert sum(1 for _entry in found.entries) == found.count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # Past the chain, which is no matter here.
    AuditHead.objects.update_or_create(pk=1, defaults={"seq": 100_000})
    QuerySet.bulk_create(AuditEntry.objects.all(), entries(100, 1_000))
    peak()  # what is loaded once
    few = peak()
    QuerySet.bulk_create(AuditEntry.objects.all(), entries(10_000, 9_000))
    assert peak() < 1.5 * few


# The way back


CONTACT = {"name": "Anna Ny", "email": "ny@example.com", "type": "invoice"}


def test_a_creation_goes_back_by_the_question_before_deleting(sandbox: SandboxServer, login: Login) -> None:
    made = submit(login("steward"), "/contacts/new/?client=/clients/1", **CONTACT)
    key = AuditEntry.objects.get(action="contacts.create").key
    question = f"/contacts/{key}/delete/"
    assert made.status_code == 303
    steward = login("steward")
    for page in (f"/contacts/{key}/history/", "/history/"):
        assert question in read(steward.get(page)).links
        assert "Undo by deleting" in read(steward.get(page)).text
        assert question not in read(login("editor").get(page)).links
    job = Job.objects.get()
    assert f"/jobs/{job.pk}/undo/" in read(steward.get(f"/jobs/{job.pk}/")).links
    assert steward.get(f"/jobs/{job.pk}/undo/")["Location"] == question
    assert login("editor").get(f"/jobs/{job.pk}/undo/").status_code == 403
    steward.post(question, form_of(steward, question))
    assert sandbox.row("client-contacts", key) is None
    assert "Undo by deleting" not in read(steward.get("/history/")).text
    assert steward.get(f"/jobs/{job.pk}/undo/").status_code == 409


def test_an_editor_cannot_take_back_what_they_created(sandbox: SandboxServer, login: Login) -> None:
    editor = login("editor")
    submit(editor, "/contacts/new/?client=/clients/1", **CONTACT)
    job = Job.objects.get()
    assert "Undo" not in read(editor.get("/history/")).text
    assert "/undo/" not in editor.get(f"/jobs/{job.pk}/").content.decode()
    assert editor.get(f"/jobs/{job.pk}/undo/").status_code == 403


def test_what_flowtly_cannot_delete_has_no_way_back(sandbox: SandboxServer, login: Login) -> None:
    steward = login("steward")
    country, currency = read(steward.get(EDIT)).fields["country"], read(steward.get(EDIT)).fields["currency"]
    new = {"name": "Ny klient", "status": "active", "tinType": "none", "country": country, "currency": currency}
    submit(steward, "/clients/new/", **new)
    created = AuditEntry.objects.filter(action="clients.create", outcome="created")
    assert created.count() == 1
    assert "Undo" not in read(steward.get("/history/")).text


def moved(sandbox: SandboxServer, client: Client) -> tuple[list[str], str]:
    keys = contacts_of_client_1(sandbox, 3, 5, 7)
    client.post(f"{CONTACTS}move/", {"places": places(client), "up": "3"})
    assert positions(sandbox, keys) == [3, 7, 5]
    return keys, f"/jobs/{Job.objects.get().pk}/undo/"


def seen(client: Client, url: str) -> dict[str, str]:
    return {"seen": client.get(url).content.decode().split('name="seen" value="')[1].split('"')[0]}


def test_a_move_goes_back_as_a_whole(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    keys, url = moved(sandbox, client)
    assert url in read(client.get("/contacts/3/history/")).links
    assert url in read(client.get(url.removesuffix("undo/"))).links
    sandbox.clear_log()
    preview = read(client.get(url))
    assert "Person 2" in preview.text
    assert "Person 3" in preview.text
    assert len(sandbox.requests) == 2
    sent = seen(client, url)
    sandbox.clear_log()
    done = client.post(url, sent)
    assert sorted(entry["method"] for entry in sandbox.requests) == ["GET"] * 4 + ["PATCH"] * 2
    assert positions(sandbox, keys) == [3, 5, 7]
    undo = Job.objects.get(kind="undo")
    assert (done.status_code, done["Location"]) == (303, f"/jobs/{undo.pk}/")
    assert "back to what it was" in said(done)
    assert client.post(url, sent)["Location"] == f"/jobs/{undo.pk}/"
    assert client.get(url).status_code == 409
    assert AuditEntry.objects.filter(action="contacts.undo").count() == 2
    assert f"/jobs/{undo.pk}/undo/" in read(client.get("/history/")).links  # and forth again


def test_a_move_whose_records_changed_since_is_left_alone(sandbox: SandboxServer, login: Login) -> None:
    client = login("editor")
    keys, url = moved(sandbox, client)
    sent = seen(client, url)
    sandbox.patch_row("client-contacts", 2, {"position": 9})
    answer = client.post(url, sent)
    assert answer.status_code == 409
    assert "Nothing was taken back" in read(answer).text
    assert positions(sandbox, keys) == [3, 9, 5]
    assert "Take it back" not in read(client.get(url)).text
    sandbox.delete_row("client-contacts", 2)
    assert "no longer in Flowtly" in read(client.get(url)).text
    assert client.post(url, sent).status_code == 409
    assert client.post(url, {"seen": "nonsense"}).status_code == 422


def test_a_move_is_taken_back_by_who_made_it_or_a_steward(sandbox: SandboxServer, login: Login) -> None:
    _keys, url = moved(sandbox, login("steward"))
    assert login("editor").get(url).status_code == 403
    assert login("viewer").get(url).status_code == 403
    assert login("steward").get(url).status_code == 200


def test_what_can_go_back_is_asked_once_for_a_whole_page(
    sandbox: SandboxServer, login: Login, django_assert_num_queries: Any
) -> None:
    steward = login("steward")
    submit(steward, "/contacts/new/?client=/clients/1", **CONTACT)
    for days in ("31", "32", "33"):
        submit(steward, EDIT, dueDays=days)
    made = set(Job.objects.values_list("pk", flat=True))
    with django_assert_num_queries(3):
        assert undoing.undoable_among(made) == made
    assert len(made) == 4


def test_the_history_of_a_record_leads_to_its_filters(two_saves: SandboxServer, login: Login) -> None:
    client = login("viewer")
    assert "/history/?entity=clients&key=1" in read(client.get("/clients/1/history/")).links
