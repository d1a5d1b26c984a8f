"""Bulk edits: plans of many records, previewed, confirmed, run as jobs, retried and undone.

`plan_change` and `plan_rows` make a plan, `prepare` reads and judges it, `confirm` lets it run. What it comes to
is told by `outcomes`; `retry`, `apply_mine` and `undo` make new plans of it.
"""

from __future__ import annotations

from backoffice.services.bulk.again import (
    RETRIED,
    StillRunning,
    apply_mine,
    keep_theirs,
    open_conflicts,
    retriable,
    retry,
    settled,
    undo,
    undoable,
)
from backoffice.services.bulk.changes import FieldChange, How, sources_of, ways_of
from backoffice.services.bulk.confirming import (
    Effort,
    Frozen,
    NothingToWrite,
    NotPreviewed,
    ReasonNeeded,
    confirm,
    discard,
    effort,
    every_number,
    put_back,
    take_out,
    touched,
)
from backoffice.services.bulk.counting import Counts, Distribution, counts, distribution
from backoffice.services.bulk.plans import KIND, NothingChosen, Row, counted, plan_change, plan_rows
from backoffice.services.bulk.preparing import expire_due, prepare, prepare_due, preview_again

__all__ = [
    "KIND",
    "RETRIED",
    "Counts",
    "Distribution",
    "Effort",
    "FieldChange",
    "Frozen",
    "How",
    "NotPreviewed",
    "NothingChosen",
    "NothingToWrite",
    "ReasonNeeded",
    "Row",
    "StillRunning",
    "apply_mine",
    "confirm",
    "counted",
    "counts",
    "discard",
    "distribution",
    "effort",
    "every_number",
    "expire_due",
    "keep_theirs",
    "open_conflicts",
    "plan_change",
    "plan_rows",
    "prepare",
    "prepare_due",
    "preview_again",
    "put_back",
    "retriable",
    "retry",
    "settled",
    "sources_of",
    "take_out",
    "touched",
    "undo",
    "undoable",
    "ways_of",
]
