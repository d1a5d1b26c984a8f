"""A real browser: the machine's own Chromium, never one that is downloaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from tools.browser import find

PATIENCE_MS = 30_000  # only ever reached by a failure
expect.set_options(timeout=PATIENCE_MS)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find()
    if not path:
        if os.environ.get("CI"):
            pytest.fail("No Chromium on this machine, and CI is set.")
        pytest.skip("NO CHROMIUM: the browser was not driven.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread; the fixtures that use the database here mean no harm.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(
    chromium: Browser, live_server: LiveServer, person: Callable[[str], User]
) -> Iterator[Callable[..., Page]]:
    """Opens a window, signed in where a role is named. A page that logs an error fails its test."""
    contexts, problems = [], []

    def open_window(path: str, role: str = "", **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if _is_ours(message) else None)
        if role:
            person(role)
            page.goto("/login/")
            page.fill("[name=username]", role)
            page.fill("[name=password]", "correct horse")
            page.click(".btn-primary")
            page.wait_for_url(f"{live_server.url}/")
        page.goto(path)
        return page

    yield open_window
    for context in contexts:
        for page in context.pages:
            page.wait_for_load_state("networkidle")  # a late request would meet the next test's settings
        context.close()
    assert problems == []


def _is_ours(message: Any) -> bool:
    """Chromium and htmx also log each answer of 400 and more, which some tests want."""
    wanted = ("Failed to load resource", "Response Status Error Code")
    return message.type == "error" and not message.text.startswith(wanted)
