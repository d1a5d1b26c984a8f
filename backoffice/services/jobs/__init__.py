"""Plan, run and recover: the one way in which anything is written to Flowtly."""

from __future__ import annotations

from backoffice.services.jobs.control import close_stopped, go_on, hand_over, pause, schedule, stop
from backoffice.services.jobs.ending import ACHIEVED, job_ended
from backoffice.services.jobs.groups import LATELY, Group, listed, sees_all
from backoffice.services.jobs.names import counted, name_of
from backoffice.services.jobs.plan import RedactedPlan, find, fingerprint_of, fingerprint_of_stored, store
from backoffice.services.jobs.progress import Progress, Waiting, progress
from backoffice.services.jobs.recovery import sweep, take_up
from backoffice.services.jobs.running import run

__all__ = [
    "ACHIEVED",
    "LATELY",
    "Group",
    "Progress",
    "RedactedPlan",
    "Waiting",
    "close_stopped",
    "counted",
    "find",
    "fingerprint_of",
    "fingerprint_of_stored",
    "go_on",
    "hand_over",
    "job_ended",
    "listed",
    "name_of",
    "pause",
    "progress",
    "run",
    "schedule",
    "sees_all",
    "stop",
    "store",
    "sweep",
    "take_up",
]
