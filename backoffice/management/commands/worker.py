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
from backoffice.services import contract, exports, index, jobs, privacy, selections, transfer
from backoffice.services.upstream import UpstreamMismatch, be_patient, claim_upstream

# What the worker looks after at each sweep, told how to find out whether it is to stop. One that fails leaves the
# others their turn. UPKEEP is what may take long, in a thread of its own.
Duty = Callable[[Callable[[], bool]], object]
DUTIES: tuple[Duty, ...] = (lambda _stop: jobs.sweep(),)
UPKEEP: tuple[Duty, ...] = (
    lambda _stop: contract.run_when_due(),
    index.refresh_due,
    exports.expire,
    lambda _stop: privacy.clear_when_due(),
    lambda _stop: selections.drop_expired(),
    lambda _stop: transfer.drop_expired(),
)
# In a thread of its own as well: people wait for files, and an index is read for a minute or more.
EXPORTS: tuple[Duty, ...] = (exports.work,)
log = structlog.get_logger("backoffice.worker")


class Command(BaseCommand):
    help = "Take up jobs, settle lost answers, keep the index fresh and clear old personal data, until SIGTERM."

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
            _sweep((*DUTIES, *EXPORTS, *UPKEEP), stop)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        log.info("worker started", interval=options["interval"])
        # Whoever waits for a job does not wait until a hundred thousand records are read as well.
        others = [
            threading.Thread(target=_keep_on, args=(duties, stop, options["interval"]), name=name)
            for name, duties in (("upkeep", UPKEEP), ("exports", EXPORTS))
        ]
        for thread in others:
            thread.start()
        _keep_on(DUTIES, stop, options["interval"])
        for thread in others:
            thread.join()
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
