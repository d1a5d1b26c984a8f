"""The rules of the house, executed: what imports what, how long things may be, what the locks hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
MODULES = sorted(
    path
    for folder in ("backoffice", "bench", "tests", "tools")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
VIEWS = [path for path in MODULES if (ROOT / "backoffice" / "views") in path.parents]
# The marks of backoffice/views/guard.py: a module with a function that carries one holds views.
VIEW_MARKS = {"public", "requires"}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_import_rules() -> None:
    """The contracts of pyproject.toml."""
    program = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def imported_by(path: Path) -> set[str]:
    """The names of modules that `path` may import: `from a import b` counts as a and as a.b."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = name_of(path).split(".")
            if path.name != "__init__.py":
                package = package[:-1]
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            found.update({source, *(f"{source}.{alias.name}" for alias in node.names)})
    return found


def holds_views(path: Path) -> bool:
    functions = [node for node in tree_of(path).body if isinstance(node, ast.FunctionDef)]
    marks = [mark.func if isinstance(mark, ast.Call) else mark for f in functions for mark in f.decorator_list]
    return any(isinstance(mark, ast.Name) and mark.id in VIEW_MARKS for mark in marks)


def test_views_do_not_import_views() -> None:
    """Shared help stands in modules without views; the parts of a package may know each other."""
    views = {name_of(path): path for path in VIEWS if holds_views(path)}
    assert views, "no view was recognised: have the marks changed?"
    crossing = [
        f"{name_of(path)} imports {name}"
        for path in views.values()
        for name in sorted(imported_by(path) & views.keys())
        if views[name].parent != path.parent or path.parent.name == "views"
    ]
    assert crossing == []


def test_what_judges_the_client_shares_nothing_with_it() -> None:
    """The sandbox imports neither our code nor Django; the client and the matching import no Django."""
    rules = {"sandbox": ("backoffice", "django"), "flowtly": ("django",), "matching": ("django",)}
    broken = [
        f"{name_of(path)} imports {name}"
        for folder, forbidden in rules.items()
        for path in (ROOT / "backoffice" / folder).rglob("*.py")
        for name in imported_by(path)
        if name.split(".")[0] in forbidden and not f"{name}.".startswith(f"backoffice.{folder}.")
    ]
    assert broken == []


def test_tools_run_before_anything_is_installed() -> None:
    """What `make` imports before there is a virtualenv comes with Python."""
    first = ["__init__", "bootstrap", "browser", "check", "dev", "port", "progress", "run", "shell", "test"]
    allowed = {*sys.stdlib_module_names, "tools"}
    broken = [
        f"tools.{name} imports {found}"
        for name in first
        for found in imported_by(ROOT / "tools" / f"{name}.py")
        if found.split(".")[0] not in allowed
    ]
    assert broken == []


def test_modules_are_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_modules_begin_with_the_annotations_import() -> None:
    other = []
    for path in MODULES:
        code = [node for node in tree_of(path).body if not _is_docstring(node)]
        future = code and isinstance(code[0], ast.ImportFrom) and code[0].module == "__future__"
        if code and not future and path != ROOT / "tools" / "__init__.py":  # that one is for old Pythons
            other.append(name_of(path))
    assert other == []


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_long_functions_say_why() -> None:
    """Above the limit a comment in the function begins with `# Long:` and gives the reason."""
    silent = []
    for path in MODULES:
        lines = path.read_text().splitlines()
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                body = lines[node.lineno - 1 : node.end_lineno]
                if len(body) > LONGEST_FUNCTION and not any(line.strip().startswith("# Long: ") for line in body):
                    silent.append(f"{name_of(path)}.{node.name} has {len(body)} lines")
    assert silent == []


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9][^=\s]*)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def test_the_locks_agree() -> None:
    """`make test` installs the developers' lock alone, so it must hold the other one in the same versions."""
    running, developing = pins("requirements.txt"), pins("requirements-dev.txt")
    assert running
    assert running.items() <= developing.items()


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_the_locks_name_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)
    assert not [entry for entry in re.split(r"\n(?=\S)", text) if "==" in entry and "--hash=sha256:" not in entry]
