"""The shell in a real browser: themes, keys, menus, forms, and the same without a script."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, ViewportSize, expect

from backoffice.models import User
from backoffice.sandbox.server import SandboxServer

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]
Visit = Callable[..., Page]
WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]


def _axe() -> str:
    spec = importlib.util.find_spec("axe_core_python")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.rglob("axe.min.js")).read_text()


def findings(page: Page, tags: list[str] | None = None) -> list[Any]:
    """What axe finds; it is put in by the debugger, because the page's policy lets no other script in."""
    if not page.evaluate("'axe' in window"):
        session = page.context.new_cdp_session(page)
        session.send("Runtime.evaluate", {"expression": _axe() + ";0"})
    run = "only => axe.run({runOnly: only}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    found: list[Any] = page.evaluate(run, tags or TAGS)
    return found


def looks_over(page: Page, paths: tuple[str, ...]) -> None:
    """Opens each in the dark: axe finds nothing and nothing scrolls sideways, wide and narrow; then by day."""
    for path in paths:
        page.emulate_media(color_scheme="dark")
        page.goto(path)
        for size in (WIDE, NARROW):
            page.emulate_media(color_scheme="dark")
            page.set_viewport_size(size)
            expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
            assert (path, size, findings(page), sideways(page)) == (path, size, [], 0)
            page.emulate_media(color_scheme="light")
            expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
            assert (path, size, findings(page, COLOURS)) == (path, size, [])


