"""The pages of contacts, notes and counterparties in a real browser: axe, widths, moving, tabs by htmx."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from backoffice.models import User
from backoffice.sandbox.server import SandboxServer
from tests.face.test_browser import looks_over

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]
Visit = Callable[..., Page]
PAGES = (
    "/contacts/",
    "/contacts/1/",
    "/contacts/1/edit/",
    "/contacts/1/delete/",
    "/notes/",
    "/notes/new/",
    "/counterparties/",
    "/counterparties/1/",
    "/counterparties/1/clients/",
    "/counterparties/1/edit/",
    "/counterparties/1/delete/",
    "/counterparties/new/",
    "/clients/1/contacts/",
    "/clients/1/notes/",
    "/clients/1/documents/",
    "/preferences/employee/",
)


def test_axe_finds_nothing_and_no_page_scrolls_sideways(visit: Visit) -> None:
    looks_over(visit("/", role="steward"), PAGES)


def test_a_contact_moves_without_a_reload(visit: Visit, sandbox: SandboxServer) -> None:
    page = visit("/clients/1/", role="editor")
    page.evaluate("window.stillHere = true")
    page.get_by_role("navigation", name="Client").get_by_role("link", name="Contacts").click()
    page.wait_for_url("**/clients/1/contacts/")
    rows = page.locator("tr[data-id]")
    first = rows.nth(0).get_attribute("data-id")
    assert first
    page.locator(f'button[name=down][value="{first}"]').click()
    expect(rows.nth(1)).to_have_attribute("data-id", first)
    assert page.evaluate("window.stillHere") is True


def test_it_moves_without_a_script(visit: Visit) -> None:
    page = visit("/clients/1/contacts/", role="editor", java_script_enabled=False)
    rows = page.locator("tr[data-id]")
    first = rows.nth(0).get_attribute("data-id")
    assert first
    page.locator(f'button[name=down][value="{first}"]').click()
    expect(rows.nth(1)).to_have_attribute("data-id", first)


def test_deleted_and_created_again_by_hand(visit: Visit, sandbox: SandboxServer) -> None:
    sandbox.patch_row("client-contacts", 1, {"name": "Anna Ny"})
    page = visit("/contacts/1/", role="steward")
    page.get_by_role("link", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete this contact for good").click()
    expect(page.locator(".toast-good")).to_contain_text("A full copy is kept")
    page.locator(".job").get_by_role("link", name="Create again from the copy").click()
    page.get_by_role("button", name="Create again from the copy").click()
    expect(page.locator("h1")).to_contain_text("Anna Ny")
    assert sandbox.row("client-contacts", 1) is None


def test_a_note_asks_once_who_writes(visit: Visit, person: Callable[[str], User]) -> None:
    page = visit("/clients/1/notes/", role="editor")
    page.get_by_role("link", name="New note").click()
    expect(page.get_by_label("Employee")).to_have_value("/employees/2")
    page.get_by_role("button", name="This is me").click()
    page.get_by_label("Text").fill("Talt med bogholderiet.")
    page.get_by_role("button", name="Create note").click()
    page.wait_for_url("**/clients/1/notes/")
    expect(page.locator(".timeline > li").filter(has_text="Talt med bogholderiet.")).to_contain_text("Editor Emil")
