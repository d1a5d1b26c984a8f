"""A pytest plug-in, loaded by `make test` where there is no Chromium: the journeys are skipped, loudly."""

from __future__ import annotations

import pytest

REASON = "no Chromium here: install it (apt install chromium) to run the browser journeys"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.skip(reason=REASON))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("NO BROWSER JOURNEY WAS RUN", red=True, bold=True)
    terminalreporter.line(REASON, red=True)
