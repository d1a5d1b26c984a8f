"""The machine's own Chromium, never one that is downloaded, and the same for all tests that drive it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tools import browser as finder

PATIENCE_MS = 60_000  # only ever reached by a failure
ARGUMENTS = [
    "--no-sandbox",  # as root, in a container, Chromium's own cannot start; it opens only pages of ours
    "--disable-gpu",
    "--disable-background-networking",
    # No name is looked up: pictures of other sites fail at once, with and without a network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
# What htmx says of a request that was given up, because the page was left or a newer one took its place. The first
# is also said of one that failed, which has a line of its own after it.
GIVEN_UP = ("htmx:afterRequest, ", "htmx:sendAbort, ")
_SCRIPTS = Path(__file__).resolve().parents[1] / "static" / "js"
# What goes by itself after a while: toasts, and the first key of a pair.
_PASSING = re.compile(r"const (?:READ_MS|ACT_MS|PREFIX_MS) = (\d+);")


@contextmanager
def launched() -> Iterator[Browser]:
    path = finder.find()
    if not path:
        if os.environ.get("CI"):
            pytest.fail("CI is set and there is no Chromium.")
        pytest.skip("no Chromium here: `make test` installs it where it may")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=2 * PATIENCE_MS)
        yield browser
        browser.close()


def give_time(context: BrowserContext) -> None:
    """Waits are long, and what goes by itself stays: a machine that stalls is no slow reader."""
    context.set_default_timeout(PATIENCE_MS)
    texts = (path.read_text() for path in sorted(_SCRIPTS.glob("*.js")))
    passing = sorted({int(number) for text in texts for number in _PASSING.findall(text)})
    assert len(passing) == 3, passing
    context.add_init_script(
        f"""{{
            const set = window.setTimeout, passing = {passing};
            const stay = wait => passing.includes(wait) ? 2 ** 31 - 1 : wait;
            window.setTimeout = (act, wait, ...more) => set(act, stay(wait), ...more);
        }}"""
    )
