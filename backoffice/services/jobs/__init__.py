"""Plan, run and recover: the one way in which anything is written to Flowtly."""

from __future__ import annotations

from backoffice.services.jobs.groups import LATELY, Group, listed, sees_all
from backoffice.services.jobs.plan import RedactedPlan, find, fingerprint_of, fingerprint_of_stored, store
from backoffice.services.jobs.recovery import hand_over, sweep, take_up
from backoffice.services.jobs.run import run

__all__ = [
    "LATELY",
    "Group",
    "RedactedPlan",
    "find",
    "fingerprint_of",
    "fingerprint_of_stored",
    "hand_over",
    "listed",
    "run",
    "sees_all",
    "store",
    "sweep",
    "take_up",
]
