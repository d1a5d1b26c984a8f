"""The verbs: each knows how to check, write, settle after a lost answer, and what its inverse is.

They do HTTP and judge; they never touch the database. services/jobs writes down what they say.
"""

from __future__ import annotations

from backoffice.models import Verb
from backoffice.services.operations import call, compare, create, delete, merge, update
from backoffice.services.operations.base import Away, Operation, Ready, Result, StepPlan, redacted_plan

OPERATIONS: dict[str, Operation] = {
    Verb.UPDATE: update.Update(),
    Verb.CREATE: create.Create(),
    Verb.DELETE: delete.Delete(),
    Verb.CALL: call.Call(),
    Verb.MERGE: merge.Merge(),
    Verb.COMPARE: compare.Compare(),
}

__all__ = ["OPERATIONS", "Away", "Operation", "Ready", "Result", "StepPlan", "redacted_plan"]
