"""Merging counterparties: composed, planned, run as a job that reads back after each call, and restored.

`compose` reads what a merge would be about, `plan` keeps it, `confirm` lets it run, `finish` goes on after a
failure, `restore` is the way back. `references`, `parts` and `tell` say what became of it, `mapping` where the
number of a record that was merged away leads now.
"""

from __future__ import annotations

from backoffice.services.mapping import Moved, mapping, moved, successor
from backoffice.services.merges.batches import (
    MOST,
    Batch,
    Group,
    LeftOut,
    NotSure,
    TrialFirst,
    confirm_batch,
    discard_batch,
    groups_of,
    jobs_of,
    offered,
    plan_batch,
)
from backoffice.services.merges.composing import (
    COUNTERPARTIES,
    Composition,
    Problem,
    Row,
    Seen,
    Suggestion,
    compose,
    filled,
    is_wrong,
    suggest,
    trial,
)
from backoffice.services.merges.log import log, wrong_job
from backoffice.services.merges.planning import KIND, Blocked, Stale, plan
from backoffice.services.merges.restoring import RESTORE, restorable, restore
from backoffice.services.merges.steering import KINDS, Changed, confirm, finish, hindrance
from backoffice.services.merges.telling import (
    Part,
    References,
    lines_of,
    lines_of_plan,
    overruled,
    parts,
    references,
    reversible,
    said_since,
    tell,
    verified,
    wrote,
)

__all__ = [
    "COUNTERPARTIES",
    "KIND",
    "KINDS",
    "MOST",
    "RESTORE",
    "Batch",
    "Blocked",
    "Changed",
    "Composition",
    "Group",
    "LeftOut",
    "Moved",
    "NotSure",
    "Part",
    "Problem",
    "References",
    "Row",
    "Seen",
    "Stale",
    "Suggestion",
    "TrialFirst",
    "compose",
    "confirm",
    "confirm_batch",
    "discard_batch",
    "filled",
    "finish",
    "groups_of",
    "hindrance",
    "is_wrong",
    "jobs_of",
    "lines_of",
    "lines_of_plan",
    "log",
    "mapping",
    "moved",
    "offered",
    "overruled",
    "parts",
    "plan",
    "plan_batch",
    "references",
    "restorable",
    "restore",
    "reversible",
    "said_since",
    "successor",
    "suggest",
    "tell",
    "trial",
    "verified",
    "wrong_job",
    "wrote",
]
