"""`manage.py worker`: runs queued tasks and takes up jobs that nobody runs any more."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from backoffice.flowtly import errors
from backoffice.services import jobs, privacy
from backoffice.services.upstream import UpstreamMismatch, be_patient, claim_upstream

# What the worker looks after, in this order, at each sweep; one that fails leaves the others their turn.
DUTIES: tuple[Callable[[], object], ...] = (jobs.sweep, privacy.clear_when_due)
log = structlog.get_logger("backoffice.worker")


class Command(BaseCommand):
    help = "Take up jobs whose process died, settle lost answers, clear old personal data, until SIGTERM."

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
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        log.info("worker started", interval=options["interval"])
        while not stop.is_set():
            self._sweep()
            if options["once"] or stop.wait(options["interval"]):
                break
        log.info("worker stopped")

    def _sweep(self) -> None:
        """A database or API that is away for a while is no reason to die; the next sweep comes."""
        close_old_connections()
        for duty in DUTIES:
            try:
                duty()
            except (DatabaseError, errors.FlowtlyError) as error:
                log.warning("sweep failed", duty=duty.__module__, kind=type(error).__name__)
