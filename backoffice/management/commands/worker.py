"""`manage.py worker`: the engine's worker, and beside it the sweep, the upkeep, the exports, the duplicates."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connections

from backoffice.flowtly import errors
from backoffice.services import (
    approvals,
    bulk,
    contract,
    duplicates,
    endings,
    exports,
    index,
    jobs,
    notices,
    privacy,
    selections,
    transfer,
)
from backoffice.services.jobs import engines
from backoffice.services.jobs.running import halting
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
    lambda _stop: bulk.expire_due(),
    lambda _stop: engines.clear_old_tasks(),
)
# Whoever made a plan waits to see what it would do.
PREVIEWS: tuple[Duty, ...] = (bulk.prepare_due,)
# In a thread of its own as well: people wait for files, and an index is read for a minute or more.
EXPORTS: tuple[Duty, ...] = (exports.work,)
# A scan takes seconds of two cores; what changed since is looked at within a second or so.
DUPLICATES: tuple[Duty, ...] = (
    lambda _stop: duplicates.ask_when_due(),
    duplicates.work,
    duplicates.look_due,
)
# And here: a mail server may be slow, and people want to know that something waits for them.
TELLING: tuple[Duty, ...] = (
    lambda _stop: approvals.expire_due(),
    lambda _stop: endings.tell_due(),
    notices.send_due,
)
log = structlog.get_logger("backoffice.worker")


class Command(BaseCommand):
    help = "Take up jobs, settle lost answers, keep the index fresh and clear old personal data, until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two sweeps")
        parser.add_argument("--once", action="store_true", help="one sweep and the tasks there are, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        be_patient()
        try:
            claim_upstream()
        except UpstreamMismatch as error:
            sys.exit(f"worker: {error}")
        halting.clear()
        engine = engines.engine()
        if options["once"]:
            _sweep((*DUTIES, *PREVIEWS, *EXPORTS, *UPKEEP, *DUPLICATES, *TELLING), halting)
            engine.burst()
            return
        signal.signal(signal.SIGTERM, lambda *_: _end(engine))
        signal.signal(signal.SIGINT, lambda *_: _end(engine))
        log.info("worker started", interval=options["interval"], engine=settings.TASKS_ENGINE)
        # Whoever waits for a job does not wait until a hundred thousand records are read as well.
        threads = [
            threading.Thread(target=_keep_on, args=(duties, halting, options["interval"]), name=name)
            for name, duties in (
                ("sweep", DUTIES),
                ("upkeep", UPKEEP),
                ("previews", PREVIEWS),
                ("exports", EXPORTS),
                ("duplicates", DUPLICATES),
                ("telling", TELLING),
            )
        ]
        for thread in threads:
            thread.start()
        engines.keep_running(engine)
        for thread in threads:
            thread.join()
        log.info("worker stopped")


def _end(engine: engines.Engine) -> None:
    """Records in hand are finished, the rest is handed over; a second signal changes nothing."""
    halting.set()
    engine.interrupt()


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
