"""A clerk at a browser: what a person does and sees, so that journeys read like sentences."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlencode

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Response,
    ViewportSize,
    expect,
)

from tests.chromium import GIVEN_UP, PATIENCE_MS

# Answers that say no are pages of ours; the browser and htmx note them as errors all the same.
_ANSWERED = re.compile(r"the server responded with a status of (401|403|404|409|422|503)")
_ANSWERED_HTMX = "Response Status Error Code "
_LONG = 180.0  # seconds; only ever reached by a failure
WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)


class Clerk:
    """One browser window. `complaints` collects what the browser said against our pages."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.leaves = True
        """Whether the clerk leaves a page that asks first."""
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page: Page = context.new_page()
        self.page.on("dialog", self._answer)

    def _hear(self, message: ConsoleMessage) -> None:
        place = message.location["url"]
        page = "/static/" not in place
        answered = message.text.startswith(_ANSWERED_HTMX) or (page and _ANSWERED.search(message.text))
        elsewhere = message.text.startswith("Failed to load resource") and "//127.0.0.1:" not in place
        fine = answered or elsewhere or message.text.startswith(GIVEN_UP)
        if message.type in ("error", "warning") and not fine:
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _answer(self, dialog: Dialog) -> None:
        self.asked.append(dialog.type)
        if self.leaves:
            dialog.accept()
        else:
            dialog.dismiss()

    # --- going about
    def opens(self, path: str, status: int = 200) -> Response:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, (path, answer.status)
        return answer

    def waits(self) -> None:
        """Until the page is whole and its scripts listen; what is pressed before that is lost on it."""
        self.page.wait_for_load_state()

    def rests(self) -> None:
        """Until the page is whole and asks for nothing more."""
        self.waits()
        expect(self.page.locator(".htmx-request, .htmx-settling, [aria-busy]")).to_have_count(0)

    def until_copied(self) -> None:
        """Looks at home again until the worker has made its copies, which it does soon after its start."""
        deadline = time.monotonic() + _LONG
        while self.page.get_by_text("not counted yet").count():
            assert time.monotonic() < deadline, "the worker never made its copies"
            self.page.wait_for_timeout(200)
            self.opens("/")

    def signs_in_as(self, role: str) -> None:
        self.page.get_by_role("button", name=role).click()

    def presses(self, *keys: str) -> None:
        self.waits()
        for key in keys:
            self.page.keyboard.press(key)

    def tabs_to(self, name: str) -> None:
        """Presses Tab until the field has the focus, as somebody without a mouse does."""
        for _ in range(80):
            self.presses("Tab")
            if self.page.evaluate("document.activeElement.id") == f"id_{name}":
                return
        raise AssertionError(f"Tab never reaches {name}.")

    def tabs_until(self, selector: str) -> None:
        """Presses Tab until what the selector names has the focus."""
        for _ in range(200):
            self.presses("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"Tab never reaches {selector}.")

    def types(self, text: str) -> None:
        self.waits()
        self.page.keyboard.type(text)

    def inserts(self, text: str) -> None:
        """The whole text at one go where the focus is, so that nothing looks up a part of it."""
        self.waits()
        self.page.keyboard.insert_text(text)

    def is_at(self, path: str) -> None:
        """Waits for the address and its page; `*` stands for anything."""
        pattern = ".*".join(re.escape(part) for part in path.split("*"))
        expect(self.page).to_have_url(re.compile(f"^https?://[^/]+{pattern}$"))
        self.waits()

    def goes_back(self) -> None:
        # Playwright's own go_back() fails where htmx answers a step in the history by loading the page.
        self.waits()
        with self.page.expect_event("load"):
            self.page.evaluate("setTimeout(() => history.back())")

    # --- lists
    @property
    def search(self) -> Locator:
        return self.page.locator("#list-form [name=q]")

    def finds(self, text: str) -> None:
        """Types into the search and waits until the list of just this text stands."""
        self.types(text)
        expect(self.page).to_have_url(re.compile(re.escape(urlencode({"q": text}))))
        self.rests()

    @property
    def rows(self) -> Locator:
        return self.page.locator("tr[data-id]")

    def row(self, key: str) -> Locator:
        return self.page.locator(f'tr[data-id="{key}"]')

    # --- the search for everything
    @property
    def palette(self) -> Locator:
        return self.page.locator("#palette")

    @property
    def options(self) -> Locator:
        return self.palette.get_by_role("option")

    @property
    def chosen(self) -> Locator:
        return self.palette.get_by_role("option", selected=True)

    def calls_the_search(self) -> None:
        self.presses("Control+k")
        self._hears()

    def asks(self, text: str) -> None:
        """Types a question and waits until all that is found stands."""
        self.types(text)
        self._hears()

    def _hears(self) -> None:
        # Silent from the first key of a question to its last answer.
        expect(self.palette.get_by_role("status")).not_to_be_empty()

    # --- records and forms
    @property
    def title(self) -> Locator:
        return self.page.locator("h1")

    def field(self, name: str) -> Locator:
        """The input of a field, by the name that it has in the API."""
        return self.page.locator(f"#id_{name}")

    def fact(self, name: str) -> Locator:
        return self.page.locator(f'[data-field="{name}"]')

    def fills(self, **values: str) -> None:
        for name, value in values.items():
            self.field(name).wait_for()
            self.waits()
            self.field(name).fill(value)

    def clicks(self, name: str, role: Any = "button") -> None:
        wanted = self.page.get_by_role(role, name=name, exact=True)
        wanted.wait_for()
        self.waits()
        wanted.click()

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def edits(self, key: str, **values: str) -> None:
        """Opens a client's form and fills in, without saving."""
        self.opens(f"/clients/{key}/edit/")
        self.fills(**values)

    def looks_again(self) -> None:
        """Waits for a job in a browser without a script: as long as the page says so, by hand."""
        again = self.link("Look again")
        deadline = time.monotonic() + PATIENCE_MS / 1000
        self.waits()
        while again.is_visible():
            assert time.monotonic() < deadline, "The job does not end."
            with self.page.expect_event("load"):
                again.click()

    def was_asked(self, times: int) -> bool:
        """Whether the browser asked this often before a page was left; what it asked may still be on its way."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while len(self.asked) < times and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)
        return self.asked == ["beforeunload"] * times

    def saves(self) -> None:
        self.clicks("Save client")

    def reads(self, text: str) -> None:
        """Waits for a text anywhere on the page."""
        expect(self.page.locator("main")).to_contain_text(text)

    @property
    def toast(self) -> Locator:
        return self.page.locator(".toast-note")

    @property
    def summary(self) -> Locator:
        return self.page.locator("[data-form-summary]")

    # --- what the page is like
    @contextmanager
    def without_a_reload(self) -> Iterator[None]:
        """The page that is there before is there after."""
        self.waits()
        self.page.evaluate("window.stillHere = true")
        yield
        assert self.page.evaluate("window.stillHere") is True

    def scrolls_sideways(self) -> bool:
        found: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return found

    def lights(self, scheme: Literal["light", "dark"]) -> None:
        """The clerk's system goes light or dark; pages follow where no theme was chosen."""
        self.page.emulate_media(color_scheme=scheme)
        self.sees_theme(scheme)

    def sees_theme(self, scheme: Literal["light", "dark"]) -> None:
        expect(self.page.locator("html")).to_have_attribute("data-bs-theme", scheme)
