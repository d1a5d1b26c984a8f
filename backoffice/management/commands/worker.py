"""`manage.py worker`: runs queued tasks and takes up jobs that nobody runs any more."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connections

from backoffice.flowtly import errors
from backoffice.services import index, jobs, selections
from backoffice.services.upstream import UpstreamMismatch, be_patient, claim_upstream

# What the worker looks after at each sweep, told how to find out whether it is to stop. One that fails leaves the
# others their turn. UPKEEP is what may take long, in a thread of its own.
Duty = Callable[[Callable[[], bool]], object]
DUTIES: tuple[Duty, ...] = (lambda _stop: jobs.sweep(),)
UPKEEP: tuple[Duty, ...] = (index.refresh_due, lambda _stop: selections.drop_expired())
log = structlog.get_logger("backoffice.worker")


class Command(BaseCommand):
    help = "Take up jobs whose process died, settle lost answers and keep the index fresh, until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two sweeps")
        parser.add_argument("--once", action="store_true", help="one sweep, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        be_patient()
        try:
            claim_upstream()
        except UpstreamMismatch as error:
            sys.exit(f"worker: {error}")
        stop = threading.Event()
        if options["once"]:
            _sweep((*DUTIES, *UPKEEP), stop)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        log.info("worker started", interval=options["interval"])
        # Whoever waits for a job does not wait until a hundred thousand records are read as well.
        upkeep = threading.Thread(target=_keep_on, args=(UPKEEP, stop, options["interval"]), name="upkeep")
        upkeep.start()
        _keep_on(DUTIES, stop, options["interval"])
        upkeep.join()
        log.info("worker stopped")


def _keep_on(duties: Sequence[Duty], stop: threading.Event, interval: float) -> None:
    try:
        while not stop.is_set():
            _sweep(duties, stop)
            stop.wait(interval)
    finally:
        connections.close_all()


def _sweep(duties: Sequence[Duty], stop: threading.Event) -> None:
    """A database or API that is away for a while is no reason to die; the next sweep comes."""
    close_old_connections()
    for duty in duties:
        try:
            duty(stop.is_set)
        except (DatabaseError, errors.FlowtlyError) as error:
            log.warning("sweep failed", duty=duty.__module__, kind=type(error).__name__)
        except Exception:
            log.exception("sweep failed", duty=duty.__module__)
