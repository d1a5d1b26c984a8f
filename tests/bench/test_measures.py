"""`python -m bench` at its smallest: each measure is taken, and nothing is left. The figures mean nothing here."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.figures import Figure, table
from bench.forms import inputs_of

ROOT = Path(__file__).resolve().parents[2]
LONG = 500.0  # seconds; only ever reached by a failure


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    # A database and a Flowtly of the surroundings must not be touched.
    strange = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "FLOWTLY_API_URL": "http://127.0.0.1:9"}
    return subprocess.Popen(
        [sys.executable, "-m", "bench", "--tiny", *arguments],
        cwd=ROOT,
        env={**os.environ, **strange, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def still_running(tmp_path: Path) -> list[str]:
    """Processes whose environment names our folder: all that the run started."""
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(tmp_path).encode() in file.read_bytes() and int(file.parent.name) != os.getpid():
                found.append((file.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def test_every_measure_is_taken(tmp_path: Path) -> None:
    run = start(tmp_path)
    output, _ = run.communicate(timeout=LONG)
    assert run.returncode == 0, output
    assert "could not be taken" not in output
    lines = output.splitlines()
    assert {line.split()[0] for line in lines if line and line[0].isalpha()} >= {
        "requests",
        "own-time",
        "load",
        "memory",
        "exports",
    }
    assert [line.split("errors")[1].split() for line in lines if ": errors" in line] == [
        ["0", "of", "12", "0", "met"]
    ] * 2
    assert re.search(r"own time / changelist +\d+\.\d\d +<= 1\.0", output)
    for way in ("XLSX, from our copy", "CSV, from our copy", "XLSX, from Flowtly", "CSV, from Flowtly"):
        assert re.search(rf"{way}: peak of the process +\d+\.\d MB .* < 150 MB", output)
    assert re.search(r"walks 250 clients +\d+\.\d MB", output)
    # What is counted, not timed, holds at every size.
    counted = re.search(r"^requests +list.*(?=^own-time +own)", output, re.MULTILINE | re.DOTALL)
    assert counted, output
    assert "MISSED" not in counted[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to look for processes")
def test_a_stop_leaves_nothing(tmp_path: Path) -> None:
    run = start(tmp_path, "load")
    deadline = time.monotonic() + LONG
    while not any("sandbox" in line for line in still_running(tmp_path)):
        assert time.monotonic() < deadline, "the sandbox was never started"
        time.sleep(0.05)
    run.send_signal(signal.SIGTERM)
    output, _ = run.communicate(timeout=LONG)
    assert (run.returncode, output.splitlines()[-1]) == (130, "Stopped.")
    while left := still_running(tmp_path):  # one that was killed is still there for a moment
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []


def test_the_table_says_what_was_missed() -> None:
    shown = table(
        [("a", Figure("one", "2", "<= 1", False)), ("a", Figure("two", "3")), ("b", Figure("x", "1", "1", True))]
    )
    assert [line.split() for line in shown.splitlines()[2:]] == [
        ["a", "one", "2", "<=", "1", "MISSED"],
        ["two", "3"],
        ["b", "x", "1", "1", "met"],
    ]


def test_a_form_sends_what_a_browser_would() -> None:
    page = """
      <form><input name=q value=other></form>
      <form><input type=hidden name=base value="&lt;b&gt;"><textarea name=note>two
lines</textarea>
        <select name=country><option value="">-</option><option value="/countries/1" selected>DK</option></select>
        <input type=checkbox name=off value=1><input type=checkbox name=on value=1 checked>
        <button name=confirm value=1>Save</button></form>
      <form><input name=q value=later></form>"""
    assert inputs_of(page, holding="base") == {
        "base": "<b>",
        "note": "two\nlines",
        "country": "/countries/1",
        "on": "1",
    }
    with pytest.raises(KeyError):
        inputs_of(page, holding="absent")
