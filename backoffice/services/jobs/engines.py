"""The engine's own worker, whichever engine the settings name, within ours: one task at a time in the main thread.

Neither library tells a task about SIGTERM, and neither runs a task again whose worker was killed. So the signal is
ours (`running.halting`), slices are short, and the sweep finds what was lost.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from backoffice.services.jobs.running import halting

POLL = 0.5  # seconds between two looks for a task in the database
AGAIN = 2.0  # seconds after which an engine that is out of order is tried again
KEEP = timedelta(hours=1)  # tasks that ended
KEEP_UNENDED = timedelta(days=1)  # tasks whose worker was killed: nobody ends them
_CLEAR_EVERY = 600.0  # seconds
_cleared = 0.0
log = structlog.get_logger("backoffice.worker")


class Engine(Protocol):
    def run(self) -> None:
        """Work on tasks until `halting` is set; raises what is wrong with the engine."""

    def burst(self) -> None:
        """Work on the tasks that there are, and those that they ask for."""

    def interrupt(self) -> None:
        """`halting` was just set, in a signal handler of this thread: wait for no more tasks."""


def engine() -> Engine:
    return RedisEngine() if settings.TASKS_ENGINE == "rq" else DatabaseEngine()


def keep_running(used: Engine) -> None:
    """Until `halting`: an engine that is away for a while is no reason to die."""
    while not halting.is_set():
        try:
            used.run()
        except Exception as error:  # noqa: BLE001 - each engine has errors of its own; the sweep goes on meanwhile
            log.warning("the engine is out of order", kind=type(error).__name__)
        halting.wait(0 if halting.is_set() else AGAIN)


class DatabaseEngine:
    def run(self) -> None:
        self._worker(batch=False).run()

    def burst(self) -> None:
        self._worker(batch=True).run()

    def interrupt(self) -> None:
        """It looks at `halting` before each task."""

    def _worker(self, *, batch: bool) -> Any:
        from django_tasks_db.management.commands.db_worker import Worker

        class Halting(Worker):
            """Runs as long as this process does, instead of having signals of its own."""

            @property
            def running(self) -> bool:
                return not halting.is_set()

            @running.setter
            def running(self, wanted: bool) -> None:
                """It only ever wants to begin."""

        return Halting(
            queue_names=[settings.TASKS_QUEUE],
            interval=POLL,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id="backoffice",
            excluded_queue_names=[],
        )


class RedisEngine:
    def __init__(self) -> None:
        self._idle = False

    def run(self) -> None:
        self._worker().work(logging_level="WARNING")

    def burst(self) -> None:
        self._worker().work(burst=True, logging_level="WARNING")

    def interrupt(self) -> None:
        """Ends the wait for the next task; a task that runs ends by itself."""
        from rq.exceptions import StopRequested

        if self._idle:
            raise StopRequested

    def _worker(self) -> Any:
        import django_rq.workers
        from django_tasks_rq import Job
        from rq import SimpleWorker

        held = self

        class InThisProcess(SimpleWorker):
            """No fork for each slice, which would open each connection anew; signals are ours."""

            def _install_signal_handlers(self) -> None:
                """See interrupt."""

            def dequeue_job_and_maintain_ttl(self, *args: Any, **options: Any) -> Any:
                held._idle = True
                try:
                    return None if halting.is_set() else super().dequeue_job_and_maintain_ttl(*args, **options)
                finally:
                    held._idle = False

            def perform_job(self, *args: Any, **options: Any) -> Any:
                close_old_connections()
                try:
                    return super().perform_job(*args, **options)
                finally:
                    close_old_connections()

        named: Any = InThisProcess
        return django_rq.workers.get_worker(settings.TASKS_QUEUE, job_class=Job, worker_class=named)


def clear_old_tasks() -> int:
    """Delete the rows of tasks that ended or were lost, every ten minutes; Redis lets its own go by itself."""
    global _cleared  # noqa: PLW0603 - once for the process
    if time.monotonic() - _cleared < _CLEAR_EVERY and _cleared:
        return 0
    from django_tasks_db.models import DBTaskResult

    now = timezone.now()
    try:
        ended = DBTaskResult.objects.finished().filter(finished_at__lt=now - KEEP).delete()[0]
        lost = DBTaskResult.objects.running().filter(started_at__lt=now - KEEP_UNENDED).delete()[0]
    except DatabaseError:
        return 0
    _cleared = time.monotonic()
    return int(ended) + int(lost)
