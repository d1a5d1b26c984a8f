"""What axe finds on a page. It is put in by the debugger: the pages' own policy lets no other script in."""

from __future__ import annotations

from axe_core_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast"]
_RUN = """values => axe.run({runOnly: values, resultTypes: ['violations']}).then(found => found.violations.map(
    each => `${each.id}: ${each.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | ')}`))"""


def findings(page: Page, *, only_colours: bool = False) -> list[str]:
    """Each broken rule with the elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT + "; 0")
    found: list[str] = page.evaluate(_RUN, COLOURS if only_colours else TAGS)
    return found
