"""Applying plans of many clients by real workers: wall time beside the ideal, calls, memory, and two workers."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.figures import CannotMeasure, Figure
from bench.stage import Sandbox, Stage
from tools.processes import Child

LATENCY = 50  # ms
SHARED_LATENCY = 200  # ms: with less, two workers, the sandbox and PostgreSQL wait for the machine's two cores
CONNECTIONS = 8
MEMORY = 200  # MB of 1,000,000 bytes
WALL, GROWTH = 1.25, 1.1
POSTGRES = "postgres://postgres@127.0.0.1:5432"
_RECORD = re.compile(r"/clients/[1-9]\d*")  # the connection check looks for number 0
_NAMES = (
    "FLOWTLY_API_URL",
    "FLOWTLY_API_TOKEN",
    "DATABASE_URL",
    "FLOWTLY_INDEX_MINUTES",
    "FLOWTLY_MAX_CONNECTIONS",
)


def measure(stage: Stage) -> list[Figure]:
    few, many = stage.sizes.applied, stage.sizes.applied_long
    with stand(stage, many, "apply") as sandbox:
        with workers(stage, 1) as (worker,):
            short = applied(stage, sandbox, few)
            again = applied(stage, sandbox, few, same=True)
        with workers(stage, 1) as (worker,):
            long = applied(stage, sandbox, many)
            peak = _peak(worker)
        found = [*_short(short, again, few), *_long(short, long, few, many, peak)]
        return found + _shared(stage, sandbox, few // 2)


def _short(took: dict[str, Any], again: dict[str, Any], rows: int) -> list[Figure]:
    ideal = took["calls"] * LATENCY / 1000 / CONNECTIONS
    wall, calls, already = took["seconds"] / ideal, took["calls"] / rows, again["calls"] / rows
    name = f"{rows:,} rows"
    return [
        Figure(f"{name}: time / ideal", f"{wall:.2f} ({took['seconds']:.1f} s)", f"<= {WALL}", wall <= WALL),
        Figure(f"{name}: calls per changed row", f"{calls:.2f}", "<= 2", calls <= 2),
        Figure(f"{name}: calls per row already so", f"{already:.2f}", "<= 1", already <= 1),
    ]


def _long(short: dict[str, Any], long: dict[str, Any], few: int, many: int, peak: int) -> list[Figure]:
    growth = long["seconds"] / many / (short["seconds"] / few)
    each = 1000 * long["seconds"] / many
    return [
        Figure(
            f"{many:,} rows: peak of the worker", f"{peak / 1e6:.1f} MB", f"< {MEMORY} MB", peak / 1e6 < MEMORY
        ),
        Figure(
            f"{many:,} rows: time per row / that of {few:,}",
            f"{growth:.2f} ({each:.1f} ms)",
            f"<= {GROWTH}",
            growth <= GROWTH,
        ),
    ]


def _shared(stage: Stage, sandbox: Sandbox, rows: int) -> list[Figure]:
    """On PostgreSQL: two workers with 8 connections each beside one."""
    name = f"backoffice_bench_{os.getpid()}"
    if not _postgres(stage, "probe"):
        return [Figure("two workers on PostgreSQL", "no PostgreSQL answers at 127.0.0.1:5432")]
    _postgres(stage, "create", name)
    os.environ["DATABASE_URL"] = f"{POSTGRES}/{name}"
    try:
        stage.ask("bench.applier", deed="prepare")
        with workers(stage, 1):
            one = applied(stage, sandbox, rows, latency=SHARED_LATENCY)["seconds"]
        with workers(stage, 2):
            two = applied(stage, sandbox, rows, latency=SHARED_LATENCY)["seconds"]
    finally:
        _postgres(stage, "drop", name)
    text = f"{one / two:.2f} times as fast ({one:.1f} s, {two:.1f} s)"
    return [Figure(f"{rows:,} rows on PostgreSQL: two workers beside one", text)]


def _postgres(stage: Stage, *words: str) -> bool:
    command = [sys.executable, "-m", "tools.postgres", words[0], POSTGRES, *words[1:]]
    child = stage.crew.start("postgres", command)
    stage.crew.wait_until(lambda: child.ended, 60)
    stage.crew.forget(child)
    return child.process.returncode == 0


# What the measure of recovery stands on as well


@contextmanager
def stand(stage: Stage, clients: int, name: str) -> Iterator[Sandbox]:
    """A sandbox with so many clients that takes its time, and an empty database of ours."""
    sandbox = stage.start_sandbox(clients=clients, counterparties=20)
    kept = {name: os.environ.get(name) for name in _NAMES}
    os.environ.update(
        FLOWTLY_API_URL=sandbox.url,
        FLOWTLY_API_TOKEN=sandbox.token,
        DATABASE_URL=os.environ["DATABASE_URL"].replace("bench.sqlite3", f"{name}.sqlite3"),
        FLOWTLY_INDEX_MINUTES="0",
        FLOWTLY_MAX_CONNECTIONS=str(CONNECTIONS),
    )
    try:
        stage.ask("bench.applier", deed="prepare")
        yield sandbox
    finally:
        for variable, value in kept.items():
            os.environ.pop(variable)
            os.environ.update({variable: value} if value is not None else {})
        stage.stop(sandbox.child)


@contextmanager
def workers(stage: Stage, number: int) -> Iterator[list[Child]]:
    started = [stage.crew.start("worker", [sys.executable, "manage.py", "worker"]) for _ in range(number)]
    try:
        stage.ask("bench.applier", deed="settle")
        yield started
    finally:
        for child in started:
            stage.stop(child)


def applied(
    stage: Stage, sandbox: Sandbox, rows: int, *, same: bool = False, latency: int = LATENCY
) -> dict[str, Any]:
    """Hand a plan over and wait for its end: seconds, and calls about single clients."""
    plan = stage.ask("bench.applier", deed="plan", rows=rows, same=same)
    control(sandbox, "PATCH", "profile", {"latency_ms": latency})
    control(sandbox, "DELETE", "log")
    took = stage.ask("bench.applier", deed="apply", job=plan["job"])
    control(sandbox, "PATCH", "profile", {"latency_ms": 0})
    wanted = {"already" if same else "changed": rows}
    if took["outcomes"] != wanted:
        raise CannotMeasure(f"{took['outcomes']} came instead of {wanted}")
    calls = [each for each in control(sandbox, "GET", "log") if _RECORD.fullmatch(each["path"])]
    return {**took, "calls": len(calls)}


def control(sandbox: Sandbox, method: str, what: str, body: Any = None) -> Any:
    address = f"{sandbox.control.rstrip('/')}/{what}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data=data, method=method)  # noqa: S310 - our own sandbox
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else None


def _peak(child: Child) -> int:
    """The largest resident size of a process so far, in bytes."""
    status = Path(f"/proc/{child.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
