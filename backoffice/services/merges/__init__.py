"""Merging counterparties: composed, planned, run as a job that reads back after each call, and restored.

`compose` reads what a merge would be about, `plan` keeps it, `confirm` lets it run, `finish` goes on after a
failure, `restore` is the way back. `references`, `parts` and `tell` say what became of it, `mapping` where the
number of a record that was merged away leads now.
"""

from __future__ import annotations

from backoffice.services.merges.composing import Composition, Problem, Row, Suggestion, compose, suggest, trial
from backoffice.services.merges.mapping import Moved, mapping, successor
from backoffice.services.merges.planning import KIND, Blocked, Group, TrialFirst, plan, plan_batch
from backoffice.services.merges.restoring import RESTORE, restorable, restore
from backoffice.services.merges.steering import KINDS, Changed, confirm, finish
from backoffice.services.merges.telling import (
    Part,
    References,
    lines_of,
    lines_of_plan,
    parts,
    references,
    reversible,
    tell,
    verified,
    wrote,
)

__all__ = [
    "KIND",
    "KINDS",
    "RESTORE",
    "Blocked",
    "Changed",
    "Composition",
    "Group",
    "Moved",
    "Part",
    "Problem",
    "References",
    "Row",
    "Suggestion",
    "TrialFirst",
    "compose",
    "confirm",
    "finish",
    "lines_of",
    "lines_of_plan",
    "mapping",
    "parts",
    "plan",
    "plan_batch",
    "references",
    "restorable",
    "restore",
    "reversible",
    "successor",
    "suggest",
    "tell",
    "trial",
    "verified",
    "wrote",
]
