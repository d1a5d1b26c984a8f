"""What the documentation promises is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
READS = re.compile(r'(?:env\.\w+|number|flag|secret|more_than)\(\s*"([A-Z_]+)"')
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_every_variable_is_in_the_readme_and_the_other_way_round() -> None:
    read = set(READS.findall((ROOT / "backoffice" / "settings.py").read_text()))
    table = (ROOT / "README.md").read_text().split("## Configuration")[1].split("\n## ")[0]
    rows = "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([A-Z_]+)`", rows)) == read | {"PORT"}  # PORT belongs to make run and gunicorn


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_version_is_in_the_changelog() -> None:
    from backoffice import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()
