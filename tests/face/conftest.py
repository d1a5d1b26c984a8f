"""Windows of a real browser on a server in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from tests.chromium import GIVEN_UP, PATIENCE_MS, give_time, launched


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, launched() as browser:
        # Playwright's loop runs in this thread; the fixtures that use the database here mean no harm.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield browser


@pytest.fixture
def quiet(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ends when no connection is served any more: a late request would meet the next test's settings and data."""
    server = live_server.thread.httpd
    accept, serve = server.process_request, server.process_request_thread
    served, changed = [0], threading.Condition()

    def count(by: int) -> None:
        with changed:
            served[0] += by
            changed.notify_all()

    def accepted(*connection: Any) -> None:
        count(+1)
        accept(*connection)

    def to_its_end(*connection: Any) -> None:
        try:
            serve(*connection)
        finally:
            count(-1)

    monkeypatch.setattr(server, "process_request", accepted)
    monkeypatch.setattr(server, "process_request_thread", to_its_end)
    yield
    with changed:
        assert changed.wait_for(lambda: served[0] == 0, PATIENCE_MS / 1000), "A connection does not end."


@pytest.fixture
def visit(
    chromium: Browser, live_server: LiveServer, quiet: None, person: Callable[[str], User]
) -> Iterator[Callable[..., Page]]:
    """Opens a window, signed in where a role is named. A page that logs an error fails its test."""
    contexts, problems = [], []

    def open_window(path: str, role: str = "", **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **{"reduced_motion": "reduce", **options})
        give_time(context)
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
        context.close()
    assert problems == []


def _is_ours(message: Any) -> bool:
    """Chromium and htmx also log each answer of 400 and more, which some tests want."""
    wanted = ("Failed to load resource", "Response Status Error Code", *GIVEN_UP)
    return message.type == "error" and not message.text.startswith(wanted)
