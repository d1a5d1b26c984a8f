"""Four eyes: which plans need a second person, asking for one, and what that person decides."""

from __future__ import annotations

from backoffice.services.approvals.decisions import (
    Refused,
    approve,
    comment,
    expire_due,
    refuse,
    request,
    withdraw,
)
from backoffice.services.approvals.policy import DRAFT, Cause, causes_of, needed, reason_required, rows_written
from backoffice.services.approvals.standing import (
    approvers_of,
    deciders,
    frozen,
    is_own,
    may_decide,
    of,
    waiting_for,
)

__all__ = [
    "DRAFT",
    "Cause",
    "Refused",
    "approve",
    "approvers_of",
    "causes_of",
    "comment",
    "deciders",
    "expire_due",
    "frozen",
    "is_own",
    "may_decide",
    "needed",
    "of",
    "reason_required",
    "refuse",
    "request",
    "rows_written",
    "waiting_for",
    "withdraw",
]
