"""What is served as it stands: vendored files unaltered, icons in step, nothing that the policy would refuse."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ICON = re.compile(r"""\{% icon ["']([a-z0-9-]+)["']""")
SYMBOLS = re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text())


def test_the_vendored_files_are_the_released_ones() -> None:
    listed = {}
    for line in (VENDOR / "MANIFEST.sha256").read_text().splitlines():
        if not line.startswith("#"):
            digest, name = line.split()
            listed[name] = digest
    here = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "MANIFEST.sha256"
    }
    assert here == listed


def test_each_vendored_folder_names_version_and_licence() -> None:
    notes = [line for line in (VENDOR / "MANIFEST.sha256").read_text().splitlines() if line.startswith("#")]
    for folder in (path.name for path in VENDOR.iterdir() if path.is_dir()):
        assert any(re.match(rf"# {folder} \d+\.\d+\.\d+ \(MIT\)", note) for note in notes), folder
        assert (VENDOR / folder / "LICENSE").is_file()


def test_each_icon_of_a_template_is_in_the_sprite() -> None:
    wanted = {name for path in TEMPLATES for name in ICON.findall(path.read_text())}
    assert wanted - set(SYMBOLS) == set()


def test_the_sprite_holds_each_icon_once_in_order_and_none_unused() -> None:
    assert sorted(set(SYMBOLS)) == SYMBOLS
    sources = [*TEMPLATES, *(ROOT / "backoffice").rglob("*.py"), *(STATIC / "js").glob("*.js")]
    text = "\n".join(path.read_text() for path in sources)
    unused = [name for name in SYMBOLS if f'"{name}"' not in text]
    assert unused == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_holds_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"\shx-(on|vars)\b", text)
    assert "javascript:" not in text
    assert "data-bs-t" not in text.replace("data-bs-theme", "")


def test_static_files_can_be_collected_for_production(settings: LazySettings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    call_command("collectstatic", interactive=False, verbosity=0)
    hashed = list(tmp_path.glob("css/tokens.*.css"))
    assert len(hashed) == 1


def test_each_stylesheet_and_script_is_short_and_linked_from_the_shell_or_its_page() -> None:
    linked = "\n".join(path.read_text() for path in TEMPLATES)
    for path in [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]:
        assert str(path.relative_to(STATIC)) in linked
        assert len(path.read_text().splitlines()) <= 400