def sideways(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def theme(page: Page) -> Any:
    return page.evaluate("document.documentElement.dataset.bsTheme")


def test_axe_finds_nothing_and_no_page_scrolls_sideways(visit: Visit) -> None:
    strangers = ("/login/?next=/preferences/", "/password/reset/", "/password/reset/sent/", "/password/reset/x/y/")
    looks_over(visit("/login/"), strangers)
    page = visit("/", role="editor")
    looks_over(page, ("/", "/preferences/", "/password/", "/clients/", "/clients/new/", "/no/such/page/"))
    page.goto("/preferences/")
    page.click("[popovertarget=menu-user]")
    expect(page.locator("#menu-user")).to_be_visible()
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
            assert (size, scheme, findings(page)) == (size, scheme, [])


def test_the_theme_changes_at_once_and_is_kept(visit: Visit) -> None:
    page = visit("/preferences/", role="editor", color_scheme="light")
    page.click("[popovertarget=menu-user]")
    with page.expect_response("**/preferences/set/"):
        page.click("#menu-user [value=dark]")
    assert theme(page) == "dark"
    page.reload()
    assert theme(page) == "dark"
    page.click("[popovertarget=menu-user]")
    with page.expect_response("**/preferences/set/"):
        page.click("#menu-user [value=auto]")
    assert theme(page) == "light"
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_menu_closes_by_escape_and_gives_the_focus_back(visit: Visit) -> None:
    page = visit("/preferences/", role="editor")
    page.focus("[popovertarget=menu-user]")
    page.keyboard.press("Enter")
    expect(page.locator("#menu-user")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#menu-user")).to_be_hidden()
    expect(page.locator("[popovertarget=menu-user]")).to_be_focused()


def test_the_sidebar_is_narrowed_and_stays_so(visit: Visit) -> None:
    page = visit("/preferences/", role="editor", viewport=WIDE)
    sidebar = page.locator("#sidebar")
    assert sidebar.bounding_box()["width"] == 220  # type: ignore[index]
    with page.expect_response("**/preferences/set/"):
        page.click(".sidebar-toggle")
    page.reload()
    assert sidebar.bounding_box()["width"] < 60  # type: ignore[index]
    expect(page.get_by_role("link", name="Clients")).to_be_visible()


def test_on_a_narrow_screen_the_sidebar_slides_in(visit: Visit) -> None:
    page = visit("/preferences/", role="editor", viewport=NARROW)
    expect(page.locator("#sidebar")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.locator("#sidebar").get_by_role("link", name="Clients").click()
    page.wait_for_url("**/clients/")


def test_keys_lead_about_and_are_listed(visit: Visit) -> None:
    page = visit("/clients/", role="editor")
    page.keyboard.press("?")
    keys = page.locator("#keys")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("New client")
    expect(keys).to_contain_text("Search this list")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    with page.expect_response("**/clients/?*"):
        page.keyboard.type("g?jx")
    expect(keys).to_be_hidden()
    expect(page.locator("[data-search]")).to_have_value("g?jx")


def test_keys_walk_the_rows_and_edit(visit: Visit) -> None:
    page = visit("/clients/", role="editor")
    rows = page.locator("tr[data-id]")
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(rows.nth(row).locator("[data-row-link]")).to_be_focused()
    wanted = rows.nth(1).get_attribute("data-id")
    page.keyboard.press("e")
    page.wait_for_url(f"**/clients/{wanted}/edit/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/clients/")


def test_keys_can_be_switched_off(visit: Visit, person: Callable[[str], User]) -> None:
    User.objects.filter(pk=person("editor").pk).update(shortcuts=False)
    page = visit("/clients/", role="editor")
    for key in ("?", "/", "j", "g", "h"):
        page.keyboard.press(key)
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("body")).to_be_focused()
    assert page.url.endswith("/clients/")


def test_leaving_with_unsaved_changes_asks(visit: Visit) -> None:
    page = visit("/preferences/", role="editor")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.get_by_role("link", name="Clients").click()
    page.wait_for_url("**/clients/")
    assert asked == []
    page.goto("/preferences/")
    page.get_by_label("Compact").check()
    page.get_by_role("link", name="Clients").click()
    page.wait_for_url("**/clients/")
    assert asked == ["beforeunload"]
    page.goto("/preferences/")
    page.get_by_label("Compact").check()
    page.get_by_role("button", name="Save preferences").click()
    expect(page.locator(".toast-good")).to_contain_text("saved")
    assert asked == ["beforeunload"]


def test_a_form_is_sent_once_and_the_button_says_so(visit: Visit) -> None:
    page = visit("/preferences/", role="editor")
    held: list[Route] = []
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.route("**/preferences/", lambda route: held.append(route), times=1)
    seen = page.evaluate(
        """async () => {
            const button = document.querySelector('.form-actions .btn-primary');
            button.click(); button.click(); button.form.requestSubmit();
            await new Promise(resolve => setTimeout(resolve, 50));
            return [button.textContent, button.disabled, document.documentElement.classList.contains('busy')];
        }"""
    )
    assert seen == ["Saving…", True, True]
    while not held:  # it is on its way to us
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.locator(".toast-good")).to_be_visible()
    assert len(sent) == 1


def test_an_outage_is_named_in_the_table_and_passes(visit: Visit, sandbox: SandboxServer) -> None:
    page = visit("/clients/", role="editor")
    name = page.locator("[data-row-link]").first.inner_text()
    sandbox.fault(status=503, times=20, method="GET", path="/clients*")
    page.fill("[data-search]", "abcdef")
    expect(page.locator("#records .note-bad")).to_contain_text("Flowtly cannot be reached")
    expect(page.locator("[data-search]")).to_have_value("abcdef")
    sandbox.clear_faults()
    page.fill("[data-search]", name)
    expect(page.locator("tr[data-id]").first).to_contain_text(name)


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(visit: Visit) -> None:
    page = visit("/password/", role="editor")
    page.fill("#id_old_password", "wrong")
    page.fill("#id_new_password1", "a longer battery staple")
    page.fill("#id_new_password2", "a longer battery staple")
    page.locator(".form-actions .btn-primary").click()
    expect(page.locator("#form-summary")).to_be_focused()
    page.locator("#form-summary a").click()
    expect(page.locator("#id_old_password")).to_be_focused()


def test_it_works_without_a_script(visit: Visit) -> None:
    page = visit("/preferences/", role="editor", java_script_enabled=False)
    page.click("[popovertarget=menu-user]")
    page.click("#menu-user [value=dark]")
    page.wait_for_url("**/preferences/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_label("Compact").check()
    page.get_by_role("button", name="Save preferences").click()
    expect(page.locator(".toasts")).to_contain_text("saved")
    page.click("[popovertarget=menu-user]")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/")


def test_a_related_record_is_found_by_typing(visit: Visit) -> None:
    page = visit("/clients/new/", role="editor")
    field = page.get_by_role("combobox", name="Default cost")
    value = page.locator("input[name=defaultCost]")
    field.fill("aps")
    options = page.locator(".combobox-list:not([hidden]) [role=option]")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_class("is-active")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    assert findings(page) == []
    page.keyboard.press("Enter")
    expect(field).to_have_attribute("aria-expanded", "false")
    chosen, iri = field.input_value(), value.input_value()
    assert chosen
    assert iri.startswith("/")
    field.fill("half a name")
    page.keyboard.press("Tab")
    assert (field.input_value(), value.input_value()) == (chosen, iri)
    field.fill("")
    page.keyboard.press("Tab")
    assert value.input_value() == ""
